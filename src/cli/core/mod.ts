import { group, type Route } from "../verb.ts";
import { hooks } from "./hooks/mod.ts";

export const core: Route = group("What agents work with: hooks", { hooks });
