import { listBatchedRows, listPositions } from "../../audit/mod.ts";
import type { Sql } from "../../db/mod.ts";
import type { LogLevel } from "../../kernel/log.ts";
import { listLinesOfWriter, listLogHeads } from "../query_store.ts";
import { type Cursor, listCursors, type Source } from "./cursor_store.ts";
import type { LogEvent } from "./event.ts";

/** Events that were not taken yet, and how far the collector is once it has taken them. */
export interface EventPage {
  readonly events: readonly LogEvent[];
  readonly cursors: readonly Cursor[];
}

export interface PageOptions {
  readonly sink: string;
  readonly sources: readonly Source[];
  readonly levels: readonly LogLevel[];
  /** About so many events: the last batch of the audit is whole. */
  readonly limit: number;
}

/** Reads pages for one collector, from its cursors on. */
export class PageReader {
  readonly #options: PageOptions;
  /** Batches of the audit to read at once: they hold one row or hundreds, as busy as it was. */
  #batches = 16;

  constructor(options: PageOptions) {
    this.#options = options;
  }

  async read(sql: Sql): Promise<EventPage> {
    const { sink, sources, limit } = this.#options;
    const cursors = await listCursors(sql, sink);
    const events: LogEvent[] = [];
    const moved: Cursor[] = [];
    for (const source of sources) {
      // Before the rows: what is committed meanwhile is for the next page.
      const heads = source === "audit" ? await listPositions(sql) : await listLogHeads(sql);
      for (const [writer, head] of heads) {
        const at = cursors.find((each) => each.source === source && each.writer === writer);
        const position = at?.position ?? 0;
        if (position >= head || events.length >= limit) continue;
        const room = limit - events.length;
        const page = source === "audit"
          ? await this.#readRows(sql, writer, position, head, room)
          : await this.#readLines(sql, writer, position, head, room);
        events.push(...page.events);
        moved.push({ source, writer, position: page.position });
      }
    }
    return { events, cursors: moved };
  }

  async #readRows(
    sql: Sql,
    writer: string,
    after: number,
    head: number,
    room: number,
  ): Promise<{ readonly events: LogEvent[]; readonly position: number }> {
    const found = await listBatchedRows(sql, writer, after, { batches: this.#batches, rows: room });
    // Batches have no gap, and what is behind the head is for the next page.
    const position = Math.min(head, found.at(-1)?.batch ?? head);
    const events = found.flatMap((row): LogEvent[] => {
      if (row.id === null || row.batch > position) return [];
      const { batch: _, ...columns } = row;
      return [{ source: "audit", writer, row: columns }];
    });
    const read = position - after;
    if (found.length >= room) this.#batches = Math.max(4, read * 2);
    else if (read >= this.#batches) this.#batches = Math.min(1024, this.#batches * 2);
    return { events, position };
  }

  async #readLines(
    sql: Sql,
    writer: string,
    after: number,
    head: number,
    room: number,
  ): Promise<{ readonly events: LogEvent[]; readonly position: number }> {
    const { levels } = this.#options;
    const lines = await listLinesOfWriter(sql, writer, after, { levels, limit: room });
    const last = lines.at(-1)?.n ?? 0;
    return {
      events: lines.map(({ n: _, ...line }): LogEvent => ({ source: "logs", writer, line })),
      position: lines.length < room ? Math.max(head, last) : last,
    };
  }
}
