import { group, type Route } from "../verb.ts";
import { anomalies } from "./anomalies/mod.ts";

export const analytics: Route = group("What agents do, and what of it is unusual", {
  anomalies,
});
