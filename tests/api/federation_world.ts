import { createFederation } from "../../src/federation/mod.ts";
import { type IdentityConfig, identitySchema } from "../../src/federation/config/mod.ts";
import type { FederationMethods } from "../../src/egress/mod.ts";
import { openPool } from "../../src/db/mod.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { createLog } from "../../src/kernel/log.ts";
import { openVault, setSecrets } from "../../src/vault/mod.ts";
import { newMaster, secretOf, vaultContext } from "../store/vault_world.ts";
import type { Browser, Page } from "./browser.ts";
import { contextOf, type PagesWorld, withPages } from "./pages_world.ts";

export const CLIENT_SECRET = "a client's secret of forty characters !!";

/** The pages with identity providers, checked as in the product: with the login of egress, and a vault. */
export interface FederationWorld extends PagesWorld {
  /** Puts providers in force; each has `corp`'s values unless it says otherwise. */
  configure(...providers: readonly Readonly<Record<string, unknown>>[]): void;
  /** What was said to the operator. */
  readonly said: string[];
  callback(provider?: string): string;
  /** Begins at the sign-in page and answers where the browser is sent. */
  begin(browser: Browser, provider?: string, query?: string): Promise<string>;
  /** Rows about identities, oldest first. */
  rows(target?: string): Promise<readonly Row[]>;
}

export interface Row {
  readonly target: string;
  readonly userId: string;
  readonly decision: string;
  // deno-lint-ignore no-explicit-any
  readonly detail: any;
}

export async function withFederation(
  work: (world: FederationWorld) => Promise<void>,
): Promise<void> {
  let config: IdentityConfig = identitySchema.parse({});
  let methods: FederationMethods | undefined;
  const federation = {
    list: () => config.providers.map(({ name, title }) => ({ name, title })),
    beginFederation: (start: Parameters<FederationMethods["beginFederation"]>[0]) =>
      ready(methods).beginFederation(start),
    finishFederation: (answer: Parameters<FederationMethods["finishFederation"]>[0]) =>
      ready(methods).finishFederation(answer),
  };
  await withPages(async (world) => {
    const egress = openPool(world.database.vault, { max: 2, applicationName: "test egress" });
    const master = newMaster();
    const said: string[] = [];
    await setSecrets(vaultContext(world.sql, master, systemClock), [{
      ...{ name: "CORP_SECRET", owner: { kind: "global" }, servers: ["idp.corp"] },
      value: secretOf(CLIENT_SECRET),
    }]);
    methods = createFederation({
      identity: contextOf(egress, "test/federation"),
      vault: openVault(egress, master),
      log: createLog({ module: "test", write: (line) => void said.push(line) }),
      config: () => config,
    });
    const callback = (provider = "corp") => `${world.base}/sign-in/with/${provider}`;
    try {
      await work({
        ...world,
        ...{ said, callback },
        configure(...providers) {
          config = identitySchema.parse({
            providers: providers.map((provider) => ({
              ...{ name: "corp", title: "Example Corp", client_id: "spgov" },
              client_secret: "CORP_SECRET",
              ...provider,
            })),
          });
        },
        async begin(browser, provider = "corp", query = "") {
          const sent = await browser.submit(`/sign-in${query}`, {}, `/sign-in/with/${provider}`);
          return continuation(sent);
        },
        rows: async (target) =>
          await world.sql<Row[]>`
            select target, user_id, decision, detail from audit
             where kind = 'identity' and ${
            target === undefined ? world.sql`true` : world.sql`target = ${`identity:${target}`}`
          }
             order by created_at, id`,
      });
    } finally {
      await egress.end({ timeout: 2 });
    }
  }, { federation });
}

/** Where a page sends the browser by itself. */
export function continuation(page: Page): string {
  if (page.continueTo === undefined) throw new Error(`${page.status}: ${page.text}`);
  return page.continueTo;
}

function ready(methods: FederationMethods | undefined): FederationMethods {
  if (!methods) throw new Error("Nothing is federated yet");
  return methods;
}

/** The notice on a page. */
export function noticeOf({ text }: Page): string {
  return /<p class="notice [a-z]+"[^>]*>([^<]*)/.exec(text)?.[1] ?? "";
}
