// The list of sessions and one of them: in order of need, all text as text, every state with a word.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { byNeed, empty, fold } from "../../assets/ui/board.js";
import { beside, groups } from "../../assets/ui/parts/groups.js";
import { text, written } from "./support/lit.mjs";

const { firsts, list } = await import("../../assets/ui/parts/session-list.js");
const { facts, summary, tokens } = await import("../../assets/ui/parts/session-facts.js");
const { fileName, size } = await import("../../assets/ui/parts/session-acts.js");
const { look } = await import("../../assets/ui/parts/pill.js");
const { timeline } = await import("../../assets/ui/parts/timeline.js");
const { age, run, took } = await import("../../assets/ui/parts/tick.js");

const NEEDY = ["awaiting_permission", "awaiting_answer", "failed", "stuck", "done"];
const session = (key, state, more = {}) => ({ key, session_id: `id-${key}`, pid: 1, project: `p-${key}`, cwd: `/src/${key}`, branch: null, worktree: null, model: null, mode: null, prompt: null, message: null, activity: null, title: null, started: 0, last_activity: 0, state, since: 0, evidence: { text: `why ${key}`, at: 0 }, tools: 0, approvals: 0, place: null, host: null, tag: null, pinned: false, dismissed: false, seen: false, needs_you: NEEDY.includes(state), headless: false, background: false, tokens: null, ...more });
const board = (sessions) => fold(empty(), { type: "snapshot", now: 0, sessions, approvals: [] });
const shown = (sessions, wanted = {}) => groups(byNeed(board(sessions)), { find: "", dismissed: false, ...wanted });
const keys = ({ groups: all }) => all.map((g) => [g.id, g.sessions.map((s) => s.key)]);

describe("the groups", () => {
  it("are those of need, the longest waiting first, pins first", () => {
    const all = [session("a", "idle"), session("b", "done", { since: 5 }), session("c", "done", { since: 1 }), session("d", "working"), session("e", "awaiting_permission", { since: 9 }), session("f", "done", { since: 9, pinned: true })];
    assert.deepEqual(keys(shown(all)), [["needs", ["f", "e", "c", "b"]], ["working", ["d"]], ["idle", ["a"]]]);
    assert.deepEqual(keys(shown([session("a", "lost")])), [["idle", ["a"]]]);
  });
  it("put what nobody is needed for where it rests", () => {
    const all = [session("a", "done", { needs_you: false }), session("b", "failed", { needs_you: false }), session("c", "stuck", { needs_you: false }), session("d", "ended")];
    assert.deepEqual(keys(shown(all)).map(([id]) => id), ["working", "idle", "ended"]);
  });
  it("hide what was dismissed behind a count", () => {
    const all = [session("a", "idle"), session("b", "idle", { dismissed: true })];
    assert.deepEqual([keys(shown(all)), shown(all).dismissed], [[["idle", ["a"]]], 1]);
    assert.deepEqual(keys(shown(all, { dismissed: true })), [["idle", ["a", "b"]]]);
  });
  it("find by project, branch, folder, tag and title, every word", () => {
    const all = [session("a", "idle", { branch: "feat/csv", tag: "urgent" }), session("b", "idle", { title: "CSV import" })];
    assert.deepEqual(keys(shown(all, { find: "csv" })), [["idle", ["a", "b"]]]);
    assert.deepEqual(keys(shown(all, { find: " CSV  urg" })), [["idle", ["a"]]]);
    assert.equal(shown(all, { find: "nothing" }).shown, 0);
  });
  it("are walked with the arrows, and at the ends one stays", () => {
    const { groups: all } = shown([session("a", "idle"), session("b", "working"), session("c", "failed")]);
    assert.deepEqual(["c", "b", "a"].map((k) => beside(all, k, 1)?.key), ["b", "a", "a"]);
    assert.equal(beside(all, "c", -1)?.key, "c");
    assert.equal(beside(all, "gone", 1)?.key, "c");
    assert.equal(beside([], "c", 1), undefined);
  });
});

describe("a row", () => {
  const rows = (sessions, pending = [], chosen = "") => list(shown(sessions).groups, { chosen, most: 50, first: firsts(pending), to: (key) => `#/sessions/${key}` });
  it("says the state in a word, and why", () => {
    for (const state of [...NEEDY, "working", "idle"]) assert.ok(text(rows([session("a", state)])).includes(look(state).word), state);
    assert.match(text(rows([session("a", "failed")])), /why a/);
    assert.match(text(rows([session("a", "working", { activity: "Bash: ls" })])), /Bash: ls/);
  });
  it("shows the oldest request", () => {
    const asks = (id, opened, command) => ({ id, session: "a", kind: "permission", tool: "Bash", input: { command }, opened });
    assert.match(text(rows([session("a", "awaiting_permission")], [asks("2", 2, "second"), asks("1", 1, "first")])), /Bash: first/);
    const plan = { id: "3", session: "a", kind: "plan", tool: "ExitPlanMode", input: { plan: "# Webhooks\n1. a\n2. b" }, opened: 1 };
    const words = text(rows([session("a", "awaiting_answer")], [plan]));
    assert.match(words, /Plan to review/);
    assert.match(words, /Webhooks, 2 steps/);
  });
  it("holds text as text, and nothing in it turns around", () => {
    const markup = written(rows([session("a", "idle", { project: "<img src=x onerror=y>", branch: "a\u202eb", tag: "\u001b[2J" })]));
    assert.ok(markup.includes("&lt;img src=x onerror=y&gt;"));
    assert.ok(!/[\u202e\u001b]/.test(markup));
  });
  it("is an option that the list names", () => {
    const markup = written(rows([session("a-1", "idle")], [], "a-1"));
    assert.match(markup, /aria-activedescendant=s-a-1|aria-activedescendant="s-a-1"/);
    assert.match(markup, /aria-selected=true|aria-selected="true"/);
  });
  it("is not drawn before somebody comes near", () => {
    const many = Array.from({ length: 120 }, (_, i) => session(`k${i}`, "idle"));
    assert.equal(written(rows(many)).match(/role="option"/g).length, 50);
  });
});

describe("the facts", () => {
  it("are in words", () => {
    const words = text(facts(session("a", "idle", { model: "claude-opus-4", mode: "acceptEdits", place: "tmux work:1.0", tokens: 184_321, tools: 3 }), null, 0));
    for (const part of ["/src/a", "tmux work:1.0", "opus-4 · accepts edits", "184 k", "id-a"]) assert.ok(words.includes(part), part);
    assert.deepEqual([tokens(900), tokens(12_400), tokens(1_250_000)], ["900", "12 k", "1.3 M"]);
  });
  it("lead to the setting when summaries are off", () => {
    assert.match(written(summary({ summary: null, state: "off", error: null }, () => {})), /#\/settings\/summaries/);
    assert.match(text(summary({ summary: null, state: "failed", error: "no claude" }, () => {})), /no claude.*|Try again/s);
    assert.match(text(summary({ summary: { text: "It works.", at: 0, model: "haiku", cost_usd: 0.0123, event: 1 }, state: "ready", error: null }, () => {})), /It works\..*haiku.*\$0\.012/s);
  });
});

describe("an export", () => {
  it("has a plain name, whatever the project is called", () => {
    assert.equal(fileName(session("a", "ended", { project: "../../etc/pass wd", session_id: "e8fa1f50-1b2c" }), "md"), "etc-pass-wd-1970-01-01-e8fa1f50.md");
    assert.equal(fileName(session("a", "ended", { project: "…", session_id: "x" }), "json"), "session-1970-01-01-x.json");
    assert.deepEqual([size(312_000), size(4_200_000)], ["312 kB", "4.2 MB"]);
  });
});

describe("the timeline", () => {
  const item = (id, more = {}) => ({ id, at: 0, ended: 400, kind: "tool", tool: "Bash", preview: "ls", input: { command: "ls" }, text: null, failed: false, error: null, agent: null, approval: null, items: [], ...more });
  const turn = (items, more = {}) => ({ id: 1, at: 0, ended: 90_000, prompt: "Do it", outcome: "done", items, ...more });
  const drawn = (turns, more = {}) => timeline(turns, { part: "all", open: new Set(), toggle: () => {}, now: 0, live: false, lives: true, ...more });
  it("tells a turn: prompt, calls with their time, what was said, how it ended", () => {
    const words = text(drawn([turn([item(2), item(3, { failed: true, error: "exit 1" }), item(4, { kind: "message", text: "Done so." })])]));
    for (const part of ["Do it", "Bash ls", "0.4 s", "failed: exit 1", "Done so.", "Done after 1:30"]) assert.ok(words.includes(part), part);
  });
  it("unfolds inputs and sub-agents", () => {
    const agent = item(2, { kind: "agent", tool: null, input: null, preview: "measure", agent: { id: "x", type: "explorer" }, items: [item(3, { preview: "inner" })] });
    assert.ok(!text(drawn([turn([agent])])).includes("inner"));
    const words = text(drawn([turn([agent])], { open: new Set([2]) }));
    assert.match(words, /Sub-agent explorer: measure · 1 call.*inner/s);
    assert.match(text(drawn([turn([item(5, { input: { command: "make", timeout: 5 } })])], { open: new Set([5]) })), /command.*make.*timeout.*5/s);
  });
  it("says “so far” only of what may still go on", () => {
    const open = item(2, { ended: null });
    assert.match(text(drawn([turn([open], { ended: null, outcome: "open" })])), /so far/);
    assert.ok(!text(drawn([turn([open])])).includes("so far"));
    const agent = item(2, { kind: "agent", ended: null, agent: { id: "x", type: "explorer" } });
    assert.match(text(drawn([turn([agent])])), /so far/);
    assert.ok(!text(drawn([turn([agent])], { lives: false })).includes("so far"));
  });
  it("shows only what is wanted", () => {
    const turns = [turn([item(2), item(3, { kind: "message", text: "Said" })])];
    assert.match(text(drawn(turns, { part: "prompts" })), /^(?!.*Said)(?!.*Bash).*Do it/s);
    assert.match(text(drawn(turns, { part: "tools" })), /^(?!.*Said)(?!.*Do it).*Bash/s);
  });
  it("holds text as text", () => {
    const markup = written(drawn([turn([item(2, { tool: "<b>", preview: "x\u202ey" }), item(3, { kind: "message", text: "<script>\u001b" })], { prompt: "</li>" })]));
    assert.ok(!/<script|[\u202e\u001b]/.test(markup));
    assert.ok(markup.includes("&lt;/li&gt;"));
  });
});

describe("times", () => {
  it("are short", () => {
    assert.deepEqual([0, 31_000, 180_000, 7_200_000, 2 * 86_400_000].map(age), ["0 s", "31 s", "3 min", "2 h", "2 d"]);
    assert.deepEqual([40, 800, 6_000, 21_000, 118_000, 3_723_000].map(took), ["40 ms", "0.8 s", "6 s", "21 s", "1:58", "1:02:03"]);
    assert.deepEqual([8_000, 72_000].map(run), ["0:08", "1:12"]);
  });
});
