// What an MCP server asks for: a form of its schema, sent only when it fits, and never in Claude's name.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { asked, fault } from "../../assets/ui/forms/elicitation.js";
import { press } from "../../assets/ui/keys.js";
import { preview } from "../../assets/ui/parts/preview.js";
import { text, written } from "./support/lit.mjs";
import { approval, Page } from "./support/page.mjs";

const { page, still } = await import("../../assets/ui/parts/page.js");
const { cardFor } = await import("../../assets/ui/parts/cards.js");

const PLACE = { type: "string", title: "Environment", enum: ["stage", "prod"], enumNames: ["Staging", "Production"] };
const TICKET = { type: "string", title: "Ticket", description: "As in the tracker", minLength: 3, maxLength: 9 };
const TELL = { type: "boolean", title: "Tell the channel when done", default: true };
const asks = (properties, required = [], more = {}) =>
  approval("e", { kind: "elicitation", tool: "Elicitation", hides_terminal: true, input: { server: "deploy", message: "Where should release 4.2.1 go?", mode: "form", schema: { type: "object", properties, required }, ...more } });
const shows = (...of) => new Page().board([asks(...of)]).arm();
const enter = (p, n, value) => p.form({ what: "entry", n, value });
const content = (p) => p.press("answer").decisions().at(-1)?.content;
const drawn = (p) => page(p.state, 0);

describe("a form", () => {
  it("is sent with what was entered, by the names of the schema", () => {
    const p = shows({ place: PLACE, ticket: TICKET, tell: TELL, times: { type: "integer" }, later: { type: "string" } }, ["place"]);
    enter(enter(enter(enter(p, 0, "prod"), 1, "OPS-1"), 2, false), 3, " 2 ");
    assert.deepEqual(p.press("answer").decisions(), [
      { id: "e", decision: "allow", shown: "hash-e", content: { place: "prod", ticket: "OPS-1", tell: false, times: 2 } },
    ]);
  });
  it("has nothing filled in but what the server suggests, which is said", () => {
    const p = shows({ tell: TELL, on: { type: "boolean" }, place: PLACE, other: { ...PLACE, default: "prod" }, n: { type: "number", default: 1.5 } });
    assert.deepEqual(content(p), { tell: true, other: "prod", n: 1.5 });
    assert.equal(text(drawn(p)).match(/Suggested by the server/g).length, 3);
    assert.equal(written(drawn(p)).match(/checked=true/g).length, 1);
  });
  it("is not sent while something is missing or wrong: that is where it leads", () => {
    const p = shows({ tell: TELL, place: PLACE, ticket: TICKET }, ["place"]);
    assert.doesNotMatch(written(drawn(p)), /class="fault"/);
    assert.deepEqual(p.press("answer").decisions(), []);
    assert.deepEqual(p.said.at(-1), { to: "page", type: "focus", id: "entry-1" });
    assert.match(written(drawn(p)), /class="fault"[^]*Needed\./);
    enter(enter(p, 1, "prod"), 2, "O").press("answer");
    assert.equal(p.said.at(-1).id, "entry-2");
    assert.match(text(drawn(p)), /At least 3 characters/);
    assert.deepEqual(content(enter(p, 2, "OPS-1")), { tell: true, place: "prod", ticket: "OPS-1" });
  });
  it("takes several of a list, in the order they stand", () => {
    const p = shows({ days: { type: "array", minItems: 2, items: { anyOf: [{ const: "mo", title: "Monday" }, { const: "tu" }, { const: "we" }] } } });
    enter(enter(enter(p, 0, "we"), 0, "mo"), 0, "tu");
    assert.deepEqual(content(enter(p, 0, "mo")), { days: ["tu", "we"] });
    assert.match(text(drawn(p)), /Monday/);
  });
  it("keeps odd names, and what it does not know beside them", () => {
    const p = shows({ ["__proto__x"]: { type: "string", pattern: "^a" } });
    assert.match(text(drawn(p)), /pattern[^]*\^a/);
    assert.deepEqual(content(enter(p, 0, "abc")), { __proto__x: "abc" });
  });
  it("fills in nothing that would not be seen for what it is", () => {
    for (const odd of ["a\nb", "a\u202eb", "a\u200bb"]) {
      const p = shows({ x: { type: "string", default: odd } });
      assert.deepEqual(content(p), {});
      assert.match(text(drawn(p)), /default/);
    }
  });
  it("tells choices apart that are called the same", () => {
    const p = shows({ x: { ...PLACE, enumNames: ["Here", "Here"] } });
    assert.match(text(drawn(p)), /Here \(stage\)[^]*Here \(prod\)/);
  });
});

describe("what is entered", () => {
  const says = (schema, value) => fault(asked(asks({ x: schema }))[0], value, true);
  for (const [schema, good, bad] of [
    [{ type: "string", minLength: 2, maxLength: 3 }, ["üü", "😀😀"], ["a", "abcd"]],
    [{ type: "string", format: "email" }, ["a@b.c"], ["a", "@b", "a@", "a b@c", "a@b@c"]],
    [{ type: "string", format: "uri" }, ["https://a/b", "urn:x"], ["a", ":a", "http:", "a: b"]],
    [{ type: "string", format: "date" }, ["2024-02-29", "2000-12-31"], ["2023-02-29", "1900-02-29", "2024-13-01", "2024-1-01", "2024-04-31", "2024-01-00"]],
    [{ type: "string", format: "date-time" }, ["2024-02-29T23:59:60Z", "2024-02-29t01:02:03.5+01:00"], ["2024-02-29", "2024-02-29T01:02Z", "2024-02-29T24:00:00Z", "2024-02-29T01:02:03"]],
    [{ type: "number", minimum: 1, maximum: 2 }, ["1", "1.5", " 2.0 "], ["0.9", "3", "x", "1,5", "0x1", "Infinity"]],
    [{ type: "integer" }, ["1", "-3", "2.0"], ["1.5", "a", "99999999999999999999"]],
    [{ type: "array", minItems: 1, maxItems: 1, items: { type: "string", enum: ["a", "b"] } }, [["a"]], [["a", "b"]]],
  ]) {
    it(`as ${JSON.stringify(schema)} is checked as the daemon does`, () => {
      for (const value of good) assert.equal(says(schema, value), "", value);
      for (const value of bad) assert.notEqual(says(schema, value), "", value);
    });
  }
  it("may be left out unless it is needed", () => {
    const [field] = asked(asks({ x: TICKET }));
    for (const nothing of [null, ""]) assert.equal(fault(field, nothing, true), "");
    assert.equal(fault({ ...field, needed: true }, null, false), "", "nobody has tried yet");
    assert.equal(fault({ ...field, needed: true }, null, true), "Needed.");
  });
});

describe("what no form has", () => {
  for (const [why, input] of [
    ["a page to open", { mode: "url", url: "https://example.org/login", schema: undefined }],
    ["no schema", { schema: undefined }],
    ["a schema without properties", { schema: { type: "object" } }],
    ["a nested object", { schema: { properties: { deep: { type: "object", properties: {} } } } }],
    ["a list of anything", { schema: { properties: { x: { type: "array", items: { type: "string" } } } } }],
    ["choices that are no text", { schema: { properties: { x: { type: "string", enum: [1, 2] } } } }],
    ["the same choice twice", { schema: { properties: { x: { type: "string", enum: ["a", "a"] } } } }],
    ["no type", { schema: { properties: { x: {} } } }],
    ["a need for what it does not name", { schema: { properties: {}, required: ["x"] } }],
  ]) {
    it(`${why} is left to the terminal, and shown whole`, () => {
      const p = shows({}, [], input);
      assert.equal(cardFor(p.state.face).act, "terminal");
      assert.deepEqual(p.press("answer").decisions(), []);
      assert.match(text(drawn(p)), /Answer it in the terminal/);
      if (input.schema) for (const key of Object.keys(input.schema)) assert.ok(text(drawn(p)).includes(`"${key}"`), key);
      if (input.url) assert.ok(text(drawn(p)).includes(input.url));
      assert.deepEqual(p.press("release").decisions().map((d) => d.decision), ["release"]);
    });
  }
});

describe("whoever fills it in", () => {
  const told = (/** @type {Page} */ p) => p.said.filter((e) => e.type === "filling");
  it("is told of, not with each letter, and once it goes on", () => {
    const p = shows({ ticket: TICKET });
    enter(enter(p, 0, "O"), 0, "OP");
    assert.deepEqual(told(p), [{ to: "daemon", type: "filling", id: "e" }]);
    enter(p.wait(14_999), 0, "OPS");
    assert.equal(told(p).length, 1);
    enter(p.wait(1), 0, "OPS-");
    assert.equal(told(p).length, 2);
    p.wait(60_000);
    assert.equal(told(p).length, 2, "nobody is at it");
  });
  it("has the time that the daemon gives, and keeps what was entered", () => {
    const p = enter(shows({ ticket: TICKET }), 0, "OPS-1");
    p.board([{ ...asks({ ticket: TICKET }), expires: 900_000 }]);
    assert.equal(p.state.face?.expires, 900_000);
    assert.deepEqual(content(p), { ticket: "OPS-1" });
  });
  it("is nobody where another is asked for something", () => {
    const p = new Page().board([approval("b", { kind: "question", tool: "AskUserQuestion", input: { questions: [{ question: "Which?", options: [{ label: "a" }] }] } })]).arm();
    p.form({ what: "entry", n: 0, value: "x" }).form({ what: "option", n: 0 });
    assert.deepEqual(told(p), []);
  });
});

describe("the answer", () => {
  it("may be no, or neither, and never has words for Claude", () => {
    assert.deepEqual(shows({}).press("deny").decisions(), [{ id: "e", decision: "deny", shown: "hash-e" }]);
    assert.deepEqual(shows({}).press("cancel").decisions(), [{ id: "e", decision: "deny", cancel: true, shown: "hash-e" }]);
    const p = shows({}).press("field").press("deny_stop");
    assert.deepEqual([p.state.field, p.decisions()], [false, []]);
    assert.deepEqual(new Page().board([approval("b")]).arm().press("cancel").decisions(), [], "a permission is not cancelled");
  });
  it("waits until it is armed", () => {
    for (const act of ["answer", "deny", "cancel"]) assert.deepEqual(new Page().board([asks({})]).paint().press(act).decisions(), []);
  });
  it("is given by no letter: that was meant for a field", () => {
    const on = (key, spot = "other") => press({ focused: true, field: false, lost: false, kind: "elicitation" }, { key, on: spot, repeat: false, modified: false, shift: false, composing: false });
    for (const key of ["a", "d", "e", "t", "D"]) assert.deepEqual(on(key), { act: "" });
    assert.deepEqual([on("j"), on("Escape"), on("Enter"), on("Enter", "text")].map((p) => p.act), ["jump", "later", "answer", "answer"]);
    assert.deepEqual([on("a", "text"), on("a", "select")], [null, null]);
  });
});

describe("who asks", () => {
  it("is the server, and its words are called its own", () => {
    const words = text(drawn(shows({ ticket: TICKET })));
    assert.match(words, /“deploy” asks for details[^]*Where should release 4\.2\.1 go\?[^]*The server’s words, not Claude’s/);
    assert.match(words, /MCP server deploy/);
    assert.match(words, /goes to this server\. Do not type passwords/);
    assert.equal(preview(asks({})).text, "“deploy”: Where should release 4.2.1 go?");
  });
  it("cannot hide behind escapes", () => {
    const a = asks({ x: { type: "string", title: "a\u202eb", enum: ["q\u202er"] } }, [], { server: "de\u202eploy", message: "c\u200bd" });
    const words = text(drawn(new Page().board([a]).arm()));
    assert.doesNotMatch(words, /[\u202e\u200b]/);
    assert.match(words, /U\+202E|RLO|\[/);
  });
  it("can be looked at without a form", () => {
    const a = asks({ place: PLACE }, ["place"]);
    const words = text(cardFor(a).body(still(a)));
    assert.match(words, /Environment[^]*needed[^]*Staging, Production/);
  });
});
