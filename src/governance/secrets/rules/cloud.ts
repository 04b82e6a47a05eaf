import { type PrefixRule, provider } from "./types.ts";

const AWS_ID = /(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![a-z])/y;
const AWS_ANCHORS = ["AKIA", "ASIA", "ABIA", "ACCA", "A3T"];

/** Credentials of the large clouds. */
export const CLOUD: readonly PrefixRule[] = [
  ...provider("AWS", [
    ["aws_access_key_id", "access key id", AWS_ANCHORS, AWS_ID, { edge: true, check: "aws_pair" }],
    [
      "aws_session_token",
      "session token",
      ["FwoGZXIvYXdz", "FQoGZXIvYXdz", "IQoJb3JpZ2lu"],
      /(?:FwoGZXIvYXdz|FQoGZXIvYXdz|IQoJb3JpZ2lu)[A-Za-z0-9/+=]{100,2000}/y,
    ],
    ["aws_bedrock_api_key", "Bedrock API key", "ABSK", /ABSK[A-Za-z0-9+/]{100,300}={0,2}/y],
    [
      "aws_bedrock_short_term_key",
      "Bedrock short-term API key",
      "bedrock-api-key-",
      /bedrock-api-key-[A-Za-z0-9+/=_-]{40,2000}/y,
    ],
    [
      "aws_mws_token",
      "Marketplace Web Service token",
      "amzn.mws.",
      /amzn\.mws\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/iy,
    ],
    ["aws_appsync_key", "AppSync API key", "da2-", /da2-[a-z0-9]{26}(?![a-z0-9])/y, { edge: true }],
  ]),
  ...provider("Google", [
    ["google_api_key", "API key", "AIza", /AIza[\w-]{35}/y, { edge: true }],
    ["google_oauth_token", "OAuth access token", "ya29.", /ya29\.[\w-]{30,500}/y, { edge: true }],
    ["google_oauth_client_secret", "OAuth client secret", "GOCSPX-", /GOCSPX-[\w-]{28,40}/y],
    ["google_refresh_token", "OAuth refresh token", "1//0", /1\/\/0[\w-]{40,200}/y, {
      edge: true,
      check: "mixed",
    }],
    ["google_hmac_key_id", "storage HMAC key id", "GOOG1E", /GOOG1E[A-Z0-9]{18,55}/y],
    [
      "firebase_server_key",
      "cloud messaging server key",
      ":APA91b",
      /[\w-]{7,20}:APA91b[\w-]{100,250}/y,
      { lead: { of: "word", max: 20 } },
    ],
  ]),
  ...provider("Microsoft Azure", [
    [
      "azure_storage_key",
      "storage account key",
      "AccountKey=",
      /AccountKey=([A-Za-z0-9+/]{86}==)/dy,
    ],
    [
      "azure_shared_access_key",
      "Service Bus, Event Hubs or IoT shared access key",
      "SharedAccessKey=",
      /SharedAccessKey=([A-Za-z0-9+/]{43}=)/dy,
    ],
    [
      "azure_sas_signature",
      "shared access signature",
      ["&sig=", "?sig=", "&amp;sig="],
      /(?:[?&]|&amp;)sig=([A-Za-z0-9+/%]{43,70}(?:%3D|=)?)/diy,
    ],
    [
      "azure_client_secret",
      "Entra application client secret",
      ["7Q~", "8Q~", "1Q~", "2Q~", "3Q~", "4Q~", "5Q~", "6Q~", "9Q~", "0Q~"],
      /[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}/y,
      { lead: { of: "word", max: 3, exact: true } },
    ],
    [
      "azure_storage_identifiable_key",
      "storage account key with mark",
      "+ASt",
      /[A-Za-z0-9+/]{76}\+ASt[A-Za-z0-9+/]{6}==/y,
      { lead: { of: "base64", max: 76, exact: true } },
    ],
    [
      "azure_cosmos_key",
      "Cosmos DB account key",
      "ACDb",
      /[A-Za-z0-9+/]{76}ACDb[A-Za-z0-9+/]{6}==/y,
      { lead: { of: "base64", max: 76, exact: true } },
    ],
    [
      "azure_search_key",
      "Search admin or query key",
      "AzSe",
      /[A-Za-z0-9]{42}AzSe[A-Z][A-Za-z0-9]{5}(?![A-Za-z0-9])/y,
      { edge: true, lead: { of: "alnum", max: 42, exact: true } },
    ],
    [
      "azure_function_key",
      "Functions host or function key",
      "AzFu",
      /[A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{4,6}={1,2}/y,
      { lead: { of: "word", max: 44, exact: true } },
    ],
    [
      "azure_cache_key",
      "Cache for Redis key",
      "AzCa",
      /[A-Za-z0-9+/]{33}AzCa[A-Za-z0-9+/]{5,6}=/y,
      { lead: { of: "base64", max: 33, exact: true } },
    ],
    [
      "azure_ai_key",
      "AI services key",
      "JQQJ99",
      /[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{10}AC[A-Za-z0-9]{10,20}/y,
      { lead: { of: "alnum", max: 52, exact: true } },
    ],
  ]),
  ...provider("Alibaba Cloud", [
    ["alibaba_access_key_id", "access key id", "LTAI", /LTAI[A-Za-z0-9]{16,22}(?![A-Za-z0-9])/y, {
      edge: true,
      check: "mixed",
    }],
  ]),
  ...provider("Tencent Cloud", [
    ["tencent_secret_id", "API secret id", "AKID", /AKID[A-Za-z0-9]{32}(?![A-Za-z0-9])/y, {
      edge: true,
      check: "mixed",
    }],
  ]),
  ...provider("Baidu Cloud", [
    ["baidu_access_key", "access key id", "ALTAK", /ALTAK[A-Za-z0-9]{21}(?![A-Za-z0-9])/y, {
      edge: true,
    }],
  ]),
  ...provider("Volcengine", [
    ["volcengine_access_key", "access key id", "AKLT", /AKLT[A-Za-z0-9+/_-]{43,60}={0,2}/y, {
      edge: true,
      check: "mixed",
    }],
  ]),
  ...provider("Yandex", [
    ["yandex_api_key", "API key", "AQVN", /AQVN[\w-]{35,38}/y, { edge: true }],
    ["yandex_iam_token", "IAM token", "t1.", /t1\.[\w-]{1,500}={0,2}\.[\w-]{86}={0,2}/y, {
      edge: true,
    }],
    ["yandex_aws_key", "S3-compatible access key id", "YCA", /YC[A-Za-z0-9_-]{38}(?![\w-])/y, {
      edge: true,
      check: "mixed",
    }],
  ]),
  ...provider("Scaleway", [
    ["scaleway_access_key", "access key id", "SCW", /SCW[A-Z0-9]{17}(?![A-Za-z0-9])/y, {
      edge: true,
      check: "mixed",
    }],
  ]),
];
