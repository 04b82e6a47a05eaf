import { group, type Route } from "../verb.ts";
import { db } from "./db/mod.ts";
import { jobs } from "./jobs/mod.ts";
import { logs } from "./logs/mod.ts";
import { services } from "./services/mod.ts";

export const infra: Route = group("What the appliance runs on: database, services, jobs, logs", {
  db,
  jobs,
  logs,
  services,
});
