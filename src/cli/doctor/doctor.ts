import { AppError, messageOf } from "../../kernel/errors.ts";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit.ts";
import { tableView, textView } from "../output/view.ts";
import type { Check, CheckStatus, Finding } from "./check.ts";
import { CHECKS } from "./checks.ts";

interface Result extends Finding {
  readonly name: string;
}

export default async function doctor(this: CliContext): Promise<void> {
  const checks: Result[] = [];
  for (const check of CHECKS) checks.push({ name: check.name, ...await run(check, this) });
  const summary = { ok: 0, warn: 0, fail: 0 } satisfies Record<CheckStatus, number>;
  for (const { status } of checks) summary[status]++;
  this.out.report({
    kind: "doctor",
    data: { healthy: summary.fail === 0, ...summary, checks },
    views: [
      tableView(["status", "name", "detail"], checks),
      textView(advice(checks)),
    ],
  });
  if (summary.fail > 0) this.setExit(EXIT.failure);
}

async function run(check: Check, context: CliContext): Promise<Finding> {
  try {
    return await check.run(context);
  } catch (error) {
    const hint = error instanceof AppError ? error.hint : undefined;
    return { status: "fail", detail: messageOf(error), ...hint !== undefined && { hint } };
  }
}

function advice(results: readonly Result[]): string {
  return results.filter(({ status, hint }) => status !== "ok" && hint !== undefined)
    .map(({ name, hint }) => `${name}: ${hint}`).join("\n");
}
