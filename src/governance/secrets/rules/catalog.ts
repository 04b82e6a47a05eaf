import { AI } from "./ai.ts";
import { CLOUD } from "./cloud.ts";
import { COMMERCE } from "./commerce.ts";
import { CONTEXT_CLOUD } from "./context_cloud.ts";
import { CONTEXT_SERVICES } from "./context_services.ts";
import { HOSTING } from "./hosting.ts";
import { MESSAGING } from "./messaging.ts";
import { OBSERVABILITY } from "./observability.ts";
import { PACKAGES } from "./packages.ts";
import { SOURCE_HOSTS } from "./source_hosts.ts";
import { STRUCTURES } from "./structures.ts";
import type { ContextRule, PrefixRule } from "./types.ts";
import { WORK } from "./work.ts";

/** Every built-in rule with a mark of its own. Within one place the earlier rule names the kind. */
export const PREFIX_RULES: readonly PrefixRule[] = [
  ...SOURCE_HOSTS,
  ...CLOUD,
  ...HOSTING,
  ...AI,
  ...MESSAGING,
  ...COMMERCE,
  ...PACKAGES,
  ...OBSERVABILITY,
  ...WORK,
  ...STRUCTURES,
];

/** Every built-in rule that needs the name of a key. */
export const CONTEXT_RULES: readonly ContextRule[] = [...CONTEXT_CLOUD, ...CONTEXT_SERVICES];

/** Kinds the engine itself decides: they come from the name of a key or from a URL. */
export const ENGINE_KINDS: readonly (readonly [kind: string, provider: string, text: string])[] = [
  ["password", "Generic", "a password by the name of its key"],
  ["api_key", "Generic", "an API or access key by the name of its key"],
  ["token", "Generic", "a token by the name of its key"],
  ["secret", "Generic", "a secret by the name of its key"],
  ["authorization_header", "HTTP", "a credential in an Authorization header"],
  ["url_password", "URL", "user and password in a URL"],
  ["url_token", "URL", "a token in place of the user in a URL"],
  ["database_url", "Database", "a database URL with a password"],
  ["queue_url", "Queue", "a message broker URL with a password"],
  ["kubernetes_secret", "Kubernetes", "data of a Secret manifest"],
  ["docker_auth", "Docker", "registry credential in a Docker configuration"],
];
