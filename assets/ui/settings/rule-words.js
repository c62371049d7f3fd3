/** A rule in words. */

import { html } from "../vendor/lit-html/lit-html.js";
import { icon } from "../parts/icons.js";
import { line } from "../parts/text.js";

/** @typedef {import("./draft.js").Rule} Rule */

/** Icon, word and colour of what is decided. @type {Record<string, {icon: Parameters<typeof icon>[0], word: string}>} */
const DECISIONS = {
  allow: { icon: "check", word: "Allow" },
  deny: { icon: "close", word: "Deny" },
  ask: { icon: "question", word: "Ask" },
};

/** @param {string} action */
export function decision(action) {
  const of = DECISIONS[action] ?? DECISIONS.ask;
  return html`<span class="dec ${action}">${icon(of.icon)}${of.word}</span>`;
}

/** `Bash glob npm run * in /home/ada/src`. @param {Rule} rule */
export function matches({ tool, kind, pattern, cwd }) {
  const any = kind === "glob" && (pattern === "*" || pattern === "**");
  const what = any ? "anything" : html`${kind} <code>${line(pattern)}</code>`;
  return html`${tool === "*" ? "Any tool" : line(tool)}, ${what}${cwd ? html` in <code>${line(cwd)}</code>` : ""}`;
}
