/** Settings as rows: what it is, how it stands, what was wrong with what was typed. */

import { html } from "../vendor/lit-html/lit-html.js";
import { icon } from "../parts/icons.js";
import { config, field, hold, leave, load, put, type, value } from "./config.js";
import { drawn, failed, loading, ticked, typed, words } from "./common.js";
import { line } from "../parts/text.js";

/** @typedef {import("../app.js").App} App */

/** Stands for a name that is written out; nothing can be called that. */
const OTHER = "?";

/** Sounds that most themes have. @type {[string, string][]} */
const SOUNDS = [["", "No sound"], ["message-new-instant", "Message"], ["bell", "Bell"], ["complete", "Complete"], ["dialog-warning", "Warning"], ["dialog-error", "Error"], ["alarm-clock-elapsed", "Alarm"]];

/** What a page of settings shows once they are known. @param {App} app @param {() => unknown} inside */
export function known(app, inside) {
  if (config.said) return [problem(config.said.problem), inside()];
  return config.error ? failed(config.error, () => void load(app)) : loading();
}

/** A file that cannot be read is not overwritten. @param {string|null} why */
function problem(why) {
  if (!why) return "";
  return html`<div class="note bad" role="alert">${icon("alert")}<span><strong>The settings cannot be read, and are not changed from here.</strong> ${words(why)}</span></div>`;
}

/** @param {string} title @param {unknown} rows @param {unknown} [below] */
export function group(title, rows, below = "") {
  return html`<section class="group"><h2 class="h2">${title}</h2>${below ? html`<p class="dim">${below}</p>` : ""}<div class="rowset">${rows}</div></section>`;
}

/** @param {string} title @param {unknown} detail @param {string[]} keys what is set here @param {unknown} controls */
export function row(title, detail, keys, controls) {
  return html`<div class="set"><span class="grow"><b>${title}</b><small>${detail}</small>${keys.map(told)}</span><span class="controls">${keys.map(mark)}${controls}</span></div>`;
}

/** What there is to say about one setting. @param {string} key */
function told(key) {
  const { wrong } = field(key);
  const by = config.said?.overridden[key];
  return [
    wrong ? html`<small class="wrong" id=${`wrong-${key}`} role="alert">Not saved: ${words(wrong)}</small>` : "",
    by ? html`<small class="fixed">Set by <code>${line(by)}</code>, with which the daemon was started.</small>` : "",
    config.said?.restart.includes(key) ? html`<small class="fixed">Takes effect when ccmon starts again.</small>` : "",
  ];
}

/** @param {string} key */
function mark(key) {
  return html`<span class="saved" role="status">${field(key).saved ? html`${icon("check", "i-s")}Saved` : ""}</span>`;
}

/** Whether it cannot be changed here. @param {string} key */
export function fixed(key) {
  return Boolean(config.said?.overridden[key]) || Boolean(config.said?.problem);
}

/** @param {App} app @param {string} key @param {string} label */
export function toggle(app, key, label) {
  return html`<input class="switch" type="checkbox" role="switch" aria-label=${label} aria-describedby=${`wrong-${key}`} .checked=${Boolean(value(key))} ?disabled=${fixed(key)} @change=${(/** @type {Event} */ e) => void put(app, key, ticked(e))} />`;
}

/** @param {App} app @param {string} key @param {string} label @param {[string, string][]} options @param {(text: string) => unknown} [as] what is saved */
export function choice(app, key, label, options, as = String) {
  return select(key, label, withNow(key, options), (e) => void put(app, key, as(typed(e))));
}

/**
 * Any of a few, at least one. None in the file means all of them, and so do all here.
 * @param {App} app @param {string} key @param {string} label @param {[string, string][]} options
 */
export function several(app, key, label, options) {
  const now = value(key);
  const among = (/** @type {string} */ v) => !Array.isArray(now) || now.length === 0 || now.includes(v);
  const alone = options.filter(([v]) => among(v)).length === 1;
  const set = (/** @type {string} */ name, /** @type {boolean} */ on) => {
    const left = options.map(([v]) => v).filter((v) => (v === name ? on : among(v)));
    void put(app, key, left.length === options.length ? [] : left);
  };
  return html`<fieldset class="several" aria-label=${label} aria-describedby=${`wrong-${key}`} ?disabled=${fixed(key)}>${options.map(
    ([v, text]) => html`<label class="row"><input class="tick" type="checkbox" .checked=${among(v)} ?disabled=${alone && among(v)} @change=${(/** @type {Event} */ e) => set(v, ticked(e))} />${text}</label>`,
  )}</fieldset>`;
}

/** What is set by hand in the file may be none of ours. @param {string} key @param {[string, string][]} options @returns {[string, string][]} */
function withNow(key, options) {
  const now = String(value(key) ?? "");
  return options.some(([v]) => v === now) ? options : [...options, [now, now]];
}

/** @param {string} key @param {string} label @param {[string, string][]} options @param {(e: Event) => void} choose */
function select(key, label, options, choose) {
  const now = String(value(key) ?? "");
  return html`<select class="field" aria-label=${label} aria-describedby=${`wrong-${key}`} ?disabled=${fixed(key)} @change=${choose}>
    ${options.map(([v, text]) => html`<option value=${v} .selected=${v === now}>${text}</option>`)}</select>`;
}

/** Settings whose name is written out, because it is none of the list. @type {Set<string>} */
const others = new Set();

/** A name of many, of which the usual ones are listed. @typedef {{list: [string, string][], is: RegExp, must: string, hint: string}} Names */

/** @type {Names} */
const SOUND = { list: SOUNDS, is: /^[a-z0-9._-]*$/, must: "the name of a sound of the desktop’s theme: small letters, digits, `-`, `_` and `.`.", hint: "message" };

/** @param {App} app @param {string} key @param {string} label */
export function sound(app, key, label) {
  return named(app, key, label, SOUND);
}

/** @param {App} app @param {string} key @param {string} label @param {Names} names */
export function named(app, key, label, names) {
  if (others.has(key)) return byName(app, key, label, names);
  const choose = (/** @type {Event} */ e) => {
    if (typed(e) !== OTHER) return void put(app, key, typed(e));
    others.add(key);
    drawn(app, () => document.getElementById(`name-${key}`)?.focus());
  };
  return select(key, label, [...withNow(key, names.list), [OTHER, "Other…"]], choose);
}

/** @param {App} app @param {string} key @param {string} label @param {Names} names */
function byName(app, key, label, { is, must, hint }) {
  const check = (/** @type {string} */ text) => (is.test(text) ? "" : must);
  return html`<input class="field" size="12" id=${`name-${key}`} aria-label=${`${label}, by its name`} placeholder=${hint} spellcheck="false" .value=${String(value(key) ?? "")} aria-invalid=${field(key).wrong ? "true" : "false"} aria-describedby=${`wrong-${key}`}
    ?disabled=${fixed(key)} @input=${(/** @type {Event} */ e) => type(app, key, typed(e).trim(), check(typed(e).trim()))} @change=${() => leave(app, key)} />`;
}

/**
 * A whole number; the daemon has the last word on what is possible.
 * @param {App} app @param {string} key @param {string} label @param {{min: number, max: number, unit: string}} bounds
 */
export function number(app, key, label, { min, max, unit }) {
  const check = (/** @type {string} */ text) => (/^\d+$/.test(text) && Number(text) >= min && Number(text) <= max ? "" : `a whole number from ${min} to ${max}.`);
  const change = (/** @type {Event} */ e) => {
    const text = typed(e).trim();
    const wrong = check(text);
    type(app, key, wrong ? text : Number(text), wrong);
  };
  return html`<span class="measure"><input class="field num" inputmode="numeric" aria-label=${`${label}, ${unit}`} size=${Math.max(4, String(max).length)} .value=${String(value(key) ?? "")}
    aria-invalid=${field(key).wrong ? "true" : "false"} aria-describedby=${`wrong-${key}`} ?disabled=${fixed(key)} @input=${change} @change=${() => leave(app, key)} /><span class="dim">${unit}</span></span>`;
}

/** A time of day, as the file has it: a browser's own field would show it as its language has it. @param {App} app @param {string} key @param {string} label */
export function time(app, key, label) {
  const check = (/** @type {string} */ text) => (/^([01]\d|2[0-3]):[0-5]\d$/.test(text) ? "" : "a time of day from 00:00 to 23:59, such as 22:00.");
  return html`<input class="field" size="5" aria-label=${label} .value=${String(value(key) ?? "")} aria-invalid=${field(key).wrong ? "true" : "false"} aria-describedby=${`wrong-${key}`}
    ?disabled=${fixed(key)} @input=${(/** @type {Event} */ e) => type(app, key, typed(e).trim(), check(typed(e).trim()))} @change=${() => leave(app, key)} />`;
}

/** A line of which half is nothing: it is saved when the field is left. @param {App} app @param {string} key @param {string} label @param {string} hint */
export function entry(app, key, label, hint) {
  return html`<input class="field mono" size="16" aria-label=${label} placeholder=${hint} spellcheck="false" autocomplete="off" .value=${String(value(key) ?? "")}
    aria-invalid=${field(key).wrong ? "true" : "false"} aria-describedby=${`wrong-${key}`} ?disabled=${fixed(key)}
    @input=${(/** @type {Event} */ e) => (hold(key, typed(e)), app.draw())} @change=${(/** @type {Event} */ e) => void put(app, key, typed(e).trim())} />`;
}

/**
 * A command as a list of words, one a line. Half a line is no word, so it is saved when the field is left.
 * @param {App} app @param {string} key @param {string} label @param {string} hint
 */
export function list(app, key, label, hint) {
  const now = value(key);
  const text = Array.isArray(now) ? now.join("\n") : String(now ?? "");
  const save = (/** @type {Event} */ e) => void put(app, key, typed(e).split("\n").map((word) => word.trim()).filter(Boolean));
  return html`<textarea class="field mono" rows=${Math.max(2, text.split("\n").length)} aria-label=${label} placeholder=${hint} spellcheck="false" .value=${text}
    aria-invalid=${field(key).wrong ? "true" : "false"} aria-describedby=${`wrong-${key}`} ?disabled=${fixed(key)} @input=${(/** @type {Event} */ e) => (hold(key, typed(e)), app.draw())} @change=${save}></textarea>`;
}
