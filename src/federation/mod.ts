export { createFederation, type FederationOptions } from "./federation.ts";
