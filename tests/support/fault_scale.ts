/**
 * The fault tests have two forms: short in `deno task test`, and the figures they were specified with in
 * `deno task bench faults`, which sets `SPGOV_FAULTS=long`.
 */
export const LONG = Deno.env.get("SPGOV_FAULTS") === "long";

/** Calls a second of a load that nobody asked a rate of. */
export const RATE = Number(Deno.env.get("SPGOV_FAULTS_RATE") ?? (LONG ? 500 : 150));

/** The value of the form that runs. */
export function scaled<T>(short: T, long: T): T {
  return LONG ? long : short;
}

/** Prints figures of a long form in one line. */
export function sayFigures(figures: Readonly<Record<string, number>>): void {
  const parts = Object.entries(figures).map(([name, value]) => `${name} ${Math.round(value)}`);
  Deno.stdout.writeSync(new TextEncoder().encode(`    ${parts.join(", ")}\n`));
}
