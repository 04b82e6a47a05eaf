import { isNameChar } from "./alphabet.ts";
import type { Assignment } from "./assignment.ts";
import { judgeValue, type Verdict } from "./judge.ts";
import type { KeyMeaning } from "./key_names.ts";

const MARK = /\[redacted:[a-z0-9_]{2,64}:\d{1,8}:[0-9a-f]{16}\]/y;

/** True for the kind in a mark that `redact` has left. */
export function isMark(text: string, nameStart: number): boolean {
  MARK.lastIndex = nameStart - "[redacted:".length;
  return MARK.lastIndex >= 0 && text.charCodeAt(MARK.lastIndex) === 91 && MARK.test(text);
}

/** The one or two words before a name, when single blanks part them. */
function wordsBefore(text: string, at: number): string {
  let from = at;
  for (let words = 0; words < 2 && from > 0 && text.charCodeAt(from - 1) === 32; words++) {
    let start = from - 1;
    while (start > 0 && from - start < 30 && isNameChar(text.charCodeAt(start - 1))) start--;
    if (start === from - 1) break;
    from = start;
  }
  return text.slice(from, at).trim();
}

/** Judges a value that a text gives to a name. `charge` is called before the costly part. */
export function judgeAssignment(
  text: string,
  found: Assignment,
  charge: () => void,
  readKey: (name: string) => KeyMeaning,
  minBits: number | undefined,
): Verdict | undefined {
  const name = text.slice(found.nameStart, found.nameEnd);
  let meaning = readKey(name);
  if (meaning.secrecy === "none" && meaning.contexts.length === 0) {
    // `datadog api key: …` has its words apart.
    const words = wordsBefore(text, found.nameStart);
    if (words === "") return undefined;
    meaning = readKey(`${words} ${name}`);
  }
  if (meaning.secrecy === "none" && meaning.contexts.length === 0) return undefined;
  charge();
  const value = text.slice(found.valueStart, found.valueEnd);
  const whole = meaning.secrecy === "authorization" ? headerValue(text, found.valueStart) : value;
  return judgeValue({ meaning, value: whole, quoted: found.quoted, by: found.by }, minBits);
}

const HEADER_VALUE = /(?:[A-Za-z][\w-]{0,24}[ =:]{1,2}(?:key |token )?)?[^\s"'`\\]{1,4096}/y;

/** A header's value: its scheme and the credential are apart. */
function headerValue(text: string, start: number): string {
  HEADER_VALUE.lastIndex = start;
  return HEADER_VALUE.exec(text)?.[0] ?? "";
}
