/**
 * Tables whose rows open: the link in a row is the row's, a press anywhere in the row is one on it, ↑ and ↓ go
 * from row to row, and the next page comes when the end is near.
 */

import { html } from "../vendor/lit-html/lit-html.js";
import { repeat } from "../vendor/lit-html/directives/repeat.js";
import { loading } from "./empty.js";
import { icon } from "./icons.js";

/** How far from the end the next page is asked for, px. */
const NEAR = 900;

/** The part of the page that holds the rows. */
export const ROWS = "rows";

/** @returns {HTMLElement[]} */
function links() {
  return [...document.querySelectorAll(`#${ROWS} a.rowlink`)].filter((el) => el instanceof HTMLElement);
}

/** Goes to another row, and says which. @param {string} key @returns {HTMLElement|null} */
export function step(key) {
  const all = links();
  const there = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const at = there >= 0 ? there : all.findIndex((el) => el.tabIndex === 0);
  const to = { ArrowDown: there < 0 ? Math.max(at, 0) : at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[key];
  const row = to === undefined ? null : all[Math.min(Math.max(to, 0), all.length - 1)];
  row?.focus();
  return row ?? null;
}

/** A press anywhere in a row is one on its link, unless it was to select text. @param {MouseEvent} e */
export function openRow(e) {
  const on = /** @type {HTMLElement} */ (e.target);
  if (e.defaultPrevented || on.closest("a, button") || getSelection()?.type === "Range") return;
  const link = on.closest("tr")?.querySelector("a.rowlink");
  if (!(link instanceof HTMLElement)) return;
  link.focus({ preventScroll: true });
  link.click();
}

/** Asks for the next page when the end of the rows is near, or in sight. @param {{more: () => void}} feed */
export function near(feed) {
  const el = document.getElementById(ROWS);
  if (el && el.clientHeight > 0 && el.scrollHeight - el.scrollTop - el.clientHeight < NEAR) feed.more();
}

/** Where the focus is to go, and until when that is waited for. */
const wanted = { selector: "", until: 0 };
/** What is not to be seen by then is not coming, ms. */
const SOON = 2_000;

/** Puts the focus where one goes on, as soon as that is to be seen. @param {string} selector */
export function focusOn(selector) {
  Object.assign(wanted, { selector, until: performance.now() + SOON });
  requestAnimationFrame(() => requestAnimationFrame(settle));
}

/** Something was drawn. */
export function settle() {
  if (performance.now() > wanted.until) wanted.selector = "";
  if (!wanted.selector) return;
  const el = document.querySelector(wanted.selector);
  if (el instanceof HTMLElement && el.checkVisibility({ checkVisibilityCSS: true })) el.focus();
  if (el === document.activeElement) wanted.selector = "";
}

/**
 * What stands below the rows, or in their place.
 * @param {import("../feed.js").Feed<any>} feed @param {{none: unknown, foot: string}} words
 */
export function ending(feed, { none, foot }) {
  if (feed.state === "failed") {
    return html`<div class=${feed.rows.length ? "rowsend" : "center"} role="alert"><div class="none">
      ${feed.rows.length ? "" : html`<h2>This could not be read</h2>`}<p>${feed.error}</p>
      <button class="btn" type="button" @click=${() => void feed.retry()}>Try again</button></div></div>`;
  }
  if (feed.rows.length === 0) return feed.state === "ready" ? none : loading();
  return html`<p class="rowsend dim">${feed.next === null ? foot : "More below…"}</p>`;
}

/** The way back to everything. @param {import("../app.js").App} app @param {string[]} filters */
export function cleared(app, filters) {
  const all = Object.fromEntries(filters.map((f) => [f, ""]));
  return html`<button class="btn" type="button" @click=${() => (app.filter(all), focusOn("#find"))}>Clear filters</button>`;
}

/** Rows together in one body: what is out of sight is laid out and painted by bodies, not by rows. */
const TOGETHER = 50;

/** @template T @param {T[]} rows @param {(row: T) => string} key @param {(row: T) => unknown} draw */
export function bodies(rows, key, draw) {
  const all = [];
  for (let from = 0; from < rows.length; from += TOGETHER) all.push(html`<tbody role="rowgroup">${repeat(rows.slice(from, from + TOGETHER), key, draw)}</tbody>`);
  return all;
}

/** What came since the rows were read: it joins them when it is asked to, so that no row moves by itself. @param {number} count @param {() => void} renew */
export function newsButton(count, renew) {
  return html`<span role="status">${count ? html`<button class="btn small news" type="button" id="news" @click=${renew}>${icon("history", "i-s")}${count} new</button>` : ""}</span>`;
}

/** Shows the rows from the top, and goes to the first. */
export function toTop() {
  const rows = document.getElementById(ROWS);
  if (rows) rows.scrollTop = 0;
  focusOn("a.rowlink");
}

/** The head of what stands beside the rows. @param {unknown} title @param {() => void} close */
export function head(title, close) {
  return html`<div class="row drawerhead">
    <button class="btn flat icon only-small" type="button" aria-label="Back" @click=${close}>${icon("previous")}</button>
    <h1 class="h grow" id="drawer-title" tabindex="-1">${title}</h1>
    <button class="btn flat icon not-small" type="button" aria-label="Close" title="Close (Esc)" @click=${close}>${icon("close")}</button></div>`;
}
