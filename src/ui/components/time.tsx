import type { Html } from "../answer.ts";

/** A moment, to the minute, in UTC: we do not know where the reader is. */
export function Time({ at }: { readonly at: Date }): Html {
  const text = at.toISOString();
  return <time datetime={text}>{`${text.slice(0, 10)} ${text.slice(11, 16)} UTC`}</time>;
}
