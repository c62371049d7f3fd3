// Lists page by page: only the newest question counts, nothing is lost, nothing stale is shown.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Feed, address, since } from "../../assets/ui/feed.js";

/** A daemon that answers when it is told to. */
function daemon() {
  const asked = [];
  const ask = (path, signal) =>
    new Promise((resolve, reject) => {
      const one = { path, signal, answer: resolve, refuse: (words) => reject(new Error(words)) };
      signal.addEventListener("abort", () => reject(signal.reason));
      asked.push(one);
    });
  return { ask, asked };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const rows = (...ids) => ids.map((id) => ({ id }));
const ids = (feed) => feed.rows.map((r) => r.id);

function start() {
  const { ask, asked } = daemon();
  let draws = 0;
  const feed = new Feed(ask, "/audit", "approvals", () => (draws += 1));
  return { feed, asked, draws: () => draws };
}

async function ready(...pages) {
  const made = start();
  made.feed.load({});
  made.asked[0].answer(pages[0]);
  await settled();
  return made;
}

describe("a feed", () => {
  it("asks for the first page, without what is empty", async () => {
    const { feed, asked } = start();
    feed.load({ q: "a b&c", project: "" });
    assert.equal(asked[0].path, "/audit?q=a+b%26c");
    assert.equal(feed.state, "loading");
    asked[0].answer({ approvals: rows(1, 2), next: "x", total: 9, partial: true });
    await settled();
    assert.deepEqual([ids(feed), feed.next, feed.total, feed.partial, feed.state], [[1, 2], "x", 9, true, "ready"]);
  });

  it("keeps the old rows until the new ones are there", async () => {
    const { feed, asked } = await ready({ approvals: rows(1) });
    feed.load({ q: "n" });
    assert.deepEqual(ids(feed), [1]);
    asked[1].answer({ approvals: rows(2) });
    await settled();
    assert.deepEqual(ids(feed), [2]);
  });

  it("gives up the older question, and does not hear its answer", async () => {
    const { feed, asked } = start();
    feed.load({ q: "a" });
    feed.load({ q: "ab" });
    assert.ok(asked[0].signal.aborted);
    asked[1].answer({ approvals: rows("new") });
    asked[0].answer({ approvals: rows("old") });
    await settled();
    assert.deepEqual([ids(feed), feed.state], [["new"], "ready"]);
  });

  it("does not hear an answer that came before it could be given up", async () => {
    const { feed, asked } = start();
    feed.load({ q: "a" });
    asked[0].answer({ approvals: rows("old") });
    feed.load({ q: "ab" });
    await settled();
    assert.deepEqual([ids(feed), feed.state], [[], "loading"]);
  });

  it("asks for the next page once, and puts it below", async () => {
    const { feed, asked } = await ready({ approvals: rows(1), next: "c/1", total: 2 });
    feed.more();
    feed.more();
    assert.equal(asked.length, 2);
    assert.equal(asked[1].path, "/audit?cursor=c%2F1");
    asked[1].answer({ approvals: rows(2), next: null });
    await settled();
    assert.deepEqual([ids(feed), feed.total], [[1, 2], 2]);
    feed.more();
    assert.equal(asked.length, 2);
  });

  it("asks for no next page while another question is on its way", async () => {
    const { feed, asked } = await ready({ approvals: rows(1), next: "c" });
    feed.load({ q: "x" });
    feed.more();
    assert.equal(asked.length, 2);
  });

  it("forgets a next page that another question overtook", async () => {
    const { feed, asked } = await ready({ approvals: rows(1), next: "c" });
    feed.more();
    feed.load({ q: "x" });
    asked[2].answer({ approvals: rows(7) });
    asked[1].answer({ approvals: rows(2) });
    await settled();
    assert.deepEqual(ids(feed), [7]);
  });

  it("says what failed, keeps the rows above, and tries again where it stood", async () => {
    const { feed, asked } = await ready({ approvals: rows(1), next: "c" });
    feed.more();
    asked[1].refuse("no daemon");
    await settled();
    assert.deepEqual([feed.state, feed.error, ids(feed)], ["failed", "no daemon", [1]]);
    feed.retry();
    assert.equal(asked[2].path, "/audit?cursor=c");
    asked[2].answer({ approvals: rows(2), next: null });
    await settled();
    assert.deepEqual([feed.state, feed.error, ids(feed)], ["ready", "", [1, 2]]);
  });

  it("shows no rows of another question when the new one failed", async () => {
    const { feed, asked } = await ready({ approvals: rows(1), next: "c" });
    feed.load({ q: "x" });
    asked[1].refuse("gone");
    await settled();
    assert.deepEqual([feed.state, ids(feed)], ["failed", []]);
    feed.retry();
    assert.equal(asked[2].path, "/audit?q=x");
  });

  it("is quiet after it was stopped", async () => {
    const { feed, asked, draws } = start();
    feed.load({});
    feed.stop();
    const before = draws();
    asked[0].answer({ approvals: rows(1) });
    await settled();
    assert.deepEqual([ids(feed), draws()], [[], before]);
  });

  it("changes, or takes out, a row in its place", async () => {
    const { feed } = await ready({ approvals: rows(1, 2, 3) });
    assert.equal(feed.patch((r) => r.id === 2, (r) => ({ ...r, id: 9 })), true);
    assert.deepEqual(ids(feed), [1, 9, 3]);
    assert.equal(feed.patch((r) => r.id === 1, () => null), true);
    assert.equal(feed.patch((r) => r.id === 1, () => null), false);
    assert.deepEqual(ids(feed), [9, 3]);
  });
});

describe("an address", () => {
  it("holds what is said, escaped", () => {
    assert.equal(address("/x", { a: "", b: "1&2=3#4" }), "/x?b=1%262%3D3%234");
    assert.equal(address("/x", { a: "" }), "/x");
  });
  it("counts days back, and takes nothing odd for a number", () => {
    assert.equal(since("7", 700_000_000), "95200000");
    assert.equal(since("30", 1000), "0");
    for (const odd of ["", "0", "-1", "x", "1.5", "NaN"]) assert.equal(since(odd, 1e12), "", odd);
  });
});
