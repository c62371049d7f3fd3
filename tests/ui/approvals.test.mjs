// Requests in the dashboard: the popup's mind decides, rows say what and who, plans can be approved.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { act, preview } from "../../assets/ui/parts/preview.js";
import { text, written } from "./support/lit.mjs";
import { Page, approval, settled } from "./support/page.mjs";

const { decide } = await import("../../assets/ui/parts/decide.js");
const { by, decided, waiting } = await import("../../assets/ui/parts/requests.js");

const ask = (more = {}) => approval("a", { cwd: "/src/a", risk: null, ...more });
const PLAN = { kind: "plan", tool: "ExitPlanMode", input: { plan: "# Do it\n1. this\n2. that" } };

/** A decider without an app. */
function decider(a, { whole = true } = {}) {
  const page = new Page().board([a]);
  page.arm(whole);
  return { state: page.state, ready: () => page.state.armed && page.state.read, waits: () => false, clicked() {}, step() {}, key() {} };
}

describe("a plan", () => {
  it("is approved with the plan itself, Claude ignores a bare yes", () => {
    const page = new Page().board([ask(PLAN)]).arm();
    page.press("allow");
    assert.deepEqual(page.decisions(), []);
    page.press("plan");
    assert.deepEqual(page.decisions(), [{ id: "a", decision: "allow", updated_input: PLAN.input, updated_permissions: [{ type: "setMode", mode: "default", destination: "session" }], shown: "hash-a" }]);
  });
  it("may let Claude edit from then on, when that is said", () => {
    const page = new Page().board([ask(PLAN)]).arm();
    page.press("plan_edits");
    assert.deepEqual(page.decisions()[0].updated_permissions, [{ type: "setMode", mode: "acceptEdits", destination: "session" }]);
  });
  it("is not approved unread, unarmed, or while its answer is written", () => {
    const page = new Page().board([ask(PLAN)]).paint(false);
    page.press("plan");
    page.wait(400);
    page.press("plan");
    assert.deepEqual(page.decisions(), []);
    page.step({ type: "read", serial: page.state.serial });
    page.press("field");
    page.press("plan");
    assert.deepEqual(page.decisions(), []);
  });
  it("is nothing that a command or question could be approved with", () => {
    for (const more of [{}, { kind: "question", tool: "AskUserQuestion" }]) {
      const page = new Page().board([ask(more)]).arm();
      page.press("plan");
      page.press("plan_edits");
      assert.deepEqual(page.decisions(), []);
    }
  });
});

describe("the decision of another window of ours", () => {
  it("is not told as somebody else’s while ours is on its way", () => {
    const page = new Page();
    page.state = { ...page.state, us: ["dashboard", "web"] };
    page.board([ask()]).arm().press("allow");
    page.board([], { settled: [settled(ask(), "web", "allowed")] });
    assert.equal(page.state.closing, null);
    assert.equal(page.shown, null);
  });
});

describe("the request in full", () => {
  const drawn = (a, how) => decide(decider(a, how));
  it("has what the popup has, and its buttons", () => {
    const words = text(drawn(ask({ input: { command: "ls -l" } })));
    for (const part of ["Run this command?", "ls -l", "in /src/a", "Approve", "Deny…", "Deny & stop", "Decide in terminal"]) assert.ok(words.includes(part), part);
  });
  it("asks to read on when its end is below", () => {
    assert.match(text(drawn(ask(), { whole: false })), /Read on to approve/);
    assert.match(written(drawn(ask(), { whole: false })), /data-act="allow" aria-disabled="?true/);
  });
  it("says that a sub-agent’s terminal shows nothing", () => {
    assert.match(text(drawn(ask({ hides_terminal: true }))), /dialog is hidden until then/);
    assert.ok(!text(drawn(ask({ headless: true }))).includes("Decide in terminal"));
  });
  it("offers for a plan what Claude’s dialog does, keep asking first", () => {
    assert.match(text(drawn(ask(PLAN))), /Approve, keep asking.*Approve, accept edits.*Send back…/s);
  });
  it("has for a question its options, and leaves to the terminal what it cannot answer right", () => {
    const asked = (questions) => text(drawn(ask({ kind: "question", tool: "AskUserQuestion", input: { questions } })));
    assert.match(asked([{ question: "Which?", options: ["a", "b"] }]), /Claude asks.*Which\?.*a.*b.*Answer.*Don’t answer….*Decide in terminal/s);
    const odd = asked([{ question: "Which?", options: ["a", "a"] }]);
    assert.match(odd, /called the same.*Which\?.*Answer in terminal.*Don’t answer…/s);
    for (const words of [odd, asked([{ question: "Which?" }])]) assert.ok(!words.includes("Approve"));
  });
});

describe("a row", () => {
  it("says what would be done", () => {
    assert.deepEqual(preview(ask({ input: { command: "git  push\n--force" } })), { text: "git push --force", code: true });
    assert.deepEqual(preview(ask({ tool: "Edit", input: { file_path: "/src/a/ci.yml", old_string: "x" } })), { text: "ci.yml · /src/a", code: true });
    assert.deepEqual(preview(ask({ tool: "mcp__db__query", input: { sql: "select 1" } })), { text: 'query {"sql":"select 1"}', code: true });
    assert.equal(preview(ask(PLAN)).text, "Do it, 2 steps");
    assert.equal(preview(ask({ kind: "question", input: { questions: [{ question: "Which?" }, { question: "And?" }] } })).text, "Which? (and 1 more)");
    for (const input of [{}, { questions: "no" }, { questions: [null] }, { command: 5 }, { plan: null }]) {
      for (const kind of ["permission", "question", "plan", "elicitation"]) assert.equal(typeof preview(ask({ kind, input })).text, "string");
    }
    assert.equal(act(ask({ tool: "__proto__" })), "Use a tool");
  });
  it("is never longer than a row, and holds text as text", () => {
    assert.ok(preview(ask({ input: { command: "x".repeat(1e6) } })).text.length < 300);
    const markup = written(waiting(ask({ project: "<b>", input: { command: "\u202e" } }), false));
    assert.ok(markup.includes("&lt;b&gt;") && !markup.includes("\u202e"));
  });
  it("says who decided", () => {
    const of = (outcome, who, more = {}) => text(by({ ...ask(), outcome, by: who, pending_ms: 6_000, ...more }));
    assert.equal(of("allowed", "popup"), "by you, popup · after 6 s");
    assert.equal(of("allowed", "web"), "by you, browser · after 6 s");
    assert.equal(of("allowed", "rule", { rule: { id: 3, name: "read-only" } }), "by rule 3 “read-only”");
    assert.equal(of("denied", "dashboard", { message: "No." }), "by you: No.");
    assert.equal(of("timed_out", "timeout", { pending_ms: 540_000 }), "after 9 min, the terminal asked instead");
    assert.equal(of("answered_in_terminal", "terminal"), "answered there first");
    assert.match(text(decided({ ...ask(), outcome: "denied", by: "cli" }, 0)), /Denied/);
  });
});
