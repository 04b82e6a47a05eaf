import audit from "../../migrations/0001_audit.sql" with { type: "text" };
import identity from "../../migrations/0002_identity.sql" with { type: "text" };
import reader from "../../migrations/0003_reader.sql" with { type: "text" };
import banRemoval from "../../migrations/0004_ban_removal.sql" with { type: "text" };
import signIn from "../../migrations/0005_sign_in.sql" with { type: "text" };
import vault from "../../migrations/0006_vault.sql" with { type: "text" };
import oauth from "../../migrations/0007_oauth.sql" with { type: "text" };
import mcpTools from "../../migrations/0008_mcp_tools.sql" with { type: "text" };
import spentDecisions from "../../migrations/0009_spent_decisions.sql" with { type: "text" };
import analytics from "../../migrations/0010_analytics.sql" with { type: "text" };
import logs from "../../migrations/0011_logs.sql" with { type: "text" };
import people from "../../migrations/0012_people.sql" with { type: "text" };
import jobs from "../../migrations/0013_jobs.sql" with { type: "text" };
import federation from "../../migrations/0014_federation.sql" with { type: "text" };
import api from "../../migrations/0015_api.sql" with { type: "text" };
import telemetry from "../../migrations/0016_telemetry.sql" with { type: "text" };
import scim from "../../migrations/0017_scim.sql" with { type: "text" };
import apiResources from "../../migrations/0018_api_resources.sql" with { type: "text" };
import settledInEgress from "../../migrations/0019_settled_in_egress.sql" with { type: "text" };
import auditHolds from "../../migrations/0020_audit_holds.sql" with { type: "text" };
import { type Migration, migrationOf } from "./migrate.ts";

/** Every migration, in order. Released ones never change. */
export const MIGRATIONS: readonly Migration[] = [
  migrationOf("0001_audit.sql", audit),
  migrationOf("0002_identity.sql", identity),
  migrationOf("0003_reader.sql", reader),
  migrationOf("0004_ban_removal.sql", banRemoval),
  migrationOf("0005_sign_in.sql", signIn),
  migrationOf("0006_vault.sql", vault),
  migrationOf("0007_oauth.sql", oauth),
  migrationOf("0008_mcp_tools.sql", mcpTools),
  migrationOf("0009_spent_decisions.sql", spentDecisions),
  migrationOf("0010_analytics.sql", analytics),
  migrationOf("0011_logs.sql", logs),
  migrationOf("0012_people.sql", people),
  migrationOf("0013_jobs.sql", jobs),
  migrationOf("0014_federation.sql", federation),
  migrationOf("0015_api.sql", api),
  migrationOf("0016_telemetry.sql", telemetry),
  migrationOf("0017_scim.sql", scim),
  migrationOf("0018_api_resources.sql", apiResources),
  migrationOf("0019_settled_in_egress.sql", settledInEgress),
  migrationOf("0020_audit_holds.sql", auditHolds),
];
