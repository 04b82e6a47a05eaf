import { VERSION } from "./version.ts";

/** How this program was delivered: run from its sources, as a portable bundle, or compiled. */
export type BuildForm = "source" | "portable" | "compiled";

export interface BuildInfo {
  readonly version: string;
  readonly form: BuildForm;
  /** `deno 2.9.6` */
  readonly runtime: string;
  /** `linux-x64`, `darwin-arm64`: the names npm uses. */
  readonly platform: string;
}

/** Set by the header of the portable executable; nothing else may set it. */
const PORTABLE_MARK = "SPGOV_PORTABLE";

const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: "x64", aarch64: "arm64" };

/** What is running, for `--version`, `doctor` and benchmark reports. */
export function buildInfo(env: Readonly<Record<string, string>>): BuildInfo {
  const { os, arch } = Deno.build;
  return {
    version: VERSION,
    form: formOf(env),
    runtime: `deno ${Deno.version.deno}`,
    platform: `${os}-${ARCHITECTURES[arch] ?? arch}`,
  };
}

function formOf(env: Readonly<Record<string, string>>): BuildForm {
  if (Deno.build.standalone) return "compiled";
  return env[PORTABLE_MARK] === undefined ? "source" : "portable";
}

/** `spgov 0.1.0 (source, deno 2.9.6, linux-x64)` */
export function formatBuildInfo({ version, form, runtime, platform }: BuildInfo): string {
  return `spgov ${version} (${form}, ${runtime}, ${platform})`;
}
