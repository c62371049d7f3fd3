// The popup's mind under anything at all: whatever happens, the laws hold.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ARM_MS, phase } from "../../assets/ui/queue.js";
import { approval, Page } from "./support/page.mjs";

describe("anything at all", () => {
  // A deterministic stream of random messages: whatever happens, the laws hold.
  const random = (seed) => () => ((seed = (seed * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff);

  it("never sends what was not painted and armed, nor the wrong hash", () => {
    for (let seed = 1; seed <= 400; seed++) wander(random(seed));
  });

  function wander(r) {
    const p = new Page();
    let pending = [];
    const paintedAt = new Map();
    for (let i = 0; i < 120; i++) {
      const pick = Math.floor(r() * 10);
      if (pick < 2 && pending.length < 6) pending = [...pending, approval(`n${i}`)];
      if (pick === 2) pending = pending.filter(() => r() > 0.3);
      if (pick === 3) pending = pending.map((x) => (r() > 0.8 ? { ...x, shown: `${x.shown}'` } : x));
      if (pick <= 3) p.board(pending, { daemon: r() > 0.95 ? "lost" : "ok" });
      if (pick === 4 || pick === 5) {
        p.paint(r() > 0.2);
        if (!paintedAt.has(p.state.serial)) paintedAt.set(p.state.serial, p.at);
      }
      if (pick === 6) p.wait(Math.floor(r() * 500));
      const before = p.state;
      if (pick >= 7) p.press(["allow", "deny", "release", "later", "next", "previous", "field", "back"][Math.floor(r() * 8)]);
      check(p, before, paintedAt);
      const sent = p.state.out.find((e) => e.type === "decide");
      if (sent && r() > 0.3) p.sent(sent.id, r() > 0.3 ? {} : { ok: false, status: [0, 404, 409, 403][Math.floor(r() * 4)] });
    }
  }

  function check(p, before, paintedAt) {
    for (const e of p.state.out.filter((x) => x.type === "decide")) {
      assert.equal(e.id, before.face.id);
      assert.equal(e.body.shown, before.face.shown);
      assert.ok(p.at - paintedAt.get(before.serial) >= ARM_MS, "armed");
      assert.notEqual(before.daemon, "lost");
    }
    if (phase(p.state) === "ask") assert.ok(p.state.face);
    if (p.state.armed) assert.notEqual(p.state.armedAt, null);
  }
});
