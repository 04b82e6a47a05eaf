import { type ModelTally, tallyModels } from "../../../audit/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { PeriodFlags } from "../../flags.ts";
import { cardView, tableView } from "../../output/view.ts";
import { countText, dollarText, durationText } from "./words.ts";

export default async function stats(this: CliContext, period: PeriodFlags): Promise<void> {
  const { sql } = await openDatabase(this);
  const models = await tallyModels(sql, period);
  const total = add(models);
  const providers = [...Map.groupBy(models, ({ provider }) => provider)]
    .map(([provider, members]) => ({ provider, ...document(add(members)) }));
  this.out.report({
    kind: "logs.request_stats",
    data: {
      total_requests: total.requests,
      total_tokens: {
        input: total.inputTokens,
        output: total.outputTokens,
        total: total.inputTokens + total.outputTokens,
      },
      total_cost_dollars: total.costMicrodollars / 1_000_000,
      average_latency_ms: average(total),
      by_provider: providers,
      by_model: models.map((tally) => ({
        provider: tally.provider,
        model: tally.model,
        ...document(tally),
      })),
    },
    views: total.requests === 0 ? [] : [
      cardView({
        requests: countText(total.requests),
        tokens: `${countText(total.inputTokens)} in, ${countText(total.outputTokens)} out`,
        cost: dollarText(total.costMicrodollars),
        "average latency": durationText((average(total) ?? 0) * 1000),
      }),
      tableView<ModelTally>([
        { label: "PROVIDER", of: (tally) => tally.provider },
        { label: "MODEL", of: (tally) => tally.model },
        { label: "REQUESTS", of: (tally) => countText(tally.requests), align: "right" },
        { label: "COST", of: (tally) => dollarText(tally.costMicrodollars), align: "right" },
        { label: "MS", of: (tally) => average(tally), align: "right" },
      ], models),
    ],
    empty: "No model was asked.",
  });
}

type Sums = Omit<ModelTally, "provider" | "model">;

function add(tallies: readonly Sums[]): Sums {
  const sum = (of: (tally: Sums) => number) => tallies.reduce((total, each) => total + of(each), 0);
  return {
    requests: sum((each) => each.requests),
    finished: sum((each) => each.finished),
    inputTokens: sum((each) => each.inputTokens),
    outputTokens: sum((each) => each.outputTokens),
    costMicrodollars: sum((each) => each.costMicrodollars),
    latencyMs: sum((each) => each.latencyMs),
  };
}

function average({ latencyMs, finished }: Sums): number | null {
  return finished === 0 ? null : Math.round(latencyMs / finished);
}

function document(sums: Sums): Readonly<Record<string, unknown>> {
  return {
    request_count: sums.requests,
    total_tokens: sums.inputTokens + sums.outputTokens,
    total_cost_dollars: sums.costMicrodollars / 1_000_000,
    avg_latency_ms: average(sums),
  };
}
