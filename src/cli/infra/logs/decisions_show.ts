import { findCalls } from "../../../audit/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { toDocument } from "./call_document.ts";
import { callView } from "./call_view.ts";

interface Flags {
  readonly full: boolean;
}

export default async function show(this: CliContext, { full }: Flags, id: string): Promise<void> {
  const { sql } = await openDatabase(this);
  const found = await findCalls(sql, id.trim(), 5);
  const [call] = found?.calls ?? [];
  if (!found || !call || found.matched !== "request") {
    throw new AppError("not_found", `No decision begins with "${id}"`, {
      hint: 'See "spgov infra logs decisions list"; traces and sessions: "spgov infra logs audit".',
    });
  }
  if (found.calls.length > 1) {
    const ids = found.calls.map((each) => each.id).join(", ");
    throw new AppError(
      "conflict",
      `Several decisions begin with "${id}": ${ids}${found.more ? ", …" : ""}`,
      {
        hint: "Give more digits.",
      },
    );
  }
  const document = toDocument(call);
  this.out.report({ kind: "logs.decision", data: document, views: [callView(document, full)] });
}
