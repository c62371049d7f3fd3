/** Whose a decision was, in words, and what can be chosen of that. */

import { html } from "../vendor/lit-html/lit-html.js";
import { format } from "../route.js";
import { preview } from "./preview.js";
import { line } from "./text.js";
import { span } from "./when.js";

/** @typedef {import("../wire").Approval} Approval */

/** What can be chosen as a decision. @type {import("./filters.js").Choices} */
export const OUTCOMES = [
  ["", "Any decision"],
  ["allowed", "Approved"],
  ["denied", "Denied"],
  ["released", "Left to the terminal"],
  ["answered_in_terminal", "Answered in the terminal"],
  ["timed_out", "Timed out"],
  ["session_ended", "Session ended"],
  ["pending", "Open"],
];

/** Where a hand was. @type {Record<string, string>} */
export const HANDS = {
  popup: "popup",
  dashboard: "dashboard",
  web: "browser",
  cli: "command line",
  tui: "ccmon tui",
  notification: "notification",
  terminal: "terminal",
};

/** Who can be chosen. @type {import("./filters.js").Choices} */
export const DECIDERS = [
  ["", "By anyone"],
  ["rule", "A rule"],
  ...Object.entries(HANDS).map(([by, word]) => /** @type {[string, string]} */ ([by, `You, ${word}`])),
  ["timeout", "Nobody, time ran out"],
  ["unseen", "Nobody, no popup could be seen"],
  ["session_ended", "Nobody, session ended"],
];

/** `you, popup · rule 3 read-only kubectl · nobody in 9 min`. @param {Approval} a @returns {unknown} */
export function by(a) {
  if (!a.outcome) return "waits for you";
  if (a.by === "rule") return a.rule ? html`rule ${a.rule.id} ${line(a.rule.name)}` : "a rule";
  if (a.by === "timeout") return `nobody in ${span(a.expires - a.opened)}`;
  if (a.by === "unseen") return "nobody could see a popup";
  if (a.by === "session_ended") return "its session ended";
  return `you, ${Object.hasOwn(HANDS, a.by ?? "") ? HANDS[a.by ?? ""] : "elsewhere"}`;
}

/** What was asked for, on one line. @param {Approval} a */
export function inShort(a) {
  const { text, code } = preview(a);
  return code ? html`<code dir="ltr">${line(text)}</code>` : line(text);
}

/** How long it was open. @param {Approval} a @param {number} now */
export function pending(a, now) {
  return span(Math.max(0, (a.settled ?? now) - a.opened));
}

/** Whether a rule could have decided it. @param {Approval} a */
export function mayRule(a) {
  return a.by !== "rule" && a.kind === "permission";
}

/** @param {string} id */
export function ruleLink(id) {
  return format({ tab: "settings", path: ["rules", "new"], query: { approval: id } });
}

/** @param {string} id @param {Record<string, string>} [query] */
export function auditLink(id, query = {}) {
  return format({ tab: "history", path: ["audit", id], query });
}
