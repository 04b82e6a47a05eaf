import { type PrefixRule, provider } from "./types.ts";

/** Credentials of model providers and the tools around them. */
export const AI: readonly PrefixRule[] = [
  ...provider("Anthropic", [
    ["anthropic_admin_key", "admin API key", "sk-ant-admin", /sk-ant-admin\d{2}-[\w-]{60,120}/y],
    [
      "anthropic_oauth_token",
      "OAuth access or refresh token",
      ["sk-ant-oat", "sk-ant-ort"],
      /sk-ant-o[ar]t\d{2}-[\w-]{60,120}/y,
    ],
    ["anthropic_session_key", "session key", "sk-ant-sid", /sk-ant-sid\d{2}-[\w-]{60,160}/y],
    [
      "anthropic_api_key",
      "API key",
      "sk-ant-",
      /sk-ant-(?!admin|oat|ort|sid)(?:api\d{2}-)?[\w-]{32,120}/y,
    ],
  ]),
  ...provider("OpenRouter", [
    ["openrouter_api_key", "API key", "sk-or-", /sk-or-(?:v\d-)?[a-f0-9]{64}/y],
  ]),
  ...provider("Langfuse", [
    [
      "langfuse_secret_key",
      "secret key",
      "sk-lf-",
      /sk-lf-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/y,
    ],
  ]),
  ...provider("Helicone", [
    ["helicone_api_key", "API key", "sk-helicone-", /sk-helicone-(?:[a-z]{2}-)?[a-z0-9-]{20,60}/y],
  ]),
  ...provider("OpenAI", [
    ["openai_project_key", "project API key", "sk-proj-", /sk-proj-[\w-]{40,200}/y],
    [
      "openai_service_key",
      "service account key",
      ["sk-svcacct-", "sk-service-"],
      /sk-(?:svcacct|service)-[\w-]{40,200}/y,
    ],
    ["openai_admin_key", "admin API key", "sk-admin-", /sk-admin-[\w-]{40,200}/y],
    [
      "openai_api_key",
      "API key",
      "T3BlbkFJ",
      /sk-(?:[A-Za-z0-9-]{1,20}-)?[\w-]{12,90}T3BlbkFJ[\w-]{12,90}/y,
      { lead: { of: "word", max: 120, from: "sk-" } },
    ],
    ["openai_session_token", "session token", "sess-", /sess-[A-Za-z0-9]{40}(?![A-Za-z0-9])/y, {
      edge: true,
      check: "mixed",
    }],
  ]),
  ...provider("DeepSeek", [
    ["deepseek_api_key", "API key", "sk-", /sk-[a-f0-9]{32}(?![A-Za-z0-9])/y, { edge: true }],
  ]),
  ...provider("OpenAI-compatible", [
    [
      "sk_api_key",
      "API key of OpenAI's form",
      "sk-",
      /sk-(?![A-Za-z0-9]{1,64}T3BlbkFJ)(?:None-)?[A-Za-z0-9]{32,64}(?![A-Za-z0-9])/y,
      { edge: true, check: "mixed" },
    ],
  ]),
  ...provider("Hugging Face", [
    ["huggingface_token", "access token", "hf_", /hf_[A-Za-z0-9]{34,40}/y, { edge: true }],
    ["huggingface_org_token", "organization token", "api_org_", /api_org_[A-Za-z0-9]{34,40}/y],
  ]),
  ...provider("Groq", [["groq_api_key", "API key", "gsk_", /gsk_[A-Za-z0-9]{48,60}/y]]),
  ...provider("xAI", [["xai_api_key", "API key", "xai-", /xai-[A-Za-z0-9]{70,90}/y]]),
  ...provider("Perplexity", [[
    "perplexity_api_key",
    "API key",
    "pplx-",
    /pplx-[A-Za-z0-9]{40,60}/y,
  ]]),
  ...provider("Replicate", [["replicate_token", "API token", "r8_", /r8_[A-Za-z0-9]{37,40}/y, {
    edge: true,
  }]]),
  ...provider("Fireworks AI", [[
    "fireworks_api_key",
    "API key",
    "fw_",
    /fw_[A-Za-z0-9]{22,26}(?![A-Za-z0-9_])/y,
    { edge: true, check: "mixed" },
  ]]),
  ...provider("LangChain", [["langsmith_api_key", "LangSmith API key", [
    "lsv2_pt_",
    "lsv2_sk_",
    "ls__",
  ], /(?:lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}|ls__[a-f0-9]{32})/y]]),
  ...provider("Pinecone", [[
    "pinecone_api_key",
    "API key",
    "pcsk_",
    /pcsk_[A-Za-z0-9]{4,8}_[A-Za-z0-9]{50,80}/y,
  ]]),
  ...provider("Cerebras", [["cerebras_api_key", "API key", "csk-", /csk-[a-z0-9]{48}/y, {
    edge: true,
  }]]),
  ...provider("NVIDIA", [["nvidia_api_key", "NIM API key", "nvapi-", /nvapi-[\w-]{60,80}/y]]),
  ...provider("Voyage AI", [["voyage_api_key", "API key", "pa-", /pa-[\w-]{43}(?![\w-])/y, {
    edge: true,
    check: "mixed",
  }]]),
  ...provider("Jina AI", [["jina_api_key", "API key", "jina_", /jina_[A-Za-z0-9_-]{50,70}/y]]),
  ...provider("Tavily", [[
    "tavily_api_key",
    "API key",
    "tvly-",
    /tvly-(?:dev-|prod-)?[A-Za-z0-9]{30,40}/y,
  ]]),
  ...provider("Firecrawl", [[
    "firecrawl_api_key",
    "API key",
    "fc-",
    /fc-[a-f0-9]{32}(?![a-f0-9])/y,
    { edge: true },
  ]]),
  ...provider("ElevenLabs", [[
    "elevenlabs_api_key",
    "API key",
    "sk_",
    /sk_[a-f0-9]{48}(?![a-f0-9])/y,
    { edge: true },
  ]]),
  ...provider("Together AI", [["together_api_key", "API key", "tgp_v1_", /tgp_v1_[\w-]{40,50}/y]]),
  ...provider("RunPod", [[
    "runpod_api_key",
    "API key",
    "rpa_",
    /rpa_[A-Z0-9]{40,48}[a-z0-9]{0,6}/y,
    { edge: true },
  ]]),
  ...provider("Modal", [
    ["modal_token_id", "token id", "ak-", /ak-[A-Za-z0-9]{22}(?![A-Za-z0-9])/y, {
      edge: true,
      check: "mixed",
    }],
    ["modal_token_secret", "token secret", "as-", /as-[A-Za-z0-9]{22}(?![A-Za-z0-9])/y, {
      edge: true,
      check: "mixed",
    }],
  ]),
  ...provider("Anyscale", [[
    "anyscale_api_key",
    "API key",
    "esecret_",
    /esecret_[a-zA-Z0-9]{20,60}/y,
  ]]),
  ...provider("LlamaIndex", [[
    "llamacloud_api_key",
    "LlamaCloud API key",
    "llx-",
    /llx-[A-Za-z0-9]{40,60}/y,
    { edge: true },
  ]]),
  ...provider("Cursor", [[
    "cursor_api_key",
    "API key",
    ["key_", "crsr_"],
    /(?:key|crsr)_[a-f0-9]{64}(?![a-f0-9])/y,
    { edge: true },
  ]]),
  ...provider("Weights & Biases", [[
    "wandb_api_key",
    "API key",
    "wandb_v1_",
    /wandb_v1_[\w-]{60,100}/y,
  ]]),
];
