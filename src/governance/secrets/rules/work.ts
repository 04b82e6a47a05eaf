import { type PrefixRule, provider } from "./types.ts";

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

/** Credentials of the tools people work with: documents, design, identity, content, social. */
export const WORK: readonly PrefixRule[] = [
  ...provider("Linear", [
    ["linear_api_key", "API key", "lin_api_", /lin_api_[A-Za-z0-9]{40,48}/y],
    ["linear_oauth_token", "OAuth token", "lin_oauth_", /lin_oauth_[A-Za-z0-9]{40,64}/y],
    ["linear_webhook_secret", "webhook secret", "lin_wh_", /lin_wh_[A-Za-z0-9]{20,64}/y],
  ]),
  ...provider("Notion", [
    ["notion_token", "integration token", "ntn_", /ntn_[0-9]{11}[A-Za-z0-9]{35}/y, { edge: true }],
    [
      "notion_legacy_token",
      "integration token (older form)",
      "secret_",
      /secret_[A-Za-z0-9]{43}(?![A-Za-z0-9])/y,
      { edge: true, check: "mixed" },
    ],
  ]),
  ...provider("Figma", [
    [
      "figma_pat",
      "personal access token",
      ["figd_", "figu_", "figo_", "figor_", "figuh_", "figoh_", "figdr_", "figur_"],
      /fig[duo](?:[rh]|h_r|r)?_[\w-]{20,64}/y,
      { edge: true, check: "mixed" },
    ],
  ]),
  ...provider("Airtable", [
    ["airtable_pat", "personal access token", "pat", /pat[A-Za-z0-9]{14}\.[a-f0-9]{64}/y, {
      edge: true,
    }],
  ]),
  ...provider("Asana", [
    [
      "asana_pat",
      "personal access token",
      ["1/", "2/", "0/"],
      /[012]\/\d{12,20}(?:\/\d{12,20})?:[a-f0-9]{32}(?![a-f0-9])/y,
      { edge: true },
    ],
  ]),
  ...provider("ClickUp", [[
    "clickup_token",
    "personal token",
    "pk_",
    /pk_\d{6,12}_[A-Z0-9]{32}(?![A-Z0-9])/y,
    { edge: true },
  ]]),
  ...provider("Typeform", [[
    "typeform_token",
    "personal access token",
    "tfp_",
    /tfp_[\w.=-]{40,70}/y,
    { edge: true },
  ]]),
  ...provider("Contentful", [[
    "contentful_pat",
    "personal access token",
    "CFPAT-",
    /CFPAT-[\w-]{43}/y,
  ]]),
  ...provider("Mapbox", [
    ["mapbox_secret_token", "secret token", "sk.eyJ", /sk\.eyJ[\w-]{40,120}\.[\w-]{20,30}/y],
    [
      "mapbox_public_token",
      "public token",
      "pk.",
      /pk\.[A-Za-z0-9_-]{58,120}\.[A-Za-z0-9_-]{22}/y,
      { edge: true },
    ],
  ]),
  ...provider("ReadMe", [["readme_api_key", "API key", "rdme_", /rdme_[A-Za-z0-9]{60,80}/y]]),
  ...provider("Dropbox", [
    ["dropbox_short_token", "short-lived token", "sl.", /sl\.(?:u\.|B)?[\w=-]{120,1400}/y, {
      edge: true,
    }],
    [
      "dropbox_long_token",
      "long-lived token",
      "AAAAAAAAAA",
      /(?!A{11})[A-Za-z0-9]{11}AAAAAAAAAA[\w=-]{43}/y,
      { edge: true, lead: { of: "alnum", max: 11, exact: true }, check: "mixed" },
    ],
  ]),
  ...provider("HubSpot", [[
    "hubspot_private_token",
    "private app token",
    ["pat-na", "pat-eu", "pat-ap"],
    new RegExp(`pat-(?:na|eu|ap)\\d-${UUID}`, "iy"),
    { edge: true },
  ]]),
  ...provider("Salesforce", [[
    "salesforce_session_token",
    "session or access token",
    "00D",
    /00D[A-Za-z0-9]{12,15}![A-Za-z0-9_.]{80,120}/y,
    { edge: true },
  ]]),
  ...provider("Zapier", [[
    "zapier_webhook_url",
    "catch hook address",
    "hooks.zapier.com/",
    /hooks\.zapier\.com\/hooks\/(?:catch|standard)\/\d{4,10}\/[A-Za-z0-9]{5,32}/y,
  ]]),
  ...provider("Frame.io", [["frameio_token", "API token", "fio-u-", /fio-u-[\w=-]{64}/y]]),
  ...provider("Beamer", [[
    "beamer_api_key",
    "API key",
    "b_",
    /b_[A-Za-z0-9=_-]{44}(?![\w=-])/y,
    { edge: true, check: "mixed" },
  ]]),
  ...provider("Adobe", [["adobe_client_secret", "client secret", "p8e-", /p8e-[A-Za-z0-9_-]{32}/y, {
    edge: true,
  }]]),
  ...provider("Facebook", [
    [
      "facebook_page_token",
      "user, page or app access token",
      ["EAAM", "EAAC", "EAAG", "EAAB", "EAAD", "EAAJ", "EAAE", "EAAH"],
      /EAA[A-Z][A-Za-z0-9]{80,400}/y,
      { edge: true },
    ],
    [
      "facebook_app_token",
      "app access token",
      ["|", "%7C"],
      /\d{15,16}(?:\||%7C)[\w-]{27,40}(?![\w-])/iy,
      { lead: { of: "digit", max: 16 }, check: "mixed" },
    ],
  ]),
  ...provider("Instagram", [[
    "instagram_token",
    "access token",
    ["IGQV", "IGQW", "IGAA"],
    /IG(?:QV|QW|AA)[\w-]{100,400}/y,
    { edge: true },
  ]]),
  ...provider("Twitter", [[
    "twitter_bearer_token",
    "app-only bearer token",
    "AAAAAAAAAAAAAAAAAAAAAA",
    /A{22}[A-Za-z0-9%]{58,110}/y,
    { check: "mixed" },
  ]]),
  ...provider("Intra42", [[
    "intra42_client_secret",
    "client secret",
    ["s-s4t2ud-", "s-s4t2af-"],
    /s-s4t2(?:ud|af)-[a-f0-9]{64}/y,
  ]]),
  ...provider("Authress", [[
    "authress_access_key",
    "service client access key",
    ".acc",
    /[a-z]{2,8}_[a-z0-9]{5,30}\.[a-z0-9]{4,6}\.acc[_-][a-z0-9-]{10,32}\.[A-Za-z0-9+/_=-]{30,120}/y,
    { lead: { of: "word", max: 48 } },
  ]]),
  ...provider("SettleMint", [[
    "settlemint_token",
    "access token",
    ["sm_aat_", "sm_pat_", "sm_sat_"],
    /sm_[aps]at_[A-Za-z0-9]{16}/y,
    { edge: true },
  ]]),
  ...provider("Ory", [["ory_token", "API key or access token", [
    "ory_pat_",
    "ory_at_",
    "ory_rt_",
    "ory_apikey_",
  ], /ory_(?:pat|at|rt|apikey)_[\w.-]{30,120}/y]]),
  ...provider("Stytch", [[
    "stytch_secret",
    "project secret",
    ["secret-live-", "secret-test-"],
    /secret-(?:live|test)-[\w-]{32,40}={0,2}/y,
    { edge: true },
  ]]),
  ...provider("PubNub", [[
    "pubnub_secret_key",
    "secret key",
    "sec-c-",
    /sec-c-[A-Za-z0-9+/-]{36,52}={0,2}/y,
    { edge: true },
  ]]),
  ...provider("Retool", [[
    "retool_token",
    "API token",
    "retool_",
    /retool_[a-z0-9]{20,40}(?![a-z0-9_])/y,
    { edge: true, check: "mixed" },
  ]]),
  ...provider("Cloudinary", [[
    "cloudinary_url",
    "Cloudinary account URL",
    "cloudinary://",
    /cloudinary:\/\/\d{12,18}:([\w-]{20,40})@[\w-]{1,60}/dy,
  ]]),
  ...provider("Atlassian Trello", [["trello_token", "API token", "ATTA", /ATTA[a-f0-9]{70,76}/y, {
    edge: true,
  }]]),
  ...provider("Zuplo", [[
    "zuplo_api_key",
    "consumer API key",
    "zpka_",
    /zpka_[a-f0-9]{32}_[a-f0-9]{8}/y,
  ]]),
  ...provider("Ubidots", [["ubidots_token", "device token", "BBFF-", /BBFF-[A-Za-z0-9]{30}/y, {
    edge: true,
  }]]),
];
