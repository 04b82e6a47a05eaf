import type { Interaction } from "../oauth/mod.ts";

/** A client as a person should see it: what is known first, what it says of itself second. */
export interface ClientView {
  readonly id: string;
  /** As it calls itself. */
  readonly name: string;
  /** What it is known by, whatever it calls itself. */
  readonly knownBy: string;
  /** What sentences call it: nothing that only it says. */
  readonly label: string;
  /** Its name where an operator entered it; else it only says so. */
  readonly isNameKnown: boolean;
  readonly returnsTo: string;
  readonly standing: string;
  readonly isVerified: boolean;
}

/** One thing that the client may do. */
export interface PermissionView {
  readonly scope: string;
  readonly text: string;
}

const STANDINGS: Readonly<Record<Interaction["client"]["kind"], string>> = {
  registered: "Registered by your operator",
  document: "Vouched for by this address",
  dynamic: "Unknown: it registered itself",
};

/** The client of an interaction. */
export function viewClient({ kind, client, returnsTo }: Interaction): ClientView {
  const name = readable(client.name) || "An unnamed program";
  const place = kind === "device" ? "A device" : sentence(returnsTo);
  const known = { registered: name, document: hostOf(client.id) ?? place, dynamic: place };
  const knownBy = known[client.kind];
  return {
    id: client.id,
    name,
    knownBy,
    label: client.kind === "dynamic" ? "an unknown program" : knownBy,
    isNameKnown: client.kind === "registered",
    returnsTo: kind === "device" ? "the device that shows the code" : returnsTo,
    standing: STANDINGS[client.kind],
    isVerified: client.kind !== "dynamic",
  };
}

/** The server, in words. */
export function viewServer({ server }: Interaction): string {
  if (server === "account") return "Your account";
  return server === "all" ? "All servers" : server;
}

function sentence(text: string): string {
  return text === "this computer" ? "A program on this computer" : text;
}

/** What the scopes allow, in words. */
export function viewPermissions({ scopes, server }: Interaction): readonly PermissionView[] {
  return scopes.map((scope) => ({ scope, text: describeScope(scope, server) }));
}

const PERSON: Readonly<Record<string, string>> = {
  openid: "know that it is you",
  profile: "see your name",
  email: "see your email address",
  offline_access: "stay connected while you are away, until you or an operator end it",
};

function describeScope(scope: string, server: string): string {
  const known = Object.hasOwn(PERSON, scope) ? PERSON[scope] : undefined;
  if (known !== undefined) return known;
  if (scope.endsWith(":use")) {
    const what = server === "all" ? "every server" : `the server ${scope.slice(0, -":use".length)}`;
    return `use the tools of ${what} that you may use yourself`;
  }
  return `do what ${server} allows under this name`;
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host || undefined : undefined;
}

/** Without what reorders or hides text: a name must not pass for another. */
function readable(text: string): string {
  return text.toWellFormed().replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "").trim().slice(0, 80);
}
