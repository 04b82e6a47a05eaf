import type { LogEvent } from "./event.ts";
import { type Refusal, SinkFailure, SinkRefusal } from "./sink.ts";

/** Refused requests in a row after which it is the collector, not an event. */
const MOST_REFUSED = 24;

/**
 * Sends events by `send`; where it throws `SinkRefusal`, halves are sent until the events are found that the
 * collector refuses. They count as refused only when it took others: one that refuses everything is
 * misconfigured, which must cost nothing.
 */
export async function sendSplitting(
  events: readonly LogEvent[],
  send: (events: readonly LogEvent[]) => Promise<readonly Refusal[]>,
): Promise<readonly Refusal[]> {
  const refusals: Refusal[] = [];
  let taken = 0;
  let inRow = 0;
  async function sendPart(part: readonly LogEvent[]): Promise<void> {
    try {
      refusals.push(...await send(part));
      taken += part.length;
      inRow = 0;
    } catch (error) {
      if (!(error instanceof SinkRefusal)) throw error;
      if (++inRow > MOST_REFUSED) throw new SinkFailure(`It refuses everything: ${error.message}`);
      const [event] = part;
      if (part.length === 1 && event) {
        refusals.push({ event, count: 1, reason: error.message });
        return;
      }
      const middle = Math.ceil(part.length / 2);
      await sendPart(part.slice(0, middle));
      await sendPart(part.slice(middle));
    }
  }
  await sendPart(events);
  if (taken > 0 || refusals.length === 0) return refusals;
  throw new SinkFailure(`It refuses everything: ${refusals[0]?.reason}`);
}

/** Groups of at most so many texts and so many characters; a text that is longer is alone. */
export function* groups<T extends { readonly text: string }>(
  items: readonly T[],
  most: { readonly count: number; readonly characters: number },
): Generator<readonly T[]> {
  let group: T[] = [];
  let characters = 0;
  for (const item of items) {
    const isFull = group.length >= most.count || characters + item.text.length > most.characters;
    if (group.length > 0 && isFull) {
      yield group;
      group = [];
      characters = 0;
    }
    group.push(item);
    characters += item.text.length + 1;
  }
  if (group.length > 0) yield group;
}
