/** Charts as drawings: a picture with one sentence for who cannot see it, and the same numbers in a table beside it. */

import { html, svg } from "../vendor/lit-html/lit-html.js";

/**
 * @typedef {{label: string, group?: string, tip: string, values: number[]}} Bar
 *   its values from the bottom up; `group`: said with the first label of each, as the month with a day
 * @typedef {{at: number, text: string}} Line  where in the row of bars, 0 to its length
 * @typedef {{width: number, height: number, bars: Bar[], looks: string[], said: string, line?: Line, gap?: number}} Drawing
 */

const LEFT = 36;
const TOP = 14;
/** Room for the words of a line above the bars, px. */
const WORDS = 16;
const BOTTOM = 26;
/** A value that is there is seen. */
const LEAST = 2;

/** Stacked bars with a scale. @param {Drawing} d */
export function bars(d) {
  const highest = Math.max(1, ...d.bars.map((b) => sum(b.values)));
  const marks = ticks(highest);
  const top = marks[marks.length - 1];
  const floor = d.height - BOTTOM;
  const sky = d.line ? TOP + WORDS : TOP;
  const y = (/** @type {number} */ n) => floor - (n / top) * (floor - sky);
  const step = (d.width - LEFT) / Math.max(1, d.bars.length);
  const label = labels(d.bars, Math.ceil(labelWidth(d.bars) / step));
  return svg`<svg class="chart-svg" viewBox=${`0 0 ${d.width} ${d.height}`} role="img" aria-label=${d.said}>
    <defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="s4" width="2.5" height="5" /></pattern></defs>
    ${marks.map((n) => svg`<path class="ax" d=${`M${LEFT} ${Math.round(y(n)) + 0.5}H${d.width}`} /><text x=${LEFT - 8} y=${y(n) + 4} text-anchor="end">${n.toLocaleString("en")}</text>`)}
    ${d.bars.map((b, i) => {
      const x = LEFT + i * step;
      return svg`<g><title>${b.tip}</title><rect class="touch" x=${x} y=${sky} width=${step} height=${floor - sky} />${stack(b.values, d.looks, x, step, d.gap ?? 0.32, y)}
        ${label[i] ? svg`<text x=${x + step / 2} y=${d.height - 6} text-anchor="middle">${label[i]}</text>` : ""}</g>`;
    })}
    ${d.line ? marker(d.line, LEFT + d.line.at * step, d.width, y(sum(d.bars[Math.floor(d.line.at)]?.values ?? []))) : ""}
  </svg>`;
}

/** The words below the bars. The last one is always named, so the others count from it. @param {Bar[]} all @param {number} each one of so many has room */
export function labels(all, each) {
  let group = "";
  return all.map((b, i) => {
    if ((all.length - 1 - i) % each !== 0) return "";
    const words = b.group && b.group !== group ? `${b.label} ${b.group}` : b.label;
    group = b.group ?? "";
    return words;
  });
}

/** Room that most labels below need, px. @param {Bar[]} all */
function labelWidth(all) {
  const lengths = all.map((b) => b.label.length).sort((a, b) => a - b);
  return (lengths[lengths.length >> 1] ?? 0) * 7 + 12;
}

/** @param {number[]} values @param {string[]} looks @param {number} x @param {number} step @param {number} gap @param {(n: number) => number} y */
function stack(values, looks, x, step, gap, y) {
  const width = Math.min(step * (1 - gap), 64);
  const left = x + (step - width) / 2;
  let under = 0;
  return values.map((n, i) => {
    if (n <= 0) return "";
    const [low, high] = [y(under), y(under + n)];
    under += n;
    const height = Math.max(LEAST, low - high - (under > n ? 1 : 0));
    return svg`<rect class=${looks[i]} x=${round(left)} y=${round(Math.min(high, low - height))} width=${round(width)} height=${round(height)} />`;
  });
}

/** A line down to the bar that it belongs to, with its words on the side that has room. @param {Line} line @param {number} x @param {number} width @param {number} to */
function marker(line, x, width, to) {
  const right = x < width * 0.6;
  return svg`<path class="ln" stroke-dasharray="4 3" d=${`M${round(x)} 3V${round(to)}`} /><text class="lntext" x=${round(right ? x + 6 : x - 6)} y="13" text-anchor=${right ? "start" : "end"}>${line.text}</text>`;
}

/** Round numbers from 0 to at least the highest, five at most. @param {number} highest */
export function ticks(highest) {
  const rough = Math.max(1, highest) / 4;
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 2.5, 5, 10].map((n) => n * ten).find((n) => n >= rough && Number.isInteger(n)) ?? Math.ceil(rough));
  return Array.from({ length: Math.ceil(highest / step) + 1 }, (_, i) => i * step);
}

/** The same numbers for who reads them. @param {string} caption @param {string[]} head @param {(string|number|unknown)[][]} rows */
export function numbers(caption, head, rows) {
  return html`<div class="vh"><table><caption>${caption}</caption><thead><tr>${head.map((h) => html`<th scope="col">${h}</th>`)}</tr></thead>
    <tbody>${rows.map(([first, ...rest]) => html`<tr><th scope="row">${first}</th>${rest.map((c) => html`<td>${c}</td>`)}</tr>`)}</tbody></table></div>`;
}

/** Named lengths side by side. @param {{name: unknown, value: number, words: string}[]} rows @param {string} said what a length is of */
export function meters(rows, said) {
  const most = Math.max(1, ...rows.map((r) => r.value));
  return html`<ul class="meters">${rows.map((r) => html`<li><span class="clip">${r.name}</span><progress max=${most} .value=${r.value} aria-label=${said} aria-valuetext=${r.words}></progress><span class="num dim">${r.words}</span></li>`)}</ul>`;
}

/** @param {number[]} values */
function sum(values) {
  return values.reduce((a, b) => a + b, 0);
}

/** @param {number} n */
function round(n) {
  return Math.round(n * 10) / 10;
}
