import type { EventStore, JSONRPCMessage } from "@modelcontextprotocol/server";

interface Stored {
  readonly id: string;
  readonly stream: string;
  readonly message: JSONRPCMessage;
  readonly size: number;
}

/** What one session keeps of what it sent, so that a client that lost its stream can have it again. */
const MAX_EVENTS = 256;
const MAX_CHARACTERS = 1024 * 1024;

/** The last events of one session, bounded in number and size: what is too old or too large is gone. */
export function createEventStore(): EventStore {
  const events: Stored[] = [];
  let characters = 0;
  let last = 0;
  return {
    storeEvent(stream, message) {
      const size = JSON.stringify(message).length;
      const id = String(++last);
      events.push({ id, stream, message, size });
      characters += size;
      while (events.length > MAX_EVENTS || (characters > MAX_CHARACTERS && events.length > 1)) {
        characters -= events.shift()?.size ?? 0;
      }
      return Promise.resolve(id);
    },
    getStreamIdForEventId: (id) => Promise.resolve(events.find((event) => event.id === id)?.stream),
    async replayEventsAfter(lastId, { send }) {
      const from = events.findIndex(({ id }) => id === lastId);
      const stream = events[from]?.stream ?? "";
      for (const event of events.slice(from + 1)) {
        if (event.stream === stream) await send(event.id, event.message);
      }
      return stream;
    },
  };
}
