import { AppError } from "../../../kernel/errors.ts";
import {
  addMaster,
  issuerOf,
  loadMasterKey,
  MASTER_KEY_CREDENTIAL,
  MASTER_KEY_VARIABLE,
  parseMasterKey,
  placeNextMasterKey,
  prepareNextMasterKey,
  type SecretBytes,
  type VaultContext,
} from "../../../vault/mod.ts";
import type { CliContext } from "../../context.ts";
import { readBytes } from "./value.ts";

/**
 * Takes in a new master key. A home that keeps its key in a file gets it there; one that is given its key
 * has to be given the new one.
 */
export async function replaceMaster(
  context: CliContext,
  vault: VaultContext,
  path: string | undefined,
): Promise<void> {
  const { source } = await loadMasterKey({ home: context.home, env: context.env });
  const ownsFile = source === "file" && path === undefined;
  if (!ownsFile && path === undefined) {
    throw new AppError("usage", `This home is given its master key: ${GIVEN[source]}`, {
      hint: 'Name the next one by "--from-file", e.g. with what `openssl rand -base64 32` printed.',
    });
  }
  const next = path === undefined
    ? await prepareNextMasterKey(context.home)
    : await readMaster(context, path);
  await addMaster(vault, next);
  if (ownsFile) await placeNextMasterKey(context.home);
  print(context, next, ownsFile);
  next.wipe();
}

const GIVEN = {
  environment: `by ${MASTER_KEY_VARIABLE}`,
  credential: `by the credential ${MASTER_KEY_CREDENTIAL}`,
  file: "by its file",
} as const;

async function readMaster(context: CliContext, path: string): Promise<SecretBytes> {
  const key = parseMasterKey(await readBytes(context, "", path));
  if (key) return key;
  throw new AppError("invalid", `There is no master key in ${JSON.stringify(path)}`, {
    hint: "Expected 32 raw bytes or their base64 text, e.g. of `openssl rand -base64 32`.",
  });
}

function print({ out }: CliContext, next: SecretBytes, isPlaced: boolean): void {
  out.card({
    kind: "secrets.rotate-key.master",
    data: { master: issuerOf(next), placed: isPlaced },
  });
  const first = isPlaced ? "Restart the service" : "Start every replica with the new key";
  out.note(`${first}, then: spgov cloud secrets rotate-key --master --finish`);
}
