/**
 * A file that comes piece by piece: how much of it is there, in bytes and rows, and a way to give up.
 * The rows are counted as they pass, see `Counter`; nothing is parsed.
 */
export class Download {
  /** @param {"csv"|"json"} format @param {number} total how many rows are expected, 0 when nobody knows */
  constructor(format, total) {
    this.format = format;
    this.total = total;
    this.bytes = 0;
    this.rows = 0;
    this.ended = new AbortController();
  }

  cancel() {
    this.ended.abort();
  }

  /**
   * @param {(signal: AbortSignal) => Promise<Response>} open @param {() => void} changed
   * @returns {Promise<Blob|null>} null: given up
   */
  async read(open, changed) {
    try {
      const answer = await open(this.ended.signal);
      const counter = this.format === "csv" ? new CsvCounter() : new JsonCounter();
      return await collect(answer, (piece) => {
        this.bytes += piece.length;
        this.rows = counter.count(piece);
        changed();
      });
    } catch (error) {
      if (this.ended.signal.aborted) return null;
      throw error;
    }
  }
}

/**
 * Reads an answer piece by piece.
 * @param {Response} answer @param {(piece: Uint8Array<ArrayBuffer>) => void} each hears of every piece
 */
export async function collect(answer, each) {
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const pieces = [];
  const reader = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (answer.body).getReader();
  for (let got = await reader.read(); !got.done; got = await reader.read()) {
    pieces.push(got.value);
    each(got.value);
  }
  return new Blob(pieces, { type: answer.headers.get("Content-Type") ?? "text/plain" });
}

const [QUOTE, BACKSLASH, NEWLINE, OPEN, CLOSE, BRACKET] = [0x22, 0x5c, 0x0a, 0x7b, 0x7d, 0x5b];

/** Rows of a CSV: lines, but not those inside of quotes, and not the head. */
export class CsvCounter {
  constructor() {
    this.lines = 0;
    this.quoted = false;
  }

  /** @param {Uint8Array} bytes */
  count(bytes) {
    for (const b of bytes) {
      if (b === QUOTE) this.quoted = !this.quoted;
      else if (b === NEWLINE && !this.quoted) this.lines += 1;
    }
    return Math.max(0, this.lines - 1);
  }
}

/** Rows of a JSON document: the outermost objects of its list, whether that is all of it or in an object. */
export class JsonCounter {
  constructor() {
    this.rows = 0;
    this.depth = 0;
    /** The depth outside of a row. */ this.outside = -1;
    this.text = false;
    this.escaped = false;
  }

  /** @param {Uint8Array} bytes */
  count(bytes) {
    for (const b of bytes) {
      if (this.text) this.inText(b);
      else if (b === QUOTE) this.text = true;
      else if (b === BRACKET && this.outside < 0) this.outside = this.depth;
      else if (b === OPEN) this.depth += 1;
      else if (b === CLOSE && (this.depth -= 1) === this.outside) this.rows += 1;
    }
    return this.rows;
  }

  /** @param {number} b */
  inText(b) {
    if (this.escaped) this.escaped = false;
    else if (b === BACKSLASH) this.escaped = true;
    else if (b === QUOTE) this.text = false;
  }
}
