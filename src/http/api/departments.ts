import * as z from "zod";
import {
  createDepartment,
  deleteDepartment,
  type Department,
  getDepartment,
  listDepartments,
  lockDepartments,
  updateDepartment,
} from "../../identity/mod.ts";
import type { EgressContext, GatewayContext } from "./context.ts";
import { declareRoutes, mapPage, pageFrom, paramOf } from "./route.ts";
import { given, orEmpty, reference, text, timestamp } from "./schemas.ts";
import { within } from "./within.ts";

const read = declareRoutes<GatewayContext>("gateway", "Departments");
const write = declareRoutes<EgressContext>("egress", "Departments");

const departmentSchema = z.object({
  name: z.string(),
  parent: z.string().nullable().describe("The one above it; null at the top"),
  description: z.string(),
  created_at: timestamp,
  updated_at: timestamp,
}).meta({ id: "Department" });

const nodeSchema = departmentSchema.extend({
  path: z.array(z.string()).describe("From the top down to the department itself"),
  members: z.int().describe("Users directly in it who are not deleted"),
}).meta({ id: "DepartmentNode" });

const newDepartment = z.strictObject({
  name: text,
  parent: text.optional(),
  description: z.string().max(200).optional(),
}).meta({ id: "NewDepartment" });

const changes = z.strictObject({
  name: text.optional(),
  parent: text.nullable().optional().describe("null moves it to the top"),
  description: z.string().max(200).optional(),
}).meta({ id: "DepartmentChanges" });

function view(department: Department): z.input<typeof departmentSchema> {
  const { name, parent, description, createdAt, updatedAt } = department;
  return {
    name,
    parent,
    description,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
  };
}

export const DEPARTMENT_ROUTES = [
  read.list({
    path: "/api/v1/departments",
    permission: "departments:read",
    summary: "Lists departments by name, with where they stand in the tree",
    query: z.strictObject({ below: reference.optional().describe("This one and those below it") }),
    key: reference,
    output: nodeSchema,
    async run({ sql }, { query: { below }, after, limit }) {
      const page = pageFrom(await listDepartments(sql, below), ({ name }) => name, after, limit);
      return mapPage(page, (each) => ({
        ...view(each),
        path: [...each.path],
        members: each.members,
      }));
    },
  }),
  write.item({
    method: "POST",
    path: "/api/v1/departments",
    permission: "departments:write",
    summary: "Creates a department",
    answer: "created",
    idMember: "name",
    body: newDepartment,
    output: departmentSchema,
    async run(context, { actor, body: { name, ...rest } }) {
      return view(await createDepartment(context, actor, { name, ...given(rest) }));
    },
  }),
  read.item({
    path: "/api/v1/departments/:name",
    permission: "departments:read",
    summary: "Shows a department",
    output: departmentSchema,
    run: async ({ sql }, input) => view(await getDepartment(sql, paramOf(input, "name"))),
  }),
  write.item({
    method: "PATCH",
    path: "/api/v1/departments/:name",
    permission: "departments:write",
    summary: "Renames, moves or describes a department",
    body: changes,
    output: departmentSchema,
    run: (outer, { actor, body, expect, ...input }) =>
      within(outer, async (context) => {
        const name = paramOf(input, "name");
        await lockDepartments(context.sql);
        expect(view(await getDepartment(context.sql, name)));
        const wanted = given({ ...body, parent: orEmpty(body.parent) });
        return view(await updateDepartment(context, actor, name, wanted));
      }),
  }),
  write.item({
    method: "DELETE",
    path: "/api/v1/departments/:name",
    permission: "departments:write",
    summary: "Deletes a department that is empty",
    answer: "empty",
    output: z.null(),
    run: (outer, { actor, expect, ...input }) =>
      within(outer, async (context) => {
        const name = paramOf(input, "name");
        await lockDepartments(context.sql);
        expect(view(await getDepartment(context.sql, name)));
        await deleteDepartment(context, actor, name);
        return null;
      }),
  }),
];
