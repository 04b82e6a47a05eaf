const CANCEL = 3;
const END_OF_INPUT = 4;
const BACKSPACES: readonly number[] = [8, 127];
const LINE_ENDS: readonly number[] = [10, 13];

let isHidden = false;

/** Lets the terminal show what is typed, or nothing of it. */
export function hideTyping(hide: boolean): void {
  if (hide !== isHidden) Deno.stdin.setRaw(hide);
  isHidden = hide;
}

/**
 * The next line of a terminal that shows nothing of it, and then a new line; undefined at the end or when it
 * was cancelled by Ctrl-C or Ctrl-D. Whoever ends the process meanwhile calls `hideTyping(false)`.
 */
export async function readHiddenLine(): Promise<Uint8Array | undefined> {
  const typed: number[] = [];
  const one = new Uint8Array(1);
  hideTyping(true);
  try {
    while (await Deno.stdin.read(one) === 1) {
      const [key = 0] = one;
      if (LINE_ENDS.includes(key)) return Uint8Array.from(typed);
      if (key === CANCEL || key === END_OF_INPUT) return undefined;
      if (BACKSPACES.includes(key)) dropCharacter(typed);
      else typed.push(key);
    }
    return undefined;
  } finally {
    hideTyping(false);
    Deno.stderr.writeSync(new TextEncoder().encode("\n"));
    typed.fill(0);
  }
}

/** Removes the last character: the bytes that continue it, then the one that began it. */
function dropCharacter(typed: number[]): void {
  while (((typed.at(-1) ?? 0) & 0xc0) === 0x80) typed.pop();
  typed.pop();
}
