import { group, type Route } from "../verb.ts";
import { secrets } from "./secrets/mod.ts";

export const cloud: Route = group("What agents are given and never see: secrets", { secrets });
