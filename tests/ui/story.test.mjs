// A session's story, put together from pieces: nothing twice, nothing lost, and what did not change stays the same object.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Story, append, blank, lately, only, prepend } from "../../assets/ui/story.js";

const item = (id, more = {}) => ({ id, at: id, ended: id, kind: "tool", tool: "Bash", preview: `call ${id}`, input: null, text: null, failed: false, error: null, agent: null, approval: null, items: [], ...more });
const turn = (id, items, more = {}) => ({ id, at: id, ended: null, prompt: `prompt ${id}`, outcome: "open", items, ...more });
const told = (turns, more = {}) => ({ turns, earlier: null, last: turns.at(-1)?.items.at(-1)?.id ?? null, ...more });
const ids = (story) => story.turns.map((t) => [t.id, t.items.map((i) => i.id)]);

describe("the keeper", () => {
  /** A story whose answers come when the test says so. */
  async function kept() {
    const asked = [];
    const ask = (_, path) => new Promise((answer) => asked.push({ path, answer }));
    const story = new Story({ ask, draw: () => undefined, fail: assert.fail }, "s");
    const answer = async (part, piece) => {
      const at = asked.findIndex(({ path }) => path.includes(part));
      asked.splice(at, 1)[0].answer(piece);
      await new Promise((turn) => setImmediate(turn));
    };
    await answer("limit=80", told([turn(1, [item(9)])], { earlier: 9 }));
    return { story, answer };
  }
  const older = told([turn(1, [item(3)])], { earlier: 3 });

  it("loses nothing from before when the end is asked for at the same time", async () => {
    const { story, answer } = await kept();
    void story.fetch();
    void story.more();
    await answer("before=9", older);
    await answer("limit=80", told([turn(1, [item(9), item(10)])], { earlier: 9 }));
    assert.deepEqual([ids(story.told), story.told.earlier], [[[1, [3, 9, 10]]], 3]);
  });
  it("loses nothing of the end when that comes first", async () => {
    const { story, answer } = await kept();
    void story.more();
    void story.fetch();
    await answer("limit=80", told([turn(1, [item(9), item(10)])], { earlier: 9 }));
    await answer("before=9", older);
    assert.deepEqual([ids(story.told), story.told.earlier], [[[1, [3, 9, 10]]], 3]);
  });
  it("leaves out what does not reach to the end that came meanwhile", async () => {
    const { story, answer } = await kept();
    void story.more();
    void story.fetch();
    await answer("limit=80", told([turn(20, [item(21)])], { earlier: 20 }));
    await answer("before=9", older);
    assert.deepEqual([ids(story.told), story.told.earlier], [[[20, [21]]], 20]);
  });
});

describe("the newest piece", () => {
  it("is all there is at first", () => {
    assert.deepEqual(ids(append(blank(), told([turn(1, [item(2)])]))), [[1, [2]]]);
  });
  it("is laid over what is known", () => {
    const known = told([turn(1, [item(2)]), turn(3, [item(4, { ended: null }), item(5)])]);
    const next = append(known, told([turn(3, [item(4), item(5), item(6)]), turn(7, [item(8)])]));
    assert.deepEqual(ids(next), [[1, [2]], [3, [4, 5, 6]], [7, [8]]]);
    assert.equal(next.turns[1].items[0].ended, 4);
  });
  it("may begin in the middle of a turn, and of a sub-agent", () => {
    const agent = (items) => item(2, { kind: "agent", items });
    const known = told([turn(1, [agent([item(3), item(4)]), item(5)])], { earlier: 1, last: 5 });
    const next = append(known, told([turn(1, [agent([item(4), item(6)]), item(7)], { prompt: null })], { earlier: 4 }));
    assert.deepEqual(ids(next), [[1, [2, 5, 7]]]);
    assert.deepEqual(next.turns[0].items[0].items.map((i) => i.id), [3, 4, 6]);
    assert.equal(next.turns[0].prompt, "prompt 1");
    assert.equal(next.earlier, 1);
  });
  it("stands alone when something was missed between", () => {
    const known = told([turn(1, [item(2)])]);
    assert.deepEqual(ids(append(known, told([turn(1, [item(91)])], { earlier: 90 }))), [[1, [91]]]);
    assert.deepEqual(ids(append(known, told([turn(90, [item(91)])], { earlier: 2 }))), [[1, [2]], [90, [91]]]);
  });
  it("keeps the objects that say the same", () => {
    const known = append(blank(), told([turn(1, [item(2)]), turn(3, [item(4), item(5)])]));
    const next = append(known, told([turn(3, [item(4), item(5), item(6)])]));
    assert.equal(next.turns[0], known.turns[0]);
    assert.equal(next.turns[1].items[0], known.turns[1].items[0]);
    const same = append(next, told([turn(3, [item(4), item(5), item(6)])]));
    assert.equal(same.turns[1], next.turns[1]);
  });
});

describe("what was earlier", () => {
  it("comes in front", () => {
    const next = prepend(told([turn(5, [item(6)])], { earlier: 5 }), told([turn(1, [item(2)])], { earlier: null }));
    assert.deepEqual(ids(next), [[1, [2]], [5, [6]]]);
    assert.equal(next.earlier, null);
  });
  it("joins the turn that was cut, nothing twice", () => {
    const known = told([turn(3, [item(6), item(7)], { prompt: null })], { earlier: 6 });
    const next = prepend(known, told([turn(1, [item(2)], { outcome: "done" }), turn(3, [item(4), item(5), item(6, { ended: null })])], { earlier: 1 }));
    assert.deepEqual(ids(next), [[1, [2]], [3, [4, 5, 6, 7]]]);
    assert.equal(next.turns[1].items[2].ended, 6, "the later page knows more");
    assert.equal(next.turns[1].prompt, "prompt 3");
  });
});

describe("a part of it", () => {
  const items = [item(1), item(2, { kind: "message" }), item(3, { kind: "approval" }), item(4, { kind: "notice" }), item(5, { kind: "agent" })];
  it("is prompts, or tools, or all", () => {
    assert.equal(only(items, "all"), items);
    assert.deepEqual(only(items, "prompts"), []);
    assert.deepEqual(only(items, "tools").map((i) => i.id), [1, 3, 5]);
  });
  it("is the last few things done before a moment", () => {
    const turns = [turn(1, [item(2), item(3, { ended: null }), item(4), item(5, { kind: "message" })]), turn(6, [item(7), item(9)])];
    assert.deepEqual(lately(turns, 8, 2).map((i) => i.id), [4, 7]);
  });
});
