import type * as Cedar from "@cedar-policy/cedar-wasm";

/** Cedar's own functions, as its WebAssembly module exports them. */
export type CedarEngine = typeof Cedar;

let engine: Promise<CedarEngine> | undefined;

/**
 * Loads Cedar, once. The specifier is a literal, so that the module and its WebAssembly are part of the
 * program's graph: an isolate without any permission can load it, from source, bundled and compiled.
 */
export function loadEngine(): Promise<CedarEngine> {
  engine ??= import("@cedar-policy/cedar-wasm");
  return engine;
}
