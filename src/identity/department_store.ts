import type { Sql } from "../db/mod.ts";

/** A department, as it stands in the tree. */
export interface Department {
  readonly name: string;
  /** Name of the one above it; null at the top. */
  readonly parent: string | null;
  readonly description: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A department with what is in it. */
export interface DepartmentNode extends Department {
  /** Names from the top down to the department itself. */
  readonly path: readonly string[];
  /** Users directly in it who are not deleted. */
  readonly members: number;
}

/** The deepest that the tree may be. */
export const MAX_DEPTH = 16;

/** Holds off other changes of the tree until the transaction ends: two moves could close a circle. */
export async function lockDepartments(sql: Sql): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('spgov departments'))`;
}

export async function insertDepartment(
  sql: Sql,
  { name, parent, description }: Pick<Department, "name" | "parent" | "description">,
): Promise<Department> {
  const [row] = await sql<Department[]>`
    insert into departments (name, parent, description) values (${name}, ${parent}, ${description})
    returning *
  `;
  if (!row) throw new Error(`Cannot store the department "${name}"`);
  return row;
}

/** Writes the fields of the department that is called `before` now; a new name goes to its users and children. */
export async function updateDepartmentFields(
  sql: Sql,
  before: string,
  { name, parent, description }: Pick<Department, "name" | "parent" | "description">,
): Promise<Department> {
  const [row] = await sql<Department[]>`
    update departments
       set name = ${name}, parent = ${parent}, description = ${description},
           updated_at = clock_timestamp()
     where name = ${before}
    returning *
  `;
  if (!row) throw new Error(`Cannot update the department "${before}": it is not there`);
  return row;
}

export async function deleteDepartmentRow(sql: Sql, name: string): Promise<void> {
  await sql`delete from departments where name = ${name}`;
}

/** The department of this name, or of one that differs in case only. */
export async function findDepartment(sql: Sql, name: string): Promise<Department | undefined> {
  const [row] = await sql<Department[]>`
    select * from departments where lower(name) = lower(${name}) order by (name = ${name}) desc limit 1
  `;
  return row;
}

/** Names from the department itself up to the top; empty when it is not there. */
export async function listAncestors(sql: Sql, name: string): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    with recursive up (name, parent, depth) as (
      select name, parent, 1 from departments where name = ${name}
      union all
      select d.name, d.parent, up.depth + 1 from departments d join up on d.name = up.parent
       where up.depth < ${MAX_DEPTH * 2}
    )
    select name from up order by depth
  `;
  return rows.map((row) => row.name);
}

/** How many levels there are from the department down; 1 without anything below it. */
export async function heightOf(sql: Sql, name: string): Promise<number> {
  const [row] = await sql<{ height: number | null }[]>`
    with recursive down (name, depth) as (
      select name, 1 from departments where name = ${name}
      union all
      select d.name, down.depth + 1 from departments d join down on d.parent = down.name
       where down.depth < ${MAX_DEPTH * 2}
    )
    select max(depth)::int as height from down
  `;
  return row?.height ?? 0;
}

/** Departments from the top down, each after the one above it; those from `below` on where it is given. */
export async function listDepartments(sql: Sql, below?: string): Promise<DepartmentNode[]> {
  return await sql<DepartmentNode[]>`
    with recursive tree as (
      select d.*, array[d.name] as path, 1 as depth from departments d
       where ${below === undefined ? sql`d.parent is null` : sql`d.name = ${below}`}
      union all
      select d.*, tree.path || d.name, tree.depth + 1 from departments d join tree on d.parent = tree.name
       where tree.depth < ${MAX_DEPTH * 2}
    )
    select tree.name, parent, description, created_at, updated_at, path,
           (select count(*)::int from users u
             where u.department = tree.name and u.status <> 'deleted') as members
      from tree order by path
  `;
}

/** How many users are in it, deleted ones too. */
export async function countMembersEver(sql: Sql, name: string): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from users where department = ${name}
  `;
  return row?.n ?? 0;
}

/** Takes the department from users who are deleted: they are nobody's members. */
export async function clearDeletedMembers(sql: Sql, name: string): Promise<void> {
  await sql`update users set department = null where department = ${name} and status = 'deleted'`;
}
