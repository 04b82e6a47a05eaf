import type { Group } from "../../../identity/mod.ts";

/** A group as `--json` prints it. */
export interface GroupView {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly created_at: Date;
}

export function groupRow({ id, name, description, createdAt }: Group): GroupView {
  return { id, name, description, created_at: createdAt };
}
