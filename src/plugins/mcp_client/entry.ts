/** How a client reaches a server, as its configuration file says it. */
export type ClientEntry =
  | {
    readonly type: "http";
    readonly url: string;
    readonly headers?: Readonly<Record<string, string>>;
    /** A command that prints headers as JSON; Claude Code runs it whenever it connects. */
    readonly headersHelper?: string;
  }
  | {
    readonly command: string;
    readonly args: readonly string[];
  };

/** Entries by the names that the client shows. */
export type ClientEntries = Readonly<Record<string, ClientEntry>>;

/** The name under which a client knows the address where every server is. */
export const ALL_SERVERS_ENTRY = "spgov";

/** Path of a server at the gateway; `all` is where everything is that the caller may use. */
export function serverPath(server: string): string {
  return `/api/v1/mcp/${server}/mcp`;
}

/** The name of a server's entry in a client. */
export function entryName(server: string): string {
  return server === "all" ? ALL_SERVERS_ENTRY : server;
}
