// A rule as a form and back; what is sent of it; what a replay says; where a dragged row lands.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bare, blank, changes, faulty, landing, merged, moved, place, rule, telling, unfinished, verdict, written } from "../../assets/ui/settings/draft.js";

const usual = { name: "n", tool: "Bash", kind: "glob", pattern: "npm *", action: "allow", lasts: "forever", dry_run: false, enabled: true, allow_high: false };

describe("a rule in the form", () => {
  const rules = {
    usual,
    folder: { ...usual, cwd: "/home/me/**" },
    denied: { ...usual, action: "deny", message: "no\nnever" },
    "without a message": { ...usual, action: "deny" },
    once: { ...usual, lasts: "once" },
    quarter: { ...usual, lasts: "seconds", seconds: 900 },
    odd: { ...usual, lasts: "seconds", seconds: 100 },
    session: { ...usual, lasts: "session", session: "1-2" },
    both: { ...usual, lasts: "session_seconds", session: "1-2", seconds: 900 },
    "lines in a pattern": { ...usual, kind: "literal", pattern: "a\nb ", allow_high: true, dry_run: true, enabled: false },
  };
  for (const [name, it_is] of Object.entries(rules)) {
    it(`comes back as it was: ${name}`, () => {
      assert.deepEqual(rule(written(it_is)), it_is);
      assert.deepEqual(changes(it_is, rule(written(it_is))), {}, "and nothing would be sent");
    });
  }
  it("is all that is kept of what the daemon knows", () => {
    assert.deepEqual(bare({ ...usual, cwd: null, id: 4, matches: 3, lints: [] }), usual);
  });
  it("sends only what differs, and takes keys away", () => {
    const denied = { ...usual, action: "deny", message: "no", cwd: "/p" };
    assert.deepEqual(changes(denied, usual), { cwd: null, action: "allow", message: null });
    assert.deepEqual(changes(usual, { ...usual, lasts: "seconds", seconds: 60 }), { lasts: "seconds", seconds: 60 });
  });
  it("says what is missing before the daemon is asked", () => {
    assert.deepEqual(unfinished(blank()), []);
    assert.equal(place(unfinished({ ...blank(), lasts: "session" })[0]), "session");
    assert.deepEqual(unfinished({ ...blank(), lasts: "session_seconds", minutes: "x" }).map(place), ["session", "minutes"]);
    for (const minutes of ["", "x", "0", "-1"]) assert.ok(faulty(unfinished({ ...blank(), lasts: "custom", minutes })), minutes);
    assert.deepEqual(unfinished({ ...blank(), lasts: "custom", minutes: "2.5" }), []);
  });
  it("takes in what was changed elsewhere, but not over what is typed", () => {
    const before = written(usual);
    const form = { ...before, name: "typed" };
    const after = written({ ...usual, name: "theirs", enabled: false });
    assert.deepEqual(merged(form, before, after), { ...after, name: "typed" });
  });
  it("shows each remark where it belongs", () => {
    const codes = { "name-empty": "name", "tool-unknown": "tool", "question-allowed": "tool", "pattern-malformed": "pattern", "cwd-relative": "cwd", "allow-high-not-literal": "allow_high", "seconds-out-of-range": "minutes", "message-too-long": "message", "catch-all": null, shadowed: null };
    for (const [code, field] of Object.entries(codes)) assert.equal(place({ level: "error", code, text: "" }), field, code);
  });
});

describe("a replay in words", () => {
  const found = { looked_at: 1204, would_allow: 37, would_deny: 3, would_ask: 11, allowed_but_denied: 2, denied_but_allowed: 1 };
  it("names what you decided otherwise", () => {
    assert.deepEqual(verdict(found, "allow"), { text: "Would have approved 37 of 1,204, among them 2 that you denied.", against: 2 });
    assert.deepEqual(verdict(found, "deny"), { text: "Would have denied 3 of 1,204, among them 1 that you approved.", against: 1 });
    assert.deepEqual(verdict(found, "ask"), { text: "Would have left 11 of 1,204 to you.", against: 0 });
    assert.equal(verdict({ ...found, allowed_but_denied: 0 }, "allow").text, "Would have approved 37 of 1,204.");
  });
});

describe("samples", () => {
  const of = (fit, n) => Array.from({ length: n }, (_, i) => ({ fit, i }));
  const many = [...of("out_of_scope", 90), ...of("match", 60), ...of("no_match", 50)];
  it("show first what tells most, in the order of time", () => {
    const few = telling(many, false);
    assert.deepEqual(few.map((s) => s.fit), [...Array(5).fill("match"), ...Array(4).fill("no_match"), ...Array(2).fill("out_of_scope")]);
    assert.deepEqual(few.slice(0, 5).map((s) => s.i), [0, 1, 2, 3, 4]);
  });
  it("show all when asked to", () => assert.equal(telling(many, true).length, 200));
  it("may be of a kind this page does not know", () => assert.doesNotThrow(() => telling([{ fit: "other" }], false)));
});

describe("a dragged row", () => {
  const middles = [10, 30, 50, 70];
  it("lands where it is let go, from wherever it comes", () => {
    for (let from = 0; from < 4; from += 1) {
      for (const [y, gap] of [[0, 0], [20, 1], [40, 2], [60, 3], [90, 4]]) {
        const to = landing(middles, y, from);
        const list = moved([0, 1, 2, 3], from, to);
        assert.equal(list[to], from);
        const rest = [0, 1, 2, 3].filter((i) => i !== from);
        assert.deepEqual(list.filter((i) => i !== from), rest, "the others keep their order");
        assert.equal(list.slice(0, to).length, rest.filter((i) => i < gap).length, `from ${from} to gap ${gap}`);
      }
    }
  });
});
