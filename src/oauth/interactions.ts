import type { Sql } from "../db/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { hashOpaque, newOpaque } from "../kernel/opaque.ts";
import type { AuthorizationRequest } from "./authorize.ts";
import type { Consents } from "./consent_service.ts";
import { findWaitingDevice } from "./device_store.ts";
import type { Interactions } from "./interaction.ts";
import { findStored } from "./interaction_lookup.ts";
import { interactionOfDevice, interactionOfRequest, shownInteraction } from "./interaction_row.ts";
import { insertInteraction, type StoredInteraction } from "./interaction_store.ts";

/** `Interactions`, and how they begin. */
export interface InteractionService extends Interactions {
  /** Stores the request and answers the interaction's id. */
  begin(request: AuthorizationRequest): Promise<string>;
  /** The same for the code that a device shows, as typed; undefined when no device waits with it. */
  findDevice(userCode: string): Promise<string | undefined>;
}

export interface InteractionOptions {
  readonly sql: Sql;
  readonly clock: Clock;
  /** What settles them: another isolate than the one that shows the pages. */
  readonly consents: Consents;
}

/** Authorizations under way, kept in the database: any replica may go on with them. */
export function createInteractions(options: InteractionOptions): InteractionService {
  return {
    begin: (request) => store(options, interactionOfRequest(request, options.clock.now())),
    async findDevice(userCode) {
      const device = await findWaitingDevice(options.sql, normalizeUserCode(userCode));
      return device && await store(options, interactionOfDevice(device, options.clock.now()));
    },
    async find(id) {
      const found = await findStored(options.sql, id);
      return found && shownInteraction(found);
    },
    next: (id, session) => options.consents.next(id, session),
    complete: (id, form, decision) => options.consents.complete(id, form, decision),
  };
}

/** The letters of a code as a person may type it. */
function normalizeUserCode(text: string): string {
  return text.toUpperCase().replace(/[^A-Z]/g, "").slice(0, 32);
}

async function store({ sql }: InteractionOptions, stored: StoredInteraction): Promise<string> {
  const id = newOpaque();
  await insertInteraction(sql, hashOpaque(id), stored);
  return id;
}
