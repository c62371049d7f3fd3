/** The state of a session: an icon, a word, then a colour. */

import { html } from "../vendor/lit-html/lit-html.js";
import { icon } from "./icons.js";

/** @typedef {import("../wire").Session} Session */

/** @type {Record<Session["state"], {word: string, icon: import("./icons.js").Name, look: string}>} */
const STATES = {
  awaiting_permission: { word: "Needs permission", icon: "shield", look: "permission" },
  awaiting_answer: { word: "Needs an answer", icon: "question", look: "answer" },
  failed: { word: "Failed", icon: "alert", look: "failed" },
  stuck: { word: "Silent", icon: "clock", look: "stuck" },
  done: { word: "Done", icon: "check", look: "done" },
  working: { word: "Working", icon: "working", look: "working" },
  idle: { word: "Idle", icon: "pause", look: "idle" },
  lost: { word: "Lost", icon: "question", look: "idle" },
  ended: { word: "Ended", icon: "ended", look: "ended" },
};

/** How a state is drawn; a plan is an answer of its own. @param {Session["state"]} state @param {boolean} [plan] */
export function look(state, plan = false) {
  const known = STATES[state] ?? STATES.idle;
  return plan && state === "awaiting_answer" ? { ...known, word: "Plan to review", icon: /** @type {const} */ ("list") } : known;
}

/** @param {Session["state"]} state @param {boolean} [plan] it waits for a plan to be read */
export function pill(state, plan = false) {
  const { word, icon: name, look: s } = look(state, plan);
  return html`<span class="pill" data-s=${s}>${icon(name)}${word}</span>`;
}
