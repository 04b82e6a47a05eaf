import type { Log } from "../kernel/log.ts";
import type { GatewayConfiguration } from "./gateway_configuration.ts";
import type { GatewayApi, GatewayStats } from "./protocol.ts";
import type { Source } from "./metrics_hub.ts";
import type { Isolate } from "./spawn.ts";

/** Starts one gateway; resolves once it listens. */
export type StartGateway = (index: number) => Promise<Isolate<GatewayApi>>;

/** The gateways: as many as were started, whatever happens to one of them. */
export interface Fleet {
  start(count: number): Promise<void>;
  reload(configuration: GatewayConfiguration): void;
  /** Does something with every gateway that runs; one that fails meanwhile is replaced anyway. */
  each(work: (gateway: Isolate<GatewayApi>) => Promise<void>): Promise<void>;
  /** Those that run now. */
  all(): readonly Isolate<GatewayApi>[];
  stats(): Promise<readonly GatewayStats[]>;
  /** Those that run, to be asked for their numbers. */
  sources(): readonly Source[];
  stop(): Promise<void>;
}

const RESTART_MS = 200;

/** Makes an empty fleet. A gateway that fails is replaced. */
export function createFleet(
  startGateway: StartGateway,
  log: Log,
  onRestart: (kind: string) => void = () => {},
): Fleet {
  const gateways = new Map<number, Isolate<GatewayApi>>();
  let stopping = false;
  let newest: GatewayConfiguration | undefined;

  async function launch(index: number): Promise<void> {
    const before = newest;
    const gateway = await startGateway(index);
    for (const [other, peer] of gateways) {
      if (other !== index) introduce(index, gateway, other, peer);
    }
    gateways.set(index, gateway);
    // What changed while it started has passed it by.
    if (newest !== before && newest) reload(gateway, newest);
    void gateway.crashed.then((reason) => replace(index, reason));
  }

  async function replace(index: number, reason: string): Promise<void> {
    gateways.get(index)?.terminate();
    gateways.delete(index);
    for (let wait = RESTART_MS; !stopping; wait = Math.min(wait * 2, 5000)) {
      log.error("A gateway failed; it is started again", { gateway: index, reason });
      await new Promise((resolve) => setTimeout(resolve, wait));
      if (await launch(index).then(() => true, () => false)) return onRestart("gateway");
    }
  }

  function reload(
    { name, remote }: Isolate<GatewayApi>,
    configuration: GatewayConfiguration,
  ): void {
    void remote.reload(configuration).catch((error) =>
      log.error("A gateway refused the configuration", { gateway: name, cause: String(error) })
    );
  }

  /** Gives two gateways a line to each other; one that fails meanwhile is replaced anyway. */
  function introduce(
    index: number,
    { remote }: Isolate<GatewayApi>,
    other: number,
    peer: Isolate<GatewayApi>,
  ): void {
    const { port1, port2 } = new MessageChannel();
    void remote.addPeer(other, port1).catch(() => undefined);
    void peer.remote.addPeer(index, port2).catch(() => undefined);
  }

  const all = () => [...gateways.values()];
  return {
    async start(count) {
      await Promise.all(Array.from({ length: count }, (_, index) => launch(index)));
    },
    reload(configuration) {
      newest = configuration;
      for (const gateway of all()) reload(gateway, configuration);
    },
    each: async (work) => {
      await Promise.all(all().map((gateway) => work(gateway).catch(() => undefined)));
    },
    sources: () => all().map(({ name, remote }) => ({ name, metrics: () => remote.metrics() })),
    all,
    stats: () => Promise.all(all().map(({ remote }) => remote.stats())),
    async stop() {
      stopping = true;
      await Promise.all(
        all().map(async (gateway) => {
          await gateway.remote.stop().catch(() => undefined);
          gateway.terminate();
        }),
      );
    },
  };
}
