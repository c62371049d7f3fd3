/**
 * What somebody makes of a request before it is decided: answers picked, text edited, something to remember.
 * One form per request, kept while it is pending and while it says the same. Pure.
 *
 * @typedef {import("./wire").Approval} Approval
 * @typedef {Record<string, any> & {panel: string}} Form  `panel`: what is opened in it, one at a time, or ""
 * @typedef {{
 *   begin: (a: Approval) => any,
 *   change: (form: any, m: any, a: Approval) => any,
 *   body: (form: any, a: Approval, act: string) => object|null,
 *   missing?: (form: any, a: Approval) => string,
 *   page?: (form: any) => string,
 *   opens?: (a: Approval, panel: string) => boolean,
 *   needs?: (form: any, a: Approval) => Need|null,
 * }} FormKind  `begin`: the empty form; `change`: after a message `{what, …}` of a control; `body`: what goes
 *   with the decision, nothing while something is missing; `missing`: the id of the control to go to then;
 *   `page`: names what is shown of it, when that is not all; `opens`: whether it has such a panel;
 *   `needs`: what it wants to know of the daemon, which comes as a message `{what: "got", key, ok, value}`
 * @typedef {{key: string, method: string, path: string, body?: unknown}} Need
 * @typedef {{forms: Record<string, Form>, cards: Record<string, any>}} State  what was made of requests, and what was fetched of them
 */

import { edit } from "./forms/edit.js";
import { elicitation } from "./forms/elicitation.js";
import { plan } from "./forms/plan.js";
import { question } from "./forms/question.js";
import { remember } from "./forms/remember.js";
import { rule } from "./forms/rule.js";
import { fits } from "./parts/whole.js";

/**
 * The form of a permission: one part per panel. What is not on the screen is not sent: a part counts while its
 * panel is open. To add one, name it here.
 * @type {Record<string, FormKind>}
 */
const PANELS = { edit, remember, rule };

/** @type {FormKind} */
const permission = {
  begin: (a) => Object.fromEntries(Object.entries(PANELS).map(([name, part]) => [name, part.begin(a)])),
  change: (form, m, a) => Object.entries(PANELS).reduce((f, [name, part]) => put(f, name, part.change(f[name], m, a)), form),
  body: (form, a, act) => {
    const part = panel(form);
    return part ? part.body(form[form.panel], a, act) : {};
  },
  missing: (form, a) => panel(form)?.missing?.(form[form.panel], a) ?? "",
  opens: (a, name) => Object.hasOwn(PANELS, name) && (PANELS[name].opens?.(a, name) ?? true),
  // Another text to approve stands there with other buttons.
  page: (form) => panel(form)?.page?.(form[form.panel]) ?? "",
  needs: (form, a) => panel(form)?.needs?.(form[form.panel], a) ?? null,
};

/** The part whose panel is open. @param {Form} form */
function panel(form) {
  return Object.hasOwn(PANELS, form.panel) ? PANELS[form.panel] : null;
}

/** @param {Form} form @param {string} name @param {any} value */
function put(form, name, value) {
  return form[name] === value ? form : { ...form, [name]: value };
}

/** What cannot be answered from here. @type {FormKind} */
const none = { begin: () => ({}), change: (form) => form, body: () => null };

/** @type {Record<string, FormKind>} */
const KINDS = { permission, question, plan, elicitation };

/** @param {Approval} a @returns {FormKind} */
function kindOf(a) {
  // Of a change the texts may be shown as lines, once these have come.
  const known = Object.hasOwn(KINDS, a.kind) && (a.kind === "permission" || fits(a));
  return known ? KINDS[a.kind] : none;
}

/** The form of a request, empty if nothing was done yet. @param {Record<string, Form>} forms @param {Approval} a @returns {Form} */
export function formOf(forms, a) {
  const form = Object.hasOwn(forms, a.id) ? forms[a.id] : null;
  return form && form.shown === a.shown ? form : { ...kindOf(a).begin(a), panel: "", shown: a.shown };
}

/** After a control was used. @param {Record<string, Form>} forms @param {Approval} a @param {{what: string, [key: string]: any}} m */
export function changed(forms, a, m) {
  const form = formOf(forms, a);
  const now = m.what === "panel" ? { ...form, panel: String(m.panel ?? "") } : { ...kindOf(a).change(form, m, a), shown: a.shown };
  return { ...forms, [a.id]: now };
}

/** Those of requests that are still pending and say the same. @param {Record<string, Form>} forms @param {Approval[]} pending */
export function kept(forms, pending) {
  return Object.fromEntries(Object.entries(forms).filter(([id, form]) => pending.some((a) => a.id === id && a.shown === form.shown)));
}

/** What is shown of it. @param {Record<string, Form>} forms @param {Approval} a */
export function pageOf(forms, a) {
  return kindOf(a).page?.(formOf(forms, a)) ?? "";
}

/** What goes with a yes; nothing while something is missing, or cannot be shown. @param {State} s @param {Approval} a @param {string} act */
export function bodyOf({ forms, cards }, a, act) {
  return fits(a, cards[a.id]) ? kindOf(a).body(formOf(forms, a), a, act) : null;
}

/** Where to go for what is missing. @param {Record<string, Form>} forms @param {Approval} a */
export function missing(forms, a) {
  return kindOf(a).missing?.(formOf(forms, a), a) || "input";
}

/** Whether there is such a part in it. @param {State} s @param {Approval} a @param {string} panel */
export function opens({ cards }, a, panel) {
  return fits(a, cards[a.id]) && (kindOf(a).opens?.(a, panel) ?? false);
}

/** What the form wants to know of the daemon. @param {Record<string, Form>} forms @param {Approval} a @returns {Need|null} */
export function needs(forms, a) {
  return kindOf(a).needs?.(formOf(forms, a), a) ?? null;
}
