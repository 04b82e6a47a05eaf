/** Policy as code: Cedar files, validated at load, that must permit a call. */
export {
  listPolicyRules,
  type LoadedPolicies,
  type LoadedPolicy,
  loadPolicies,
  type PolicySource,
} from "./load.ts";
export type { PolicyProblem } from "./positions.ts";
export { createPolicyStage } from "./stage.ts";
