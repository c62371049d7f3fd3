/**
 * Coloured pieces and marks → what is drawn, word by word. Pure.
 *
 * @typedef {import("./escapes.js").Mark} Mark
 * @typedef {{k: string, t: string, w: number}} Piece
 * @typedef {{k: string, t: string, mark?: Mark}} Span
 * @typedef {{together: boolean, spans: Span[]}} Group
 */

/** A word up to this many characters is not broken. */
const TOGETHER = 32;

/** Cuts the pieces at the marks. @param {Piece[]} pieces @param {Mark[]} marks @returns {(Span & {w: number})[]} */
export function cut(pieces, marks) {
  /** @type {(Span & {w: number})[]} */
  const out = [];
  let base = 0;
  let m = 0;
  for (const { k, t, w } of pieces) {
    let from = 0;
    while (from < t.length) {
      const mark = marks[m];
      const start = mark ? Math.max(0, mark.at - base) : Infinity;
      if (start > from) {
        const to = Math.min(start, t.length);
        out.push({ k, t: t.slice(from, to), w });
        from = to;
        continue;
      }
      const end = Math.min(mark.end - base, t.length);
      out.push({ k, t: t.slice(from, end), w, mark });
      from = end;
      if (mark.end <= base + end) m += 1;
    }
    base += t.length;
  }
  return out;
}

/** Puts the spans of one word together. @param {(Span & {w: number})[]} spans @returns {Group[]} */
export function groups(spans) {
  /** @type {(Group & {w: number, width: number})[]} */
  const out = [];
  for (const { w, ...span } of spans) {
    const width = span.mark ? span.mark.label.length + 1 : span.t.length;
    const last = out.at(-1);
    if (last && last.w === w) {
      last.spans.push(span);
      last.width += width;
    } else {
      out.push({ w, width, together: false, spans: [span] });
    }
  }
  for (const g of out) g.together = g.w >= 0 && g.width <= TOGETHER;
  return out;
}
