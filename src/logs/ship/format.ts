import { harmlessJson } from "../../kernel/log.ts";
import { ecsDocument } from "./ecs.ts";
import { type EventDocument, type EventFormat, type LogEvent, nativeDocument } from "./event.ts";
import { ocsfDocument } from "./ocsf.ts";

const FORMATS: Readonly<Record<EventFormat, (event: LogEvent) => EventDocument>> = {
  native: nativeDocument,
  ecs: ecsDocument,
  ocsf: ocsfDocument,
};

/** An event as a document of that format. */
export function formatEvent(event: LogEvent, format: EventFormat): EventDocument {
  return FORMATS[format](event);
}

/** A document as one line: nothing in it ends the line or misleads a screen. */
export function documentText(document: unknown): string {
  return harmlessJson(JSON.stringify(document));
}
