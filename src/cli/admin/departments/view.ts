import type { Department, DepartmentNode } from "../../../identity/mod.ts";

/** A department as `--json` prints it. */
export interface DepartmentView {
  readonly name: string;
  readonly parent: string | null;
  readonly description: string;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** With its place in the tree and who is in it. */
export interface NodeView extends DepartmentView {
  /** Names from the top down, separated by slashes. */
  readonly path: string;
  readonly members: number;
}

export function departmentRow(
  { name, parent, description, createdAt, updatedAt }: Department,
): DepartmentView {
  return { name, parent, description, created_at: createdAt, updated_at: updatedAt };
}

export function nodeRow(node: DepartmentNode): NodeView {
  return { ...departmentRow(node), path: node.path.join("/"), members: node.members };
}
