// Templates without a browser: lit-html wants a document only to prepare
// templates for drawing, which these tests never do. `written` puts strings
// and values side by side, the values escaped as the browser would show them.

globalThis.document ??= { createTreeWalker: () => ({}), createComment: () => ({}) };

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text) => String(text).replace(/[&<>"]/g, (c) => ESCAPES[c]);

/** A template as markup. */
export function written(value) {
  if (value === null || value === undefined || value === "" || typeof value === "symbol") return "";
  if (Array.isArray(value)) return value.map(written).join("");
  if (value.strings) return value.strings.reduce((out, s, i) => out + written(value.values[i - 1]) + s);
  if (value._$litDirective$) return written(directed(value.values));
  return escaped(value);
}

/** `guard(values, draw)` or `repeat(items, key, draw)`. */
function directed(values) {
  const draw = values.at(-1);
  return values.length === 3 ? [...values[0]].map(draw) : draw();
}

/** The text alone. */
export function text(value) {
  return written(value)
    .replace(/<[^>]*>/g, "")
    .replace(/&(amp|lt|gt|quot);/g, (_, e) => ({ amp: "&", lt: "<", gt: ">", quot: '"' })[e]);
}
