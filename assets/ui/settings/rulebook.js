/**
 * The rules as the daemon has them, and what can be done to the whole of them.
 *
 * @typedef {import("../app.js").App} App
 * @typedef {import("./draft.js").Known} Known
 * @typedef {import("./draft.js").Rule} Rule
 * @typedef {{rule: Rule, seen: number, examples: {id: string, text: string, at: number}[]}} Suggestion
 */

import { plain } from "../parts/escapes.js";
import { bare, moved } from "./draft.js";
import { newest } from "./common.js";

/** `at`: when they were heard, by the daemon's clock. @type {{rules: Known[]|null, paused: boolean, broken: string|null, at: number, error: string, suggestions: Suggestion[]}} */
export const book = { rules: null, paused: false, broken: null, at: 0, error: "", suggestions: [] };

export const load = newest(
  async (app) => ({ ...(await app.ask("GET", "/rules")), at: app.now() }),
  (told) => Object.assign(book, told, { error: "" }),
  (error) => (book.error = error),
);

/** @param {App} app */
export async function suggest(app) {
  const answer = await app.ask("GET", "/rules/suggest").catch(() => null);
  if (answer) book.suggestions = answer.suggestions;
  app.draw();
}

/** @param {number} id */
export function index(id) {
  return book.rules?.findIndex((rule) => rule.id === id) ?? -1;
}

/** Shows it as it will be, then asks for it; what is refused is undone. @param {App} app @param {number} id @param {boolean} on */
export async function enable(app, id, on) {
  const set = (/** @type {boolean} */ enabled) => (book.rules = book.rules?.map((rule) => (rule.id === id ? { ...rule, enabled } : rule)) ?? null);
  set(on);
  app.draw();
  if (!(await app.try("PATCH", `/rules/${id}`, { enabled: on }))) set(!on);
  app.draw();
}

/** @param {App} app @param {number} id @param {number} to */
export async function move(app, id, to) {
  const from = index(id);
  if (!book.rules || from < 0 || from === to) return;
  book.rules = moved(book.rules, from, to);
  app.draw();
  await app.try("PATCH", `/rules/${id}`, { position: to });
  await load(app);
}

/** @param {App} app @param {number} id */
export async function remove(app, id) {
  const position = index(id);
  const rule = book.rules?.[position];
  if (!rule || !(await app.try("DELETE", `/rules/${id}`))) return;
  const back = () => void app.try("POST", "/rules", { ...bare(rule), position }).then(() => load(app));
  app.say(`Deleted “${plain(rule.name)}”.`, "info", { label: "Undo", run: back });
  await load(app);
}

/** @param {App} app @param {boolean} on */
export async function pause(app, on) {
  if (await app.try("POST", on ? "/rules/pause" : "/rules/resume")) book.paused = on;
  app.draw();
}

/** @param {App} app */
export async function save(app) {
  try {
    const answer = await app.stream("/rules/export", AbortSignal.timeout(15_000));
    await app.save("ccmon-rules.toml", await answer.blob());
  } catch (error) {
    app.fail(error);
  }
}
