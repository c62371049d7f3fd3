// State → markup: the right words and buttons, all text as text, nothing left out.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { reduce, start } from "../../assets/ui/queue.js";
import { press } from "../../assets/ui/keys.js";
import { text, written } from "./support/lit.mjs";

const { page, spoken } = await import("../../assets/ui/parts/page.js");
const { cardFor } = await import("../../assets/ui/parts/cards.js");
const { MOST } = await import("../../assets/ui/parts/whole.js");
const { ending } = await import("../../assets/ui/parts/endings.js");
const { ago, clock, left } = await import("../../assets/ui/parts/time.js");

const ask = (more = {}) => ({ id: "a", session: "1-1", kind: "permission", tool: "Bash", input: { command: "ls -l" }, shown: "h", opened: 0, expires: 540_000, state: "pending", project: "shop", cwd: "/home/me/shop", headless: false, hides_terminal: false, agent: null, suggestions: [], ...more });

function state(approvals, ...messages) {
  let s = start();
  const all = [{ type: "board", now: 0, approvals, settled: [], daemon: "ok", home: "/home/me" }, ...messages];
  for (const m of all) s = reduce(s, { at: 0, wall: 0, ...m });
  return s;
}

function armed(approvals, ...messages) {
  const s = state(approvals);
  const seen = [{ type: "painted", serial: s.serial, whole: true, at: 0 }, { type: "time", at: 400 }, ...messages];
  return seen.reduce((t, m) => reduce(t, { at: 400, wall: 400, ...m }), s);
}

const acts = (markup) => [...markup.matchAll(/data-act=(\w+)|data-act="(\w+)"/g)].map((m) => m[1] ?? m[2]);

describe("a command", () => {
  it("is shown whole, with its folder, the note, and who asks", () => {
    const words = text(page(state([ask({ branch: "main", tag: "pay", place: "tmux work:1.0", prompt: "fix it", note: "List files", agent: { id: "x", type: "explorer" } })]), 5000));
    for (const part of ["shop", "main", "pay", "tmux work:1.0", "sub-agent explorer", "asked 5 s ago", "You asked: fix it", "Run this command?", "ls -l", "in ~/shop", "Claude’s note: List files", "8:55 left"]) {
      assert.ok(words.replace(/\s+/g, " ").includes(part), part);
    }
  });
  it("shows what else the input holds", () => {
    const words = text(page(state([ask({ input: { command: "x", description: "d", dangerouslyDisableSandbox: true, timeout: 5 } })]), 0));
    assert.match(words, /dangerouslyDisableSandbox\s*true/);
    assert.match(words, /timeout\s*5/);
  });
  it("is not cut, however long", () => {
    const command = "echo " + "x".repeat(90_000) + " && rm -rf ~";
    assert.ok(text(page(state([ask({ input: { command } })]), 0)).includes("rm -rf ~"));
  });
  it("that is too long to be read here cannot be approved here, only in the terminal", () => {
    for (const command of ["x".repeat(MOST + 1), "\u200b\u200c".repeat(2000)]) {
      const markup = written(page(armed([ask({ input: { command } })]), 0));
      assert.ok(!acts(markup).includes("allow"));
      assert.ok(acts(markup).includes("release"));
      assert.match(markup, /Too much to show here/);
    }
  });
  it("is text, whatever it contains", () => {
    const evil = '<img src=x onerror=alert(1)> "\'>{{x}}</code>';
    const a = ask({ input: { command: evil }, project: evil, branch: evil, tag: evil, prompt: evil, note: evil, place: evil, cwd: evil });
    const markup = written(page(state([a]), 0));
    assert.ok(!markup.includes("<img"));
    assert.equal(markup.split("</code>").length, markup.split("<code").length);
  });
  it("hides nothing: escapes are boxes, in every part", () => {
    const evil = "a\u202eb\u001b]8;;x\u0007";
    const a = ask({ input: { command: evil, [evil]: evil }, project: evil, branch: evil, tag: evil, prompt: evil, note: evil, place: evil, cwd: evil, agent: { id: "1", type: evil } });
    const markup = written(page(state([a]), 0));
    assert.doesNotMatch(markup, /[\u202e\u001b\u0007]/);
    assert.ok(markup.includes("Shown as written, escapes are visible."));
    assert.doesNotMatch(spoken(state([a])), /[\u202e\u001b]/);
  });
  it("that is no text is shown as any input", () => {
    assert.equal(cardFor(ask({ input: { command: 5 } })).heading(ask()), "Use this tool?");
  });
});

describe("buttons", () => {
  it("are in their places before and after arming, and say which", () => {
    const before = written(page(state([ask()]), 0));
    const after = written(page(armed([ask()]), 400));
    assert.deepEqual(acts(before), acts(after));
    assert.deepEqual(acts(after), ["dashboard", "jump", "rule", "edit", "more", "allow", "deny", "field", "deny_stop", "release", "later"]);
    assert.match(before, /data-arming=wait/);
    assert.match(after, /data-arming=done/);
    assert.equal(before.match(/aria-disabled=true/g).length, 5);
    assert.equal(after.match(/aria-disabled=true/g), null);
    assert.doesNotMatch(before, / disabled/);
  });
  it("make room for a message", () => {
    const s = armed([ask()], { type: "press", act: "field" });
    assert.deepEqual(acts(written(page(s, 0))), ["dashboard", "jump", "rule", "edit", "more", "deny", "deny_stop", "back"]);
  });
  it("page only where there is more than one", () => {
    assert.ok(!acts(written(page(state([ask()]), 0))).includes("next"));
    const markup = written(page(state([ask(), ask({ id: "b" })]), 0));
    assert.match(text(page(state([ask(), ask({ id: "b" })]), 0)), /1 of 2/);
    assert.ok(acts(markup).includes("next"));
  });
  it("of questions and plans are their own; what cannot be answered here leads to the terminal", () => {
    const one = { question: "Which?", options: [{ label: "A", description: "first" }] };
    for (const [kind, input, expected] of [
      ["question", { questions: [one] }, "answer deny field release later"],
      ["plan", { plan: "# Do" }, "plan plan_edits field release edit later"],
      ["plan", {}, "plan plan_edits field release later"],
      ["question", {}, "release deny field deny_stop later"],
      ["elicitation", { schema: { properties: {} } }, "answer deny cancel release later"],
      ["elicitation", { a: 1 }, "release deny cancel later"],
    ]) {
      const markup = written(page(armed([ask({ kind, input })]), 0));
      assert.deepEqual(acts(markup).slice(3).join(" "), expected, kind);
    }
  });
  it("lead to the terminal, and put nothing off, where that shows nothing meanwhile", () => {
    const drawn = (/** @type {object} */ more) => page(armed([ask({ hides_terminal: true, ...more })]), 0);
    assert.match(text(drawn({})), /Ask in the terminal\s*Esc/);
    assert.match(written(drawn({})), /data-act="later"[^>]*title="Claude asks in its terminal, which shows nothing until then"/);
    assert.doesNotMatch(text(drawn({})), /Later|Decide in terminal/);
    for (const [kind, input, expected] of [
      ["permission", { command: "ls" }, "more allow deny field deny_stop later"],
      ["elicitation", { schema: { properties: {} } }, "answer deny cancel later"],
      ["elicitation", { a: 1 }, "release deny cancel"],
      ["plan", { plan: "# Do" }, "plan plan_edits field release edit"],
    ]) {
      const found = acts(written(drawn({ kind, input }))).join(" ");
      assert.ok(found.endsWith(` ${expected}`), `${kind}: ${found}`);
    }
    const headless = text(page(armed([ask({ headless: true })]), 0));
    assert.match(headless, /Later/, "in print mode nobody asks in a terminal");
    assert.doesNotMatch(headless, /in the terminal/);
  });
  it("of a question wait for an answer, and say which is the last", () => {
    const one = { question: "Which?", options: [{ label: "A" }, { label: "B" }] };
    const drawn = (questions, ...m) => written(page(armed([ask({ kind: "question", input: { questions } })], ...m), 0));
    const pick = { type: "form", what: "option", n: 0 };
    assert.match(drawn([one]), /unread[^>]*data-act="answer" aria-disabled=true>Answer/);
    assert.match(drawn([one], pick), /primary "[^>]*data-act="answer" aria-disabled=false>Answer/);
    const two = [one, { ...one, question: "And?" }];
    assert.match(drawn(two, pick), /Next question[^]*1 of 2 answered/);
    assert.match(drawn(two, pick, { type: "form", what: "go", to: 1 }, pick), /data-act="back"[^]*And\?[^]*>Answer[^]*2 of 2 answered/);
    assert.equal(drawn(two).match(/checked=true/g), null);
  });
  it("of a plan that is edited are for the edit", () => {
    const words = (...m) => text(page(armed([ask({ kind: "plan", input: { plan: "# Do" } })], { type: "press", act: "edit" }, ...m), 0));
    assert.match(words(), /Approve this plan as edited\?[^]*Nothing changed yet[^]*Approve, keep asking[^]*Back/);
    assert.match(words({ type: "form", what: "plan", text: "" }), /cannot be approved/);
    assert.ok(!words().includes("Send back…"));
  });
  it("never hand over to a terminal that is not there", () => {
    for (const more of [{}, { kind: "plan", input: { plan: "x" } }]) {
      const markup = written(page(armed([ask({ headless: true, ...more })]), 0));
      assert.ok(!acts(markup).some((x) => x === "release" || x === "jump"));
    }
  });
  it("carry no text of others", () => {
    const a = ask({ tool: "mcp__evil__APPROVE-ME", input: { x: 1 } });
    const markup = written(page(armed([a]), 0));
    for (const [, inside] of markup.matchAll(/<(?:button class="btn|h1)[^>]*>([^]*?)<\/(?:button|h1)>/g)) assert.doesNotMatch(inside, /evil|APPROVE-ME/);
    assert.match(text(page(armed([a]), 0)), /MCP server evil[^]*Use this tool\?APPROVE-ME/);
  });
});

describe("a question", () => {
  const drawn = (questions, ...m) => page(armed([ask({ kind: "question", input: { questions } })], ...m), 0);
  it("shows all there is to it, and nothing of it as markup", () => {
    const words = text(drawn([{ question: "Which <b>one</b>?", header: "H\u202e", why: "because", options: [{ label: "A", description: "first", preview: "+-+\n| |", score: 5 }, "B"] }]));
    for (const part of ["HU+202E", "Which <b>one</b>?", "A", "first", "| |", "score", "5", "B", "why", "because"]) assert.ok(words.includes(part), part);
  });
  it("has keys for the first nine, its own words among them", () => {
    const keys = (n) => [...written(drawn([{ question: "?", options: Array.from({ length: n }, (_, i) => `o${i}`) }])).matchAll(/<kbd aria-hidden="true">(\d+)/g)].map((m) => m[1]).join("");
    assert.deepEqual([keys(2), keys(8), keys(9), keys(30)], ["123", "123456789", "123456789", "123456789"]);
  });
  it("is said aloud, each of several", () => {
    const two = [{ question: "Which?", options: ["a"] }, { question: "And\u200b?" }];
    const heard = (...m) => spoken(armed([ask({ kind: "question", input: { questions: two } })], ...m));
    assert.equal(heard(), "shop: Claude asks: Which?");
    assert.match(heard({ type: "form", what: "go", to: 1 }), /^shop: Claude asks: And.+\?$/);
  });
});

describe("what led to it", () => {
  const drawn = (card) => page(state([ask({ prompt: "fix it" })], { type: "card", id: "a", shown: "h", card }), 0);
  it("is what the user asked, what Claude said, and the summary, as text", () => {
    assert.match(text(drawn({ said: "I <i>will</i>\nrun it.", summary: "Fixing it." })), /You asked: fix it[^]*Claude said:[^]*I <i>will<\/i>[^]*run it\.[^]*So far:[^]*Fixing it\./);
  });
  it("is left out where nobody knows it", () => {
    for (const card of [null, { said: null, summary: null }]) assert.doesNotMatch(text(drawn(card)), /Claude said|So far/);
  });
});

describe("tools by any name", () => {
  it("get the plain card, even when named like a kind or like a part of every object", () => {
    for (const tool of ["plan", "question", "constructor", "__proto__", "toString", ""]) {
      const a = ask({ tool, input: { k: "v" } });
      assert.equal(cardFor(a).heading(a), "Use this tool?", tool);
      assert.match(text(page(state([a]), 0)), /k\s*v/);
    }
  });
});

describe("what did not arrive", () => {
  it("is said in words, by how the terminal stands", () => {
    const failed = (more) => text(page(armed([ask(more)], { type: "press", act: "allow" }, { type: "sent", id: "a", ok: false, status: 0 }), 0)).replace(/\s+/g, " ");
    assert.match(failed({}), /Your decision was not sent\. The request is open in its terminal too, answer it there\./);
    assert.match(failed({ hides_terminal: true }), /The terminal asks as soon as the hook gives up\./);
  });
  it("a lost daemon stands in the frame", () => {
    const s = state([ask()], { type: "board", now: 0, approvals: [], settled: [], daemon: "lost" });
    assert.match(text(page(s, 0)), /ccmon is not answering[^]*Nothing was sent from here\./);
    assert.equal(spoken(s), "ccmon is not answering");
  });
  it("endings say by whom", () => {
    const how = (outcome, by) => ending({ ...ask(), state: "settled", outcome, by }, ask()).title;
    assert.equal(how("answered_in_terminal", "terminal"), "Answered in the terminal");
    assert.equal(how("allowed", "rule"), "Approved by a rule");
    assert.equal(how("denied", "cli"), "Denied from the command line");
    assert.equal(how("timed_out", "timeout"), "Time is up, the terminal asks");
    assert.equal(ending(null, ask()).title, "No longer pending");
  });
});

describe("time", () => {
  it("is said in words", () => {
    assert.deepEqual([0, 2999, 12_000, 59_999, 60_000, 180_000].map((t) => ago(0, t)), ["just now", "just now", "12 s ago", "59 s ago", "1 min ago", "3 min ago"]);
    assert.equal(ago(5000, 0), "just now");
    assert.match(ago(0, 3_600_000), /^at \d+:\d\d$/);
    assert.deepEqual([0, 1, 48_000, 528_000].map(clock), ["0:00", "0:01", "0:48", "8:48"]);
  });
  it("turns amber in the last minute and says what follows", () => {
    assert.deepEqual(left(ask(), 12_000), { words: "8:48 left", soon: false, value: 528_000, max: 540_000 });
    assert.equal(left(ask(), 492_000).words, "0:48, then the terminal asks");
    assert.equal(left(ask(), 480_000).soon, true);
    assert.equal(left(ask({ headless: true }), 492_000).words, "0:48, then denied");
    assert.equal(left(ask(), 600_000).words, "Time is up");
  });
});

describe("keys", () => {
  const key = (k, more = {}, where = {}) => press({ focused: true, field: false, lost: false, ...where }, { key: k, repeat: false, modified: false, composing: false, shift: false, on: "other", ...more })?.act;

  it("mean what the notes say", () => {
    assert.deepEqual(["a", "A", "d", "t", "j", "Escape", "ArrowLeft", "ArrowRight", "x", "Enter", " "].map((k) => key(k)), ["allow", "allow", "field", "release", "jump", "later", "previous", "next", undefined, undefined, undefined]);
  });
  it("are not heard without the focus, with a modifier, while composing", () => {
    for (const [more, where] of [[{}, { focused: false }], [{ modified: true }, {}], [{ composing: true }, {}]]) assert.equal(key("a", more, where), undefined);
  });
  it("decide nothing while held down", () => {
    for (const k of ["a", "t", "d", "Escape"]) assert.equal(key(k, { repeat: true }), "");
    assert.equal(key("ArrowRight", { repeat: true }), "next");
  });
  it("approve nothing by Enter, not even on the button", () => {
    assert.equal(key("Enter", { on: "allow" }), "");
  });
  it("in the field write, send and close", () => {
    const on = { on: "field" };
    assert.deepEqual(["a", "t", "Enter", "Escape", "ArrowLeft"].map((k) => key(k, on, { field: true })), [undefined, undefined, "deny", "back", undefined]);
    assert.equal(key("Enter", { ...on, shift: true }, { field: true }), undefined);
    assert.equal(key("Enter", { ...on, composing: true }, { field: true }), undefined);
  });
  it("beside the open field decide nothing", () => {
    assert.deepEqual(["a", "t", "j", "d", "Escape"].map((k) => key(k, {}, { field: true })), ["", "", "", "field", "back"]);
  });
  it("do not jump where the host knows no way", () => {
    assert.equal(key("j", {}, { jumps: false }), undefined);
    assert.equal(key("j", {}, { jumps: false, lost: true }), undefined);
    const markup = written(page({ ...armed([ask({ place: "tmux work:1.0" })]), jumps: false }, 400));
    assert.ok(markup.includes("tmux work:1.0") && !acts(markup).includes("jump"));
  });
  it("without the daemon only jump and close", () => {
    assert.deepEqual(["a", "d", "t", "j", "Escape"].map((k) => key(k, {}, { lost: true })), [undefined, undefined, undefined, "jump", "later"]);
  });
});
