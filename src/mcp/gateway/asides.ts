import type { SecretScanner } from "../../governance/mod.ts";
import type { Params } from "./message.ts";

/** Texts that are remembered to hold nothing, and characters of one that is worth remembering. */
const REMEMBERED = 2048;
const MAX_CHARACTERS = 2048;

/** Remembers what goes along with calls: a client says the same of itself with each of them. */
export class Asides {
  readonly #clean = new Set<string>();
  #scanner: SecretScanner | undefined;

  /** Whether `aside` holds no credential, as far as that is known from before; looked at else. */
  isClean(scanner: SecretScanner, aside: Params): boolean {
    if (this.#scanner !== scanner) this.#clean.clear();
    this.#scanner = scanner;
    const text = JSON.stringify(aside);
    if (this.#clean.has(text)) return true;
    const { findings, exhausted } = scanner.scan(aside, "$.params");
    if (findings.length > 0 || exhausted) return false;
    if (text.length <= MAX_CHARACTERS) {
      if (this.#clean.size >= REMEMBERED) this.#clean.clear();
      this.#clean.add(text);
    }
    return true;
  }
}
