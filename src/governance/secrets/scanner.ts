import { createHmac } from "node:crypto";
import { createAllowList } from "./allow_list.ts";
import { newBudget } from "./budget.ts";
import type { SecretsConfig } from "./config.ts";
import { createDetector, type Detector } from "./detector.ts";
import { writePath } from "./path.ts";
import { replaceHits } from "./redact.ts";
import { CONTEXT_RULES, ENGINE_KINDS, PREFIX_RULES } from "./rules/catalog.ts";
import type { PrefixRule } from "./rules/types.ts";
import { createWalker, type Hit, type Walk } from "./walk.ts";

/** One credential that was found. Holds nothing of its value but length and keyed fingerprint. */
export interface SecretFinding {
  readonly kind: string;
  readonly provider: string;
  /** JSON path, `$.tool_input.env["api.key"]`; ends in `~key` when the name of the key is the hit. */
  readonly path: string;
  /** Characters (UTF-16 units) of the decoded credential. */
  readonly length: number;
  /** First 16 hex digits of HMAC-SHA256 over the credential. */
  readonly fingerprint: string;
  /** What had to be undone to see it, outermost first: `base64`, `url`, `joined`, `homoglyph`, … */
  readonly encoding: readonly string[];
}

/** The result of one scan. `exhausted`: a limit was reached, the rest is unknown and must be denied. */
export interface SecretScan {
  readonly findings: readonly SecretFinding[];
  readonly exhausted: boolean;
  readonly steps: number;
}

/** A kind of credential the scanner knows. */
export interface SecretKind {
  readonly kind: string;
  readonly provider: string;
  readonly description: string;
}

/** Finds and redacts credentials. Never throws, keeps no value between calls. */
export interface SecretScanner {
  /** Scans keys, strings and numbers of `value`; `root` is the JSON path of `value` itself. */
  scan(value: unknown, root: string): SecretScan;
  /**
   * A copy in which each credential is `[redacted:<kind>:<length>:<fingerprint>]`; `[redacted:unscanned]`
   * in the place of all of it when a limit was reached.
   */
  redact(value: unknown, root: string): { value: unknown; findings: readonly SecretFinding[] };
  readonly kinds: readonly SecretKind[];
}

/** Hits that count, and what is said of them. */
interface Settled {
  readonly hits: readonly Hit[];
  readonly findings: readonly SecretFinding[];
}

const NOTHING: Settled = { hits: [], findings: [] };
const ROUNDS = 4;
const UNSCANNED = "[redacted:unscanned]";

function operatorRules(config: SecretsConfig): readonly PrefixRule[] {
  return config.kinds.map((each) => ({
    kind: each.kind,
    provider: each.provider,
    description: each.description,
    anchors: each.anchors,
    expression: new RegExp(each.expression, "y"),
  }));
}

function kindsOf(config: SecretsConfig, prefixes: readonly PrefixRule[]): readonly SecretKind[] {
  const all: SecretKind[] = [
    ...prefixes,
    ...CONTEXT_RULES.flatMap((rule) =>
      rule.shapes.map((shape) => ({ ...shape, provider: rule.provider }))
    ),
    ...ENGINE_KINDS.map(([kind, provider, description]) => ({ kind, provider, description })),
  ];
  const byKind = new Map<string, SecretKind>();
  for (const { kind, provider, description } of all) {
    if (!byKind.has(kind) && !config.disabled.includes(kind)) {
      byKind.set(kind, { kind, provider, description });
    }
  }
  return [...byKind.values()];
}

function detectorOf(config: SecretsConfig, prefixes: readonly PrefixRule[]): Detector {
  return createDetector({
    prefixes,
    contexts: CONTEXT_RULES,
    disabled: new Set(config.disabled),
    allow: createAllowList(config.allow),
    minBits: config.entropy.enabled ? config.entropy.min_bits : undefined,
  });
}

/**
 * Builds a scanner from the checked configuration. `fingerprintKey` keys the fingerprints: the same
 * credential has the same fingerprint under the same key, and nobody without the key can guess it.
 */
export function createSecretScanner(
  config: SecretsConfig,
  fingerprintKey: Uint8Array,
): SecretScanner {
  const prefixes = [...operatorRules(config), ...PREFIX_RULES];
  const detector = detectorOf(config, prefixes);
  const allow = createAllowList(config.allow);
  const walk = createWalker(detector);

  function fingerprint(value: string): string {
    return createHmac("sha256", fingerprintKey).update(value).digest("hex").slice(0, 16);
  }
  function mark(hit: Hit): string {
    return `[redacted:${hit.match.kind}:${hit.match.value.length}:${fingerprint(hit.match.value)}]`;
  }
  function cleanName(name: string): string {
    const hits = walk(name, newBudget()).hits;
    return hits.length === 0 ? name : String(replaceHits(name, hits, mark));
  }
  function findingOf(hit: Hit, root: string): SecretFinding {
    const place = hit.places[0];
    const path = writePath(root, place?.steps ?? [], cleanName) + (place?.inKey ? "~key" : "");
    const { kind, provider, value, labels } = hit.match;
    return {
      kind,
      provider,
      path,
      length: value.length,
      fingerprint: fingerprint(value),
      encoding: labels,
    };
  }
  function settle(found: Walk, root: string): Settled {
    if (found.hits.length === 0) return NOTHING;
    const pairs = found.hits.map((hit) => ({ hit, finding: findingOf(hit, root) }))
      .filter(({ finding }) => config.allow.paths.length === 0 || !allow.path(finding.path));
    return { hits: pairs.map(({ hit }) => hit), findings: pairs.map(({ finding }) => finding) };
  }

  return {
    kinds: kindsOf(config, prefixes),
    scan(value, root) {
      const budget = newBudget();
      const { findings } = settle(walk(value, budget), root);
      return { findings, exhausted: budget.exhausted, steps: budget.steps };
    },
    redact(value, root) {
      const findings: SecretFinding[] = [];
      let current = value;
      for (let round = 0; round < ROUNDS; round++) {
        const budget = newBudget();
        const found = walk(current, budget);
        const settled = settle(found, root);
        findings.push(...settled.findings);
        // What was not searched to its end can hold anything anywhere: nothing of it stays.
        if (budget.exhausted) return { value: UNSCANNED, findings };
        if (settled.hits.length === 0) break;
        const hits = round < ROUNDS - 1 ? settled.hits : settled.hits.map(widen);
        current = replaceHits(current, hits, mark);
      }
      return { value: current, findings };
    },
  };
}

/** The last resort: the whole text around a place goes. */
function widen(hit: Hit): Hit {
  return {
    ...hit,
    places: hit.places.map((place) =>
      place.start < 0 ? place : { ...place, start: 0, end: Infinity }
    ),
  };
}
