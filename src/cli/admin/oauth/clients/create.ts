import { getUser, LOCAL_OPERATOR } from "../../../../identity/mod.ts";
import { AppError } from "../../../../kernel/errors.ts";
import { type AuthMethod, createClient, type KeySet } from "../../../../oauth/mod.ts";
import { identityContext } from "../../../audit.ts";
import type { CliContext } from "../../../context.ts";
import { openDatabase } from "../../../database.ts";
import { GRANT_WORDS } from "../mod.ts";
import { clientView } from "./view.ts";

interface Flags {
  readonly id?: string;
  readonly name: string;
  readonly redirectUri?: readonly string[];
  readonly authMethod: AuthMethod;
  readonly grants?: readonly (keyof typeof GRANT_WORDS)[];
  readonly scope?: string;
  readonly serviceAccount?: string;
  readonly jwks?: string;
  readonly introspects: boolean;
}

export default async function create(this: CliContext, flags: Flags): Promise<void> {
  const { id, name, redirectUri = [], authMethod, scope, serviceAccount, introspects } = flags;
  const { sql } = await openDatabase(this);
  const account = serviceAccount === undefined ? undefined : await getUser(sql, serviceAccount);
  const jwks = flags.jwks === undefined ? undefined : await readKeys(flags.jwks);
  const { client, secret } = await createClient(identityContext(this, sql), LOCAL_OPERATOR, {
    ...{ name, redirectUris: redirectUri, authMethod, introspects },
    grantTypes: grantsOf(flags).map((word) => GRANT_WORDS[word]),
    ...id !== undefined && { id },
    ...jwks && { jwks },
    ...scope !== undefined && { scopes: scope.split(" ").filter((each) => each !== "") },
    ...account && { userId: account.id },
  });
  const view = clientView(client);
  this.out.card({
    kind: "oauth.client_created",
    data: { client: view, ...secret !== undefined && { client_secret: secret } },
    fields: { ...view, ...secret !== undefined && { client_secret: secret } },
  });
  if (secret !== undefined) this.out.note("The secret is not shown again.");
}

/** What the client is made for, where the grants are not given. */
function grantsOf({ grants, redirectUri, serviceAccount }: Flags): (keyof typeof GRANT_WORDS)[] {
  if (grants) return [...grants];
  return [
    ...(redirectUri ? ["authorization_code", "refresh_token"] as const : []),
    ...(serviceAccount === undefined ? [] : ["client_credentials"] as const),
  ];
}

async function readKeys(path: string): Promise<KeySet> {
  try {
    return JSON.parse(await Deno.readTextFile(path)) as KeySet;
  } catch (cause) {
    throw new AppError("invalid", `Cannot read the keys in "${path}"`, { cause });
  }
}
