/** Global shortcuts: keys that work whatever program has the keyboard. */

import { html } from "../vendor/lit-html/lit-html.js";
import { line } from "../parts/text.js";
import { head, note, words } from "./common.js";
import { config, put, value } from "./config.js";
import { entry, fixed, group, known, row } from "./fields.js";
import { pressed } from "./press.js";

/** @typedef {import("../app.js").App} App */

/** @type {import("./common.js").Page} */
export const shortcuts = { id: "shortcuts", title: "Shortcuts", icon: "keyboard", view };

/** The setting whose keys are pressed now. */
let pressing = "";

/** @param {App} app */
function view(app) {
  return html`${head("Shortcuts", "Keys that work whatever program you are in. Changes take effect at once.")}
    ${known(app, () => [
      config.said?.shortcuts && Object.keys(config.said.shortcuts).length === 0 ? note("info", html`They work while the tray applet runs: <code>ccmon-tray</code>.`) : "",
      group("Keys", [
        shortcut(app, "next", "Next", "Goes to the session that needs you most"),
        shortcut(app, "popup", "Requests", "Shows the requests that wait, or puts them away"),
      ], html`One key with Super, Ctrl or Alt held down, such as <code>${"<Super>c"}</code>. Empty: none.`),
    ])}`;
}

/** @param {App} app @param {string} name @param {string} title @param {string} what */
function shortcut(app, name, title, what) {
  const key = `shortcut.${name}`;
  const off = value(key) ? html`<button class="btn flat small" type="button" aria-label=${`Clear ${title}`} ?disabled=${fixed(key)} @click=${() => void put(app, key, "")}>Clear</button>` : "";
  return row(title, html`${what}${standing(name)}`, [key], html`${off}${entry(app, key, `${title}: keys`, "none")}${capture(app, key, title)}`);
}

/** How it stands, when there is more to say than that it is off. @param {string} name */
function standing(name) {
  const how = config.said?.shortcuts?.[name];
  if (how?.state === "failed") return html`. <span class="wrong" role="alert">It does not work: ${words(how.why ?? "")}</span>`;
  if (how?.state === "asking") return ". The desktop is asking you";
  if (how?.state === "on" && how.keys) return html`. The desktop gave it <strong>${line(how.keys)}</strong>`;
  return how?.state === "on" ? ". It works" : "";
}

/** A button that takes the next keys. @param {App} app @param {string} key @param {string} title */
function capture(app, key, title) {
  const on = pressing === key;
  const set = (/** @type {string} */ to) => ((pressing = to), app.draw());
  const keyed = (/** @type {KeyboardEvent} */ e) => {
    if (pressing !== key) return;
    e.preventDefault();
    if (e.key === "Escape") return set("");
    const text = pressed(e);
    if (!text || e.repeat) return;
    set("");
    void put(app, key, text);
  };
  const label = on ? "Press them now" : "Press keys";
  return html`<button class="btn small" type="button" aria-pressed=${on} aria-label=${`${label} for ${title}`} ?disabled=${fixed(key)}
    @click=${() => set(key)} @keydown=${keyed} @blur=${() => on && set("")}>${label}</button>`;
}
