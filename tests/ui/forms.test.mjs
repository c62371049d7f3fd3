// What is made of a request before it is decided: kept, dropped, sent whole or not at all.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ARM_MS, form, phase } from "../../assets/ui/queue.js";
import { press } from "../../assets/ui/keys.js";
import { approval, Page } from "./support/page.mjs";

const colour = { question: "Which colour?", header: "Colour", multiSelect: false, options: [{ label: "Red", description: "Warm" }, { label: "Blue", description: "Cold" }] };
const toppings = { question: "Which toppings?", header: "Toppings", multiSelect: true, options: [{ label: "Cheese" }, { label: "Ham" }, { label: "Olives" }] };
const asks = (id, ...questions) => approval(id, { kind: "question", tool: "AskUserQuestion", input: { questions } });
const plans = (id, input = { plan: "# One\n", planFilePath: "/p.md" }) => approval(id, { kind: "plan", tool: "ExitPlanMode", input });
const shows = (...all) => new Page().board(all).arm();
const input = (p) => p.decisions().at(-1)?.updated_input;

describe("a question", () => {
  it("has nothing picked beforehand, and is not answered by Enter or A alone", () => {
    const p = shows(asks("q", colour)).press("answer").press("allow").press("plan");
    assert.deepEqual(p.decisions(), []);
    assert.deepEqual(p.said.at(-1), { to: "page", type: "focus", id: "option-1" });
  });
  it("is answered with the label that was picked, the question echoed", () => {
    const p = shows(asks("q", colour)).form({ what: "option", n: 1 }).press("answer");
    assert.deepEqual(p.decisions(), [{ id: "q", decision: "allow", shown: "hash-q", updated_input: { questions: [colour], answers: { "Which colour?": "Blue" } } }]);
  });
  it("takes one of several, the last that was picked", () => {
    const p = shows(asks("q", colour)).form({ what: "option", n: 1 }).form({ what: "option", n: 0 }).press("answer");
    assert.deepEqual(input(p).answers, { "Which colour?": "Red" });
  });
  it("takes any number where it may, in the order they stand", () => {
    const p = shows(asks("q", toppings));
    for (const n of [2, 0, 1, 1]) p.form({ what: "option", n });
    assert.deepEqual(input(p.press("answer")).answers, { "Which toppings?": "Cheese, Olives" });
  });
  it("takes own words, alone or beside others", () => {
    const one = shows(asks("q", colour)).form({ what: "option", n: 0 }).form({ what: "own", text: " Green " }).press("answer");
    assert.deepEqual(input(one).answers, { "Which colour?": "Green" });
    const many = shows(asks("q", toppings)).form({ what: "option", n: 0 }).form({ what: "own", text: "Egg" }).press("answer");
    assert.deepEqual(input(many).answers, { "Which toppings?": "Cheese, Egg" });
  });
  it("is not answered with own words that are empty", () => {
    for (const q of [colour, toppings]) {
      const p = shows(asks("q", q)).form({ what: "option", n: q.options.length }).form({ what: "own", text: "  " }).press("answer");
      assert.deepEqual(p.decisions(), []);
      assert.equal(p.said.at(-1).id, "own");
    }
  });
  it("goes back from own words to an option, and keeps them for later", () => {
    const p = shows(asks("q", colour)).form({ what: "own", text: "Green" }).form({ what: "option", n: 0 });
    assert.equal(form(p.state).answers[0].own, "Green");
    assert.deepEqual(input(p.press("answer")).answers, { "Which colour?": "Red" });
  });
  it("tells answers apart that have a comma in them", () => {
    const p = shows(asks("q", { ...toppings, options: [{ label: "Ham, smoked" }, { label: "Egg" }] }));
    p.form({ what: "option", n: 0 }).form({ what: "option", n: 1 }).press("answer");
    assert.deepEqual(input(p).answers, { "Which toppings?": ["Ham, smoked", "Egg"] });
  });
  it("may have no options at all", () => {
    const p = shows(asks("q", { question: "Why?" })).press("answer");
    assert.equal(p.said.at(-1).id, "own");
    assert.deepEqual(input(p.form({ what: "own", text: "Because" }).press("answer")).answers, { "Why?": "Because" });
  });
  it("keeps odd names as they are", () => {
    const p = shows(asks("q", { question: "__proto__", options: ["constructor"] })).form({ what: "option", n: 0 }).press("answer");
    assert.equal(JSON.stringify(input(p).answers), '{"__proto__":"constructor"}');
  });
  for (const [why, questions] of [
    ["no list", "Which?"],
    ["no question", []],
    ["one without a text", [{ options: [] }]],
    ["an option without a name", [{ ...colour, options: [{ description: "?" }] }]],
    ["options that are no list", [{ ...colour, options: { a: 1 } }]],
    ["two options called the same", [{ ...colour, options: [{ label: "A", description: "1" }, { label: "A", description: "2" }] }]],
    ["two questions worded the same", [colour, { ...toppings, question: colour.question }]],
  ]) {
    it(`with ${why} is left to the terminal`, () => {
      const p = shows(approval("q", { kind: "question", input: { questions } })).form({ what: "option", n: 0 }).form({ what: "own", text: "x" }).press("answer");
      assert.deepEqual(p.decisions(), []);
      assert.equal(p.press("release").decisions().length, 1);
    });
  }
});

describe("several questions", () => {
  const both = () => shows(asks("q", colour, toppings));
  it("come one after another, each armed anew, and are sent together", () => {
    const p = both().form({ what: "option", n: 0 }).press("answer");
    assert.equal(form(p.state).at, 1);
    assert.equal(p.state.armed, false);
    p.form({ what: "option", n: 1 }).press("answer");
    assert.deepEqual(p.decisions(), [], "not armed yet");
    p.arm().press("answer");
    assert.deepEqual(input(p).answers, { "Which colour?": "Red", "Which toppings?": "Ham" });
  });
  it("lead back, keeping what was picked", () => {
    const p = both().form({ what: "option", n: 0 }).press("answer").form({ what: "option", n: 2 }).press("back");
    assert.equal(form(p.state).at, 0);
    assert.deepEqual(form(p.state).answers.map((x) => x.picks), [[0], [2]]);
    assert.deepEqual(input(p.arm().press("answer")).answers, { "Which colour?": "Red", "Which toppings?": "Olives" });
  });
  it("are answered in any order, and none is left out", () => {
    const p = both().form({ what: "go", to: 1 }).form({ what: "option", n: 0 }).arm().press("answer");
    assert.equal(form(p.state).at, 0);
    assert.deepEqual(p.decisions(), []);
  });
});

describe("a plan", () => {
  const mode = (/** @type {string} */ name) => [{ type: "setMode", mode: name, destination: "session" }];
  it("is approved with itself, asking on or accepting edits", () => {
    const asks = { id: "p", decision: "allow", shown: "hash-p", updated_input: { plan: "# One\n" }, updated_permissions: mode("default") };
    assert.deepEqual(shows(plans("p")).press("plan").decisions(), [asks]);
    assert.deepEqual(shows(plans("p")).press("plan_edits").decisions(), [{ ...asks, updated_permissions: mode("acceptEdits") }]);
  });
  it("that came empty stays empty", () => {
    const p = shows(plans("p", {})).press("edit");
    assert.equal(form(p.state).panel, "");
    assert.deepEqual(p.press("plan").decisions()[0].updated_input, {});
  });
  it("is approved as edited, from buttons armed anew, while the edit is on the screen", () => {
    const p = shows(plans("p")).press("edit").form({ what: "plan", text: "# Two" }).press("plan");
    assert.deepEqual(p.decisions(), []);
    assert.equal(p.arm().press("plan").decisions()[0].updated_input.plan, "# Two");
  });
  it("is approved as it came once one went back, and the edit is kept for later", () => {
    const p = shows(plans("p")).press("edit").form({ what: "plan", text: "# Two" }).press("back").arm();
    assert.equal(form(p.state).text, "# Two");
    assert.equal(p.press("plan").decisions()[0].updated_input.plan, "# One\n");
  });
  it("is not approved when nothing is left of it", () => {
    const p = shows(plans("p")).press("edit").form({ what: "plan", text: " \n" }).arm().press("plan");
    assert.deepEqual(p.decisions(), []);
    assert.equal(p.said.at(-1).id, "plan-text");
    assert.equal(p.form({ what: "undo" }).press("plan").decisions()[0].updated_input.plan, "# One\n");
  });
  it("goes back with what should change", () => {
    const p = shows(plans("p")).press("field").step({ type: "typed", text: "Smaller" }).press("plan").press("deny");
    assert.deepEqual(p.decisions(), [{ id: "p", decision: "deny", message: "Smaller", shown: "hash-p" }]);
  });
});

describe("what an MCP server asks", () => {
  const schema = { properties: { name: { type: "string" }, age: { type: "integer" } }, required: ["name"] };
  const wants = (more = {}) => shows(approval("e", { kind: "elicitation", tool: "", input: { server: "people", message: "Who?", schema, ...more } }));
  it("is sent what was entered, when it fits, and nothing else", () => {
    const p = wants().press("answer").press("allow");
    assert.deepEqual(p.decisions(), []);
    assert.equal(p.said.at(-1).id, "entry-0");
    p.form({ what: "entry", n: 0, value: "Ada" }).form({ what: "entry", n: 1, value: "x" }).press("answer");
    assert.deepEqual(p.decisions(), []);
    p.form({ what: "entry", n: 1, value: "36" }).press("answer");
    assert.deepEqual(p.decisions(), [{ id: "e", decision: "allow", shown: "hash-e", content: { name: "Ada", age: 36 } }]);
  });
  it("is declined or dismissed, without a word", () => {
    assert.deepEqual(wants().press("field").press("deny").decisions(), [{ id: "e", decision: "deny", shown: "hash-e" }]);
    assert.deepEqual(wants().press("cancel").decisions(), [{ id: "e", decision: "deny", cancel: true, shown: "hash-e" }]);
    assert.deepEqual(shows(approval("b")).press("cancel").decisions(), []);
  });
  it("that no form here has is left to the terminal", () => {
    assert.deepEqual(wants({ mode: "url" }).press("answer").decisions(), []);
    assert.equal(wants({ schema: null }).press("release").decisions().length, 1);
  });
});

describe("a form", () => {
  const [q, r] = [asks("q", colour), asks("r", colour)];
  const picked = (p, id) => p.state.forms[id]?.answers[0].picks;
  it("is kept while one pages", () => {
    const p = shows(q, r).form({ what: "option", n: 1 }).press("next").press("previous");
    assert.deepEqual(picked(p, "q"), [1]);
  });
  it("is its request's alone", () => {
    const p = shows(q, r).form({ what: "option", n: 1 }).press("next").form({ id: "q", what: "option", n: 0 }).arm().press("answer");
    assert.deepEqual(p.decisions(), []);
    assert.deepEqual([picked(p, "q"), picked(p, "r")], [[1], []]);
  });
  it("outlives the daemon, not its request", () => {
    const p = shows(q, r).form({ what: "option", n: 1 }).board([], { daemon: "lost" });
    assert.equal(phase(p.state), "lost");
    p.board([q, r]);
    assert.deepEqual(picked(p, "q"), [1]);
    assert.equal(p.board([r]).state.forms.q, undefined);
  });
  it("is dropped when the request changes, with its message", () => {
    const p = shows(q, r).press("field").step({ type: "typed", text: "no" }).form({ what: "option", n: 1 });
    p.board([{ ...q, shown: "other" }, r]);
    assert.deepEqual([p.state.forms.q, p.state.drafts.q], [undefined, undefined]);
    assert.deepEqual(p.arm().press("answer").decisions(), []);
  });
  it("stands still while it is sent", () => {
    const p = shows(q, r).form({ what: "option", n: 1 }).press("answer").form({ what: "option", n: 0 });
    assert.deepEqual(picked(p, "q"), [1]);
  });
  it("does not pass on what was pressed for the one before", () => {
    const p = shows(q, r).form({ what: "option", n: 1 }).press("answer").sent("q").form({ what: "option", n: 1 }).press("answer");
    assert.equal(p.decisions().length, 1);
    assert.equal(p.shown, "r");
  });
});

describe("what belongs to a request", () => {
  const page = () => new Page({ material: true });
  const [a, b] = [approval("a"), approval("b")];
  const asked = (p) => p.said.filter((e) => e.type === "card").map((e) => e.id);
  it("is asked for once, and nothing counts before it came and was painted", () => {
    const p = page().board([a, b]).board([a, b]).arm().press("allow");
    assert.deepEqual(asked(p), ["a"]);
    assert.equal(p.told("shown").length, 1);
    p.card("a", { said: "x" }).wait(ARM_MS).press("allow");
    assert.deepEqual(p.decisions(), []);
    assert.equal(p.arm().press("allow").decisions().length, 1);
  });
  it("that will not come holds nothing up: what is shown is the input", () => {
    assert.equal(page().board([a]).card("a", null).arm().press("allow").decisions().length, 1);
  });
  it("is kept while one pages", () => {
    const p = page().board([a, b]).card("a", {}).press("next").card("b", {}).press("previous").arm().press("allow");
    assert.deepEqual(asked(p), ["a", "b"]);
    assert.equal(p.decisions().length, 1);
  });
  it("of an earlier wording is not taken for this one's", () => {
    const p = page().board([a]).card("a", {}).board([{ ...a, shown: "new" }]).step({ type: "card", id: "a", shown: a.shown, card: {} });
    assert.deepEqual(asked(p), ["a", "a"]);
    assert.deepEqual(p.arm().press("allow").decisions(), []);
  });
  it("is read to its end only when all rows of a change were on the screen", () => {
    const diff = (left, n, version = "v") => ({ said: null, file: { diff: { added: n, removed: 0, lines: 10, left, version, hunks: [{ rows: Array(n).fill(["+", "x", []]) }] } } });
    const p = page().board([a]).card("a", diff(6, 4)).arm().press("allow");
    assert.deepEqual(p.decisions(), []);
    p.step({ type: "read", serial: p.state.serial }).press("rows");
    assert.deepEqual(p.said.at(-1), { to: "daemon", type: "rows", id: "a", shown: a.shown, from: 4 });
    p.step({ type: "rows", id: "a", shown: a.shown, card: diff(0, 6) }).step({ type: "read", serial: p.state.serial });
    assert.equal(p.state.cards.a.file.diff.hunks.flatMap((h) => h.rows).length, 10);
    assert.equal(p.press("allow").decisions().length, 1);
    const q = page().board([a]).card("a", diff(6, 4)).arm().step({ type: "rows", id: "a", shown: a.shown, card: diff(0, 6, "w") });
    assert.equal(q.state.cards.a, undefined, "the file is another by now");
    assert.deepEqual(q.arm().press("allow").decisions(), []);
  });
  it("is asked for again when the daemon is back", () => {
    const p = page().board([a]).board([], { daemon: "lost" }).board([a]);
    assert.deepEqual(asked(p), ["a", "a"]);
  });
});

describe("keys", () => {
  const key = (k, on = "other", page = {}, more = {}) => press({ focused: true, field: false, lost: false, kind: "question", ...page }, { key: k, repeat: false, modified: false, composing: false, shift: false, on, ...more });
  it("1 to 9 pick, Enter answers", () => {
    assert.deepEqual(key("1"), { act: "option", n: 0 });
    assert.deepEqual(key("9", "choice"), { act: "option", n: 8 });
    assert.deepEqual([key("Enter"), key("Enter", "choice"), key("Enter", "text")], Array(3).fill({ act: "answer" }));
    assert.equal(key("0"), null);
  });
  it("held down do nothing twice", () => {
    for (const [k, on] of [["Enter", "other"], ["Enter", "button"], ["Enter", "text"], ["1", "other"], ["e", "other"]]) assert.deepEqual(key(k, on, {}, { repeat: true }), { act: "" }, k);
  });
  it("are text in a text", () => {
    for (const k of ["a", "d", "e", "1", "ArrowLeft", " "]) assert.deepEqual([key(k, "text"), key(k, "lines")], [null, null], k);
    assert.deepEqual(key("Escape", "text"), { act: "leave" });
    assert.equal(key("Enter", "lines"), null);
  });
  it("Ctrl Enter ends a longer text, the yes of what it is", () => {
    const ctrl = { modified: true, control: true };
    assert.deepEqual(key("Enter", "lines", { kind: "permission" }, ctrl), { act: "allow" });
    assert.deepEqual(key("Enter", "lines", { kind: "permission", risky: true }, ctrl), { act: "aim" });
    assert.deepEqual(key("Enter", "lines", { kind: "plan" }, ctrl), { act: "plan" });
    assert.equal(key("Enter", "text", {}, ctrl), null);
  });
  it("only lead back while a text is open beside them", () => {
    for (const k of ["a", "d", "t", "j", "ArrowLeft"]) assert.deepEqual(key(k, "other", { kind: "plan", panel: "edit" }), { act: "" }, k);
    assert.deepEqual(key("e", "other", { panel: "edit" }), { act: "edit" });
    assert.deepEqual(key("Escape", "other", { panel: "remember" }), { act: "back" });
  });
  it("leave lists and single letters of other kinds alone", () => {
    assert.equal(key("a", "select"), null);
    assert.equal(key("1", "other", { kind: "permission" }), null);
    assert.equal(key("Enter", "other", { kind: "permission" }), null);
    assert.deepEqual(key("a", "other", { kind: "plan" }), { act: "plan" });
  });
});
