/** A collector that speaks OTLP over HTTP on a port of its own, as far as one can see what was sent. */
export interface OtlpReceiver extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  /** How the next requests are answered; default is 200 with an empty body. */
  answer(how: (path: string, body: Uint8Array) => Response | Promise<Response>): void;
  /** Spans that were taken, whatever request they came in. */
  spans(): readonly ReceivedSpan[];
  /** Metrics of the newest request, by name. */
  metrics(): ReadonlyMap<string, ReceivedMetric>;
}

export interface ReceivedRequest {
  readonly path: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly status: number;
}

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code?: number; readonly message?: string };
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly resource: Readonly<Record<string, string | number>>;
}

export interface ReceivedMetric {
  readonly name: string;
  readonly unit: string;
  // deno-lint-ignore no-explicit-any
  readonly points: readonly any[];
  readonly isMonotonic: boolean | undefined;
  readonly aggregationTemporality: number | undefined;
}

export function startOtlpReceiver(port = 0): OtlpReceiver {
  const requests: ReceivedRequest[] = [];
  const taken: Uint8Array[] = [];
  let how: (path: string, body: Uint8Array) => Response | Promise<Response> = () =>
    Response.json({});
  const server = Deno.serve(
    { hostname: "127.0.0.1", port, onListen: () => {} },
    async (request) => {
      const path = new URL(request.url).pathname;
      const body = await request.bytes();
      const response = await how(path, body);
      requests.push({ path, headers: request.headers, body, status: response.status });
      if (path === "/v1/traces" && response.ok) taken.push(body);
      return response;
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests,
    answer: (next) => void (how = next),
    spans: () => taken.flatMap(readSpans),
    metrics() {
      const last = requests.findLast(({ path, status }) =>
        path === "/v1/metrics" && status === 200
      );
      return last ? readMetrics(last.body) : new Map();
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

interface Attribute {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly intValue?: number | string;
    readonly doubleValue?: number;
  };
}

function attributesOf(list: readonly Attribute[]): Record<string, string | number> {
  return Object.fromEntries(list.map(({ key, value: { stringValue, intValue, doubleValue } }) => {
    const value = stringValue ?? doubleValue ?? Number(intValue);
    return [key, value];
  }));
}

function readSpans(body: Uint8Array): ReceivedSpan[] {
  // deno-lint-ignore no-explicit-any
  const { resourceSpans } = JSON.parse(new TextDecoder().decode(body)) as any;
  // deno-lint-ignore no-explicit-any
  return resourceSpans.flatMap(({ resource, scopeSpans }: any) =>
    // deno-lint-ignore no-explicit-any
    scopeSpans.flatMap(({ spans }: any) =>
      // deno-lint-ignore no-explicit-any
      spans.map((span: any) => ({
        ...span,
        attributes: attributesOf(span.attributes),
        resource: attributesOf(resource.attributes),
      }))
    )
  );
}

function readMetrics(body: Uint8Array): Map<string, ReceivedMetric> {
  // deno-lint-ignore no-explicit-any
  const { resourceMetrics } = JSON.parse(new TextDecoder().decode(body)) as any;
  // deno-lint-ignore no-explicit-any
  const metrics = resourceMetrics.flatMap(({ scopeMetrics }: any) =>
    // deno-lint-ignore no-explicit-any
    scopeMetrics.flatMap((scope: any) => scope.metrics)
  );
  // deno-lint-ignore no-explicit-any
  return new Map(metrics.map((metric: any) => {
    const data = metric.sum ?? metric.gauge ?? metric.histogram;
    return [metric.name, {
      name: metric.name,
      unit: metric.unit,
      isMonotonic: data.isMonotonic,
      aggregationTemporality: data.aggregationTemporality,
      // deno-lint-ignore no-explicit-any
      points: data.dataPoints.map((point: any) => ({
        ...point,
        attributes: attributesOf(point.attributes),
      })),
    }];
  }));
}
