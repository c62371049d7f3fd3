/**
 * A rule of ccmon's own that is made with a yes: which draft, for how long, where. Nothing is picked beforehand; for
 * how long and where begin with the least. Pure.
 *
 * @typedef {import("../wire").Approval} Approval
 * @typedef {import("../wire").Offers} Offers
 * @typedef {import("../settings/draft.js").Rule} Rule
 * @typedef {{level: "error"|"warning", code: string, text: string}} Lint
 * @typedef {{lints: Lint[], samples: {fit: string, then: string}[]}} Preview
 * @typedef {{offers: Offers|null|undefined, pick: number|"all"|null, span: string, scope: string, key: string, preview: Preview|null}} Form
 *   `offers`: null when they could not be had; `key`: of the rule that `preview` is about
 */

/** @type {[string, string][]} */
const SPANS = [["once", "the next time only"], ["900", "for 15 minutes"], ["3600", "for 1 hour"], ["session", "until this session ends"], ["restart", "until ccmon restarts"], ["forever", "for ever"]];
/** @type {[string, string][]} */
const SCOPES = [["session", "in this session"], ["project", "in this project"], ["everywhere", "everywhere"]];

/** For how long it may be, there. @param {string} scope */
export function spans(scope) {
  return scope === "session" ? SPANS.filter(([span]) => ["900", "3600", "session"].includes(span)) : SPANS;
}

/** Where it may be. @param {Form} form */
export function scopes({ offers }) {
  return offers?.project ? SCOPES : SCOPES.filter(([scope]) => scope !== "project");
}

/** The rule that is picked. @param {Form} form @param {Approval} a @returns {Rule|null} */
export function picked(form, a) {
  const { offers, pick } = form;
  if (!offers || pick === null) return null;
  if (pick === "all") return /** @type {Rule|null} */ (offers.session_rule);
  const draft = /** @type {Rule|undefined} */ (offers.rules[pick]?.rule);
  if (!draft) return null;
  const { cwd: _, lasts: __, seconds: ___, session: ____, ...rest } = draft;
  return { ...rest, ...lasting(form, a), ...(form.scope === "project" && offers.project ? { cwd: offers.project } : {}) };
}

/** @param {Form} form @param {Approval} a @returns {Pick<Rule, "lasts"|"seconds"|"session">} */
function lasting({ scope, span }, { session }) {
  const seconds = Number(span);
  if (span === "session") return { lasts: "session", session };
  if (scope === "session") return { lasts: "session_seconds", session, seconds };
  return seconds ? { lasts: "seconds", seconds } : { lasts: /** @type {"once"|"restart"|"forever"} */ (span) };
}

/** What stands in its way. @param {Form} form */
export function errors({ preview }) {
  return (preview?.lints ?? []).filter((lint) => lint.level === "error");
}

/** Whether what there is to say of it is there. @param {Form} form @param {Approval} a */
export function told(form, a) {
  const rule = picked(form, a);
  return rule !== null && form.key === keyOf(rule);
}

/** What it would have done, in a sentence. @param {Preview} preview @param {boolean} all */
export function covered({ samples }, all) {
  const hits = samples.filter((s) => s.fit === "match");
  const denied = hits.filter((s) => s.then === "denied").length;
  if (samples.length === 0) return "";
  const held = samples.filter((s) => s.fit === "held_back").length;
  const besides = denied ? `, among them ${denied} that you denied` : "";
  return `Of the last ${samples.length} requests${all ? " of all sessions" : ""} it would have approved ${hits.length}${besides}.${held ? ` ${held} more would have been left to you, for their danger.` : ""}`;
}

/** @param {Rule} rule */
function keyOf(rule) {
  return `preview ${JSON.stringify(rule)}`;
}

/** @param {Form} form @returns {Form} */
function fitted(form) {
  const scope = scopes(form).some(([known]) => known === form.scope) ? form.scope : "session";
  return { ...form, scope, span: spans(scope).some(([known]) => known === form.span) ? form.span : "session" };
}

/** @param {Form} form @param {any} m @param {Approval} a @returns {Form} */
function got(form, m, a) {
  if (m.key === "offers") return form.offers === undefined ? fitted({ ...form, offers: m.ok ? m.value : null }) : form;
  const rule = picked(form, a);
  return rule && m.key === keyOf(rule) ? { ...form, key: m.key, preview: m.ok ? m.value : null } : form;
}

/** @type {import("../forms.js").FormKind} */
export const rule = {
  begin: () => ({ offers: undefined, pick: null, span: "session", scope: "project", key: "", preview: null }),
  change: (form, m, a) => {
    if (m.what === "got") return got(form, m, a);
    if (m.what === "pick" && (m.n === "all" ? form.offers?.session_rule : form.offers?.rules[m.n])) return { ...form, pick: m.n };
    if (m.what === "span" && spans(form.scope).some(([span]) => span === m.span)) return { ...form, span: m.span };
    return m.what === "scope" && scopes(form).some(([scope]) => scope === m.scope) ? fitted({ ...form, scope: m.scope }) : form;
  },
  body: (form, a) => (told(form, a) && errors(form).length === 0 ? { rule: picked(form, a) } : null),
  missing: (form) => (form.pick === null ? "rule-1" : "rule-told"),
  opens: (a) => a.kind === "permission",
  needs: (form, a) => {
    if (form.offers === undefined) return { key: "offers", method: "GET", path: `/approvals/${encodeURIComponent(a.id)}/offers` };
    const wanted = picked(form, a);
    return wanted && form.key !== keyOf(wanted) ? { key: keyOf(wanted), method: "POST", path: "/rules/preview", body: wanted } : null;
  },
};
