import { isBundled } from "./assets.ts";
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

const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: "x64", aarch64: "arm64" };

/** What is running, for `--version`, `doctor` and benchmark reports. */
export function buildInfo(): BuildInfo {
  const { os, arch } = Deno.build;
  return {
    version: VERSION,
    form: buildForm(),
    runtime: `deno ${Deno.version.deno}`,
    platform: `${os}-${ARCHITECTURES[arch] ?? arch}`,
  };
}

/** How this program was delivered. */
export function buildForm(): BuildForm {
  if (Deno.build.standalone) return "compiled";
  return isBundled() ? "portable" : "source";
}

/** `spgov 0.1.0 (source, deno 2.9.6, linux-x64)` */
export function formatBuildInfo({ version, form, runtime, platform }: BuildInfo): string {
  return `spgov ${version} (${form}, ${runtime}, ${platform})`;
}
