import type { GovernanceConfig } from "../governance/mod.ts";
import type { Diagnostic, Parsed } from "../kernel/config_file.ts";
import type { ProfileView } from "./profile.ts";

/** What the command line uses of the layer above it, passed in by `main.ts` and loaded when called. */
export interface Above {
  /** The profile in `text`, or everything that is wrong with it. */
  parseProfile(text: string, file: string): Promise<Parsed<ProfileView>>;
  /**
   * Reads and checks the whole configuration, exactly as start-up does; without a profile, with the one
   * that a first start writes.
   */
  loadConfiguration(
    profilePath: string | undefined,
    services: string,
  ): Promise<LoadedConfiguration>;
  /** Starts the appliance in this process. */
  startService(options: ServiceOptions): Promise<RunningService>;
  /** What each isolate may do with this configuration. */
  listPermissions(options: ServiceOptions): Promise<Readonly<Record<string, PermissionView>>>;
}

export interface ServiceOptions {
  readonly home: string;
  readonly profilePath: string;
  readonly services: string;
  readonly port: number | undefined;
  readonly databaseUrl: string | undefined;
  readonly onProgress?: (step: string) => void;
}

export interface RunningService {
  readonly url: string;
  readonly port: number;
  readonly database: "embedded" | "external";
  readonly gateways: number;
  readonly applied: readonly string[];
  readonly failed: Promise<string>;
  stop(): Promise<void>;
}

export interface PermissionView {
  readonly net: readonly string[];
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly env: readonly string[];
}

export type LoadedConfiguration =
  | {
    readonly ok: true;
    readonly revision: string;
    readonly files: readonly string[];
    /** With every default filled in. */
    readonly profile: Readonly<Record<string, unknown>>;
    readonly governance: GovernanceConfig;
  }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };
