import { type PrefixRule, provider } from "./types.ts";

/** Credentials of chat, mail and telephony services. */
export const MESSAGING: readonly PrefixRule[] = [
  ...provider("Slack", [
    ["slack_bot_token", "bot token", "xoxb-", /xoxb-[0-9]{8,14}-[A-Za-z0-9-]{12,64}/y],
    ["slack_user_token", "user token", "xoxp-", /xoxp-[0-9]{8,14}-[A-Za-z0-9-]{16,120}/y],
    [
      "slack_config_token",
      "configuration access token",
      "xoxe.xox",
      /xoxe\.xox[bp]-\d-[A-Za-z0-9]{100,200}/y,
    ],
    [
      "slack_refresh_token",
      "refresh token",
      "xoxe-",
      /xoxe-(?:\d-[A-Za-z0-9]{100,200}|[0-9]{8,14}-[A-Za-z0-9-]{16,120})/y,
    ],
    [
      "slack_app_token",
      "app-level token",
      "xapp-",
      /xapp-\d-[A-Za-z0-9]{5,20}-\d{5,20}-[A-Za-z0-9]{30,80}/y,
    ],
    [
      "slack_legacy_token",
      "legacy or workspace token",
      ["xoxa-", "xoxr-", "xoxo-", "xoxs-"],
      /xox[aros]-(?:\d-)?[A-Za-z0-9-]{10,120}/y,
      { check: "mixed" },
    ],
    [
      "slack_client_token",
      "browser token or cookie",
      ["xoxc-", "xoxd-"],
      /xox[cd]-[A-Za-z0-9%/+_-]{20,250}/y,
    ],
    [
      "slack_webhook_url",
      "webhook address",
      "hooks.slack.com/",
      /hooks\.slack(?:-gov)?\.com\/(?:services\/[A-Za-z0-9+/]{30,60}|(?:workflows|triggers)\/[A-Za-z0-9+/]{30,80})/y,
    ],
  ]),
  ...provider("Discord", [
    [
      "discord_bot_token",
      "bot token",
      ["MT", "Mj", "Mz", "ND", "NT", "Nj", "Nz", "OD", "OT"],
      /[MNO][A-Za-z\d_-]{23,27}\.[\w-]{6}\.[\w-]{27,42}(?![\w-])/y,
      { edge: true, check: "mixed" },
    ],
    [
      "discord_webhook_url",
      "webhook address",
      ["discord.com/api/", "discordapp.com/api/"],
      /discord(?:app)?\.com\/api\/(?:v\d{1,2}\/)?webhooks\/\d{17,20}\/[\w-]{60,80}/y,
    ],
  ]),
  ...provider("Telegram", [
    ["telegram_bot_token", "bot token", [":AA"], /\d{8,10}:AA[A-Za-z0-9_-]{33}(?![\w-])/y, {
      lead: { of: "digit", max: 10 },
    }],
  ]),
  ...provider("Microsoft Teams", [
    [
      "teams_webhook_url",
      "incoming webhook address",
      ".webhook.office.com/",
      /\.webhook\.office\.com\/webhookb2\/[0-9a-f-]{36}@[0-9a-f-]{36}\/IncomingWebhook\/[0-9a-zA-Z]{32}\/[0-9a-f-]{36}/y,
    ],
    [
      "power_automate_webhook_url",
      "workflow webhook address",
      ".logic.azure.com",
      /\.logic\.azure\.com(?::443)?\/workflows\/[0-9a-f]{32}\/[\w/%?&=.-]{20,200}sig=([\w-]{40,60})/dy,
    ],
  ]),
  ...provider("Google Chat", [
    [
      "google_chat_webhook_url",
      "webhook address",
      "chat.googleapis.com/v1/spaces/",
      /chat\.googleapis\.com\/v1\/spaces\/[\w-]{5,20}\/messages\?key=[\w-]{30,50}&token=[\w%-]{30,60}/y,
    ],
  ]),
  ...provider("Twilio", [
    ["twilio_api_key", "API key", "SK", /SK[0-9a-f]{32}(?![0-9a-f])/y, { edge: true }],
  ]),
  ...provider("SendGrid", [
    ["sendgrid_api_key", "API key", "SG.", /SG\.[\w=-]{20,24}\.[\w=-]{39,50}/y],
  ]),
  ...provider("Mailgun", [
    ["mailgun_api_key", "private API key", "key-", /key-[a-f0-9]{32}(?![a-f0-9])/y, { edge: true }],
    ["mailgun_public_key", "validation key", "pubkey-", /pubkey-[a-f0-9]{32}(?![a-f0-9])/y, {
      edge: true,
    }],
  ]),
  ...provider("Mailchimp", [
    ["mailchimp_api_key", "API key", "-us", /[0-9a-f]{32}-us\d{1,2}(?![0-9a-z])/y, {
      lead: { of: "alnum", max: 32, exact: true },
    }],
    ["mandrill_api_key", "Mandrill API key", "md-", /md-[\w-]{22}(?![\w-])/y, {
      edge: true,
      check: "mixed",
    }],
  ]),
  ...provider("Resend", [[
    "resend_api_key",
    "API key",
    "re_",
    /re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,28}(?![A-Za-z0-9_])/y,
    { edge: true, check: "mixed" },
  ]]),
  ...provider("Brevo", [
    ["brevo_api_key", "API key", "xkeysib-", /xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}/y],
    ["brevo_smtp_key", "SMTP key", "xsmtpsib-", /xsmtpsib-[a-f0-9]{64}-[A-Za-z0-9]{16}/y],
  ]),
  ...provider("MailerSend", [["mailersend_token", "API token", "mlsn.", /mlsn\.[a-f0-9]{60,70}/y]]),
  ...provider("Klaviyo", [[
    "klaviyo_private_key",
    "private API key",
    "pk_",
    /pk_[a-f0-9]{34}(?![A-Za-z0-9])/y,
    { edge: true },
  ]]),
  ...provider("PagerDuty", [[
    "pagerduty_token",
    "OAuth or API token",
    "pdus+",
    /pdus\+_[\w-]{20,80}/y,
  ]]),
  ...provider("Intercom", [[
    "intercom_access_token",
    "access token",
    "dG9rO",
    /dG9rO[A-Za-z0-9+/]{54,75}={0,2}/y,
    { edge: true },
  ]]),
];
