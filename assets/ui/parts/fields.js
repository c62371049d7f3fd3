/**
 * The input of any tool, field by field, readable and whole. Pure.
 *
 * @typedef {{key: string, kind: "text"|"json"|"short", text: string}} Field
 */

/** Text up to this length stands beside its name. */
const SHORT = 36;

/** Every top-level field; nested values as indented JSON. @param {Record<string, unknown>} input @returns {Field[]} */
export function fields(input) {
  return Object.entries(input ?? {}).map(([key, value]) => {
    const text = typeof value === "string" ? value : written(value);
    if (text.length + key.length <= SHORT && !text.includes("\n")) return { key, kind: "short", text: short(value, text) };
    return { key, kind: typeof value === "string" ? "text" : "json", text };
  });
}

/** An empty or space-edged string would not be seen: it gets its quotes. @param {unknown} value @param {string} text */
function short(value, text) {
  return typeof value === "string" && (text.trim() !== text || text === "") ? JSON.stringify(text) : text;
}

/** @param {unknown} value */
function written(value) {
  return JSON.stringify(value, exact, 2) ?? String(value);
}

/** Numbers the page could not hold exactly say so. @param {string} _ @param {unknown} value */
function exact(_, value) {
  if (typeof value !== "number") return value;
  if (!Number.isFinite(value)) return "(a number too large to show)";
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? `about ${value}` : value;
}

/** JSON → coloured pieces; joined they are the text. @param {string} text */
export function json(text) {
  /** @type {import("./spans.js").Piece[]} */
  const out = [];
  let from = 0;
  for (const m of text.matchAll(/"(?:[^"\\]|\\.)*"(?=(\s*:)?)|\b(?:true|false|null)\b|-?\d[\d.eE+-]*/g)) {
    if (m.index > from) out.push({ k: "op", t: text.slice(from, m.index), w: -1 });
    const k = m[0].startsWith('"') ? (m[1] ? "key" : "str") : "opt";
    out.push({ k, t: m[0], w: -1 });
    from = m.index + m[0].length;
  }
  if (from < text.length) out.push({ k: "op", t: text.slice(from), w: -1 });
  return out;
}
