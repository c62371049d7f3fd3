/**
 * The settings as the daemon has them, and what is typed and not there yet. Each is saved by itself.
 *
 * @typedef {import("../app.js").App} App
 * @typedef {{path: string, values: any, defaults: any, overridden: Record<string, string>, restart: string[], problem: string|null, shortcuts?: Record<string, {state: string, keys?: string|null, why?: string}>}} Said
 * @typedef {{typed?: unknown, wrong: string, saved: boolean, turn: number, timer: number}} Field
 */

import { newest, said as why } from "./common.js";

/** After so long without a key, what was typed is saved, ms. */
const PAUSE = 700;
/** How long “Saved” stands, ms. */
const STANDS = 2_500;

/** @type {{said: Said|null, error: string, fields: Map<string, Field>}} */
export const config = { said: null, error: "", fields: new Map() };

export const load = newest(
  (app) => app.ask("GET", "/settings"),
  (said) => Object.assign(config, { said, error: "" }),
  (error) => (config.error = error),
);

/** @param {any} values @param {string} key such as `quiet.on` */
export function at(values, key) {
  return key.split(".").reduce((inside, name) => inside?.[name], values);
}

/** What the field shows: what is typed, else what is. @param {string} key */
export function value(key) {
  const field = config.fields.get(key);
  return field && "typed" in field ? field.typed : at(config.said?.values, key);
}

/** @param {string} key @returns {Field} */
export function field(key) {
  return config.fields.get(key) ?? { wrong: "", saved: false, turn: 0, timer: 0 };
}

/** The last change of each setting. @type {Map<string, Promise<void>>} */
const changes = new Map();

/** Saves at once. @param {App} app @param {string} key @param {unknown} value */
export function put(app, key, value) {
  const before = field(key);
  clearTimeout(before.timer);
  const turn = before.turn + 1;
  config.fields.set(key, { typed: value, wrong: "", saved: false, turn, timer: 0 });
  app.draw();
  return queue(key, () => send(app, key, value, turn));
}

/**
 * Two changes on their way at once could be made in the wrong order: the next waits for the answer to the one before, and is left out
 * when there is a newer one by then.
 * @param {string} key @param {() => Promise<void>} change
 */
function queue(key, change) {
  const before = changes.get(key) ?? Promise.resolve();
  const next = () => (changes.get(key) === mine ? change() : undefined);
  /** @type {Promise<void>} */
  const mine = before.then(next, next);
  changes.set(key, mine);
  return mine;
}

/** Keeps what is typed, and saves it when no more comes; or says what is wrong with it. @param {App} app @param {string} key @param {unknown} value @param {string} wrong */
export function type(app, key, value, wrong) {
  const before = field(key);
  clearTimeout(before.timer);
  const timer = wrong ? 0 : setTimeout(() => void put(app, key, value), PAUSE);
  config.fields.set(key, { typed: value, wrong, saved: false, turn: before.turn + 1, timer });
  app.draw();
}

/** Keeps what is typed until the field is left. @param {string} key @param {unknown} value */
export function hold(key, value) {
  config.fields.set(key, { ...field(key), typed: value, wrong: "", saved: false });
}

/** Saves what still waits: the field is left. @param {App} app @param {string} key */
export function leave(app, key) {
  const { timer, typed } = field(key);
  if (timer) void put(app, key, typed);
}

/** @param {App} app @param {string} key @param {unknown} value @param {number} turn */
async function send(app, key, value, turn) {
  const late = () => field(key).turn !== turn;
  try {
    const said = await app.ask("PATCH", "/settings", { [key]: value });
    if (late()) return;
    config.said = said;
    config.fields.set(key, { wrong: "", saved: true, turn, timer: 0 });
    setTimeout(() => !late() && config.fields.delete(key) && app.draw(), STANDS);
  } catch (error) {
    if (late()) return;
    config.fields.set(key, { typed: value, wrong: why(error), saved: false, turn, timer: 0 });
  }
  app.draw();
}
