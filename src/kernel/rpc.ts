import { AppError, type ErrorCode, toAppError } from "./errors.ts";

/** What a side offers: functions of values that can be posted to another isolate. */
// deno-lint-ignore no-explicit-any -- any other parameter type would not accept typed functions
export type Methods<T> = { readonly [K in keyof T]: (...args: any[]) => unknown };

/** The other side's functions, as promises. */
export type Remote<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => infer R
    ? (...args: A) => Promise<Awaited<R>>
    : never;
};

/** A `MessagePort`, or a worker seen from either side. */
export interface Channel {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
}

interface RequestMessage {
  readonly rpc: "request";
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

type ReplyMessage =
  & { readonly rpc: "reply"; readonly id: number }
  & ({ readonly value: unknown } | {
    readonly error: { readonly code: ErrorCode; readonly message: string };
  });

/** Answers requests on `channel` with `methods`. Only own members can be called. */
export function serve<T extends Methods<T>>(channel: Channel, methods: T): void {
  channel.addEventListener("message", ({ data }: MessageEvent<RequestMessage>) => {
    if (data?.rpc !== "request") return;
    void answer(methods, data).then((reply) => channel.postMessage(reply));
  });
}

async function answer<T extends Methods<T>>(
  methods: T,
  { id, method, args }: RequestMessage,
): Promise<ReplyMessage> {
  try {
    if (!Object.hasOwn(methods, method)) throw new AppError("not_found", `No method "${method}"`);
    const call = methods[method as keyof T] as (...args: unknown[]) => unknown;
    return { rpc: "reply", id, value: await call(...args) };
  } catch (error) {
    const { code, message } = toAppError(error);
    const cause = code === "internal" && error instanceof Error ? error.message : message;
    return { rpc: "reply", id, error: { code, message: cause } };
  }
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: AppError): void;
}

export interface Connection<T> {
  readonly remote: Remote<T>;
  /** Fails what is under way and everything after: the other side is gone. */
  abort(reason: string): void;
}

/** The functions that the other side of `channel` serves. */
export function connect<T>(channel: Channel): Connection<T> {
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let aborted: AppError | undefined;
  channel.addEventListener("message", ({ data }: MessageEvent<ReplyMessage>) => {
    if (data?.rpc !== "reply") return;
    const waiting = pending.get(data.id);
    pending.delete(data.id);
    if ("error" in data) waiting?.reject(new AppError(data.error.code, data.error.message));
    else waiting?.resolve(data.value);
  });

  function request(method: string, args: readonly unknown[]): Promise<unknown> {
    if (aborted) return Promise.reject(aborted);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const id = ++lastId;
    pending.set(id, { resolve, reject });
    channel.postMessage({ rpc: "request", id, method, args }, transferables(args));
    return promise;
  }

  return {
    remote: new Proxy({}, {
      get: (_, method) =>
        typeof method === "string" && method !== "then"
          ? (...args: unknown[]) => request(method, args)
          : undefined,
    }) as Remote<T>,
    abort(reason) {
      aborted = new AppError("unavailable", reason);
      for (const { reject } of pending.values()) reject(aborted);
      pending.clear();
    },
  };
}

/** Ports among the arguments and their members: they move to the other side. */
function transferables(args: readonly unknown[]): Transferable[] {
  return args.flatMap((arg) => [arg, ...Object.values(Object(arg))])
    .filter((value): value is MessagePort => value instanceof MessagePort);
}
