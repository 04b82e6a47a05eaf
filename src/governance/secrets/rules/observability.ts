import { type PrefixRule, provider } from "./types.ts";

/** Credentials of monitoring, logging and analytics services. */
export const OBSERVABILITY: readonly PrefixRule[] = [
  ...provider("New Relic", [
    ["newrelic_user_key", "user API key", "NRAK-", /NRAK-[A-Z0-9]{27}/iy, { edge: true }],
    ["newrelic_insert_key", "Insights insert key", "NRII-", /NRII-[A-Za-z0-9_-]{32}/y, {
      edge: true,
    }],
    ["newrelic_query_key", "Insights query key", "NRIQ-", /NRIQ-[A-Za-z0-9_-]{32}/y, {
      edge: true,
    }],
    ["newrelic_browser_key", "browser licence key", "NRJS-", /NRJS-[a-f0-9]{19}/y, { edge: true }],
    [
      "newrelic_admin_key",
      "admin or REST key",
      ["NRAA-", "NRRA-"],
      /NR(?:AA|RA)-[a-f0-9]{27,42}/y,
      { edge: true },
    ],
    [
      "newrelic_license_key",
      "ingest licence key",
      "FFFFNRAL",
      /[A-Fa-f0-9]{32}FFFFNRAL(?![A-Za-z0-9])/y,
      { lead: { of: "alnum", max: 32, exact: true } },
    ],
    ["newrelic_license_key", "ingest licence key", "NRAL", /[A-Fa-f0-9]{36}NRAL(?![A-Za-z0-9])/y, {
      lead: { of: "alnum", max: 36, exact: true },
    }],
  ]),
  ...provider("Grafana", [
    [
      "grafana_cloud_token",
      "cloud access policy token",
      "glc_",
      /glc_[A-Za-z0-9+/]{32,400}={0,3}/y,
    ],
    [
      "grafana_service_token",
      "service account token",
      "glsa_",
      /glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}/y,
    ],
    [
      "grafana_api_key",
      "API key",
      ["eyJrIjoi", "eyJuIjoi"],
      /eyJ(?:rIjoi|uIjoi)[A-Za-z0-9_-]{60,400}={0,3}/y,
    ],
  ]),
  ...provider("Sentry", [
    [
      "sentry_org_token",
      "organization auth token",
      "sntrys_",
      /sntrys_eyJ[A-Za-z0-9+/=_-]{40,400}/y,
    ],
    ["sentry_user_token", "user auth token", "sntryu_", /sntryu_[a-f0-9]{64}/y],
    [
      "sentry_integration_token",
      "integration token",
      ["sntryi_", "sntrya_"],
      /sntry[ia]_[a-f0-9]{64}/y,
    ],
  ]),
  ...provider("Dynatrace", [
    ["dynatrace_token", "API or platform token", [
      "dt0c01.",
      "dt0s01.",
      "dt0s02.",
      "dt0s16.",
      "dt0a01.",
    ], /dt0[cas]\d{2}\.[A-Za-z0-9]{8,24}\.[A-Za-z0-9]{64}/y],
  ]),
  ...provider("Honeycomb", [["honeycomb_key", "ingest or management key", [
    "hcaik_",
    "hcbik_",
    "hccik_",
    "hcxik_",
    "hcxlk_",
    "hcamk_",
  ], /hc[a-z](?:ik|lk|mk)_[a-z0-9]{50,64}/y]]),
  ...provider("PostHog", [[
    "posthog_personal_key",
    "personal API key",
    "phx_",
    /phx_[A-Za-z0-9]{40,60}/y,
    { edge: true },
  ]]),
  ...provider("Axiom", [[
    "axiom_token",
    "API or personal token",
    ["xaat-", "xapt-"],
    /xa[ap]t-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/y,
  ]]),
  ...provider("Twilio Segment", [[
    "segment_token",
    "public API token",
    "sgp_",
    /sgp_[A-Za-z0-9]{64}/y,
  ]]),
  ...provider("Checkly", [["checkly_api_key", "API key", "cu_", /cu_[a-f0-9]{32}(?![a-f0-9])/y, {
    edge: true,
  }]]),
  ...provider("LaunchDarkly", [
    [
      "launchdarkly_sdk_key",
      "SDK or API key",
      ["sdk-", "api-"],
      /(?:sdk|api)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/y,
      { edge: true },
    ],
  ]),
  ...provider("Statsig", [[
    "statsig_secret_key",
    "server secret or console key",
    ["secret-", "console-"],
    /(?:secret|console)-[A-Za-z0-9]{38,48}(?![A-Za-z0-9])/y,
    { edge: true, check: "mixed" },
  ]]),
  ...provider("MaxMind", [[
    "maxmind_license_key",
    "licence key",
    "_mmk",
    /[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk/y,
    { lead: { of: "word", max: 36, exact: true } },
  ]]),
];
