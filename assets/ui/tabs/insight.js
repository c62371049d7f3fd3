/** Insight: who decides, how long it takes, and what rules would save. */

import { html } from "../vendor/lit-html/lit-html.js";
import { seg } from "../parts/filters.js";
import { empty, loading } from "../parts/empty.js";
import { again, figures, howLong, tools, waited, who } from "../parts/insight-charts.js";

/**
 * @typedef {import("../app.js").App} App
 * @typedef {import("../parts/insight-figures.js").Figures} Figures
 * @typedef {import("../parts/insight-charts.js").Suggestion} Suggestion
 */

/** @type {import("../parts/filters.js").Choices} */
const RANGES = [
  ["1", "24 h"],
  ["7", "7 days"],
  ["14", "14 days"],
  ["90", "90 days"],
];
const USUAL = "14";
/** While decisions come in, the figures are counted again no sooner than that, ms. */
const REST = 10_000;

const seen = {
  /** @type {Figures|null} */ figures: null,
  /** @type {Suggestion[]|null} `null`: not read yet */ suggestions: null,
  error: "",
  busy: false,
  /** The range that is shown or on its way. */ days: "",
  /** @type {AbortController|null} */ asking: null,
  again: 0,
};

/** @param {App} app */
function range(app) {
  const { days = USUAL } = app.route.query;
  return RANGES.some(([of]) => of === days) ? days : USUAL;
}

/** @param {App} app */
async function read(app) {
  seen.asking?.abort();
  clearTimeout(seen.again);
  seen.again = 0;
  const mine = (seen.asking = new AbortController());
  const signal = AbortSignal.any([mine.signal, AbortSignal.timeout(30_000)]);
  seen.busy = true;
  try {
    const figures = await app.ask("GET", `/insight?days=${range(app)}`, undefined, signal);
    if (seen.asking === mine) Object.assign(seen, { figures, error: "" });
  } catch (error) {
    if (seen.asking === mine) Object.assign(seen, { figures: null, error: error instanceof Error ? error.message : String(error) });
  }
  if (seen.asking === mine) seen.busy = false;
  app.draw();
}

/** @param {App} app */
async function suggest(app) {
  const answer = await app.ask("GET", "/rules/suggest").catch(() => null);
  seen.suggestions = answer?.suggestions ?? [];
  app.draw();
}

/** @param {App} app */
function body(app) {
  const f = seen.figures;
  if (seen.error) return empty("This could not be counted", seen.error, html`<button class="btn" type="button" @click=${() => void read(app)}>Try again</button>`);
  if (!f) return loading("Counting…");
  if (f.decisions === 0 && f.timed_out === 0) return empty("Nothing was asked in these days.", "Who decides, and how long it takes, is counted here as soon as Claude asks for something.");
  const { left, right } = widths(innerWidth);
  return html`${figures(f)}<div class="charts">
    <div class="charts-column">${who(f, left)}${again(seen.suggestions)}</div>
    <div class="charts-column">${howLong(f, right)}${waited(f)}${tools(f)}</div></div>`;
}

/** How wide the two columns' drawings are; the same as in insight.css. @param {number} page */
function widths(page) {
  const room = Math.min(page, 1760) - 32;
  if (page <= 900) return { left: Math.max(260, room - 34), right: Math.max(260, room - 34) };
  return { left: Math.round(((room - 12) * 1.45) / 2.45 - 34), right: Math.round((room - 12) / 2.45 - 34) };
}

/** @type {App|null} */
let open = null;
const resized = () => open?.draw();

/** @type {import("../app.js").Tab} */
export const insight = {
  id: "insight",
  title: "Insight",
  icon: "chart",
  view: (app) => html`<div class="insight"><div class="filters"><h1 class="h grow">Insight</h1>${seg("Time", RANGES, range(app), (days) => app.filter({ days: days === USUAL ? "" : days }))}</div>
    <div class="insight-body" aria-busy=${seen.busy ? "true" : "false"}>${body(app)}</div></div>`,
  enter: (app) => {
    open = app;
    addEventListener("resize", resized);
    void suggest(app);
  },
  moved: (app) => {
    if (range(app) !== seen.days) {
      seen.days = range(app);
      void read(app);
    }
  },
  leave: () => {
    open = null;
    removeEventListener("resize", resized);
    seen.asking?.abort();
    clearTimeout(seen.again);
    Object.assign(seen, { days: "", again: 0, asking: null, busy: false });
  },
  frame: (frame, app) => {
    if (frame.type === "snapshot" && seen.error) void read(app);
    if (frame.type === "approval_resolved" && seen.again === 0) seen.again = Number(setTimeout(() => void read(app), REST));
  },
};
