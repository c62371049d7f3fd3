// What came with an answer, beside the audit log's row: said in words, old and new told apart, and always text.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { written } from "./support/lit.mjs";

globalThis.window ??= globalThis;
const { compared, given } = await import("../../assets/ui/parts/given.js");

const EVIL = '<img src=x onerror=alert(1)> "\'>{{x}}</td>';
const HIDDEN = "a\u202eb\u001b]8;;x\u0007";

const approval = (more = {}) => ({ id: "a1", kind: "permission", tool: "Bash", input: { command: "ls -l" }, outcome: "allowed", by: "popup", ...more });
const said = (more) => written(given(approval(more))).replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").trim();

describe("what came with an answer", () => {
  it("is nothing where nothing did", () => assert.equal(given(approval()), ""));

  it("says what was answered, question by question", () => {
    const answers = { "Which colour?": "Blue", "Which toppings?": ["Ham", "salt, pepper"], times: 2, tell: false };
    assert.equal(said({ kind: "question", answers }), "With the answer Which colour? Answered: Blue Which toppings? Answered: Ham · salt, pepper times Answered: 2 tell Answered: no");
  });

  it("shows an edit as what went and what came", () => {
    const markup = written(given(approval({ input: { command: "cd app\nrm -rf build\nls" }, edited: { command: "cd app\nmake clean\nls" } })));
    assert.match(markup, /class=l d[^]*removed [^]*rm -rf build[^]*class=l a[^]*added [^]*make clean/);
    assert.match(said({ edited: { timeout: 5 } }), /Edited: timeout added \+ 5/);
    assert.match(said({ input: { command: "ls", timeout: 5 }, edited: { timeout: null } }), /Edited: timeout removed − 5/);
  });

  it("says what is remembered, and in which file", () => {
    const rule = { type: "addRules", rules: [{ toolName: "Bash", ruleContent: "npm run *" }], behavior: "allow", destination: "localSettings" };
    assert.match(said({ remembered: [rule] }), /Remembered: Any command beginning with npm run Remembered for you in this project, in \.claude\/settings\.local\.json/);
    const mode = { type: "setMode", mode: "acceptEdits", destination: "session" };
    assert.match(said({ remembered: [mode] }), /Remembered: Stop asking before file edits Until this session ends/);
    assert.match(said({ remembered: [{ type: "new" }] }), /type&quot;: &quot;new/);
  });

  it("names the rule that was made, and leads to it", () => {
    const markup = written(given(approval({ made: { id: 7, name: "npm run*" } })));
    assert.match(markup, /href=#\/settings\/rules\/7/);
    assert.match(said({ made: { id: 7, name: "npm run*" } }), /Rule made: npm run\*/);
  });

  it("says that the turn was stopped, or the question dismissed", () => {
    assert.match(said({ outcome: "denied", interrupted: true }), /turn was stopped/);
    assert.match(said({ outcome: "denied", cancelled: true }), /neither a yes nor a no/);
  });

  it("is text, whatever it holds", () => {
    for (const evil of [EVIL, HIDDEN]) {
      const markup = written(given(approval({ input: { [evil]: evil }, answers: { [evil]: evil }, edited: { [evil]: `${evil}!` }, remembered: [{ [evil]: evil }], made: { id: 1, name: evil } })));
      assert.ok(!markup.includes("<img"));
      assert.doesNotMatch(markup, /[\u202e\u001b\u0007]/);
    }
  });
});

describe("two texts", () => {
  const signs = (before, after) => compared(before, after).map((row) => row.sign + row.text);
  it("keep two lines around what differs", () => {
    assert.deepEqual(signs("1\n2\n3\n4\n5\n6\n7", "1\n2\n3\nx\ny\n5\n6\n7"), ["⋯", " 2", " 3", "-4", "+x", "+y", " 5", " 6", "⋯"]);
    assert.deepEqual(signs("a", "b"), ["-a", "+b"]);
    assert.deepEqual(signs("", "a\nb"), ["+a", "+b"]);
    assert.deepEqual(signs("a\na", "a"), [" a", "-a"]);
  });
});
