/** Bytes that came in pieces and leave in pieces, addressed by their offset in all that ever came. */
export class ByteQueue {
  #buffer: Uint8Array = new Uint8Array(0);
  /** Where in the buffer the oldest byte is, and how many there are. */
  #head = 0;
  #length = 0;
  #start = 0;

  /** Offset of the oldest byte. */
  get start(): number {
    return this.#start;
  }

  /** Offset behind the newest byte. */
  get end(): number {
    return this.#start + this.#length;
  }

  append(chunk: Uint8Array): void {
    const behind = this.#head + this.#length;
    if (behind + chunk.length > this.#buffer.length) this.#makeRoom(chunk.length);
    this.#buffer.set(chunk, this.#head + this.#length);
    this.#length += chunk.length;
  }

  /** A view that holds until the next `append`. */
  view(start: number, end: number): Uint8Array {
    const shift = this.#head - this.#start;
    return this.#buffer.subarray(start + shift, end + shift);
  }

  /** Forgets everything before `offset`. */
  dropBefore(offset: number): void {
    const count = offset - this.#start;
    this.#head += count;
    this.#length -= count;
    this.#start = offset;
  }

  /** Moves what is left to a new buffer, twice as large as needed: each byte moves a few times at most. */
  #makeRoom(more: number): void {
    const next = new Uint8Array(2 * (this.#length + more));
    next.set(this.view(this.start, this.end));
    this.#buffer = next;
    this.#head = 0;
  }
}
