/** A request of the API as one isolate hands it to another: nothing of it was believed yet. */
export interface ApiCall {
  /** `POST /api/v1/users`: how the route is declared. */
  readonly route: string;
  readonly token: string | undefined;
  /** The client's, behind trusted proxies. */
  readonly address: string;
  readonly params: Readonly<Record<string, string>>;
  /** In their order; names may repeat. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** As JSON; undefined for none. */
  readonly body: unknown;
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly idempotencyKey: string | undefined;
  /** 32 hexadecimal digits. */
  readonly traceId: string;
}

/** What it is answered. */
export interface ApiAnswer {
  readonly status: number;
  /** JSON; undefined for no body. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a gateway asks of the isolate that may do more than it. */
export interface ApiMethods {
  /** Verifies who calls and whether it may, then does it. Never rejects for what a caller may send. */
  callApi(call: ApiCall): Promise<ApiAnswer>;
}
