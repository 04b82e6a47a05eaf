/** Characters that may stand before an anchor and belong to the credential. */
export type LeadClass = "digit" | "alnum" | "word" | "base64" | "dash" | "line";

/** How a fixed-form credential is anchored, beyond its expression. */
export interface PrefixOptions {
  /** The character before the credential must not be a letter or a digit. */
  readonly edge?: boolean;
  /**
   * The credential starts before the anchor: exactly `max` characters (`exact`), or as many of this
   * class as there are up to `max`, or at the literal `from` within those.
   */
  readonly lead?: {
    readonly of: LeadClass;
    readonly max: number;
    readonly exact?: boolean;
    readonly from?: string;
  };
  /** A named proof beyond the form, see `checks.ts`. */
  readonly check?: CheckName;
  /** After a failure the rule rests for so many characters: for expressions that look far ahead. */
  readonly gap?: number;
  /** The value's body may be all words or a sequence (identifiers of a vendor's own making). */
  readonly anyShape?: boolean;
}

export type CheckName = "jwt" | "pem" | "basic_pair" | "password" | "aws_pair" | "mixed";

/**
 * A credential that shows itself: a literal anchor, then a bounded sticky expression that starts at
 * the anchor (or at its lead). Group 1, where there is one, is the value.
 */
export interface PrefixRule extends PrefixOptions {
  readonly kind: string;
  readonly provider: string;
  readonly description: string;
  readonly anchors: readonly string[];
  readonly expression: RegExp;
}

/** One value form that is a credential when its key names the provider. */
export interface ContextShape {
  readonly kind: string;
  readonly description: string;
  readonly expression: RegExp;
}

/** A provider whose credentials have no mark of their own: the key's name tells. */
export interface ContextRule {
  readonly provider: string;
  readonly words: readonly string[];
  readonly shapes: readonly ContextShape[];
}

/** kind, description, anchor or anchors, expression, options. */
export type PrefixRow = readonly [
  kind: string,
  description: string,
  anchors: string | readonly string[],
  expression: RegExp,
  options?: PrefixOptions,
];

/** Turns the rows of one provider into rules. */
export function provider(name: string, rows: readonly PrefixRow[]): readonly PrefixRule[] {
  return rows.map(([kind, description, anchors, expression, options]) => ({
    kind,
    provider: name,
    description,
    anchors: typeof anchors === "string" ? [anchors] : anchors,
    expression,
    ...options,
  }));
}

/** kind, description, expression for the whole value. */
export type ShapeRow = readonly [kind: string, description: string, expression: RegExp];

/** Turns one provider's key words and value forms into a context rule. */
export function context(
  name: string,
  words: readonly string[],
  shapes: readonly ShapeRow[],
): ContextRule {
  return {
    provider: name,
    words,
    shapes: shapes.map(([kind, description, expression]) => ({ kind, description, expression })),
  };
}
