/** What V8 offers with `--expose-gc`. */
interface Collector {
  gc?(options: { readonly type: "major"; readonly flavor: "last-resort" }): void;
}

/**
 * Gives back what starting took: parsed sources, code that ran once. An isolate with little to do would keep
 * it for as long as it runs (measured: 10 MB in each).
 */
export function collectGarbage(): void {
  (globalThis as Collector).gc?.({ type: "major", flavor: "last-resort" });
}
