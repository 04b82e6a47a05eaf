import { context, type ContextRule } from "./types.ts";

const UUID = /[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}/;
const HEX32 = /[a-f0-9]{32}/i;
const HEX40 = /[a-f0-9]{40}/i;
const HEX64 = /[a-f0-9]{64}/i;
const ALNUM32 = /[a-z0-9]{32}/i;
const ALNUM40 = /[a-z0-9]{40}/i;
const ALNUM64 = /[a-z0-9]{64}/i;

/** Software services whose credentials are told by the name of their key. */
export const CONTEXT_SERVICES: readonly ContextRule[] = [
  context("Adafruit", ["adafruit"], [["adafruit_api_key", "API key", /[a-z0-9_-]{32}/i]]),
  context("Adobe", ["adobe"], [["adobe_client_id", "client id", HEX32]]),
  context("Airtable", ["airtable"], [["airtable_api_key", "API key", /[a-z0-9]{17}/i]]),
  context("Asana", ["asana"], [
    ["asana_client_id", "client id", /[0-9]{16}/],
    ["asana_client_secret", "client secret", ALNUM32],
  ]),
  context("Atlassian", ["atlassian", "confluence", "jira"], [[
    "atlassian_legacy_token",
    "API token (older form)",
    /[a-z0-9]{24}/i,
  ]]),
  context("Auth0", ["auth0"], [["auth0_client_secret", "client secret", /[A-Za-z0-9_-]{60,70}/]]),
  context("Beamer", ["beamer"], [["beamer_api_token", "API token", /b_[a-z0-9=_-]{44}/i]]),
  context("Bittrex", ["bittrex"], [["bittrex_key", "access or secret key", ALNUM32]]),
  context("Binance", ["binance"], [["binance_key", "API or secret key", ALNUM64]]),
  context("Bugsnag", ["bugsnag"], [["bugsnag_api_key", "API key", HEX32]]),
  context("Codacy", ["codacy"], [["codacy_token", "project token", /[A-Za-z0-9]{20,32}/]]),
  context("Cohere", ["cohere", "coapikey"], [["cohere_api_key", "API key", /[A-Za-z0-9]{40}/]]),
  context("Coinbase", ["coinbase"], [["coinbase_access_token", "access token", /[a-z0-9_-]{64}/i]]),
  context("Contentful", ["contentful"], [[
    "contentful_delivery_token",
    "delivery token",
    /[a-z0-9=_-]{43}/i,
  ]]),
  context("Datadog", ["datadog", "ddapikey", "ddappkey", "ddapi", "ddapp"], [
    ["datadog_api_key", "API key", HEX32],
    ["datadog_app_key", "application key", ALNUM40],
  ]),
  context("Deepgram", ["deepgram"], [["deepgram_api_key", "API key", HEX40]]),
  context("AssemblyAI", ["assemblyai"], [["assemblyai_api_key", "API key", HEX32]]),
  context("Discord", ["discord"], [
    ["discord_client_id", "application id", /[0-9]{17,19}/],
    ["discord_client_secret", "client secret", /[\w=-]{32}/i],
    ["discord_public_key", "API token", HEX64],
  ]),
  context("Dropbox", ["dropbox"], [["dropbox_api_secret", "app key or secret", /[a-z0-9]{15}/i]]),
  context("Etsy", ["etsy"], [["etsy_access_token", "access token", /[a-z0-9]{24}/i]]),
  context("Facebook", ["facebook", "fbapp", "meta"], [[
    "facebook_app_secret",
    "app secret",
    HEX32,
  ]]),
  context("Finicity", ["finicity"], [
    ["finicity_api_token", "app key", HEX32],
    ["finicity_client_secret", "client secret", /[a-z0-9]{20}/i],
  ]),
  context("Finnhub", ["finnhub"], [["finnhub_api_key", "API key", /[a-z0-9]{20}/i]]),
  context("Flickr", ["flickr"], [["flickr_access_token", "access token", ALNUM32]]),
  context("FreshBooks", ["freshbooks"], [["freshbooks_access_token", "access token", ALNUM64]]),
  context("Freshdesk", ["freshdesk"], [["freshdesk_api_key", "API key", /[A-Za-z0-9]{20}/]]),
  context("Gitter", ["gitter"], [["gitter_access_token", "access token", /[a-z0-9_-]{40}/i]]),
  context("GoCardless", ["gocardless"], [[
    "gocardless_token",
    "API token",
    /live_[a-z0-9_=-]{40}/i,
  ]]),
  context("HubSpot", ["hubspot"], [["hubspot_api_key", "API key", UUID]]),
  context("Intercom", ["intercom"], [["intercom_api_key", "API key", /[a-z0-9=_-]{60}/i]]),
  context("Kraken", ["kraken"], [["kraken_key", "API key or secret", /[a-z0-9/=_+-]{80,90}/i]]),
  context("KuCoin", ["kucoin"], [
    ["kucoin_access_token", "API key", /[a-f0-9]{24}/i],
    ["kucoin_secret_key", "API secret", UUID],
  ]),
  context("LaunchDarkly", ["launchdarkly"], [[
    "launchdarkly_access_token",
    "access token",
    /[a-z0-9=_-]{40}/i,
  ]]),
  context("Linear", ["linear"], [["linear_client_secret", "client secret", HEX32]]),
  context("LinkedIn", ["linkedin"], [
    ["linkedin_client_id", "client id", /[a-z0-9]{14}/i],
    ["linkedin_client_secret", "client secret", /[a-z0-9]{16}/i],
  ]),
  context("Lob", ["lob"], [["lob_api_key", "API key", /(?:live|test)_[a-f0-9]{35}/i]]),
  context("Looker", ["looker"], [
    ["looker_client_id", "client id", /[a-z0-9]{20}/i],
    ["looker_client_secret", "client secret", /[a-z0-9]{24}/i],
  ]),
  context("Mailchimp", ["mailchimp"], [[
    "mailchimp_key",
    "API key",
    /[a-f0-9]{32}(?:-us\d{1,2})?/,
  ]]),
  context("Mailgun", ["mailgun"], [
    ["mailgun_signing_key", "webhook signing key", /[a-h0-9]{32}-[a-h0-9]{8}-[a-h0-9]{8}/i],
    ["mailgun_legacy_key", "API key", HEX32],
  ]),
  context("Mailjet", ["mailjet"], [["mailjet_key", "API or secret key", HEX32]]),
  context("Mailtrap", ["mailtrap"], [["mailtrap_token", "API token", HEX32]]),
  context("Mattermost", ["mattermost"], [["mattermost_token", "access token", /[a-z0-9]{26}/i]]),
  context("MessageBird", ["messagebird"], [
    ["messagebird_api_key", "API key", /[a-z0-9]{25}/i],
    ["messagebird_client_id", "client id", UUID],
  ]),
  context("Mistral AI", ["mistral"], [["mistral_api_key", "API key", /[A-Za-z0-9]{32}/]]),
  context("New Relic", ["newrelic"], [
    ["newrelic_user_id", "user API id", ALNUM64],
    ["newrelic_legacy_key", "licence key", HEX40],
  ]),
  context("New York Times", ["nytimes", "newyorktimes"], [[
    "nytimes_api_key",
    "API key",
    /[a-z0-9=_-]{32}/i,
  ]]),
  context("Okta", ["okta"], [["okta_api_token", "API token", /00[\w=-]{40}/]]),
  context("Opsgenie", ["opsgenie"], [["opsgenie_api_key", "API key", UUID]]),
  context("PagerDuty", ["pagerduty"], [[
    "pagerduty_api_key",
    "API key",
    /[\w+-]{20}|[a-z0-9]{32}/i,
  ]]),
  context("PayPal", ["paypal", "braintree"], [[
    "paypal_client_secret",
    "client secret",
    /E[A-Za-z0-9_-]{79}|[a-f0-9]{32}/,
  ]]),
  context("Plaid", ["plaid"], [
    ["plaid_client_id", "client id", /[a-z0-9]{24}/i],
    ["plaid_secret_key", "secret", /[a-z0-9]{30}/i],
  ]),
  context("Postmark", ["postmark"], [["postmark_token", "server or account token", UUID]]),
  context("Private AI", ["privateai"], [["privateai_api_key", "API key", ALNUM32]]),
  context("Pusher", ["pusher"], [["pusher_secret", "app secret", /[a-f0-9]{20}/]]),
  context("Rollbar", ["rollbar"], [["rollbar_token", "access token", HEX32]]),
  context("Sendbird", ["sendbird"], [
    ["sendbird_access_id", "application id", UUID],
    ["sendbird_access_token", "API token", HEX40],
  ]),
  context("Sentry", ["sentry"], [["sentry_access_token", "auth token", HEX64]]),
  context("Shodan", ["shodan"], [["shodan_api_key", "API key", /[A-Za-z0-9]{32}/]]),
  context("SparkPost", ["sparkpost"], [["sparkpost_api_key", "API key", HEX40]]),
  context("Splunk", ["splunk"], [["splunk_hec_token", "event collector token", UUID]]),
  context("Spotify", ["spotify"], [["spotify_client_secret", "client secret", HEX32]]),
  context("Squarespace", ["squarespace"], [["squarespace_api_key", "access token", UUID]]),
  context("Sumo Logic", ["sumo", "sumologic"], [
    ["sumologic_access_id", "access id", /su[a-zA-Z0-9]{12}/],
    ["sumologic_access_key", "access key", ALNUM64],
  ]),
  context("Telegram", ["telegram", "telegr"], [[
    "telegram_token",
    "bot token",
    /[0-9]{5,16}:A[a-z0-9_-]{34}/i,
  ]]),
  context("Together AI", ["together", "togetherai"], [["together_legacy_key", "API key", HEX64]]),
  context("Trello", ["trello"], [["trello_key", "API key or token", /[a-f0-9]{32}|[a-f0-9]{64}/i]]),
  context("Twilio", ["twilio"], [
    ["twilio_auth_token", "auth token", HEX32],
    ["twilio_account_sid", "account id", /AC[a-f0-9]{32}/],
  ]),
  context("Twitch", ["twitch"], [["twitch_access_token", "access token", /[a-z0-9]{30}/i]]),
  context("Twitter", ["twitter"], [
    ["twitter_api_key", "consumer key", /[a-z0-9]{25}/i],
    ["twitter_access_secret", "access secret", /[a-z0-9]{45}/i],
    ["twitter_api_secret", "consumer secret", /[a-z0-9]{50}/i],
    ["twitter_access_token", "access token", /[0-9]{15,25}-[a-z0-9]{20,40}/i],
  ]),
  context("Unsplash", ["unsplash"], [["unsplash_key", "access or secret key", /[\w-]{43}/]]),
  context("Weights & Biases", ["wandb"], [["wandb_legacy_key", "API key (older form)", HEX40]]),
  context("Weaviate", ["weaviate"], [["weaviate_api_key", "API key", /[A-Za-z0-9]{36,60}/]]),
  context("Vonage", ["vonage", "nexmo"], [["vonage_api_secret", "API secret", /[A-Za-z0-9]{16}/]]),
  context("Yandex", ["yandex"], [["yandex_access_token", "OAuth token", /y[0-3]_[\w-]{50,64}/]]),
  context("Zendesk", ["zendesk"], [["zendesk_secret_key", "secret key", ALNUM40]]),
  context("Zhipu AI", ["zhipu", "bigmodel", "glm"], [[
    "zhipu_api_key",
    "API key",
    /[a-f0-9]{32}\.[A-Za-z0-9]{16}/,
  ]]),
  context("Zoom", ["zoom"], [["zoom_client_secret", "client secret", /[A-Za-z0-9]{32,36}/]]),
];
