import type { Parsed } from "../kernel/config_file.ts";
import type { ProfileView } from "./profile.ts";

/** What the command line uses of the layer above it, passed in by `main.ts` and loaded when called. */
export interface Above {
  /** The profile in `text`, or everything that is wrong with it. */
  parseProfile(text: string, file: string): Promise<Parsed<ProfileView>>;
}
