/**
 * What the daemon says of a request's danger → what is drawn of it. Pure.
 *
 * The daemon counts UTF-8 bytes of the tool's main input, the page UTF-16
 * units. What is missing or malformed is passed over: risk is a hint, and the
 * request itself is shown with or without it.
 *
 * @typedef {import("../wire").Approval} Approval
 * @typedef {"low"|"medium"|"high"} Level
 * @typedef {{at: number, end: number}} Stretch
 * @typedef {{n: number, level: Level, text: string, final: boolean, spans: Stretch[]}} Reason
 *   `n`: its number in the text, 0 without one; `final`: cannot be undone
 * @typedef {{at: number, end: number, level: Level, numbers: number[], ends: number[]}} Stress
 *   `numbers`: the reasons it belongs to; `ends`: those whose mark ends with it
 */

/** More reasons than this are only counted; their marks stay. */
export const MOST = 12;

/** @type {Level[]} */
const LEVELS = ["low", "medium", "high"];

/** Which field a finding's span belongs to. @type {Record<string, string[]>} */
const MAIN = {
  Bash: ["command"],
  Edit: ["file_path"],
  MultiEdit: ["file_path"],
  Write: ["file_path"],
  Read: ["file_path", "notebook_path"],
  NotebookRead: ["file_path", "notebook_path"],
  NotebookEdit: ["notebook_path", "file_path"],
  WebFetch: ["url"],
  WebSearch: ["query"],
  Grep: ["pattern"],
  Glob: ["pattern"],
};

/** How much care it needs; `null` when nobody said. @param {Approval} a @returns {Level|null} */
export function level(a) {
  const told = a.risk?.level;
  return told && LEVELS.includes(told) ? told : null;
}

/** The field that the marks are in. @param {Approval} a @returns {{key: string, text: string}|null} */
export function main(a) {
  const keys = Object.hasOwn(MAIN, a.tool) ? MAIN[a.tool] : [];
  const key = keys.find((k) => typeof a.input[k] === "string");
  return key === undefined ? null : { key, text: String(a.input[key]) };
}

/**
 * Why it is not low: the highest first, else in the order of the text. The
 * same said of several places is one reason.
 * @param {Approval} a @returns {Reason[]}
 */
export function reasons(a) {
  const told = Array.isArray(a.risk?.findings) ? a.risk.findings.filter(isFinding) : [];
  const inUnits = units(main(a)?.text ?? "");
  /** @type {Map<string, Reason>} */
  const found = new Map();
  for (const f of told) {
    const key = JSON.stringify([f.level, f.text, f.reversible]);
    const reason = found.get(key) ?? { n: 0, level: f.level, text: f.text, final: f.reversible === false, spans: [] };
    found.set(key, { ...reason, spans: join([...reason.spans, ...inUnits(f.span)]) });
  }
  const start = (/** @type {Reason} */ r) => r.spans[0]?.at ?? -1;
  const sorted = [...found.values()].sort((a, b) => LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level) || start(a) - start(b));
  return numbered(sorted);
}

/** Numbers those that are listed and have a place in the text. @param {Reason[]} list */
function numbered(list) {
  let n = 0;
  return list.map((r, i) => (i < MOST && r.spans.length > 0 ? { ...r, n: (n += 1) } : r));
}

/** @param {any} f @returns {f is import("../wire").Finding} */
function isFinding(f) {
  return (f?.level === "medium" || f?.level === "high") && typeof f.text === "string";
}

/** The marks, in order, never overlapping: where reasons overlap, the stretch belongs to all of them. @param {Reason[]} list @returns {Stress[]} */
export function stresses(list) {
  const spans = list.flatMap((r) => r.spans.map((s) => ({ ...s, level: r.level, n: r.n })));
  const cuts = [...new Set(spans.flatMap((s) => [s.at, s.end]))].sort((a, b) => a - b);
  /** @type {Stress[]} */
  const out = [];
  for (const [i, at] of cuts.slice(0, -1).entries()) {
    const end = cuts[i + 1];
    const over = spans.filter((s) => s.at <= at && s.end >= end);
    if (over.length > 0) out.push({ at, end, ...sum(over, over.filter((s) => s.end === end)) });
  }
  return out;
}

/** @param {{level: Level, n: number}[]} over @param {{n: number}[]} ending */
function sum(over, ending) {
  const numbers = (/** @type {{n: number}[]} */ of) => [...new Set(of.map((s) => s.n))].filter((n) => n > 0).sort((a, b) => a - b);
  const high = over.some((s) => s.level === "high");
  return { level: /** @type {Level} */ (high ? "high" : "medium"), numbers: numbers(over), ends: numbers(ending) };
}

/**
 * Byte spans of `text` → stretches of the string. An end inside of a character
 * takes the whole character in: a mark may be too long, never too short.
 * @param {string} text @returns {(span: unknown) => Stretch[]}
 */
export function units(text) {
  const [bytes, at] = [[0], [0]];
  for (const c of text) {
    bytes.push(bytes[bytes.length - 1] + width(c));
    at.push(at[at.length - 1] + c.length);
  }
  return (span) => {
    const { start, end } = /** @type {any} */ (span) ?? {};
    if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end <= start) return [];
    const from = before(bytes, start);
    const last = before(bytes, end);
    const to = bytes[last] < end && last + 1 < bytes.length ? last + 1 : last;
    return to > from ? [{ at: at[from], end: at[to] }] : [];
  };
}

/** How many bytes a character takes; half of a surrogate pair takes those of the character that stands for it. @param {string} c */
function width(c) {
  const n = c.codePointAt(0) ?? 0;
  return n < 0x80 ? 1 : n < 0x800 ? 2 : n < 0x10000 ? 3 : 4;
}

/** The last index whose value is at most `wanted`. @param {number[]} sorted @param {number} wanted */
function before(sorted, wanted) {
  let [low, high] = [0, sorted.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (sorted[middle] <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Stretches that touch are one. @param {Stretch[]} spans */
function join(spans) {
  /** @type {Stretch[]} */
  const out = [];
  for (const s of [...spans].sort((a, b) => a.at - b.at)) {
    const last = out[out.length - 1];
    if (last && s.at <= last.end) last.end = Math.max(last.end, s.end);
    else out.push({ ...s });
  }
  return out;
}
