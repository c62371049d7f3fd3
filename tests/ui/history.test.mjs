// What was, as markup: every row says who, what and when; text of sessions stays text.
import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import { text, written } from "./support/lit.mjs";

globalThis.window ??= globalThis;
const { Finder, pick } = await import("../../assets/ui/parts/filters.js");
const { list: sessions } = await import("../../assets/ui/parts/history-list.js");
const { list: requests, tallies } = await import("../../assets/ui/parts/audit-list.js");
const { drawer } = await import("../../assets/ui/parts/audit-drawer.js");
const { by, mayRule } = await import("../../assets/ui/parts/audit-words.js");
const { fits } = await import("../../assets/ui/tabs/history-audit.js");
const { dayOf, exactly, span, when } = await import("../../assets/ui/parts/when.js");

const NOW = new Date(2026, 10, 21, 14, 10).getTime();
const EVIL = '<img src=x onerror=alert(1)> "\'>{{x}}</td>';
const HIDDEN = "a\u202eb\u001b]8;;x\u0007";

const app = (query = {}) => ({ now: () => NOW, route: { tab: "history", path: [], query }, board: { sessions: new Map(), pending: new Map() }, filter: () => {} });
const feed = (rows, more = {}) => ({ rows, next: null, total: rows.length, partial: false, state: "ready", error: "", query: {}, ...more });
const session = (more = {}) => ({ key: "1-1", session_id: "0123456789ab", project: "shop", cwd: "/home/me/shop", branch: "main", tag: "pay", prompt: "fix it", title: null, state: "ended", last_activity: NOW, tools: 3, approvals: 1, hits: [], ...more });
const approval = (more = {}) => ({ id: "a1", session: "1-1", kind: "permission", tool: "Bash", input: { command: "ls -l" }, cwd: "/home/me", project: "shop", opened: NOW - 6000, expires: NOW + 534_000, settled: NOW, state: "settled", outcome: "allowed", by: "popup", agent: null, ...more });
const words = (template) => text(template).replace(/\s+/g, " ");
const none = () => {};

describe("a session’s row", () => {
  it("says when, which, how it stands, where, what and how much", () => {
    const said = words(sessions(app(), feed([session()]), "", "", none));
    for (const part of ["today 14:10", "01234567", "Ended", "shop", "main", "pay", "/home/me/shop", "fix it", "3 tools", "1 approval", "1 session."]) assert.ok(said.includes(part), part);
  });
  it("shows where words were found, and which", () => {
    const hits = [{ at: NOW, in: "input", tool: "Bash", parts: [["curl ", false], ["web", true], ["/x", false]] }, { at: NOW, in: "prompt", tool: null, parts: [["web", true]] }];
    const markup = written(sessions(app({ q: "web" }), feed([session({ hits })], { query: { q: "web" } }), "", "", none));
    assert.equal(markup.match(/<mark class="hit">/g).length, 2);
    assert.match(words(sessions(app(), feed([session({ hits })]), "", "", none)), /Bash: curl web\/x/);
  });
  it("is text, whatever the session holds", () => {
    for (const evil of [EVIL, HIDDEN]) {
      const hits = [{ at: NOW, in: "input", tool: evil, parts: [[evil, true], [evil, false]] }];
      const markup = written(sessions(app({ q: evil }), feed([session({ project: evil, branch: evil, tag: evil, cwd: evil, prompt: evil, title: evil, session_id: evil, hits })]), "", "", none));
      assert.ok(!markup.includes("<img"));
      assert.doesNotMatch(markup, /[\u202e\u001b\u0007]/);
    }
  });
  it("leads to the session with the same filters, and one row only is reached by Tab", () => {
    const markup = written(sessions(app({ q: "x y" }), feed([session(), session({ key: "2 /2" })]), "2 /2", "2 /2", none));
    assert.match(markup, /href=#\/history\/sessions\/2%20%2F2\?q=x\+y/);
    assert.equal(markup.match(/tabindex=0/g).length, 1);
    assert.equal(markup.match(/aria-current=true/g).length, 1);
  });
});

describe("without rows", () => {
  it("it says why, and what to do", () => {
    assert.match(words(sessions(app(), feed([]), "", "", none)), /No sessions yet/);
    assert.match(words(sessions(app({ q: "x" }), feed([]), "", "", none)), /Nothing found.*Clear filters/);
    assert.match(words(requests(app(), feed([]), "", "", none)), /Nothing was asked yet/);
    assert.match(words(requests(app({ session: "1-1" }), feed([]), "", "", none)), /Nothing found.*Clear filters/);
    assert.match(words(sessions(app(), feed([], { state: "failed", error: "ccmon is not answering." }), "", "", none)), /ccmon is not answering\. Try again/);
  });
  it("says when more fit than were ranked, and when more is below", () => {
    assert.match(words(sessions(app(), feed([session()], { partial: true }), "", "", none)), /More fit than could be ranked/);
    assert.match(words(sessions(app(), feed([session()], { next: "c" }), "", "", none)), /More below…/);
  });
});

describe("a request’s row", () => {
  it("says when, what became of it, who did, and what it was", () => {
    const said = words(requests(app(), feed([approval()]), "", "", none));
    for (const part of ["14:09:54", "Approved", "you, popup", "Bash", "ls -l", "shop", "6 s", "Make a rule"]) assert.ok(said.includes(part), part);
  });
  it("names whose decision it was", () => {
    const who = (more) => words(by(approval(more)));
    assert.equal(who({ by: "rule", rule: { id: 3, name: "read-only kubectl" } }), "rule 3 read-only kubectl");
    assert.equal(who({ by: "rule", rule: null }), "a rule");
    assert.equal(who({ by: "timeout", outcome: "timed_out", opened: 0, expires: 540_000 }), "nobody in 9 min");
    assert.equal(who({ by: "cli" }), "you, command line");
    assert.equal(who({ by: "terminal", outcome: "answered_in_terminal" }), "you, terminal");
    assert.equal(who({ by: undefined, outcome: undefined }), "waits for you");
    assert.equal(who({ by: "constructor" }), "you, elsewhere");
  });
  it("offers a rule only where one could have decided", () => {
    assert.deepEqual([approval(), approval({ by: "rule" }), approval({ kind: "plan" })].map(mayRule), [true, false, false]);
  });
  it("is text, whatever was asked", () => {
    for (const evil of [EVIL, HIDDEN]) {
      const a = approval({ tool: evil, input: { command: evil, [evil]: evil }, project: evil, cwd: evil, prompt: evil, message: evil, branch: evil, rule: { id: 1, name: evil }, by: "rule", agent: { id: evil, type: evil } });
      for (const template of [requests(app(), feed([a]), a.id, a.id, none), drawer(app(), { approval: a, error: "" }, { close: none, again: none })]) {
        const markup = written(template);
        assert.ok(!markup.includes("<img"));
        assert.doesNotMatch(markup, /[\u202e\u001b\u0007]/);
      }
    }
  });
  it("shows the whole input beside it, however long", () => {
    const command = "echo " + "x".repeat(50_000) + " && rm -rf ~";
    assert.ok(text(drawer(app(), { approval: approval({ input: { command } }), error: "" }, { close: none, again: none })).includes("rm -rf ~"));
    const huge = text(drawer(app(), { approval: approval({ input: { command: "x".repeat(500_000) } }), error: "" }, { close: none, again: none }));
    assert.match(huge, /more characters\. The export has them all\./);
  });
});

describe("the tallies", () => {
  const counts = { total: 63, outcomes: { allowed: 38, denied: 4, answered_in_terminal: 12, released: 3, timed_out: 6 }, by: { rule: 22 }, tools: [], median_ms: 7000 };
  it("come to what the filters show", () => {
    const said = words(tallies(counts, 0, null, {}));
    for (const part of ["63 requests", "38 approved", "4 denied", "15 in the terminal", "6 timed out", "by rules 22", "median time to decide 7 s"]) assert.ok(said.includes(part), part);
    assert.ok(!said.includes("new"));
  });
  it("say what is new, and how far an export is", () => {
    assert.match(words(tallies(counts, 3, null, {})), /3 new/);
    assert.match(words(tallies(counts, 0, { rows: 12, total: 63, bytes: 24_000 }, {})), /12 of 63 rows, 24 kB.*Cancel/);
  });
  it("do without a median", () => {
    assert.ok(!words(tallies({ ...counts, median_ms: null }, 0, null, {})).includes("median"));
  });
});

describe("what is new", () => {
  it("counts only when the filters would show it", () => {
    const a = approval();
    for (const yes of [{}, { decision: "allowed" }, { by: "popup", tool: "Bash" }, { project: "shop", session: "1-1" }, { q: "LS" }, { days: "1" }, { q: "ls  -l" }]) assert.ok(fits(a, yes), JSON.stringify(yes));
    for (const no of [{ decision: "denied" }, { by: "rule" }, { tool: "Edit" }, { project: "x" }, { session: "2" }, { q: "rm" }]) assert.ok(!fits(a, no), JSON.stringify(no));
  });
});

describe("the box that finds", () => {
  it("waits for a pause, and asks once", (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const asked = mock.fn();
    const finder = new Finder(asked);
    for (const so of ["w", "we", "web "]) finder.typed(so);
    t.mock.timers.tick(149);
    assert.equal(asked.mock.callCount(), 0);
    t.mock.timers.tick(1);
    assert.deepEqual(asked.mock.calls.map((c) => c.arguments), [["web"]]);
  });
  it("never takes letters back from who is writing", (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const finder = new Finder((q) => finder.told(q));
    finder.typed("web");
    t.mock.timers.tick(150);
    finder.typed("webho");
    finder.told("web");
    assert.equal(finder.text, "webho");
    finder.told("from the address");
    assert.equal(finder.text, "from the address");
  });
  it("finds at once when asked to", () => {
    const asked = mock.fn();
    const finder = new Finder(asked);
    finder.typed("x");
    finder.now();
    finder.clear();
    assert.deepEqual(asked.mock.calls.map((c) => c.arguments[0]), ["x", ""]);
  });
});

describe("a choice", () => {
  it("keeps a value that the list does not have", () => {
    assert.match(written(pick("Tool", [["", "Any tool"]], "Odd", none)), /<option value=Odd .selected=true>Odd</);
  });
});

describe("times", () => {
  it("are said in words", () => {
    const at = (...parts) => new Date(...parts).getTime();
    assert.deepEqual([at(2026, 10, 21, 9, 5), at(2026, 10, 20, 23, 59), at(2026, 10, 19, 0, 0), at(2025, 1, 3, 8, 0)].map((t) => when(t, NOW)), ["today 09:05", "yesterday 23:59", "Thu 19 Nov 00:00", "3 Feb 2025"]);
    assert.equal(dayOf(NOW + 60_000, NOW), "today");
    assert.equal(exactly(NOW), "Sat 21 Nov 2026, 14:10:00");
    assert.deepEqual([0, 400, 6_100, 59_600, 134_000, 540_000, 3_000_000, 6_720_000, 100_000_000].map(span), ["0 s", "0.4 s", "6 s", "1 min", "2 min 14 s", "9 min", "50 min", "1 h 52", "1 d 3 h"]);
  });
});
