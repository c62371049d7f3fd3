/**
 * The answers to Claude's questions, while they are picked. Nothing is picked beforehand; what is picked is known
 * by its place, so that no label can be taken for another. Pure.
 *
 * @typedef {import("../wire").Approval} Approval
 * @typedef {{label: string, description: string, preview: string, rest: Record<string, unknown>}} Option
 * @typedef {{text: string, header: string, multi: boolean, options: Option[], rest: Record<string, unknown>}} Question
 * @typedef {{picks: number[], own: string, owned: boolean}} Answer  `owned`: the own text is picked too
 * @typedef {{at: number, answers: Answer[], panel: string}} Form
 */

/** @type {WeakMap<object, Question[]|string>} */
const known = new WeakMap();

/** What is asked, or why it cannot be answered from here, in words. @param {Approval} a @returns {Question[]|string} */
export function questions(a) {
  let found = known.get(a.input);
  if (found === undefined) known.set(a.input, (found = read(a.input.questions)));
  return found;
}

/** @param {unknown} asked @returns {Question[]|string} */
function read(asked) {
  if (!Array.isArray(asked) || asked.length === 0) return "There is no question in it that could be shown.";
  /** @type {Question[]} */
  const all = [];
  for (const q of asked) {
    const one = readOne(q);
    if (typeof one === "string") return one;
    all.push(one);
  }
  return twice(all.map((q) => q.text)) ? "Two of the questions are worded the same: an answer from here would be taken for both." : all;
}

/** @param {any} q @returns {Question|string} */
function readOne(q) {
  if (!isObject(q) || typeof q.question !== "string" || !q.question.trim()) return "One of the questions has no text.";
  const { question: text, header = "", multiSelect, options = [], ...rest } = q;
  if (!Array.isArray(options) || typeof header !== "string") return "One of the questions is not made like a question.";
  const read = options.map(readOption);
  if (read.includes(null)) return "One of the options has no name: an answer from here could not name it.";
  const found = /** @type {Option[]} */ (read);
  if (twice(found.map((o) => o.label))) return "Two of the options are called the same: an answer from here could not say which is meant.";
  return { text, header, multi: multiSelect === true, options: found, rest };
}

/** @param {any} o @returns {Option|null} */
function readOption(o) {
  if (typeof o === "string") return o.trim() ? { label: o, description: "", preview: "", rest: {} } : null;
  if (!isObject(o) || typeof o.label !== "string" || !o.label.trim()) return null;
  const { label, description = "", preview = "", ...rest } = o;
  return { label, description: String(description ?? ""), preview: String(preview ?? ""), rest };
}

/** @param {any} value */
function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** @param {string[]} texts */
function twice(texts) {
  return new Set(texts.map((t) => t.trim())).size < texts.length;
}

/** Whether it is answered. @param {Answer|undefined} answer */
export function answered(answer) {
  return Boolean(answer && (answer.picks.length || (answer.owned && answer.own.trim())) && (!answer.owned || answer.own.trim()));
}

/** @param {Form} form */
export function complete(form) {
  return form.answers.length > 0 && form.answers.every(answered);
}

/** @type {import("../forms.js").FormKind} */
export const question = {
  begin: (a) => ({ at: 0, answers: list(a).map(() => ({ picks: [], own: "", owned: false })) }),
  change,
  body: (form, a) => (complete(form) ? { updated_input: { ...a.input, answers: answers(form, list(a)) } } : null),
  missing: (form, a) => {
    const q = list(a)[form.at];
    const answer = form.answers[form.at];
    return !q || answered(answer) ? "" : q.options.length && !answer.owned ? "option-1" : "own";
  },
  page: (form) => String(form.at),
};

/** @param {Approval} a @returns {Question[]} */
function list(a) {
  const found = questions(a);
  return typeof found === "string" ? [] : found;
}

/** @param {Form} form @param {any} m @param {Approval} a @returns {Form} */
function change(form, m, a) {
  const q = list(a)[form.at];
  if (!q) return form;
  if (m.what === "go") return list(a)[m.to] ? { ...form, at: m.to } : form;
  if (m.what === "back") return { ...form, at: Math.max(0, form.at - 1) };
  if (m.what === "onward") return { ...form, at: onward(form) };
  const answer = changeOne(form.answers[form.at], q, m);
  return { ...form, answers: form.answers.map((old, i) => (i === form.at ? answer : old)) };
}

/** The next one without an answer, once this one has one. @param {Form} form */
function onward(form) {
  if (!answered(form.answers[form.at])) return form.at;
  const open = form.answers.flatMap((answer, i) => (answered(answer) ? [] : [i]));
  return open.find((i) => i > form.at) ?? open[0] ?? form.at;
}

/** @param {Answer} answer @param {Question} q @param {any} m @returns {Answer} */
function changeOne(answer, q, m) {
  // The last “option” is one's own words.
  if (m.what === "option" && m.n === q.options.length) return changeOne(answer, q, { what: "owned", on: !(q.multi && answer.owned) });
  if (m.what === "option" && q.options[m.n]) return q.multi ? toggled(answer, m.n) : { ...answer, picks: [m.n], owned: false };
  if (m.what === "owned") return { ...answer, owned: m.on !== false, picks: q.multi ? answer.picks : [] };
  if (m.what !== "own") return answer;
  const own = String(m.text ?? "");
  return { ...answer, own, owned: own.trim() !== "" || answer.owned, picks: q.multi || own.trim() === "" ? answer.picks : [] };
}

/** @param {Answer} answer @param {number} n @returns {Answer} */
function toggled(answer, n) {
  const picks = answer.picks.includes(n) ? answer.picks.filter((p) => p !== n) : [...answer.picks, n].sort((x, y) => x - y);
  return { ...answer, picks };
}

/** By question, as Claude takes them. @param {Form} form @param {Question[]} all */
function answers(form, all) {
  return Object.fromEntries(all.map((q, i) => [q.text, said(form.answers[i], q)]));
}

/** A list where a comma would not tell one answer from two. @param {Answer} answer @param {Question} q */
function said(answer, q) {
  const words = answer.picks.map((n) => q.options[n].label);
  if (answer.owned) words.push(answer.own.trim());
  return q.multi && words.length > 1 && words.some((w) => w.includes(",")) ? words : words.join(", ");
}
