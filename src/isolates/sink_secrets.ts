import { serve } from "../kernel/rpc.ts";
import type { LogConfig } from "../profile/mod.ts";
import type { Vault } from "../vault/mod.ts";

/** What egress serves to the isolate that sends to collectors: the credentials of those, and no others. */
export interface SinkSecretsApi {
  /** The credential of a configured collector; undefined when the vault has none for it. */
  secretOf(sink: string): Promise<string | undefined>;
}

/** Names of secrets by the collectors that are configured to have them. */
export type SinkSecretNames = Readonly<Record<string, string>>;

export function sinkSecretNames({ sinks }: LogConfig): SinkSecretNames {
  return Object.fromEntries(
    sinks.flatMap((sink) =>
      "secret" in sink && sink.secret !== undefined ? [[sink.name, sink.secret]] : []
    ),
  );
}

/** As which server of the vault a collector gets its credential. */
const serverOf = (sink: string): string => `log.${sink}`;

/** Serves the credentials of `names` on `port`. */
export function serveSinkSecrets(port: MessagePort, vault: Vault, names: SinkSecretNames): void {
  serve<SinkSecretsApi>(port, {
    async secretOf(sink) {
      const name = Object.hasOwn(names, sink) ? names[sink] : undefined;
      if (name === undefined) return undefined;
      const value = await vault.resolve(name, serverOf(sink), "none", undefined);
      if (!value) return undefined;
      try {
        return new TextDecoder().decode(value.reveal()).trim();
      } finally {
        value.wipe();
      }
    },
  });
  port.start();
}
