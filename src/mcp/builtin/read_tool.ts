import type { CallToolResult, McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import { type Clock, parseDuration } from "../../kernel/clock.ts";
import { lowestUuidV7 } from "../../kernel/ids.ts";
import type { Period } from "./self_store.ts";

/** Longest period that is looked back over. */
const MAX_PERIOD_MS = 31 * 24 * 3_600_000;

/** The argument by which a tool is told how far to look back. */
export const PERIOD = z.object({
  since: z.string().regex(
    /^\d{1,4}(s|m|h|d|w)$/,
    'Expected a duration such as "15m", "24h" or "7d"',
  )
    .default("24h").describe("How far to look back, 31 days at most"),
});

export const since = z.iso.datetime();
export const count = z.number().int().nonnegative();

export interface ReadTool<Input extends z.ZodObject, Output extends z.ZodObject> {
  readonly input: Input;
  readonly output: Output;
  answer(asked: {
    readonly input: z.output<Input>;
    /** What the input says of time. */
    readonly from: Period;
  }): Promise<Record<string, unknown>>;
}

/** Registers a tool that only reads. Where its input names a period the result says since when it counts. */
export type AddTool = <Input extends z.ZodObject, Output extends z.ZodObject>(
  name: string,
  description: string,
  tool: ReadTool<Input, Output>,
) => void;

export function toolAdder(server: McpServer, clock: Clock): AddTool {
  return (name, description, { input, output, answer }) => {
    const annotations = { readOnlyHint: true, openWorldHint: false };
    const [inputSchema, outputSchema]: readonly [z.ZodObject, z.ZodObject] = [input, output];
    const config = { description, inputSchema, outputSchema, annotations };
    server.registerTool(name, config, async (given): Promise<CallToolResult> => {
      const { since } = given as { readonly since?: string };
      const start = clock.now() - Math.min(parseDuration(since ?? "0s") ?? 0, MAX_PERIOD_MS);
      const from = { fromId: lowestUuidV7(start) };
      const value = await answer({ input: given as z.output<typeof input>, from });
      const result = since === undefined
        ? value
        : { since: new Date(start).toISOString(), ...value };
      return {
        content: [{ type: "text", text: JSON.stringify(result) }],
        structuredContent: result,
      };
    });
  };
}
