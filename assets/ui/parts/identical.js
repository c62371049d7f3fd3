/** “3 sessions ask the same”: who they are, and one button for all of them. */

import { html } from "../vendor/lit-html/lit-html.js";
import { alike } from "../alike.js";
import { mayGive } from "../queue.js";
import { icon } from "./icons.js";
import { line } from "./text.js";

/** @typedef {import("./yes.js").View} View */

/** @param {View} v */
export function identical(v) {
  const all = v.still || v.form.panel ? [] : alike(v.s.pending, v.a);
  if (all.length < 2) return "";
  const sessions = new Set(all.map((a) => a.session)).size;
  const folders = [...new Set(all.map((a) => a.cwd))];
  const who = sessions === all.length ? `${sessions} sessions ask the same.` : `${all.length} requests ask the same.`;
  return html`<div class="note you">${icon("copies")}<span class="grow"><strong>${who}</strong>
      ${folders.length === 1 ? "In the same folder." : html`In ${folders.length} folders: ${folders.map((folder) => html`<code class="folder">${line(folder)}</code> `)}`}</span>
    <button class="btn small" type="button" data-act="allow_all" aria-disabled=${mayGive(v.s) ? "false" : "true"}>Approve all ${all.length}</button></div>`;
}
