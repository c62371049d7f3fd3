/** A plan that may be edited before it is approved. Pure. */

/** @typedef {import("../wire").Approval} Approval */

/** The mode from then on, until the session ends. Without one Claude goes back to whichever it had before the plan. @type {Record<string, string>} */
const MODES = { plan: "default", plan_edits: "acceptEdits" };

/** Its text, if Claude sent it along. @param {Approval} a @returns {string|null} */
export function textOf(a) {
  return typeof a.input.plan === "string" ? a.input.plan : null;
}

/** What was made of the plan, while it is on the screen. @param {{panel: string, text: string|null}} form @param {Approval} a */
export function planned(form, a) {
  return form.panel === "edit" ? (form.text ?? textOf(a)) : textOf(a);
}

/** @type {import("../forms.js").FormKind} */
export const plan = {
  begin: () => ({ text: null }),
  change: (form, m) => {
    if (m.what === "plan") return { ...form, text: String(m.text ?? "") };
    return m.what === "undo" ? { ...form, text: null } : form;
  },
  // Claude ignores a bare yes to a plan: the plan itself is the answer, and none to none.
  body: (form, a, act) => {
    const text = planned(form, a);
    if (text !== null && !text.trim() && text !== textOf(a)) return null;
    return { updated_input: text === null ? {} : { plan: text }, updated_permissions: [{ type: "setMode", mode: MODES[act], destination: "session" }] };
  },
  missing: () => "plan-text",
  page: (form) => form.panel,
  opens: (a, panel) => panel === "edit" && textOf(a) !== null,
};
