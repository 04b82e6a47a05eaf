import type { Step } from "./walk.ts";

const PLAIN = /^[A-Za-z_$][\w$-]{0,63}$/;

/**
 * Writes steps as a JSON path under `root`: `$.tool_input.env["api.key"][0]`. `clean` replaces
 * credentials in key names, so that a path never shows one; long names are cut.
 */
export function writePath(
  root: string,
  steps: readonly Step[],
  clean: (name: string) => string,
): string {
  let path = root;
  for (const step of steps) {
    if (typeof step === "number") path += `[${step}]`;
    else {
      const name = step.length > 8 ? clean(step) : step;
      path += PLAIN.test(name) ? `.${name}` : `[${JSON.stringify(shorten(name))}]`;
    }
  }
  return path;
}

function shorten(name: string): string {
  const points = Array.from(name.slice(0, 256).toWellFormed());
  return points.length > 120 ? points.slice(0, 120).join("") + "…" : points.join("");
}
