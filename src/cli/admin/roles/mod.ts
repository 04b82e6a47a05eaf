import { AppError } from "../../../kernel/errors.ts";
import { isTier, type Tier, TIERS } from "../../../kernel/tiers.ts";
import { parseText } from "../../parse.ts";
import { group, type Route, verb } from "../../verb.ts";

function parseRole(text: string): Tier {
  if (isTier(text)) return text;
  throw new AppError(
    "usage",
    `Cannot use ${JSON.stringify(text)} as a role: expected ${TIERS.join(", ")}`,
  );
}

const ROLE = { parse: parseRole, placeholder: "role", brief: "One of the six roles" } as const;

export const roles: Route = group(
  "The six roles and what services/governance/roles.yaml gives them",
  {
    list: verb({
      brief: "List the roles, with their permissions and how many users hold each",
      examples: [{ line: "admin roles list" }],
      exits: ["invalid", "failure", "unavailable"],
      load: () => import("./list.ts"),
    }),
    show: verb({
      brief: "Show what a role may do",
      positional: { kind: "tuple", parameters: [ROLE] },
      examples: [{ line: "admin roles show service" }],
      exits: ["invalid"],
      load: () => import("./show.ts"),
    }),
    check: verb({
      brief: "Say whether a role has a permission",
      positional: {
        kind: "tuple",
        parameters: [ROLE, {
          parse: parseText,
          placeholder: "permission",
          brief: "e.g. audit:read",
        }],
      },
      examples: [{ line: "admin roles check service audit:read" }],
      exits: ["invalid", "denied"],
      load: () => import("./check.ts"),
    }),
  },
);
