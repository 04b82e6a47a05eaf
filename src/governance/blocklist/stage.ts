import { deny, type RuleResult } from "../decision.ts";
import { compileGlobs } from "../glob.ts";
import type { Stage, StageInput, StageResult } from "../stages/stage.ts";
import { compileArgumentRules } from "./argument_rules.ts";
import { type AudienceTest, compileAudience } from "./audience.ts";
import type { BlocklistConfig, RuleConfig } from "./config.ts";
import { compileShellRules } from "./shell_rules.ts";
import { compileNames, compileTools, type ToolName, toolName } from "./tool_names.ts";
import { pathOf, type Place, walk } from "./walk.ts";

/** One enabled rule, ready to run. */
interface Rule {
  readonly id: string;
  readonly category: string;
  readonly config: RuleConfig;
  readonly tools: (target: string, tool: string) => boolean;
  readonly audience: AudienceTest;
}

/** What does not depend on the call but on the tool alone, so that it is found once. */
interface ToolView {
  readonly named: readonly Rule[];
  readonly applicable: ReadonlySet<Rule>;
  readonly shell: boolean;
}

interface Compiled {
  readonly rules: readonly Rule[];
  readonly names: readonly (readonly [Rule, (name: ToolName) => boolean])[];
  readonly arguments: ReturnType<typeof compileArgumentRules<Rule>>;
  readonly shell: ReturnType<typeof compileShellRules<Rule>>;
  readonly shellKeys: ReadonlySet<string>;
  readonly shellTools: (text: string) => boolean;
  readonly views: Map<string, ToolView>;
}

interface Hit {
  readonly rule: Rule;
  readonly path: string;
}

const MAX_VIEWS = 1024;
/** What a tool answered is not an operation: only what is asked for can be one. */
const ANSWERS = /response|output|result/i;

/**
 * The blocklist stage: destructive operations by the name of the tool, its arguments and the shell
 * scripts among them. Nobody is exempt unless a rule says so. Compiles everything once.
 */
export function createBlocklistStage(config: BlocklistConfig): Stage {
  const compiled = compile(config);
  return { name: "blocklist", evaluate: (input) => evaluate(input, compiled) };
}

function compile(config: BlocklistConfig): Compiled {
  const rules = enabledRules(config);
  const argumentEntries = rules.flatMap((owner) =>
    owner.config.arguments.map((condition) => ({ owner, condition }))
  );
  const shellEntries = rules.flatMap((owner) =>
    owner.config.shell.map((condition) => ({ owner, condition }))
  );
  return {
    rules,
    names: rules.filter((rule) => rule.config.names.length > 0).map(withNames),
    arguments: compileArgumentRules(argumentEntries),
    shell: compileShellRules(shellEntries),
    shellKeys: new Set(config.shell_inputs.keys.map((key) => key.toLowerCase())),
    shellTools: compileGlobs(config.shell_inputs.tools, true),
    views: new Map(),
  };
}

function enabledRules(config: BlocklistConfig): Rule[] {
  return Object.entries(config.categories).filter(([, category]) => category.enabled).flatMap(
    ([category, { rules }]) =>
      rules.filter((rule) => rule.enabled).map((rule) => ({
        id: `${category}.${rule.id}`,
        category,
        config: rule,
        tools: compileTools(rule.tools),
        audience: compileAudience(rule.except, rule.only),
      })),
  );
}

function withNames(rule: Rule): readonly [Rule, (name: ToolName) => boolean] {
  const matches = compileNames(rule.config.names);
  const unless = rule.config.unless_names;
  const spares = unless.length === 0 ? () => false : compileNames(unless);
  return [rule, (name) => matches(name) && !spares(name)];
}

function viewOf(target: string, tool: string, compiled: Compiled): ToolView {
  const key = `${target}\u0000${tool}`;
  const known = compiled.views.get(key);
  if (known !== undefined) return known;
  const name = toolName(target, tool);
  const applicable = new Set(compiled.rules.filter((rule) => rule.tools(target, tool)));
  const view = {
    applicable,
    named: compiled.names.filter(([rule, test]) => applicable.has(rule) && test(name))
      .map(([rule]) => rule),
    shell: compiled.shellTools(target) || compiled.shellTools(tool),
  };
  if (compiled.views.size >= MAX_VIEWS) compiled.views.clear();
  compiled.views.set(key, view);
  return view;
}

function evaluate(input: StageInput, compiled: Compiled): StageResult {
  const start = performance.now();
  const { call, tier } = input;
  const view = viewOf(call.target, call.tool, compiled);
  const wants = (rule: Rule) => view.applicable.has(rule) && rule.audience(call, tier);
  const named = view.named.find(wants);
  const middle = performance.now();
  const nameUs = (middle - start) * 1000;
  if (named) {
    return denied({ rule: named, path: "the tool's name" }, nameUs, [], [skipped("arguments")]);
  }
  const names = result("names", nameUs, compiled.names.length);
  const hit = ANSWERS.test(call.inputPath) ? undefined : findHit(input, compiled, view, wants);
  const us = (performance.now() - middle) * 1000;
  if (hit) return denied(hit, us, [names], []);
  return { rules: [names, result("arguments", us, compiled.rules.length)] };
}

function findHit(
  { call }: StageInput,
  compiled: Compiled,
  view: ToolView,
  wants: (rule: Rule) => boolean,
): Hit | undefined {
  let hit: Hit | undefined;
  const found = (rule: Rule | undefined, place: Place): boolean => {
    if (rule !== undefined) hit = { rule, path: pathOf(place) };
    return rule !== undefined;
  };
  walk(call.input, call.inputPath, {
    text: (text, key, place) =>
      found(compiled.arguments.find(text, key, () => pathOf(place), wants), place) ||
      (isScript(key, compiled, view) && found(first(compiled.shell.match(text), wants), place)),
    argv: (words, place) => found(first(compiled.shell.matchArgv(words), wants), place),
  });
  return hit;
}

function first(rules: Iterable<Rule>, wants: (rule: Rule) => boolean): Rule | undefined {
  for (const rule of rules) if (wants(rule)) return rule;
  return undefined;
}

function isScript(key: string, compiled: Compiled, view: ToolView): boolean {
  return compiled.shellKeys.has(key.toLowerCase()) || (view.shell && key !== "description");
}

function result(rule: string, us: number, rules: number): RuleResult {
  return { stage: "blocklist", rule, verdict: "pass", detail: { rules }, us };
}

function skipped(rule: string): RuleResult {
  return { stage: "blocklist", rule, verdict: "skipped", us: 0 };
}

function denied(
  { rule, path }: Hit,
  us: number,
  before: readonly RuleResult[],
  after: readonly RuleResult[],
): StageResult {
  const { id, category, config } = rule;
  const reason = `Blocked by "${id}" (${config.description}) at ${path}`;
  const detail = { category, path };
  const deciding: RuleResult = { stage: "blocklist", rule: id, verdict: "deny", detail, us };
  return { rules: [...before, deciding, ...after], denial: deny("tool_blocklist", id, reason) };
}
