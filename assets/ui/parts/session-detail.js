/** One session: what it is, why it is in its state, what it asks, what it did. */

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { jump } from "../decider.js";
import { position } from "../queue.js";
import { format } from "../route.js";
import { chips, decide } from "./decide.js";
import { loading } from "./empty.js";
import { icon } from "./icons.js";
import { menu } from "./menu.js";
import { pill } from "./pill.js";
import { dismiss, pin, seen, size, tag } from "./session-acts.js";
import { facts, summary } from "./session-facts.js";
import { line } from "./text.js";
import { exact } from "./tick.js";
import { timeline } from "./timeline.js";

/**
 * @typedef {import("../app.js").App} App
 * @typedef {import("../wire").Session} Session
 * @typedef {import("../tabs/sessions.js").Page} Page
 */

/** @param {App} app @param {Page} page @param {Session} s */
export function detail(app, page, s) {
  return html`
    <div class="row only-small"><a class="btn flat small" id="to-list" href=${format({ tab: "sessions", path: [], query: app.route.query })}>${icon("previous", "i-s")}Sessions</a></div>
    ${heading(app, page, s)}
    ${page.exports.running ? html`<div class="note">${icon("save")}<span class="grow" role="status">Exporting, ${size(page.exports.bytes)} so far</span><button class="btn small" type="button" @click=${() => page.exports.cancel()}>Cancel</button></div>` : ""}
    <div class="note">${icon("info")}<span><strong>Why this state:</strong> ${line(s.evidence.text)} · ${exact(s.evidence.at)}</span></div>
    ${requests(page)}
    ${facts(s, page.about, app.now(), app.home)}
    ${summary(page.told, () => void page.summarize())}
    ${story(app, page, s)}`;
}

/** @param {App} app @param {Page} page @param {Session} s */
function heading(app, page, s) {
  const plan = page.decider?.state.face?.kind === "plan";
  const words = s.title ?? s.prompt;
  return html`<div class="row top"><div class="grow">
      <div class="row wrap"><h1 class="h" id="session-name" tabindex="-1">${line(s.project)}</h1>${s.branch ? html`<span class="branch">${icon("branch")}${line(s.branch)}</span>` : ""}${pill(s.state, plan)}${tagged(app, page, s)}</div>
      ${words ? html`<p class="dim clip2">${line(words.slice(0, 400))}</p>` : ""}</div>
    ${s.state === "ended" ? "" : html`<button class="btn icon ${s.pinned ? "on" : ""}" type="button" aria-label="Pin" aria-pressed=${s.pinned ? "true" : "false"} title=${s.pinned ? "Unpin (P)" : "Pin (P)"} @click=${() => void pin(app, s)}>${icon("pin")}</button>`}
    ${menu("More", choices(app, page, s))}
    ${s.headless || s.state === "ended" ? "" : html`<button class="btn ${s.needs_you && !page.decider?.state.face ? "primary" : ""}" type="button" @click=${() => void jump(app, s.key)}>${icon("jump", "i-s")}Jump<kbd>J</kbd></button>`}
  </div>`;
}

/** @param {App} app @param {Page} page @param {Session} s @returns {import("./menu.js").Choice[]} */
function choices(app, page, s) {
  const living = s.state !== "ended";
  return [
    living && s.needs_you ? { label: "Mark seen", icon: "eye", run: () => void seen(app, s) } : null,
    living ? { label: s.dismissed ? "Show in the list again" : "Hide until it needs you", icon: "hide", hint: "X", run: () => void dismiss(app, s) } : null,
    living ? { label: s.tag ? "Change the tag…" : "Tag…", icon: "tag", run: () => page.editTag(true) } : null,
    { label: "Export as Markdown", icon: "save", run: () => void page.exports.run(s, "md", "file") },
    { label: "Export as JSON", icon: "save", run: () => void page.exports.run(s, "json", "file") },
    { label: "Copy as Markdown", icon: "copy", run: () => void page.exports.run(s, "md", "clipboard") },
    { label: "Copy the session id", icon: "copy", run: () => void app.copy(s.session_id) },
    living ? null : { label: "Delete…", icon: "bin", run: () => void page.forget() },
  ];
}

/** The user's own label, changed where it stands. @param {App} app @param {Page} page @param {Session} s */
function tagged(app, page, s) {
  if (!page.tagging) return s.tag ? html`<button class="chip button" type="button" title="Change the tag" ?disabled=${s.state === "ended"} @click=${() => page.editTag(true)}>${icon("tag")}${line(s.tag)}</button>` : "";
  const done = (/** @type {Event} */ e) => {
    e.preventDefault();
    const input = document.getElementById("tag");
    page.editTag(false);
    if (input instanceof HTMLInputElement && input.value.trim() !== (s.tag ?? "")) void tag(app, s, input.value);
  };
  const keyed = (/** @type {KeyboardEvent} */ e) => {
    if (e.key !== "Escape") return;
    e.preventDefault();
    page.editTag(false);
  };
  return html`<form class="tagging" @submit=${done}><input class="field" id="tag" maxlength="40" autocomplete="off" aria-label="Tag" placeholder="Tag" .value=${s.tag ?? ""} @keydown=${keyed} @blur=${() => page.editTag(false)}></form>`;
}

/** @param {Page} page */
function requests(page) {
  const { decider } = page;
  if (!decider?.state.face) return "";
  const { index, count } = position(decider.state);
  const pager = count > 1 && index >= 0 ? html`<span class="grow"></span>
    <button class="btn flat icon small" type="button" data-act="previous" aria-label="Previous request">${icon("previous", "i-s")}</button><span class="dim">${index + 1} of ${count}</span>
    <button class="btn flat icon small" type="button" data-act="next" aria-label="Next request">${icon("next", "i-s")}</button>` : "";
  return html`<article class="cardlet you" aria-label="It asks you"><div class="in">${decide(decider, {
    head: (a) => (a.agent || count > 1 || /^mcp__/.test(a.tool) ? html`<div class="row wrap">${chips({ ...a, tag: null })}${pager}</div>` : ""),
    more: (a) => html`<div class="row wrap"><a class="btn flat small" href=${`#/approvals/${encodeURIComponent(a.id)}`}>${icon("inbox", "i-s")}Open in Approvals</a></div>`,
  })}</div></article>`;
}

const PARTS = /** @type {const} */ ([["all", "All"], ["prompts", "Prompts"], ["tools", "Tools"]]);

/** @param {App} app @param {Page} page @param {Session} s */
function story(app, page, s) {
  const { story } = page;
  if (!story) return "";
  const seg = PARTS.map(([id, word]) => html`<button type="button" aria-pressed=${page.part === id ? "true" : "false"} @click=${() => page.show(id)}>${word}</button>`);
  return html`<section class="story" aria-label="Timeline">
    <div class="row story-head"><h2 class="h2 grow">Timeline</h2><div class="seg">${seg}</div></div>
    ${story.state === "loading" ? loading() : story.state === "failed" ? html`<p class="note warn">${icon("alert")}<span class="grow">${line(story.error)}</span><button class="btn small" type="button" @click=${() => story.touch()}>Try again</button></p>` : told(app, page, s)}
    ${page.below ? html`<button class="btn small newest" type="button" @click=${() => page.toEnd()}>${icon("down", "i-s")}Newest</button>` : nothing}
  </section>`;
}

/** @param {App} app @param {Page} page @param {Session} s */
function told(app, page, s) {
  const { told, older } = /** @type {NonNullable<Page["story"]>} */ (page.story);
  if (told.turns.length === 0) return html`<p class="dimmer">Nothing yet. What Claude does appears here as it happens.</p>`;
  const reader = { part: page.part, open: page.open, toggle: (/** @type {number} */ id) => page.toggle(id), now: app.now(), live: s.state === "working", lives: s.state !== "ended" };
  return html`${told.earlier === null ? "" : html`<button class="btn small earlier" type="button" aria-disabled=${older ? "true" : "false"} @click=${() => void page.story?.more()}>${older ? "One moment…" : "Earlier"}</button>`}${timeline(told.turns, reader)}`;
}
