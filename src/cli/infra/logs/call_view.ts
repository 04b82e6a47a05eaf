import type { Look } from "../../output/table.ts";
import type { View } from "../../output/view.ts";
import { fit, harmless, pad, widthOf } from "../../output/width.ts";
import type { CallDocument, RuleDocument } from "./call_document.ts";
import { valueLines, wrap } from "./value_lines.ts";
import { dollarText, durationText, paint, paintOf, timeText } from "./words.ts";

const WIDE = 100;
const LABEL = 11;

/** A call as a card: the verdict first, then who, what, why, what came of it. */
export function callView(call: CallDocument, full: boolean): View {
  return { isEmpty: false, render: (look) => renderCall(call, full, look) };
}

function renderCall(call: CallDocument, full: boolean, look: Look): string[] {
  const blocks = [
    verdictLines(call, look),
    [...whoLines(call, look), ...whatLines(call, look)],
    idLines(call, look),
    ruleLines(call.rules, look),
    valueBlock("input", call.input, inputNote(call), full, look),
    valueBlock("output", call.output, outputNote(call), full, look),
    ...full ? [valueBlock("context", call.context, "", full, look)] : [],
  ];
  return blocks.filter((lines) => lines.length > 0)
    .flatMap((lines, i) => i === 0 ? lines : ["", ...lines]);
}

function verdictLines(call: CallDocument, look: Look): string[] {
  const columns = Math.min(look.columns ?? WIDE, WIDE);
  const time = timeText(call.created_at);
  const target = fit(harmless(call.target), Math.max(12, columns - widthOf(time) - 10));
  const left = `${call.decision.toUpperCase()}  ${target}`;
  const gap = " ".repeat(Math.max(2, columns - widthOf(left) - widthOf(time)));
  const verdict = paint(call.decision.toUpperCase(), paintOf(call.decision), look);
  const reason = call.reason === undefined ? [] : valueLines(call.reason, {
    indent: " ".repeat(call.decision.length + 2),
    columns,
    maxLines: 6,
  });
  return [
    `${verdict}  ${paint(target, "strong", look)}${gap}${paint(time, "faint", look)}`,
    ...reason,
  ];
}

/** A label and its text; what does not fit goes on below the text. */
function field(label: string, text: string, look: Look): string {
  return paint(pad(label, LABEL, "left"), "faint", look) + text;
}

function fieldLines(label: string, text: string, look: Look): string[] {
  const [first = "", ...more] = wrap(text, Math.min(look.columns ?? WIDE, WIDE) - LABEL);
  return [field(label, first, look), ...more.map((line) => " ".repeat(LABEL) + line)];
}

function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").map((part) =>
    harmless(part ?? "")
  )
    .join(" · ");
}

function whoLines(call: CallDocument, look: Look): string[] {
  const narrowed = call.token_role !== undefined && call.token_role !== call.role
    ? `role ${call.role}, narrowed from ${call.token_role}`
    : `role ${call.role}`;
  const source = call.tier_source === undefined ? "" : ` (by ${call.tier_source})`;
  return fieldLines(
    "who",
    joined([
      call.user_id,
      narrowed + source,
      call.agent && `agent ${call.agent}`,
      call.department && `department ${call.department}`,
      call.plugin && `plugin ${call.plugin}`,
    ]),
    look,
  );
}

function whatLines(call: CallDocument, look: Look): string[] {
  const { rule, policy, revision, latency_us: latency } = call;
  return [
    ...fieldLines(
      "asked",
      joined([call.surface, call.event, call.target, `by ${call.client_id}`]),
      look,
    ),
    ...fieldLines(
      "decided",
      joined([
        policy,
        rule !== undefined && rule !== policy ? `rule ${rule}` : undefined,
        `in ${durationText(latency)}`,
        revision && `configuration ${revision}`,
      ]),
      look,
    ),
    field("outcome", outcomeText(call, look), look),
    field("cost", costText(call), look),
  ];
}

function outcomeText(call: CallDocument, look: Look): string {
  const { outcome, duration_ms: ms } = call;
  const words: Readonly<Record<string, string>> = {
    denied: "never ran",
    open: "no outcome recorded yet",
  };
  const text = paint(
    words[outcome] ?? outcome,
    outcome === "denied" ? "faint" : paintOf(outcome),
    look,
  );
  const after = ms === undefined ? "" : ` after ${durationText(ms * 1000)}`;
  const reason = call.outcome_reason === undefined ? "" : ` · ${harmless(call.outcome_reason)}`;
  return text + after + reason + whereText(call.outcome_context);
}

/** Of where it ran: how far the process was confined, and what was taken out of what came back. */
function whereText(context: CallDocument["outcome_context"]): string {
  const { confinement, redacted_secrets: secrets, redacted_kinds: kinds } = context ?? {};
  const redacted = [secrets, kinds].flatMap((list) => Array.isArray(list) ? list : []);
  return [
    typeof confinement === "string" ? ` · confinement ${harmless(confinement)}` : "",
    redacted.length > 0 ? ` · redacted ${harmless(redacted.join(", "))}` : "",
  ].join("");
}

function costText({ cost_microdollars: cost, model, tokens }: CallDocument): string {
  return joined([
    cost === 0 ? "nothing" : dollarText(cost),
    model === undefined ? undefined : String(model),
    tokens === undefined ? undefined : `tokens ${JSON.stringify(tokens)}`,
  ]);
}

/** All six, always whole: they are what people copy. */
function idLines(call: CallDocument, look: Look): string[] {
  const ids: readonly (readonly [string, string | undefined])[] = [
    ["request", call.request_id],
    ["trace", call.trace_id],
    ["session", call.session_id],
    ["task", call.task_id],
    ["context", call.context_id],
    ["at client", call.client_session_id === call.session_id ? undefined : call.client_session_id],
  ];
  return ids.flatMap(([label, id]) => id === undefined ? [] : [field(label, harmless(id), look)]);
}

const MARKS: Readonly<Record<string, string>> = { pass: "✓", deny: "✗", skipped: "·" };

function ruleLines(rules: readonly RuleDocument[], look: Look): string[] {
  if (rules.length === 0) return [];
  const columns = Math.min(look.columns ?? WIDE, WIDE);
  const stage = Math.max(...rules.map((rule) => widthOf(rule.stage)));
  const name = Math.min(28, Math.max(...rules.map((rule) => widthOf(nameOf(rule)))));
  const lines = rules.map((rule) => {
    const mark = MARKS[rule.verdict] ?? "?";
    const us = rule.verdict === "skipped" || rule.us === undefined ? "" : durationText(rule.us);
    const head =
      `${pad(rule.stage, stage, "left")}  ${
        pad(fit(harmless(nameOf(rule)), name), name, "left")
      }  ` +
      pad(us, 8, "right");
    const detail = rule.verdict === "skipped"
      ? ["not reached"]
      : detailLines(rule.detail, columns, widthOf(head) + 6);
    const [first = "", ...more] = detail;
    const indent = " ".repeat(widthOf(head) + 6);
    const body = [`${head}  ${first}`.trimEnd(), ...more.map((line) => indent.slice(2) + line)];
    const how = rule.verdict === "deny" ? "bad" : rule.verdict === "pass" ? "good" : "faint";
    return body.map((line, i) =>
      `${i === 0 ? paint(mark, how, look) : " "} ${
        rule.verdict === "skipped" ? paint(line, "faint", look) : line
      }`
    );
  });
  return [paint("rules", "faint", look), ...lines.flat().map((line) => `  ${line}`)];
}

/** A rule that is named like its stage needs no second name. */
function nameOf({ stage, rule }: RuleDocument): string {
  return rule === stage ? "" : rule;
}

function detailLines(detail: unknown, columns: number, indent: number): string[] {
  if (detail === undefined || detail === null) return [];
  const text = typeof detail === "object" && !Array.isArray(detail)
    ? Object.entries(detail as object)
      .map(([key, value]) =>
        `${key.replaceAll("_", " ")} ${typeof value === "string" ? value : JSON.stringify(value)}`
      )
      .join(", ")
    : detail;
  return valueLines(text, { indent: "", columns: columns - indent, maxLines: 4 });
}

function inputNote({ input_bytes: bytes, input_sha256: sha256 }: CallDocument): string {
  return [
    ...bytes === undefined ? [] : [`${bytes} bytes`],
    ...sha256 === undefined ? [] : [`sha256 ${sha256.slice(0, 16)}…`],
  ].join(", ");
}

function outputNote({ output_bytes: bytes, redactions }: CallDocument): string {
  const redacted = Array.isArray(redactions) ? redactions.length : 0;
  return [
    ...bytes === undefined ? [] : [`${bytes} bytes`],
    ...redacted === 0 ? [] : [`${redacted} redacted`],
  ].join(", ");
}

function valueBlock(
  label: string,
  value: unknown,
  note: string,
  full: boolean,
  look: Look,
): string[] {
  if (value === undefined || value === null) return [];
  const columns = Math.min(look.columns ?? WIDE, WIDE);
  const title = note === "" ? label : `${label}  ${note}`;
  const lines = valueLines(value, { indent: "  ", columns, maxLines: full ? 100_000 : 14 });
  return [paint(title, "faint", look), ...lines];
}
