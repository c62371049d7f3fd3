// Figures → charts: every day has a bar, every chart its sentence and its table.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { text, written } from "./support/lit.mjs";

const { bars, labels, ticks } = await import("../../assets/ui/parts/chart.js");
const { again, figures, howLong, tools, waited, who } = await import("../../assets/ui/parts/insight-charts.js");
const { dayLabel, everyDay, mostWaited, percent, placeOf, timesSaid } = await import("../../assets/ui/parts/insight-figures.js");

const EVIL = "<img src=x>\u202e";
const at = (...parts) => new Date(...parts).getTime();
const UPTO = [1000, 2000, 4000, 8000, 15_000, 30_000, 60_000, 120_000, 540_000];
const TIMES = UPTO.map((upto_ms, i) => ({ upto_ms, count: [13, 25, 38, 32, 21, 12, 8, 5, 4][i] }));
const day = (d, more = {}) => ({ day: d, rules: 0, you: 0, terminal: 0, denied: 0, other: 0, ...more });
const all = (more = {}) => ({ from: at(2026, 10, 19, 14), to: at(2026, 10, 21, 14), decisions: 571, by_rules: 355, by_you: 150, median_ms: 5100, waited_ms: 6_720_000, timed_out: 3, days: [day("2026-11-20", { rules: 18, you: 3 })], times: TIMES, tools: [{ tool: "Bash", count: 9, median_ms: 5000 }], projects: [{ project: "shop", count: 4, waited_ms: 60_000 }], ...more });
const words = (template) => text(template).replace(/\s+/g, " ");

describe("figures", () => {
  it("are said with what they are of", () => {
    const said = words(figures(all()));
    for (const part of ["571", "decisions, 62 % by rules", "5 s", "median time to decide, you", "1 h 52", "sessions waited for you", "3", "asked, then timed out"]) assert.ok(said.includes(part), part);
    assert.match(words(figures(all({ median_ms: null }))), /–/);
  });
  it("round to whole percent, but never a few to none nor most to all", () => {
    assert.deepEqual([percent(0, 0), percent(0, 9), percent(1, 1000), percent(999, 1000), percent(9, 9), percent(355, 571)], ["0 %", "0 %", "1 %", "99 %", "100 %", "62 %"]);
  });
});

describe("days", () => {
  it("without a decision are there too, in order", () => {
    assert.deepEqual(everyDay(all()).map((d) => [d.day, d.rules]), [["2026-11-19", 0], ["2026-11-20", 18], ["2026-11-21", 0]]);
  });
  it("go over the end of a month, and summer time", () => {
    const names = everyDay(all({ from: at(2026, 2, 27), to: at(2026, 3, 1, 23), days: [] })).map((d) => d.day);
    assert.deepEqual(names, ["2026-03-27", "2026-03-28", "2026-03-29", "2026-03-30", "2026-03-31", "2026-04-01"]);
  });
  it("are named by number, the first named one of each month with the month", () => {
    const of = (from, to) => everyDay(all({ from: at(2026, 10, from), to: at(2026, 10, to, 23), days: [] })).map((d) => dayLabel(d));
    assert.deepEqual(labels(of(28, 33), 1), ["28 Nov", "29", "30", "1 Dec", "2", "3"]);
    assert.deepEqual(labels(of(27, 33), 2), ["27 Nov", "", "29", "", "1 Dec", "", "3"]);
    assert.deepEqual(labels([{ label: "8" }, { label: "15" }], 1), ["8", "15"]);
  });
});

describe("the chart of who decided", () => {
  it("has a sentence, a title for each bar, and the numbers in a table", () => {
    const markup = written(who(all(), 600));
    assert.match(markup, /role="img" aria-label=Decisions per day[^>]*571 decisions, of them 355 by rules/);
    assert.match(text(who(all(), 600)), /Fri, Nov 20: 18 rules, 3 you|Fri 20 Nov: 18 rules, 3 you/);
    assert.match(markup, /<caption>Decisions per day<\/caption>/);
    assert.equal(markup.match(/<th scope="row">/g).length, 3);
  });
  it("draws the undecided only where there are some", () => {
    assert.ok(!words(who(all(), 600)).includes("Nobody"));
    assert.ok(words(who(all({ days: [day("2026-11-20", { other: 1 })] }), 600)).includes("Nobody"));
  });
  it("draws nothing outside of itself", () => {
    for (const [width, n] of [[260, 90], [700, 14], [2000, 1]]) {
      const markup = written(bars({ width, height: 210, said: "x", looks: ["s1", "s2"], bars: Array.from({ length: n }, (_, i) => ({ label: String(i), tip: "", values: [i * 7, 1] })) }));
      for (const [, x, y, w, h] of markup.matchAll(/<rect class=s\d x=([\d.-]+) y=([\d.-]+) width=([\d.-]+) height=([\d.-]+)/g)) {
        assert.ok(Number(x) >= 0 && Number(x) + Number(w) <= width + 0.1 && Number(y) >= 0 && Number(y) + Number(h) <= 210 && Number(h) > 0, `${x} ${y} ${w} ${h}`);
      }
    }
  });
});

describe("the scale", () => {
  it("is of whole round numbers that hold the highest", () => {
    assert.deepEqual(ticks(54), [0, 20, 40, 60]);
    assert.deepEqual(ticks(38), [0, 10, 20, 30, 40]);
    assert.deepEqual(ticks(1), [0, 1]);
    for (let n = 1; n < 5000; n += 7) {
      const marks = ticks(n);
      assert.ok(marks.at(-1) >= n && marks.length <= 6 && marks.every(Number.isInteger), `${n}: ${marks}`);
    }
  });
});

describe("the chart of times", () => {
  it("says the median and the slowest tenth", () => {
    assert.equal(timesSaid(all()), "Time to decide: half within 5 s, nine of ten within 1 min");
    assert.match(words(howLong(all(), 400)), /half within 5 s/);
  });
  it("places the median within its bar", () => {
    assert.equal(placeOf(TIMES, 0), 0);
    assert.equal(placeOf(TIMES, 6000), 3.5);
    assert.equal(placeOf(TIMES, 8000), 4);
    assert.equal(placeOf(TIMES, 9e9), 9);
  });
  it("is not drawn of nothing", () => {
    assert.match(words(howLong(all({ times: TIMES.map((t) => ({ ...t, count: 0 })), median_ms: null }), 400)), /You decided nothing in these days/);
  });
});

describe("lists", () => {
  it("name the first, and the others together", () => {
    const many = Array.from({ length: 9 }, (_, i) => ({ project: `p${i}`, count: 1, waited_ms: i * 1000 }));
    const { first, rest } = mostWaited(many, 6);
    assert.deepEqual([first.map((p) => p.project), rest], [["p8", "p7", "p6", "p5", "p4", "p3"], 3000]);
  });
  it("hold text of others as text", () => {
    const f = all({ tools: [{ tool: EVIL, count: 1, median_ms: null }], projects: [{ project: EVIL, count: 1, waited_ms: 5 }] });
    const suggestion = { rule: { name: EVIL, tool: EVIL, kind: "glob", pattern: EVIL, cwd: EVIL }, seen: 3, examples: [] };
    for (const template of [tools(f), waited(f), again([suggestion])]) {
      const markup = written(template);
      assert.ok(!markup.includes("<img"));
      assert.doesNotMatch(markup, /\u202e/);
    }
  });
  it("lead from what is asked again and again to a rule", () => {
    const s = (pattern, seen) => ({ rule: { name: `often ${pattern}`, tool: "Bash", kind: "glob", pattern }, seen, examples: [] });
    const markup = written(again([s("cargo test *", 41), s("git status", 1)]));
    assert.match(markup, /href=#\/settings\/rules\/new\?suggest=often\+git\+status/);
    assert.match(words(again([s("cargo test *", 41)])), /cargo test \* ?in any folder ?41 times/);
    assert.match(words(again([])), /Nothing was approved three times alike/);
  });
});
