export { bindFields, open, seal, type Sealed } from "./cipher.ts";
export { listOldSecrets, newestDataKeyAt, type OldSecret } from "./age_store.ts";
export { openChunks, sealChunks } from "./chunk_cipher.ts";
export {
  backupKeyOf,
  deriveKey,
  issuerOf,
  type KeyPurpose,
  MASTER_KEY_BYTES,
  parseMasterKey,
} from "./keyring.ts";
export {
  ensureMasterKey,
  forgetPreviousMasterKey,
  type LoadedMasterKey,
  loadMasterKey,
  MASTER_KEY_CREDENTIAL,
  MASTER_KEY_VARIABLE,
  type MasterKeyOptions,
  masterKeyPath,
  placeNextMasterKey,
  prepareNextMasterKey,
} from "./master_key.ts";
export { SecretBytes } from "./secret_bytes.ts";
export { openVault, type Vault } from "./vault.ts";
export {
  describeOwner,
  isSecretName,
  MAX_SECRET_BYTES,
  type SecretFacts,
  type SecretOwner,
} from "./secret.ts";
export { getSecret, listSecrets, type SecretFilter, type SecretKey } from "./secret_store.ts";
export {
  checkSecrets,
  deleteSecret,
  rotateSecret,
  type SecretChange,
  type SecretInput,
  type SecretTerms,
  setSecrets,
  updateSecret,
} from "./secret_changes.ts";
export type { VaultContext, VaultEvent, VaultEventName } from "./events.ts";
export {
  createRedactor,
  isRedactable,
  type NamedSecret,
  type Redacted,
  type RedactionStream,
  type Redactor,
} from "./redactor.ts";
export { type KeyRotation, rotateDataKey, type RotationOptions } from "./key_rotation.ts";
export { addMaster, removeOtherMasters } from "./master_rotation.ts";
export { listKeyVersions, listMasters } from "./data_key_store.ts";
export { SECRETS_CHANNEL, SecretWatch, type WatchOptions } from "./watch.ts";
