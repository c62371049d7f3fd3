// The popup's mind under anything at all: whatever happens, the laws hold.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { needs } from "../../assets/ui/forms.js";
import { ARM_MS, phase } from "../../assets/ui/queue.js";
import { approval, Page } from "./support/page.mjs";

describe("anything at all", () => {
  // A deterministic stream of random messages: whatever happens, the laws hold.
  const random = (seed) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };

  it("never sends what was not painted and armed, nor the wrong hash, nor an incomplete answer, nor another request's form", () => {
    for (let seed = 1; seed <= 600; seed++) wander(random(seed));
    assert.deepEqual([...said].sort(), ["edit", "elicitation", "permission", "plan", "question", "remember"]);
  });

  /** What was said yes to. */
  const said = new Set();
  const KINDS = ["permission", "question", "plan", "elicitation"];
  const ACTS = ["allow", "deny", "cancel", "release", "later", "next", "previous", "field", "back", "answer", "plan", "plan_edits", "edit", "remember"];
  const one = (list, r) => list[Math.floor(r() * list.length)];

  /** A request of any kind; all its texts bear its name. */
  function any(id, r) {
    const kind = one(KINDS, r);
    const options = [{ label: `${id} A` }, { label: `${id} B` }];
    const questions = [0, 1].slice(0, 1 + Math.floor(r() * 2)).map((n) => ({ question: `${id} ${n}?`, options, multiSelect: r() > 0.5 }));
    return approval(id, { kind, input: kind === "question" ? { questions } : kind === "plan" ? { plan: `${id} plan` } : kind === "elicitation" ? { server: id, schema: { properties: { of: { type: "string" } }, required: ["of"] } } : { command: `${id} command` }, suggestions: [{ type: "setMode", mode: "acceptEdits", destination: "session" }, { of: id }] });
  }

  function wander(r) {
    const p = new Page({ material: r() > 0.5 });
    let pending = [];
    const paintedAt = new Map();
    for (let i = 0; i < 160; i++) {
      const pick = Math.floor(r() * 13);
      if (pick < 2 && pending.length < 6) pending = [...pending, any(`n${i}`, r)];
      if (pick === 2) pending = pending.filter(() => r() > 0.3);
      if (pick === 3) pending = pending.map((x) => (r() > 0.8 ? { ...x, shown: `${x.shown}'` } : x));
      if (pick <= 3) p.board(pending, { daemon: r() > 0.95 ? "lost" : "ok" });
      const { serial } = p.state;
      if (pick === 4 || pick === 5) p.paint(r() > 0.2);
      if (p.state.armedAt !== null && !paintedAt.has(serial)) paintedAt.set(serial, p.at);
      if (pick === 6) p.wait(Math.floor(r() * 500));
      if (pick === 7) p.step({ type: "card", id: one(pending, r)?.id, shown: one(pending, r)?.shown, card: r() > 0.5 ? {} : null });
      if (pick === 8 || pick === 9) fill(p, r, pending);
      const before = p.state;
      if (pick >= 10) p.press(p.state.forms[p.shown]?.panel && r() > 0.5 ? "allow" : one(ACTS, r));
      check(p, before, paintedAt);
      const sent = p.state.out.find((e) => e.type === "decide");
      if (sent && r() > 0.3) p.sent(sent.id, r() > 0.3 ? {} : { ok: false, status: one([0, 404, 409, 403], r) });
    }
  }

  /** A control is used; now and then one of another request, that had been drawn before. */
  function fill(p, r, pending) {
    const id = r() > 0.2 ? p.shown : one(pending, r)?.id;
    const kind = r() > 0.1 ? pending.find((a) => a.id === id)?.kind : one(KINDS, r);
    const used = {
      permission: [{ what: "undo" }, { what: "tick", n: 1 }, { what: "edit", key: "command", text: `${id} edited` }, { what: "edit", key: "command", text: " " }, ...(p.state.face && needs(p.state.forms, p.state.face) ? Array(9).fill(looked(p)) : [])],
      question: [{ what: "option", n: 0 }, { what: "option", n: 1 }, { what: "own", text: `${id} own` }, { what: "own", text: " " }, { what: "go", to: 1 }],
      plan: [{ what: "plan", text: `${id} edited` }, { what: "plan", text: "" }, { what: "undo" }],
      elicitation: [{ what: "entry", n: 0, value: `${id} entry` }, { what: "entry", n: 0, value: "" }],
    };
    if (id && kind) p.form({ ...one(used[kind], r), id });
  }

  /** The risk of what was typed came, or of something else. */
  function looked(p) {
    const need = p.state.face && needs(p.state.forms, p.state.face);
    return { what: "got", key: need?.key ?? "assess {}", ok: true, value: { risk: { level: "low", findings: [] }, denied_by: null } };
  }

  function check(p, before, paintedAt) {
    for (const e of p.state.out.filter((x) => x.type === "decide")) {
      assert.equal(e.id, before.face.id);
      assert.equal(e.body.shown, before.face.shown);
      assert.ok(p.at - paintedAt.get(before.serial) >= ARM_MS, "armed");
      assert.notEqual(before.daemon, "lost");
      assert.ok(!before.material || before.face.id in before.cards, "complete");
      if (e.body.decision === "allow") said.add(before.face.kind) && yes(e.body, before.face, before.forms[e.id]);
    }
    if (phase(p.state) === "ask") assert.ok(p.state.face);
    if (p.state.armed) assert.notEqual(p.state.armedAt, null);
    for (const [id, form] of Object.entries(p.state.forms)) assert.equal(form.shown, p.state.pending.find((a) => a.id === id)?.shown);
  }

  /** Only what its open panel showed: ticked, or edited and looked at. */
  function permitted(given, more, a, form) {
    if (given) assert.deepEqual([given, form.panel], [{ command: `${a.id} edited` }, "edit"]);
    if (more.updated_permissions) assert.deepEqual([more.updated_permissions, form.panel], [[{ of: a.id }], "remember"]);
    if (given || more.updated_permissions) said.add(form.panel);
    assert.deepEqual(Object.keys(more).filter((key) => key !== "updated_permissions"), []);
  }

  /** Whole, its own, and as it stood on the screen. */
  function yes({ updated_input: given, decision: _, shown: __, ...more }, a, form) {
    if (a.kind === "elicitation") assert.deepEqual(more, { content: { of: `${a.id} entry` } });
    if (a.kind === "permission") permitted(given, more, a, form);
    if (a.kind === "plan") assert.equal(given.plan, form?.panel === "edit" && form.text !== null ? `${a.id} edited` : `${a.id} plan`);
    if (a.kind !== "question") return;
    assert.deepEqual(given.questions, a.input.questions);
    assert.deepEqual(Object.keys(given.answers), a.input.questions.map((q) => q.question));
    for (const said of Object.values(given.answers)) assert.ok(said.split(", ").every((s) => s.startsWith(`${a.id} `)), said);
  }
});
