/**
 * What an MCP server asks for, while it is filled in. Nothing is filled in beforehand but what the server's own
 * schema suggests. What is wrong is said at its field; the daemon checks the same. Pure.
 *
 * @typedef {import("../wire").Approval} Approval
 * @typedef {"text"|"number"|"integer"|"yes_no"|"choice"|"choices"} Sort
 * @typedef {{value: string, label: string}} Choice
 * @typedef {{name: string, title: string, about: string, needed: boolean, sort: Sort, choices: Choice[], format: string,
 *   least: number|null, most: number|null, suggested: Entry, rest: Record<string, unknown>}} Field  `rest`: what is not drawn
 * @typedef {string|boolean|string[]|null} Entry  `null`: nothing is entered
 * @typedef {{entries: Entry[], tried: boolean, panel: string}} Form  `tried`: what is missing is said from then on
 */

import { plain } from "../parts/escapes.js";

const UNKNOWN = "What it asks for is of a sort that no form has here.";

/** @type {WeakMap<object, Field[]|string>} */
const known = new WeakMap();

/** What is asked for, or why it cannot be given from here, in words. @param {Approval} a @returns {Field[]|string} */
export function asked(a) {
  let found = known.get(a.input);
  if (found === undefined) known.set(a.input, (found = read(a.input)));
  return found;
}

/** @param {Record<string, any>} input @returns {Field[]|string} */
function read({ mode, schema }) {
  if (mode === "url") return "It wants a page to be opened, which only the terminal does.";
  if (!isObject(schema) || !isObject(schema.properties)) return UNKNOWN;
  const needed = Array.isArray(schema.required) ? schema.required : [];
  const fields = Object.entries(schema.properties).map(([name, p]) => field(name, p, needed.includes(name)));
  if (fields.includes(null) || needed.some((/** @type {string} */ name) => !Object.hasOwn(schema.properties, name))) return UNKNOWN;
  return /** @type {Field[]} */ (fields);
}

/** @param {string} name @param {any} p @param {boolean} needed @returns {Field|null} */
function field(name, p, needed) {
  const sort = isObject(p) ? sortOf(p) : null;
  if (sort === null) return null;
  const { type, title, description, default: suggestion, format, enum: _, enumNames, oneOf, anyOf, items, ...rest } = p;
  const among = sort === "choice" ? choices(p) : sort === "choices" ? choices(items) : [];
  const drawn = { name, title: text(title) || name, about: text(description), needed, sort, choices: among, format: text(format) };
  const first = suggested(sort, among, suggestion);
  const more = suggestion !== undefined && first === null ? { ...rest, default: suggestion } : rest;
  return { ...drawn, ...bounds(sort, rest), suggested: first, rest: undrawn(more, sort) };
}

/** @param {any} p @returns {Sort|null} */
function sortOf(p) {
  if (p.type === "boolean") return "yes_no";
  if (p.type === "number" || p.type === "integer") return p.type;
  if (p.type === "array") return isObject(p.items) && choices(p.items).length ? "choices" : null;
  if (p.type !== "string") return null;
  const limited = ["enum", "oneOf", "anyOf"].some((key) => key in p);
  return !limited ? "text" : choices(p).length ? "choice" : null;
}

/** What may be chosen, with its names. @param {any} p @returns {Choice[]} */
function choices(p) {
  const titled = [p.oneOf, p.anyOf].find(Array.isArray);
  const all = Array.isArray(p.enum)
    ? p.enum.map((/** @type {unknown} */ value, /** @type {number} */ i) => ({ value, label: p.enumNames?.[i] }))
    : (titled ?? []).map((/** @type {any} */ one) => ({ value: one?.const, label: one?.title }));
  const values = new Set(all.map((/** @type {any} */ one) => one.value));
  if (values.size < all.length || [...values].some((value) => typeof value !== "string" || value === "")) return [];
  const labels = all.map((/** @type {any} */ one) => plain(text(one.label) || one.value));
  const alike = new Set(labels).size < labels.length;
  return all.map((/** @type {any} */ one, /** @type {number} */ i) => ({ value: one.value, label: alike ? `${labels[i]} (${plain(one.value)})` : labels[i] }));
}

/** @type {Record<Sort, [string, string]|null>} */
const BOUNDS = {
  text: ["minLength", "maxLength"], number: ["minimum", "maximum"], integer: ["minimum", "maximum"],
  choices: ["minItems", "maxItems"], choice: null, yes_no: null,
};

/** @param {Sort} sort @param {Record<string, unknown>} p */
function bounds(sort, p) {
  const of = (/** @type {0|1} */ n) => (BOUNDS[sort] && typeof p[BOUNDS[sort][n]] === "number" ? /** @type {number} */ (p[BOUNDS[sort][n]]) : null);
  return { least: of(0), most: of(1) };
}

/** @param {Record<string, unknown>} rest @param {Sort} sort */
function undrawn(rest, sort) {
  return Object.fromEntries(Object.entries(rest).filter(([key, value]) => !(BOUNDS[sort]?.includes(key) && typeof value === "number")));
}

/** What would not be seen for what it is in a field is not filled in. @param {Sort} sort @param {Choice[]} among @param {unknown} value @returns {Entry} */
function suggested(sort, among, value) {
  const may = (/** @type {unknown} */ one) => among.some((c) => c.value === one);
  if (sort === "yes_no") return typeof value === "boolean" ? value : null;
  if (sort === "number" || sort === "integer") return typeof value === "number" ? String(value) : null;
  if (sort === "choices") return Array.isArray(value) && value.every(may) ? value : null;
  return typeof value === "string" && value !== "" && (sort === "text" ? plain(value) === value : may(value)) ? value : null;
}

/** Whether what stands there is what the server suggests. @param {Field} f @param {Entry} entry */
export function untouched(f, entry) {
  return f.suggested !== null && JSON.stringify(entry) === JSON.stringify(f.suggested);
}

/** What is wrong with it, in words; what is missing is only said once somebody tried. @param {Field} f @param {Entry} entry @param {boolean} tried */
export function fault(f, entry, tried) {
  const given = value(f, entry);
  if (given === undefined) return f.needed && tried ? "Needed." : "";
  return FAULTS[f.sort](f, /** @type {any} */ (given));
}

/** @type {Record<Sort, (f: Field, given: any) => string>} */
const FAULTS = {
  text: (f, given) => {
    const length = [...given].length;
    if (f.least !== null && length < f.least) return `At least ${counted(f.least, "character")}.`;
    if (f.most !== null && length > f.most) return `No more than ${counted(f.most, "character")}.`;
    return Object.hasOwn(FORMATS, f.format) && !FORMATS[f.format].fits(given) ? `Needed: ${FORMATS[f.format].words}.` : "";
  },
  number: (f, given) => {
    if (!Number.isFinite(given)) return "Needed: a number.";
    if (f.least !== null && given < f.least) return `At least ${f.least}.`;
    return f.most !== null && given > f.most ? `No more than ${f.most}.` : "";
  },
  integer: (f, given) => (Number.isSafeInteger(given) ? FAULTS.number(f, given) : "Needed: a whole number."),
  choices: (f, given) => {
    if (f.least !== null && given.length < f.least) return `Choose at least ${f.least}.`;
    return f.most !== null && given.length > f.most ? `Choose no more than ${f.most}.` : "";
  },
  choice: (f, given) => (f.choices.some((c) => c.value === given) ? "" : "Choose one."),
  yes_no: () => "",
};

/** @type {Record<string, {fits: (text: string) => boolean, words: string}>} */
export const FORMATS = {
  email: { fits: (t) => /^[^\s@]+@[^\s@]+$/.test(t), words: "an e-mail address" },
  uri: { fits: (t) => /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(t), words: "an address such as https://example.org" },
  date: { fits: isDate, words: "a date such as 2026-01-31" },
  "date-time": { fits: isMoment, words: "a date and time such as 2026-01-31T12:00:00Z" },
};

/** @param {string} t */
function isDate(t) {
  const [, year, month, day] = (/^(\d{4})-(\d\d)-(\d\d)$/.exec(t) ?? []).map(Number);
  // A day that no month has is one of the next.
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  return at.getUTCMonth() === month - 1 && at.getUTCDate() === day;
}

/** @param {string} t */
function isMoment(t) {
  const [, date, hour, minute, second] = /^(\d{4}-\d\d-\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/.exec(t) ?? [];
  return date !== undefined && isDate(date) && Number(hour) < 24 && Number(minute) < 60 && Number(second) <= 60;
}

/** What would be sent of it; `undefined` when nothing is entered. @param {Field} f @param {Entry} entry */
export function value(f, entry) {
  if (entry === null || entry === "") return undefined;
  if (f.sort !== "number" && f.sort !== "integer") return f.sort === "choices" && Array.isArray(entry) && !entry.length && !f.needed ? undefined : entry;
  const t = String(entry).trim();
  if (t === "") return undefined;
  return /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(t) ? Number(t) : NaN;
}

/** Whether it may be sent. @param {Form} form @param {Approval} a */
export function complete(form, a) {
  const fields = asked(a);
  return typeof fields !== "string" && fields.every((f, i) => !fault(f, form.entries[i], true));
}

/** @type {import("../forms.js").FormKind} */
export const elicitation = {
  begin: (a) => ({ entries: list(a).map((f) => f.suggested), tried: false }),
  change,
  body: (form, a) => (complete(form, a) ? { content: content(form, list(a)) } : null),
  missing: (form, a) => {
    const first = list(a).findIndex((f, i) => fault(f, form.entries[i], true));
    return first < 0 ? "" : `entry-${first}`;
  },
};

/** @param {Approval} a @returns {Field[]} */
function list(a) {
  const found = asked(a);
  return typeof found === "string" ? [] : found;
}

/** @param {Form} form @param {any} m @param {Approval} a @returns {Form} */
function change(form, m, a) {
  if (m.what === "onward") return { ...form, tried: true };
  const f = m.what === "entry" ? list(a)[m.n] : undefined;
  if (!f) return form;
  const entry = f.sort === "choices" ? toggled(f, form.entries[m.n], m.value) : m.value;
  return { ...form, entries: form.entries.map((old, i) => (i === m.n ? entry : old)) };
}

/** In the order they stand. @param {Field} f @param {Entry} entry @param {string} choice @returns {Entry} */
function toggled(f, entry, choice) {
  const now = Array.isArray(entry) ? entry : [];
  const all = f.choices.map((c) => c.value);
  return all.filter((one) => (one === choice ? !now.includes(one) : now.includes(one)));
}

/** By name, as the server takes it; what is not entered is left out. @param {Form} form @param {Field[]} fields */
function content(form, fields) {
  const all = fields.map((f, i) => [f.name, value(f, form.entries[i])]);
  return Object.fromEntries(all.filter(([, given]) => given !== undefined));
}

/** @param {number} n @param {string} what */
export function counted(n, what) {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

/** @param {unknown} value */
function text(value) {
  return typeof value === "string" ? value : "";
}

/** @param {any} value */
function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
