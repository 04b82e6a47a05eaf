/** A request of a directory, as it came over HTTP: nothing of it was believed yet. */
export interface ScimCall {
  readonly method: string;
  /** Below the base, in parts, decoded: `["Users", "0199…"]`. */
  readonly path: readonly string[];
  /** In their order; names may repeat. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** As JSON; undefined for none. */
  readonly body: unknown;
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly token: string | undefined;
  /** The client's, behind trusted proxies. */
  readonly address: string;
  /** Where the resources are, as the client addressed them. */
  readonly base: string;
  /** 32 hexadecimal digits. */
  readonly traceId: string;
}

/** What it is answered. */
export interface ScimAnswer {
  readonly status: number;
  /** JSON; undefined for no body. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a gateway asks of the isolate that may change people. */
export interface ScimMethods {
  /** Verifies who calls and whether it may, then does it. Never rejects for what a caller may send. */
  callScim(call: ScimCall): Promise<ScimAnswer>;
}
