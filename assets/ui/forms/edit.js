/**
 * Something else to run instead: a part of the input as a text. What is sent is the whole input with only that
 * changed, and not before its risk was shown. Pure.
 *
 * @typedef {import("../wire").Approval} Approval
 * @typedef {import("../wire").Assessed} Assessed
 * @typedef {{key: string, label: string, json: boolean}} Field  `json`: its value is written as JSON
 * @typedef {{texts: Record<string, string>, key: string, assessed: Assessed|null}} Form  `key`: of the input that `assessed` is about
 */

import { fits } from "../parts/whole.js";

/** What may be edited, by tool. @type {Record<string, [string, string][]>} */
const FIELDS = {
  Bash: [["command", "Command"]],
  Write: [["content", "Content"]],
  Edit: [["new_string", "New text"]],
  NotebookEdit: [["new_source", "New source of the cell"]],
  WebFetch: [["url", "Address"], ["prompt", "What to look for"]],
};

/** What may not be empty. */
const NEEDED = ["command", "url"];

/** The parts of it that may be edited; none when it is too long to stand in a field, or cannot be sent back exactly. @param {Approval} a @returns {Field[]} */
export function editable(a) {
  if (a.kind !== "permission" || !fits(a) || !exact(a.input)) return [];
  if (a.tool.startsWith("mcp__")) return Object.entries(a.input).map(([key, value]) => ({ key, label: key, json: typeof value !== "string" }));
  // Of a cell that goes nothing is written.
  const known = Object.hasOwn(FIELDS, a.tool) && a.input.edit_mode !== "delete" ? FIELDS[a.tool] : [];
  const all = known.filter(([key]) => typeof a.input[key] === "string");
  return all.length === known.length ? all.map(([key, label]) => ({ key, label, json: false })) : [];
}

/** Whether a page holds it as it is: large numbers it does not. @param {unknown} value @returns {boolean} */
function exact(value) {
  if (typeof value === "number") return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  return value === null || typeof value !== "object" || Object.values(value).every(exact);
}

/** What stands in its field. @param {Form} form @param {Approval} a @param {Field} field */
export function textOf(form, a, { key, json }) {
  if (Object.hasOwn(form.texts, key)) return form.texts[key];
  return json ? JSON.stringify(a.input[key], null, 2) : String(a.input[key]);
}

/**
 * The input as edited, and what is wrong with it.
 * @param {Form} form @param {Approval} a @returns {{input: Record<string, unknown>, wrong: Record<string, string>, same: boolean}}
 */
export function edited(form, a) {
  const texts = editable(a).filter(({ key }) => Object.hasOwn(form.texts, key));
  const all = new Map(texts.map((field) => [field.key, read(form.texts[field.key], field)]));
  const wrong = [...all].filter(([, { why }]) => why).map(([key, { why }]) => [key, why]);
  const changed = new Map([...all].filter(([key, { value, why }]) => !why && JSON.stringify(value) !== JSON.stringify(a.input[key])));
  // No key is a name of JavaScript's here: `__proto__` is one like others.
  const input = Object.fromEntries(Object.entries(a.input).map(([key, value]) => [key, changed.has(key) ? changed.get(key)?.value : value]));
  return { input, wrong: Object.fromEntries(wrong), same: wrong.length === 0 && changed.size === 0 };
}

/** @param {string} text @param {Field} field @returns {{value?: unknown, why: string}} */
function read(text, { key, json }) {
  if (!json) return { value: text, why: NEEDED.includes(key) && !text.trim() ? "There has to be something." : "" };
  try {
    const value = JSON.parse(text);
    return exact(value) ? { value, why: "" } : { why: "A number in it is too large to be sent exactly." };
  } catch (error) {
    return { why: `This is no JSON: ${error instanceof Error ? error.message : error}` };
  }
}

/** The request as it would run, with the risk that was found; `null` while that is not known. @param {Form} form @param {Approval} a @returns {Approval|null} */
export function instead(form, a) {
  const { input, wrong, same } = edited(form, a);
  if (Object.keys(wrong).length) return null;
  if (same) return a;
  return form.key === keyOf(input) && form.assessed ? { ...a, input: /** @type {Approval["input"]} */ (input), risk: form.assessed.risk } : null;
}

/** A request as its form stands: as it would run if it were approved now, without a risk while that is not known. @param {import("../forms.js").Form} form @param {Approval} a @returns {Approval} */
export function asRun(form, a) {
  return form.panel === "edit" && a.kind === "permission" ? (instead(form.edit, a) ?? { ...a, risk: null }) : a;
}

/** @param {Record<string, unknown>} input */
function keyOf(input) {
  return `assess ${JSON.stringify(input)}`;
}

/** Whether its risk was looked for in vain. @param {Form} form @param {Approval} a */
export function failed(form, a) {
  return form.key === keyOf(edited(form, a).input) && form.assessed === null;
}

/** @type {import("../forms.js").FormKind} */
export const edit = {
  begin: () => ({ texts: {}, key: "", assessed: null }),
  change: (form, m, a) => {
    if (m.what === "edit" && editable(a).some(({ key }) => key === m.key)) return { ...form, texts: { ...form.texts, [m.key]: String(m.text ?? "") } };
    if (m.what === "undo") return { ...form, texts: {} };
    if (m.what === "again") return { ...form, key: "" };
    return m.what === "got" && m.key === keyOf(edited(form, a).input) ? { ...form, key: m.key, assessed: m.ok ? m.value : null } : form;
  },
  body: (form, a) => {
    const run = instead(form, a);
    return run && (run === a ? {} : { updated_input: run.input });
  },
  missing: (form, a) => `edit-${Object.keys(edited(form, a).wrong)[0] ?? editable(a)[0]?.key ?? ""}`,
  opens: (a) => editable(a).length > 0,
  // Another risk is something else to look at.
  page: (form) => `edit ${JSON.stringify(form.assessed?.risk.findings.map((/** @type {{text: string}} */ f) => f.text) ?? [])}`,
  needs: (form, a) => {
    const { input, wrong, same } = edited(form, a);
    const key = keyOf(input);
    if (same || Object.keys(wrong).length || form.key === key) return null;
    return { key, method: "POST", path: `/approvals/${encodeURIComponent(a.id)}/assess`, body: { input } };
  },
};
