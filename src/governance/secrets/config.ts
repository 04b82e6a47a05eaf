import { z } from "zod";
import { expressionProblem } from "./expression_safety.ts";

const kindName = z.string().regex(/^[a-z][a-z0-9_]{2,63}$/, "lower case letters, digits and _");

const operatorKind = z.strictObject({
  kind: kindName,
  provider: z.string().min(1).max(64),
  description: z.string().min(1).max(200),
  anchors: z.array(z.string().min(3).max(64).regex(/^[\x20-\x7e]+$/, "printable ASCII")).min(1).max(
    16,
  ),
  expression: z.string().min(3).max(1024),
}).superRefine((value, context) => {
  const problem = expressionProblem(value.expression);
  if (problem !== undefined) {
    context.addIssue({
      code: "custom",
      path: ["expression"],
      message: `The expression ${problem}`,
    });
  }
});

const sha256Value = z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/) });
const globValue = z.strictObject({
  glob: z.string().max(256).refine(
    (glob) => glob.replaceAll(/[*?]/g, "").length >= 4,
    "at least 4 characters besides * and ?",
  ),
});

/**
 * `services/governance/secrets.yaml`: kinds of the operator's own, what is let through, and built-in
 * kinds that are switched off. An expression runs at its anchor, must be bounded and free of
 * look-around and back-references, and consumes at most 4,096 characters.
 */
export const secretsConfig = z.strictObject({
  kinds: z.array(operatorKind).max(200).default([]),
  allow: z.strictObject({
    values: z.array(z.union([sha256Value, globValue])).max(1000).default([]),
    paths: z.array(z.string().min(2).max(256)).max(200).default([]),
  }).default({ values: [], paths: [] }),
  disabled: z.array(kindName).max(400).default([]),
  entropy: z.strictObject({
    enabled: z.boolean().default(true),
    min_bits: z.number().min(2).max(5).default(3),
  }).default({ enabled: true, min_bits: 3 }),
});

/** The checked content of `services/governance/secrets.yaml`. */
export type SecretsConfig = z.infer<typeof secretsConfig>;
