import type { RuleInfo } from "../rule_info.ts";
import { type CedarEngine, loadEngine } from "./engine.ts";
import { type Features, findFeatures } from "./features.ts";
import {
  byteOffset,
  type CedarError,
  type PolicyProblem,
  problemAt,
  toProblem,
} from "./positions.ts";

/** A `*.cedar` or `*.cedarschema` file. */
export interface PolicySource {
  readonly file: string;
  readonly text: string;
}

/** One policy of a file. */
export interface LoadedPolicy {
  /** Its `@id`, or `file#n`. */
  readonly id: string;
  readonly effect: "permit" | "forbid";
  /** Its `@description`, or its first line. */
  readonly description: string;
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** Policies ready to decide, or the problems that keep them from it. */
export interface LoadedPolicies {
  readonly policies: readonly LoadedPolicy[];
  /** Empty when everything parses and fits the schema. With problems the stage denies every call. */
  readonly problems: readonly PolicyProblem[];
  /** What decides; undefined without policies. */
  readonly set: PolicySet | undefined;
}

/** A parsed policy set inside the engine. */
export interface PolicySet {
  readonly engine: CedarEngine;
  readonly slot: string;
  readonly features: Features;
  /** False once a later set has taken the place: it must not be asked any more. */
  isCurrent(): boolean;
}

const SLOTS = 8;
const owners: object[] = [];
let loads = 0;

/**
 * Parses policies and validates them against the schema. Never rejects for what a file contains:
 * that is in `problems`. Without files nothing is loaded, not even Cedar.
 */
export async function loadPolicies(
  sources: readonly PolicySource[],
  schema: PolicySource | undefined,
): Promise<LoadedPolicies> {
  if (sources.length === 0) return { policies: [], problems: [], set: undefined };
  const engine = await loadEngine();
  const schemaProblems = checkSchema(engine, schema);
  const parsed = sources.map((source) => parseFile(engine, source));
  const policies = parsed.flatMap((file) => file.policies);
  const problems = [
    ...schemaProblems,
    ...parsed.flatMap((file) => file.problems),
    ...duplicateProblems(policies),
  ];
  if (problems.length === 0 && schema) {
    problems.push(...sources.flatMap((source) => validateFile(engine, source, schema)));
  }
  if (policies.length === 0) return { policies, problems, set: undefined };
  const set = problems.length > 0 ? undefined : parseSet(engine, policies);
  return { policies, problems, set };
}

/** Every policy as a rule of the policies stage. */
export function listPolicyRules(loaded: LoadedPolicies): RuleInfo[] {
  return loaded.policies.map(({ id, effect, description, file, line }) => ({
    id: `policy:${id}`,
    stage: "policies",
    category: effect,
    description,
    source: `${file}:${line}`,
    enabled: true,
  }));
}

function checkSchema(engine: CedarEngine, schema: PolicySource | undefined): PolicyProblem[] {
  if (!schema) return [];
  const answer = engine.checkParseSchema(schema.text);
  return answer.type === "success" ? [] : toProblems(schema, answer.errors);
}

function toProblems({ file, text }: PolicySource, errors: readonly CedarError[]): PolicyProblem[] {
  return errors.map((error) => toProblem(file, text, error));
}

interface ParsedFile {
  readonly policies: readonly LoadedPolicy[];
  readonly problems: readonly PolicyProblem[];
}

function parseFile(engine: CedarEngine, source: PolicySource): ParsedFile {
  const answer = engine.policySetTextToParts(source.text);
  if (answer.type === "failure") {
    // Only the parser of whole sets says where it stopped.
    const check = engine.checkParsePolicySet({ staticPolicies: source.text });
    const errors = check.type === "failure" ? check.errors : answer.errors;
    return { policies: [], problems: toProblems(source, errors) };
  }
  const problems = answer.policy_templates.map((text) =>
    problemAt(
      source.file,
      source.text,
      byteOffset(source.text, Math.max(0, source.text.indexOf(text))),
      "Templates are not supported: nothing links them",
    )
  );
  const places = inOrder(source.text, answer.policies);
  return { problems, policies: places.map((place, i) => toPolicy(engine, source, place, i)) };
}

interface PolicyPlace {
  readonly text: string;
  readonly index: number;
}

/** Cedar returns policies sorted by the names it gave them: `policy10` before `policy2`. */
function inOrder(source: string, texts: readonly string[]): PolicyPlace[] {
  const names = texts.map((_text, i) => `policy${i}`).sort();
  const byNumber = new Map(names.map((name, i) => [name, texts[i] ?? ""]));
  let from = 0;
  return texts.map((_text, i) => {
    const text = byNumber.get(`policy${i}`) ?? "";
    const index = Math.max(0, source.indexOf(text, from));
    from = index + text.length;
    return { text, index };
  });
}

function toPolicy(
  engine: CedarEngine,
  source: PolicySource,
  { text, index }: PolicyPlace,
  number: number,
): LoadedPolicy {
  const answer = engine.policyToJson(text);
  const json = answer.type === "success" ? answer.json : undefined;
  const file = source.file.slice(source.file.lastIndexOf("/") + 1);
  return {
    id: json?.annotations?.["id"] ?? `${file}#${number + 1}`,
    effect: json?.effect ?? "forbid",
    description: json?.annotations?.["description"] ?? text.split("\n")[0] ?? "",
    file: source.file,
    line: source.text.slice(0, index).split("\n").length,
    text,
  };
}

function duplicateProblems(policies: readonly LoadedPolicy[]): PolicyProblem[] {
  const seen = new Map<string, LoadedPolicy>();
  return policies.flatMap((policy) => {
    const first = seen.get(policy.id);
    seen.set(policy.id, first ?? policy);
    if (!first) return [];
    const message = `Policy id "${policy.id}" is taken by ${first.file}:${first.line}`;
    return [{ file: policy.file, line: policy.line, column: 1, message }];
  });
}

function validateFile(
  engine: CedarEngine,
  source: PolicySource,
  schema: PolicySource,
): PolicyProblem[] {
  const answer = engine.validate({
    schema: schema.text,
    policies: { staticPolicies: source.text },
  });
  if (answer.type === "failure") return toProblems(source, answer.errors);
  return toProblems(source, answer.validationErrors.map(({ error }) => error));
}

/** The engine keeps sets by name and forgets none: a few names are used in turn. */
function parseSet(engine: CedarEngine, policies: readonly LoadedPolicy[]): PolicySet {
  const slot = loads++ % SLOTS;
  const owner = {};
  owners[slot] = owner;
  const name = `spgov-${slot}`;
  const staticPolicies = Object.fromEntries(policies.map(({ id, text }) => [id, text]));
  const answer = engine.preparsePolicySet(name, { staticPolicies });
  if (answer.type === "failure") {
    throw new TypeError(`Cannot load policies: ${answer.errors.map((e) => e.message).join("; ")}`);
  }
  const json = policies.map(({ text }) => engine.policyToJson(text));
  return {
    engine,
    slot: name,
    features: findFeatures(json),
    isCurrent: () => owners[slot] === owner,
  };
}
