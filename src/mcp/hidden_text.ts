/**
 * Text as a terminal can be trusted to show it: everything that is invisible, changes the direction of
 * what follows or looks like an ASCII letter and is none is written as `⟨U+XXXX⟩`.
 */
export function showHidden(text: string): string {
  return text.replace(SUSPECT, (found) => `⟨U+${codeOf(found)}⟩`);
}

/** Whether a text holds anything that `showHidden` would make visible. */
export function hasHidden(text: string): boolean {
  return text.search(SUSPECT) >= 0;
}

/**
 * Control characters but line end and tab, format characters (zero width, bidirectional, tags), unusual
 * spaces, variation selectors, unassigned and private ones, lone surrogates, and the letters of other scripts that
 * are drawn like ASCII ones. Scripts that have no look-alikes pass.
 */
const SUSPECT = new RegExp(
  [
    "(?![\\n\\t])\\p{Cc}",
    "\\p{Cf}|\\p{Cs}|\\p{Co}|\\p{Cn}|\\p{Zl}|\\p{Zp}",
    "(?! )\\p{Zs}",
    "[\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u3164\\uffa0\\ufe00-\\ufe0f]",
    "[\\u{e0100}-\\u{e01ef}]",
    // Greek and Cyrillic capitals and small letters with the shape of Latin ones.
    "[\\u0391\\u0392\\u0395\\u0396\\u0397\\u0399\\u039a\\u039c\\u039d\\u039f\\u03a1\\u03a4\\u03a5\\u03a7\\u03bf\\u03c1\\u03c5\\u03bd\\u03b1\\u03b9\\u03f2\\u03f3]",
    "[\\u0405\\u0406\\u0408\\u0410\\u0412\\u0415\\u041a\\u041c-\\u041e\\u0420-\\u0422\\u0425\\u0430\\u0435\\u043e\\u0440\\u0441\\u0443\\u0445\\u0455\\u0456\\u0458\\u04ae\\u04af\\u04bb\\u04c0\\u04cf\\u0501\\u051b\\u051d]",
    // Armenian, Cherokee look-alikes, letter-like signs, full-width and mathematical letters.
    "[\\u0578\\u057d\\u0585\\u13a0-\\u13f5\\u2100-\\u214f\\uff01-\\uff5e\\u{1d400}-\\u{1d7ff}]",
    // Marks like a slash, a dot, a dash or a quote, which make one path or name look like another.
    "[\\u2010-\\u2015\\u2018-\\u201b\\u2024\\u2044\\u2215\\u2212\\u29f8\\ua4f8-\\ua4ff\\u02d7\\u0131\\u0237\\u01c3]",
  ].join("|"),
  "gu",
);

function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
}
