/** The figures and charts of Insight, each a card. */

import { html } from "../vendor/lit-html/lit-html.js";
import { format } from "../route.js";
import { bars, meters, numbers } from "./chart.js";
import { HANDS, dayLabel, dayTip, daysSaid, everyDay, mostWaited, percent, placeOf, timeLabel, timesSaid } from "./insight-figures.js";
import { code, line } from "./text.js";
import { counted, span } from "./when.js";

/**
 * @typedef {import("./insight-figures.js").Figures} Figures
 * @typedef {{rule: {name: string, tool: string, kind: string, pattern: string, cwd?: string}, seen: number, examples: {id: string, text: string, at: number}[]}} Suggestion
 */

const HEIGHT = 210;
/** So many projects, tools and suggestions are named. */
const MOST = 6;

/** @param {Figures} f */
export function figures(f) {
  /** @type {[string, string][]} */
  const all = [
    [f.decisions.toLocaleString("en"), `${f.decisions === 1 ? "decision" : "decisions"}, ${percent(f.by_rules, f.decisions)} by rules`],
    [f.median_ms === null ? "–" : span(f.median_ms), "median time to decide, you"],
    [span(f.waited_ms), "sessions waited for you"],
    [f.timed_out.toLocaleString("en"), "asked, then timed out"],
  ];
  return html`<dl class="figs">${all.map(([figure, words]) => html`<div class="cardlet fig"><dt>${words}</dt><dd>${figure}</dd></div>`)}</dl>`;
}

/** @param {string} title @param {unknown} aside @param {unknown} inside */
function card(title, aside, inside) {
  return html`<figure class="cardlet chart"><figcaption class="row"><h2 class="h2 grow">${title}</h2>${aside}</figcaption>${inside}</figure>`;
}

/** @param {Figures} f @param {number} width */
export function who(f, width) {
  const days = everyDay(f);
  const shown = HANDS.filter(([k]) => k !== "other" || days.some((d) => d.other > 0));
  const legend = html`<span class="legend" aria-hidden="true">${shown.map(([k, word]) => html`<span><i class=${`l-${k}`}></i>${word}</span>`)}</span>`;
  const all = days.map((d) => ({ ...dayLabel(d), tip: dayTip(d), values: shown.map(([k]) => d[k]) }));
  const table = numbers("Decisions per day", ["Day", ...shown.map(([, word]) => word)], days.map((d) => [d.day, ...shown.map(([k]) => d[k])]));
  return card("Who decided", legend, html`<div>${bars({ width, height: HEIGHT, bars: all, looks: shown.map(([, , look]) => look), said: daysSaid(f), gap: days.length > 40 ? 0.2 : 0.32 })}${table}</div>`);
}

/** @param {Figures} f @param {number} width */
export function howLong(f, width) {
  const all = f.times.map((t) => ({ label: timeLabel(t.upto_ms), tip: `${t.count} within ${span(t.upto_ms)}`, values: [t.count] }));
  const at = f.median_ms === null ? undefined : { at: placeOf(f.times, f.median_ms), text: `half within ${span(f.median_ms)}` };
  const table = numbers("Time to decide", ["Within", "Decisions"], f.times.map((t) => [span(t.upto_ms), t.count]));
  const none = f.times.every((t) => t.count === 0);
  return card("Time to decide", html`<span class="dim">seconds, yours only</span>`, none ? nothing("You decided nothing in these days.") : html`<div>${bars({ width, height: HEIGHT, bars: all, looks: ["s1"], said: timesSaid(f), line: at, gap: 0.09 })}${table}</div>`);
}

/** @param {Figures} f */
export function waited(f) {
  const { first, rest } = mostWaited(f.projects, MOST);
  const rows = first.map((p) => ({ name: /** @type {unknown} */ (line(p.project)), value: p.waited_ms, words: span(p.waited_ms) }));
  if (rest > 0) rows.push({ name: html`<span class="dim">others</span>`, value: rest, words: span(rest) });
  return card("Waited for you", html`<span class="dim">by project</span>`, rows.length ? meters(rows, "waited") : nothing("No session waited for you."));
}

/** @param {Figures} f */
export function tools(f) {
  const sorted = [...f.tools].sort((a, b) => b.count - a.count).slice(0, MOST);
  const rows = sorted.map((t) => ({ name: line(t.tool), value: t.count, words: t.median_ms === null ? t.count.toLocaleString("en") : `${t.count.toLocaleString("en")}, ${span(t.median_ms)}` }));
  return card("Asked for", html`<span class="dim">by tool, with the median time</span>`, rows.length ? meters(rows, "asked for") : nothing("No tool was asked for."));
}

/** What a rule would have saved. @param {Suggestion[]|null} suggestions */
export function again(suggestions) {
  const some = (suggestions ?? []).slice(0, MOST * 2);
  const none = suggestions ? "Nothing was approved three times alike without a rule for it." : "Looking…";
  return card("Asked again and again", html`<span class="dim">always approved by you</span>`, some.length ? html`<table class="again"><caption class="vh">What a rule would have saved</caption>
    <thead class="vh"><tr><th scope="col">Input</th><th scope="col">How often</th><th scope="col">Rule</th></tr></thead>
    <tbody>${some.map(suggested)}</tbody></table>` : nothing(none));
}

/** @param {Suggestion} s */
function suggested(s) {
  const { tool, pattern, cwd } = s.rule;
  const where = html`<small class="dim clip">${tool === "Bash" ? "" : html`${line(tool)} `}${cwd ? html`in ${line(cwd)}` : "in any folder"}</small>`;
  return html`<tr><td class="c"><code class="clip" dir="ltr">${code(pattern.replace(/\s+/g, " "))}</code>${where}</td>
    <td class="num nowrap">${counted(s.seen, "time")}</td>
    <td class="num"><a class="btn small" href=${format({ tab: "settings", path: ["rules", "new"], query: { suggest: s.rule.name } })}>Make a rule</a></td></tr>`;
}

/** @param {string} words */
function nothing(words) {
  return html`<p class="dim">${words}</p>`;
}
