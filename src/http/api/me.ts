import * as z from "zod";
import { listPermissions } from "../../governance/mod.ts";
import type { GatewayContext } from "./context.ts";
import { declareRoutes } from "./route.ts";
import { tier } from "./schemas.ts";

const read = declareRoutes<GatewayContext>("gateway", "Caller");

const callerSchema = z.object({
  user_id: z.string(),
  session_id: z.string(),
  client_id: z.string(),
  role: tier,
  department: z.string().nullable(),
  agent: z.string().nullable(),
  permissions: z.array(z.string()).describe("As the role table writes them"),
}).meta({ id: "Caller" });

export const ME_ROUTES = [
  read.item({
    path: "/api/v1/me",
    permission: "self:read",
    summary: "Shows who calls and what its role may do",
    output: callerSchema,
    run: ({ configuration }, { caller }) =>
      Promise.resolve({
        user_id: caller.userId,
        session_id: caller.sessionId,
        client_id: caller.clientId,
        role: caller.tier,
        department: caller.department ?? null,
        agent: caller.agent ?? null,
        permissions: [...listPermissions(configuration.governance.roles, caller.tier)],
      }),
  }),
];
