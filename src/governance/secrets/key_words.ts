function words(list: string): ReadonlySet<string> {
  return new Set(list.split(" "));
}

/** Last words that are short for a password. */
export const PASSWORD_WORDS: ReadonlySet<string> = words(
  "pass pw passwords userpass dbpass rootpass smtppass pgpass mysqlpass sshpass",
);

/** First words that make a name a function, a flag or a message. */
export const VERBS: ReadonlySet<string> = words(
  "is has show hide use allow enable disable reset forgot change require requires no needs " +
    "validate check toggle min max without with invalid missing wrong",
);

/** Words before `token` that make it a token of another sort. */
export const TOKEN_OTHERS: ReadonlySet<string> = words(
  "next page pagination continuation continue cancel cancellation max min total input " +
    "output prompt completion num count per stop lexer parser lookahead sync resume delta pad " +
    "eos bos unk mask sep cls special current previous prev first last start end close open " +
    "string identifier keyword by csrf xsrf cursor no missing invalid expected unexpected " +
    "design color theme nft erc20 is has",
);

/** Words before `key` that make it a credential. */
export const KEY_QUALIFIERS: ReadonlySet<string> = words(
  "api app application access secret private auth encryption encrypt decryption signing " +
    "sign master account shared service license licence admin client session deploy " +
    "deployment subscription function host server write ingest instrumentation integration " +
    "root storage webhook hmac jwt aes rsa crypto cipher data user team org project vault ssh " +
    "gpg pgp security test live prod production personal preshared wrapping kms",
);

/** Last words that are a secret by themselves. */
export const SECRET_ENDS: ReadonlySet<string> = words(
  "secret credential credentials creds cred pat bearer jwt seed salt mnemonic pin otp",
);

/** Last words that say nothing about what the value is. */
export const NEUTRAL: ReadonlySet<string> = words(
  "value string str text plain plaintext raw prod production dev development staging live " +
    "test default env var old new current primary secondary b64 base64 encoded here clear " +
    "cleartext confirm confirmation again repeat v1 v2 v3",
);

/** Last words of names that carry a provider and no credential. */
export const NOT_A_CREDENTIAL: ReadonlySet<string> = words(
  "hash hashes sha sha1 sha256 sha512 md5 checksum digest commit revision rev version url " +
    "uri host hostname region name image integrity build ref branch path file dir email user " +
    "username channel guild server project org organization endpoint port enabled type length " +
    "size count expiry expires ttl field label placeholder policy hint regex pattern format " +
    "prefix header location arn alias message error help description title status etag trace " +
    "span request fingerprint thumbprint public uuid guid date time timestamp created updated " +
    "cidr subnet vpc zone bucket container repo repository package module tag digests layer " +
    "manifest issue ticket thread folder workspace tenant sdk lib plugin role group member " +
    "bot webhook event order customer product article page post asset entry space environment " +
    "record ray",
);
