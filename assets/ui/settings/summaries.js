/** Summaries of sessions. */

import { html } from "../vendor/lit-html/lit-html.js";
import { head, note } from "./common.js";
import { choice, group, known, number, row, toggle } from "./fields.js";
import { value } from "./config.js";

/** @typedef {import("../app.js").App} App */

/** @type {import("./common.js").Page} */
export const summaries = { id: "summaries", title: "Summaries", icon: "chat", view };

/** @param {App} app */
function view(app) {
  return html`${head("Summaries", "What a session did, in a few sentences. Changes take effect at once.")}
    ${known(app, () => [
      note("info", html`Summaries are written by <code>claude -p</code>, in your name and without tools. <strong>Each costs tokens</strong>, and text of the session goes to Claude, as the session itself did. While this is off, none is ever asked for.`),
      group("Writing", [
        row("Write summaries", value("summaries.on") ? "You can ask for one in each session" : "Off: nothing is sent and nothing is spent", ["summaries.on"], toggle(app, "summaries.on", "Write summaries")),
        row("Anew by itself", "Of a working session, so often. 0: only when you ask", ["summaries.refresh"], number(app, "summaries.refresh", "Refresh", { min: 0, max: 10_080, unit: "minutes" })),
        row("At the same time", "More are faster, and spend faster", ["summaries.at_once"], one(app)),
      ]),
    ])}`;
}

/** @param {App} app */
function one(app) {
  return choice(app, "summaries.at_once", "At the same time", [["1", "One"], ["2", "Two"]], Number);
}
