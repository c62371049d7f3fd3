/**
 * Coloured pieces and marks → what is drawn, word by word. Pure.
 *
 * @typedef {import("./escapes.js").Mark} Mark
 * @typedef {{k: string, t: string, w: number}} Piece
 * @typedef {import("./risk.js").Stress} Stress
 * @typedef {{k: string, t: string, mark?: Mark, stress?: Stress, ends?: number[]}} Span  `ends`: numbers that stand behind it
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

/**
 * Cuts the spans again where stresses begin and end. A box is never cut: it
 * belongs to every stress that touches it.
 * @param {(Span & {w: number})[]} spans @param {Stress[]} stresses @returns {(Span & {w: number})[]}
 */
export function stressed(spans, stresses) {
  if (stresses.length === 0) return spans;
  /** @type {(Span & {w: number})[]} */
  const out = [];
  let base = 0;
  for (const span of spans) {
    const end = base + span.t.length;
    const over = stresses.filter((s) => s.at < end && s.end > base);
    if (span.mark && over.length > 0) out.push({ ...span, ...together(over, end) });
    else out.push(...pieces(span, base, over));
    base = end;
  }
  return out;
}

/** @param {Span & {w: number}} span @param {number} base @param {Stress[]} over */
function pieces(span, base, over) {
  /** @type {(Span & {w: number})[]} */
  const out = [];
  const upTo = (/** @type {number} */ from, /** @type {number} */ to, /** @type {Partial<Span>} */ more) => {
    if (to > from) out.push({ ...span, t: span.t.slice(from - base, to - base), ...more });
  };
  const end = base + span.t.length;
  let from = base;
  for (const s of over) {
    upTo(from, s.at, {});
    const to = Math.min(s.end, end);
    upTo(Math.max(from, s.at), to, { stress: s, ends: to === s.end ? s.ends : [] });
    from = to;
  }
  upTo(from, end, {});
  return out;
}

/** What a box says that several stresses touch. @param {Stress[]} over @param {number} end */
function together(over, end) {
  const all = (/** @type {number[][]} */ lists) => [...new Set(lists.flat())].sort((a, b) => a - b);
  const ended = over.filter((s) => s.end <= end);
  const highest = over.find((s) => s.level === "high") ?? over[0];
  return { stress: { ...highest, numbers: all(over.map((s) => s.numbers)) }, ends: all(ended.map((s) => s.ends)) };
}

/** Neighbours under the same stress, in runs. @template T @param {T[]} items @param {(item: T) => Stress|undefined|null} of `null`: like no other @returns {{stress?: Stress, items: T[]}[]} */
export function runs(items, of) {
  /** @type {{stress?: Stress, key: string|null, items: T[]}[]} */
  const out = [];
  for (const item of items) {
    const stress = of(item);
    const key = stress === null ? null : stress ? `${stress.level} ${stress.numbers}` : "";
    const last = out[out.length - 1];
    if (last && key !== null && last.key === key) last.items.push(item);
    else out.push({ stress: stress ?? undefined, key, items: [item] });
  }
  return out;
}

/** The stress of a whole word: none, one, or `null` for several. @param {Group} g */
export function common(g) {
  const parts = runs(g.spans, (s) => s.stress);
  return parts.length === 1 ? parts[0].stress : null;
}

/** Puts the spans of one word together. @param {(Span & {w: number})[]} spans @returns {Group[]} */
export function groups(spans) {
  /** @type {(Group & {w: number, width: number})[]} */
  const out = [];
  for (const { w, ...span } of spans) {
    const width = (span.mark ? span.mark.label.length + 1 : span.t.length) + (span.ends?.length ?? 0);
    const last = out.at(-1);
    if (last && w >= 0 && last.w === w) {
      last.spans.push(span);
      last.width += width;
    } else {
      out.push({ w, width, together: false, spans: [span] });
    }
  }
  for (const g of out) g.together = g.w >= 0 && g.width <= TOGETHER;
  return out;
}
