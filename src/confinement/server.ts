/** What is to be known of a server's configuration to start it as a child. */
export interface ChildServer {
  readonly name: string;
  /** A name on the path, a path, or `spgov` for this very program. */
  readonly command: string;
  readonly args: readonly string[];
  /** Where it runs and may write; a folder of its own that is gone afterwards when left out. */
  readonly working_directory?: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** Whether it may reach the network. */
  readonly network: boolean;
  /** Paths that it may read, beside the system and its program. */
  readonly readable?: readonly string[] | undefined;
  /** Paths that it may read and write. */
  readonly writable?: readonly string[] | undefined;
  /** Whether it is a part of the appliance, which works with the operator's rights and is not confined. */
  readonly isOwn?: boolean | undefined;
  /** The least confinement it is started with. */
  readonly confinement?: LeastConfinement | undefined;
}

/** `any` starts a server however far the host can confine it. */
export type LeastConfinement = "any" | "uid" | "bwrap";

/** How far a child is confined. */
export type ChildConfinement = "bwrap" | "uid" | "none";
