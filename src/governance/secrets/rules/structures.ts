import { type PrefixRule, provider } from "./types.ts";

/** Credentials that belong to a format, a protocol or a command line instead of a vendor. */
export const STRUCTURES: readonly PrefixRule[] = [
  ...provider("PEM", [
    [
      "private_key",
      "private key block (RSA, EC, DSA, OpenSSH, PKCS#8, encrypted, PGP, SSH2)",
      "BEGIN ",
      /-{3,5} ?BEGIN[ A-Z0-9]{0,40}PRIVATE KEY(?: BLOCK)? ?-{3,5}/y,
      { lead: { of: "dash", max: 6 }, check: "pem", anyShape: true },
    ],
  ]),
  ...provider("DER", [
    [
      "private_key_body",
      "private key without its PEM header",
      [
        "MIIEvQIBADAN",
        "MIIEvgIBADAN",
        "MIIEvwIBADAN",
        "MIIJQgIBADAN",
        "MIIJQwIBADAN",
        "MIIEowIBAAKC",
        "MIIEpAIBAAKC",
        "MIIEpQIBAAKC",
        "MIIJKQIBAAKC",
        "MIIJKAIBAAKC",
        "MIICXAIBAAKB",
        "MIICXQIBAAKB",
        "MIIG4wIBAAKC",
        "MIIG5AIBAAKC",
        "MIGHAgEAMBMG",
        "MC4CAQAwBQYDK2Vw",
        "b3BlbnNzaC1rZXktdjE",
      ],
      /[A-Za-z0-9+/\\\s]{64,8000}={0,2}/y,
      { anyShape: true },
    ],
  ]),
  ...provider("PuTTY", [
    [
      "putty_private_key",
      "PuTTY private key file",
      "PuTTY-User-Key-File-",
      /PuTTY-User-Key-File-\d: [\s\S]{20,3000}?Private-Lines: \d{1,3}\s[A-Za-z0-9+/=\s]{20,4000}/y,
      { anyShape: true, gap: 2000 },
    ],
  ]),
  ...provider("JWT", [
    ["jwt", "JSON Web Token, signed or encrypted", "eyJ", /eyJ/y, { check: "jwt", anyShape: true }],
  ]),
  ...provider("SQL", [
    [
      "sql_password",
      "password in a SQL statement",
      "identified by",
      /identified\s{1,4}by\s{1,4}(?:password\s{1,4})?["']([^"'\s]{4,128})["']/diy,
    ],
  ]),
  ...provider("Shell", [
    [
      "curl_user_password",
      "user and password on a command line",
      [" -u", "--user", "--proxy-user", "'-u'", '"-u"'],
      /["']?(?:\s?-u|--user|--proxy-user)["']?[\s=,]{0,4}["']?[^\s:'"$]{1,64}:([^\s'"]{3,128})/dy,
      { check: "basic_pair" },
    ],
    [
      "command_line_password",
      "password on a command line",
      [
        "sshpass -p",
        "docker login",
        "mysql ",
        "mysqldump ",
        "mysqladmin ",
        "redis-cli ",
        "mongosh ",
        "smbclient ",
        "podman login",
        "helm registry login",
        "unzip -P",
        "-passin pass:",
        "-passout pass:",
        "-pass pass:",
        "7z ",
      ],
      /(?:sshpass\s{1,3}-p\s{0,2}|(?:docker|podman|helm registry) login\s[^\n;|&]{0,200}?-p[ =]|mysql(?:dump|admin)?\s[^\n;|&]{0,200}?-p(?=[^\s])|redis-cli\s[^\n;|&]{0,200}?-a\s|mongosh\s[^\n;|&]{0,200}?-p\s|smbclient\s[^\n;|&]{0,200}?%|unzip\s-P\s?|-pass(?:in|out)?\spass:|7z\s[^\n;|&]{0,120}?-p(?=[^\s]))["']?([^\s"']{4,128})/dy,
      { check: "password", gap: 40 },
    ],
    [
      "netrc_password",
      "password in a netrc entry",
      ["machine ", "default login"],
      /(?:machine\s{1,4}[^\s]{1,128}|default)\s{1,8}login\s{1,4}[^\s]{1,128}\s{1,8}password\s{1,4}([^\s"']{4,128})/dy,
      { check: "password" },
    ],
    [
      "chpasswd_pair",
      "user and password for chpasswd",
      ["chpasswd"],
      /echo\s(?:-[a-z]{1,3}\s)?["']?[a-z_][\w-]{0,31}:([^\s"':]{4,64})["']?\s{0,3}\|\s{0,3}(?:sudo\s)?chpasswd/dy,
      { lead: { of: "line", max: 110, from: "echo " }, check: "password" },
    ],
  ]),
  ...provider("npm", [
    [
      "npmrc_auth",
      "registry credential in an npmrc",
      [":_authToken=", ":_password=", "_auth="],
      /:?_(?:authToken|password|auth)\s{0,2}=\s{0,2}["']?([A-Za-z0-9+/=_.-]{10,400})/dy,
    ],
  ]),
  ...provider("HTTP", [
    [
      "authorization_header",
      "bearer token outside a header",
      ["bearer "],
      /bearer\s{1,2}([A-Za-z0-9][\w.~+/-]{15,2048}={0,2})/diy,
      { check: "mixed" },
    ],
  ]),
];
