/** Edit distance with transpositions (optimal string alignment). */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (beforeLast[j - 2] ?? 0) + 1 : Infinity,
      );
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}

/** Up to three of `known` that `input` may have been meant to be, nearest first. */
export function suggest(input: string, known: Iterable<string>): string[] {
  const wanted = input.toLowerCase();
  const allowed = Math.max(1, Math.floor(wanted.length / 3));
  return [...new Set(known)]
    .map((name) => {
      const isStart = wanted.length > 1 && name.toLowerCase().startsWith(wanted);
      return { name, far: isStart ? 0.5 : distance(wanted, name.toLowerCase()) };
    })
    .filter(({ far }) => far <= allowed)
    .sort((a, b) => a.far - b.far || a.name.localeCompare(b.name))
    .slice(0, 3)
    .map(({ name }) => name);
}

/** `Did you mean "a" or "b"?`; undefined when there is nothing to propose. */
export function didYouMean(input: string, known: Iterable<string>): string | undefined {
  const names = suggest(input, known).map((name) => JSON.stringify(name));
  return names.length === 0 ? undefined : `Did you mean ${names.join(" or ")}?`;
}
