export { deriveKey, issuerOf, type KeyPurpose, MASTER_KEY_BYTES } from "./keyring.ts";
export {
  ensureMasterKey,
  type LoadedMasterKey,
  loadMasterKey,
  MASTER_KEY_CREDENTIAL,
  MASTER_KEY_VARIABLE,
  type MasterKeyOptions,
  masterKeyPath,
} from "./master_key.ts";
export { SecretBytes } from "./secret_bytes.ts";
