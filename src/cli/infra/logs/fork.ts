import { findLostChains, forkChains, openCheckpoint } from "../../../audit/mod.ts";
import { LOCAL_OPERATOR } from "../../../identity/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import { ensureInstance, homeAt, shortInstance } from "../../../kernel/home.ts";
import { findService } from "../../../kernel/service_file.ts";
import { confirm } from "../../confirm.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { loadSealKey } from "./seal_keys.ts";
import { plural } from "./words.ts";

interface Flags {
  readonly reason: string;
  readonly yes: boolean;
}

export default async function fork(this: CliContext, { reason, yes }: Flags): Promise<void> {
  const home = homeAt(this.home);
  if (await findService(home.serviceFile)) {
    throw new AppError("conflict", "Cannot fork the log while the service runs", {
      hint: 'Run "spgov stop" first.',
    });
  }
  const { sql } = await openDatabase(this);
  const checkpoint = openCheckpoint(home.seals);
  const lost = await findLostChains(sql, checkpoint);
  const rows = lost.reduce((sum, chain) => sum + Math.max(0, chain.sealed.n - chain.n), 0);
  if (lost.length > 0) {
    await confirm(this, `Go on without ${plural(rows, "row")} that the log lost?`, yes);
  }
  const forks = await forkChains(sql, {
    key: await loadSealKey(this),
    checkpoint,
    clock: this.clock,
    writer: `${shortInstance(await ensureInstance(this.home))}/cli`,
    actor: LOCAL_OPERATOR,
    reason,
  });
  const chains = forks.map(({ chain, base }) => ({
    writer: chain.writer,
    n: chain.n,
    lost_n: chain.sealed.n,
    last_common_seal: base?.seal ?? 0,
  }));
  this.out.table({
    kind: "logs.fork",
    columns: [
      { label: "CHAIN", of: (chain) => chain.writer, keep: true },
      { label: "GOES ON AFTER", of: (chain) => `n=${chain.n}` },
      { label: "WAS SEALED TO", of: (chain) => `n=${chain.lost_n}` },
      { label: "LAST COMMON SEAL", of: (chain) => chain.last_common_seal },
    ],
    rows: chains,
    data: { reason, chains },
  });
}
