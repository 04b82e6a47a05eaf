import type { LineClosed } from "../egress/mod.ts";

/** How a line ended. */
export type LineEnd = Omit<LineClosed, "kind">;

/** What an upstream did that ends its line. The message names nothing that it sent. */
export class LineFault extends Error {
  override readonly name = "LineFault";

  constructor(readonly code: LineClosed["code"], message: string) {
    super(message);
  }
}
