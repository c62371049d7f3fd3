/** Rules from a file, or from what is pasted. */

import { html } from "../vendor/lit-html/lit-html.js";
import { icon } from "../parts/icons.js";
import { counted, head, said, seg, typed, words } from "./common.js";
import { book, load } from "./rulebook.js";

/** @typedef {import("../app.js").App} App */

const state = { toml: "", how: /** @type {"add"|"replace"} */ ("add"), wrong: "", busy: false };

/** @param {App} app */
export function view(app) {
  const back = html`<a class="btn" href="#/settings/rules">${icon("previous", "i-s")}All rules</a>`;
  return html`<div class="rules">${head("Import rules", "From a file that ccmon exported, or written by hand.", back)}
    <form class="cardlet" @submit=${(/** @type {Event} */ e) => (e.preventDefault(), void take(app))}><div class="in">
      <div class="row wrap"><label for="i-file" class="dim">A file</label><input class="file" id="i-file" type="file" accept=".toml,text/plain" @change=${(/** @type {Event} */ e) => void read(app, e)} /></div>
      <label for="i-toml" class="dim">or its text</label>
      <textarea class="field mono" id="i-toml" rows="14" spellcheck="false" .value=${state.toml} aria-invalid=${state.wrong ? "true" : "false"} aria-describedby="i-wrong" placeholder=${'[[rule]]\nname = "read-only kubectl"\nglob = "kubectl get *"\naction = "allow"'}
        @input=${(/** @type {Event} */ e) => (Object.assign(state, { toml: typed(e), wrong: "" }), app.draw())}></textarea>
      ${state.wrong ? html`<small class="wrong" id="i-wrong" role="alert">Nothing was imported: ${words(state.wrong)}</small>` : ""}
      <div class="row wrap">${seg("What becomes of the rules there are", state.how, [["add", "Add behind the others"], ["replace", "Replace all rules"]], (how) => ((state.how = how), app.draw()))}
        <span class="grow"></span><button class="btn primary" type="submit" ?disabled=${state.busy || !state.toml.trim()}>Import</button></div>
    </div></form></div>`;
}

/** @param {App} app @param {Event} e */
async function read(app, e) {
  const file = /** @type {HTMLInputElement} */ (e.target).files?.[0];
  if (!file) return;
  try {
    Object.assign(state, { toml: await file.text(), wrong: "" });
  } catch (error) {
    state.wrong = said(error);
  }
  app.draw();
}

/** @param {App} app */
async function take(app) {
  const count = book.rules?.length ?? 0;
  const replace = state.how === "replace";
  const text = `${counted(count, "rule")} of yours go. Export them first if you may want them back.`;
  if (replace && count > 0 && !(await app.confirm({ title: "Replace all rules?", text, verb: "Replace", risky: true }))) return;
  state.busy = true;
  try {
    const { added } = await app.ask("POST", "/rules/import", { toml: state.toml, replace });
    Object.assign(state, { toml: "", wrong: "" });
    app.say(`Imported ${counted(added, "rule")}.`, "ok");
    app.go("settings", ["rules"]);
    await load(app);
  } catch (error) {
    state.wrong = said(error);
  }
  state.busy = false;
  app.draw();
}
