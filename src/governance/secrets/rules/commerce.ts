import { type PrefixRule, provider } from "./types.ts";

/** Credentials of payment, shop and finance services. */
export const COMMERCE: readonly PrefixRule[] = [
  ...provider("Stripe", [
    [
      "stripe_secret_key",
      "secret key",
      ["sk_live_", "sk_test_", "sk_prod_"],
      /sk_(?:live|test|prod)_[A-Za-z0-9]{10,255}/y,
    ],
    [
      "stripe_restricted_key",
      "restricted key",
      ["rk_live_", "rk_test_", "rk_prod_"],
      /rk_(?:live|test|prod)_[A-Za-z0-9]{10,255}/y,
    ],
    [
      "stripe_webhook_secret",
      "webhook signing secret",
      "whsec_",
      /whsec_[A-Za-z0-9+/]{24,64}={0,2}/y,
    ],
    ["stripe_org_key", "organization key", "sk_org_", /sk_org_(?:live|test)_[A-Za-z0-9]{20,255}/y],
  ]),
  ...provider("Square", [
    ["square_access_token", "access token", "EAAA", /EAAA[\w-]{58,62}(?![\w-])/y, {
      edge: true,
      check: "mixed",
    }],
    ["square_app_secret", "OAuth application secret", "sq0csp-", /sq0csp-[\w-]{40,50}/y],
    [
      "square_token",
      "access token (older form)",
      ["sq0atp-", "sq0idp-"],
      /sq0(?:atp|idp)-[\w-]{22,60}/y,
    ],
  ]),
  ...provider("PayPal", [
    [
      "braintree_access_token",
      "Braintree access token",
      "access_token$",
      /access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}/y,
    ],
  ]),
  ...provider("Plaid", [
    [
      "plaid_access_token",
      "access token",
      ["access-sandbox-", "access-development-", "access-production-"],
      /access-(?:sandbox|development|production)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/iy,
    ],
  ]),
  ...provider("Shopify", [
    ["shopify_access_token", "Admin API access token", "shpat_", /shpat_[a-fA-F0-9]{32}/y],
    ["shopify_custom_token", "custom app token", "shpca_", /shpca_[a-fA-F0-9]{32}/y],
    ["shopify_private_token", "private app password", "shppa_", /shppa_[a-fA-F0-9]{32}/y],
    ["shopify_shared_secret", "shared secret", "shpss_", /shpss_[a-fA-F0-9]{32}/y],
    [
      "shopify_partner_token",
      "CLI or partner token",
      ["shptka_", "prtapi_", "shpua_"],
      /(?:shptka|prtapi|shpua)_[a-fA-F0-9]{32}/y,
    ],
  ]),
  ...provider("Flutterwave", [
    [
      "flutterwave_secret_key",
      "secret or encryption key",
      ["FLWSECK_TEST-", "FLWSECK-"],
      /FLWSECK(?:_TEST)?-[a-h0-9]{12,32}(?:-X)?/iy,
    ],
    [
      "flutterwave_public_key",
      "public key",
      ["FLWPUBK_TEST-", "FLWPUBK-"],
      /FLWPUBK(?:_TEST)?-[a-h0-9]{32}-X/iy,
    ],
  ]),
  ...provider("Razorpay", [[
    "razorpay_key",
    "API key id",
    ["rzp_live_", "rzp_test_"],
    /rzp_(?:live|test)_[A-Za-z0-9]{14,20}/y,
  ]]),
  ...provider("Paddle", [[
    "paddle_api_key",
    "API key",
    "pdl_",
    /pdl_(?:live|sdbx)_apikey_[a-z\d]{26}_[A-Za-z\d]{22}_[A-Za-z\d]{3}/y,
  ]]),
  ...provider("Lob", [
    [
      "lob_public_key",
      "publishable key",
      ["live_pub_", "test_pub_"],
      /(?:live|test)_pub_[a-f0-9]{31}/y,
    ],
  ]),
  ...provider("Shippo", [[
    "shippo_token",
    "API token",
    ["shippo_live_", "shippo_test_"],
    /shippo_(?:live|test)_[a-fA-F0-9]{40}/y,
  ]]),
  ...provider("EasyPost", [
    ["easypost_api_key", "API key", "EZAK", /EZAK[A-Za-z0-9]{54}/y, { edge: true }],
    ["easypost_test_key", "test API key", "EZTK", /EZTK[A-Za-z0-9]{54}/y, { edge: true }],
  ]),
  ...provider("Duffel", [[
    "duffel_token",
    "API token",
    ["duffel_test_", "duffel_live_"],
    /duffel_(?:test|live)_[\w=-]{43}/y,
  ]]),
  ...provider("Freemius", [[
    "freemius_secret_key",
    "secret key",
    ['"secret_key"', "'secret_key'"],
    /["']secret_key["']\s{0,4}=>\s{0,4}["'](sk_[^\s"']{29})["']/dy,
  ]]),
  ...provider("Adyen", [[
    "adyen_api_key",
    "API key",
    "AQE",
    /AQE[A-Za-z0-9+/]{90,200}={0,2}-[A-Za-z0-9+/]{40,60}={0,2}-[!-~]{10,24}/y,
    { edge: true },
  ]]),
  ...provider("Clerk", [[
    "clerk_backend_key",
    "machine or API key",
    ["ak_live_", "ak_test_"],
    /ak_(?:live|test)_[A-Za-z0-9]{20,60}/y,
  ]]),
];
