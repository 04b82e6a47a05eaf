/** The secret detector: finds and redacts credentials in what agents send and receive. */
export {
  createSecretScanner,
  type SecretFinding,
  type SecretKind,
  type SecretScan,
  type SecretScanner,
} from "./scanner.ts";
export type { SecretsConfig } from "./config.ts";
