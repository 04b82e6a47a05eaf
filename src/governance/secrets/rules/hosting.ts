import { type PrefixRule, provider } from "./types.ts";

const UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";

/** Credentials of platforms, networks and databases that are run as a service. */
export const HOSTING: readonly PrefixRule[] = [
  ...provider("DigitalOcean", [
    ["digitalocean_pat", "personal access token", "dop_v1_", /dop_v1_[a-f0-9]{64}/y],
    ["digitalocean_oauth_token", "OAuth token", "doo_v1_", /doo_v1_[a-f0-9]{64}/y],
    ["digitalocean_refresh_token", "refresh token", "dor_v1_", /dor_v1_[a-f0-9]{64}/y],
  ]),
  ...provider("Heroku", [
    ["heroku_api_key", "API key", "HRKU-", new RegExp(`HRKU-(?:${UUID}|[\\w-]{58,64})`, "y")],
  ]),
  ...provider("Fly.io", [
    ["flyio_token", "access token", "fo1_", /fo1_[\w-]{43}/y, { edge: true }],
    [
      "flyio_macaroon",
      "macaroon",
      ["fm1r_", "fm1a_", "fm2_"],
      /fm(?:1[ar]|2)_[A-Za-z0-9+/]{80,2000}={0,3}/y,
    ],
  ]),
  ...provider("Render", [
    ["render_api_key", "API key", "rnd_", /rnd_[A-Za-z0-9]{28,40}/y, {
      edge: true,
      check: "mixed",
    }],
  ]),
  ...provider("Netlify", [
    ["netlify_token", "access token", "nfp_", /nf[pcoub]_[A-Za-z0-9]{36,60}/y, { edge: true }],
  ]),
  ...provider("Vercel", [
    [
      "vercel_blob_token",
      "Blob read-write token",
      "vercel_blob_rw_",
      /vercel_blob_rw_[A-Za-z0-9]{10,40}_[A-Za-z0-9]{20,60}/y,
    ],
    [
      "vercel_token",
      "access token",
      ["vcp_", "vci_", "vca_", "vcr_", "vck_"],
      /vc[piark]_[A-Za-z0-9]{56}/y,
      { edge: true },
    ],
  ]),
  ...provider("Scalingo", [
    ["scalingo_token", "API token", "tk-us-", /tk-us-[\w-]{48}/y],
  ]),
  ...provider("Cloudflare", [
    ["cloudflare_origin_ca_key", "origin CA key", "v1.0-", /v1\.0-[a-f0-9]{24}-[a-f0-9]{146}/y],
    [
      "cloudflare_scoped_token",
      "API key or token with mark",
      ["cfut_", "cfat_", "cfk_"],
      /cf(?:ut|at|k)_[A-Za-z0-9_-]{40,60}/y,
      { edge: true },
    ],
  ]),
  ...provider("Akamai", [
    [
      "akamai_edgegrid_token",
      "EdgeGrid client or access token",
      "akab-",
      /akab-[a-z0-9]{16}-[a-z0-9]{16}/y,
    ],
  ]),
  ...provider("Tailscale", [
    [
      "tailscale_key",
      "auth, API or OAuth key",
      "tskey-",
      /tskey-[a-z]{2,10}-[A-Za-z0-9]{6,30}(?:-[A-Za-z0-9]{10,60}){1,2}/y,
    ],
  ]),
  ...provider("Defined Networking", [
    ["defined_networking_token", "API token", "dnkey-", /dnkey-[\w=-]{26}-[\w=-]{52}/y],
  ]),
  ...provider("Supabase", [
    ["supabase_access_token", "personal access token", "sbp_", /sbp_(?:v0_|oauth_)?[a-f0-9]{40}/y],
    ["supabase_secret_key", "secret key", "sb_secret_", /sb_secret_[\w-]{22,64}/y],
  ]),
  ...provider("Neon", [["neon_api_key", "API key", "napi_", /napi_[a-z0-9]{50,80}/y]]),
  ...provider("PlanetScale", [
    ["planetscale_token", "service token", "pscale_tkn_", /pscale_tkn_[\w=.-]{32,64}/y],
    ["planetscale_oauth_token", "OAuth token", "pscale_oauth_", /pscale_oauth_[\w=.-]{32,64}/y],
    ["planetscale_password", "database password", "pscale_pw_", /pscale_pw_[\w=.-]{32,64}/y],
  ]),
  ...provider("MongoDB Atlas", [
    ["mongodb_atlas_secret", "service account secret", "mdb_sa_sk_", /mdb_sa_sk_[\w-]{32,64}/y],
  ]),
  ...provider("Cockroach Labs", [
    ["cockroach_api_key", "cloud API key", "CCDB1_", /CCDB1_[A-Za-z0-9]{22}_[A-Za-z0-9]{40}/y],
  ]),
  ...provider("Aiven", [
    ["aiven_service_password", "service password", "AVNS_", /AVNS_[\w-]{15,40}/y],
  ]),
  ...provider("ClickHouse", [
    [
      "clickhouse_cloud_key",
      "cloud API secret key",
      "4b1d",
      /4b1d[A-Za-z0-9]{38}(?![A-Za-z0-9])/y,
      { edge: true, check: "mixed" },
    ],
  ]),
  ...provider("Fauna", [
    ["fauna_key", "database key", "fnA", /fnA[EFC][\w-]{36,40}(?![\w-])/y, {
      edge: true,
      check: "mixed",
    }],
  ]),
  ...provider("Xata", [["xata_api_key", "API key", "xau_", /xau_[A-Za-z0-9]{30,50}/y, {
    edge: true,
  }]]),
  ...provider("Databricks", [
    [
      "databricks_token",
      "personal access token",
      ["dapi", "dkea", "dose"],
      /(?:dapi|dkea|dose)[a-f0-9]{32}(?:-\d)?(?![a-f0-9])/y,
      { edge: true },
    ],
  ]),
  ...provider("OpenShift", [
    ["openshift_token", "user token", "sha256~", /sha256~[\w-]{43}/y],
  ]),
  ...provider("Rancher", [
    ["rancher_token", "API bearer token", "token-", /token-[a-z0-9]{5}:[a-z0-9]{54}/y, {
      edge: true,
    }],
  ]),
  ...provider("HashiCorp", [
    ["vault_service_token", "Vault service token", "hvs.", /hvs\.[\w-]{24,300}/y, { edge: true }],
    ["vault_batch_token", "Vault batch token", "hvb.", /hvb\.[\w-]{60,500}/y, { edge: true }],
    ["vault_recovery_token", "Vault recovery token", "hvr.", /hvr\.[\w-]{24,300}/y, { edge: true }],
    [
      "terraform_cloud_token",
      "Terraform Cloud API token",
      ".atlasv1.",
      /[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,70}/y,
      { lead: { of: "alnum", max: 14, exact: true } },
    ],
  ]),
  ...provider("Doppler", [
    [
      "doppler_token",
      "service, personal or CLI token",
      "dp.",
      /dp\.(?:pt|ct|sa|scim|audit|st(?:\.[a-z0-9_-]{2,35})?)\.[A-Za-z0-9]{40,44}/y,
      { edge: true },
    ],
  ]),
  ...provider("1Password", [
    [
      "onepassword_secret_key",
      "account secret key",
      "A3-",
      /A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}/y,
      { edge: true },
    ],
    [
      "onepassword_service_token",
      "service account token",
      "ops_eyJ",
      /ops_eyJ[A-Za-z0-9+/_-]{200,3000}={0,3}/y,
    ],
  ]),
  ...provider("Infisical", [
    [
      "infisical_token",
      "service token",
      "st.",
      /st\.[a-f0-9-]{24,36}\.[a-f0-9]{32,64}\.[a-f0-9]{32}/y,
      { edge: true },
    ],
  ]),
  ...provider("age", [
    [
      "age_secret_key",
      "identity",
      "AGE-SECRET-KEY-1",
      /AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}/iy,
    ],
  ]),
  ...provider("Bitwarden", [
    [
      "bitwarden_access_token",
      "Secrets Manager access token",
      "0.",
      new RegExp(`0\\.${UUID}\\.[A-Za-z0-9]{30}:[A-Za-z0-9+/]{22}==`, "y"),
      { edge: true },
    ],
  ]),
];
