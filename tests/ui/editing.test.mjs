// Writing a rule: tried while it is written, saved when it is sound, never lost.
import assert from "node:assert/strict";
import { beforeEach, describe, it, mock } from "node:test";
import { Refused, house, known, settle } from "./support/app.mjs";
import { text } from "./support/lit.mjs";

const { book, load, remove, enable } = await import("../../assets/ui/settings/rulebook.js");
const { create, discard, edit, editor, open, refresh, replay } = await import("../../assets/ui/settings/editing.js");
const { view } = await import("../../assets/ui/settings/rule-editor.js");
const { key, order } = await import("../../assets/ui/settings/reorder.js");
const { table } = await import("../../assets/ui/settings/rule-table.js");
const jobs = await import("../../assets/ui/settings/jobs.js");

mock.timers.enable({ apis: ["setTimeout"] });

let rules = [];
const empty = { level: "error", code: "pattern-empty", text: "The pattern is empty and would match nothing." };
const routes = {
  "GET /rules": () => ({ rules, paused: false, broken: null }),
  "POST /rules/preview": (body) => ({ lints: body.pattern ? [] : [empty], samples: [{ id: "a", tool: "Bash", text: "npm i", then: "denied", at: 0, fit: "match", now: "allow", why: "" }] }),
};

function at(path, more = {}, query = {}) {
  return house({ ...routes, ...more }, ["rules", String(path)], query);
}

async function wait(ms) {
  mock.timers.tick(ms);
  await settle();
}

async function opened(app) {
  await open(app);
  await settle();
  return editor(app).editor;
}

beforeEach(() => {
  rules = [known(), known(), known()];
  book.rules = null;
});

describe("an existing rule", () => {
  it("is saved at once when it is sound, and only what changed of it", async () => {
    const id = rules[1].id;
    const app = at(id, { [`PATCH /rules/${id}`]: (patch) => (Object.assign(rules[1], patch), rules[1]) });
    const e = await opened(app);
    edit(app, e, { name: "bette" });
    edit(app, e, { name: "better" });
    assert.deepEqual(app.sent(`PATCH /rules/${id}`), [], "not with every key");
    await wait(400);
    assert.deepEqual(app.sent(`PATCH /rules/${id}`), [{ name: "better" }]);
    assert.equal(app.sent("POST /rules/preview").at(-1).position, 1, "it is looked at where it stands");
    assert.match(text(view(app)), /Saved/);
  });
  it("is not saved while it is not, and what is typed stays", async () => {
    const id = rules[0].id;
    const app = at(id, { [`PATCH /rules/${id}`]: () => assert.fail("it was sent") });
    const e = await opened(app);
    edit(app, e, { pattern: "" });
    await wait(400);
    assert.match(text(view(app)), /Not saved: the rule stays as it was/);
    assert.match(text(view(app)), /would match nothing/);
    app.route = { tab: "settings", path: ["rules", String(rules[2].id)], query: {} };
    await opened(app);
    app.route = { tab: "settings", path: ["rules", String(id)], query: {} };
    assert.equal((await opened(app)).form.pattern, "", "it is there when one comes back");
    discard(app, e);
    await settle();
    assert.equal(editor(app).editor.form.pattern, "npm *", "and goes when it is thrown away");
  });
  it("says what the daemon refused, and keeps it", async () => {
    const id = rules[0].id;
    const app = at(id, { [`PATCH /rules/${id}`]: () => new Refused("there are too many rules") });
    const e = await opened(app);
    edit(app, e, { name: "x" });
    await wait(400);
    assert.match(text(view(app)), /too many rules/);
    assert.equal(editor(app).editor.form.name, "x");
  });
  it("takes in what was changed elsewhere", async () => {
    const app = at(rules[0].id);
    const e = await opened(app);
    edit(app, e, { name: "typed" });
    rules[0] = { ...rules[0], enabled: false, name: "theirs" };
    await load(app);
    refresh(app);
    assert.deepEqual([e.form.name, e.form.enabled], ["typed", false]);
  });
  it("can be made anew when it was deleted elsewhere", async () => {
    const app = at(rules[0].id);
    const e = await opened(app);
    rules = rules.slice(1);
    await load(app);
    refresh(app);
    assert.equal(e.id, null);
    assert.match(text(view(app)), /was deleted/);
    assert.match(text(view(app)), /Create/);
  });
  it("says when there is none of that number", async () => {
    const app = at(999_999);
    await opened(app);
    assert.match(text(view(app)), /no such rule/);
  });
});

describe("a new rule", () => {
  it("is made by its button alone", async () => {
    const app = at("new", { "POST /rules": (body) => ({ id: 77, ...body }), "GET /rules/suggest": () => ({ suggestions: [] }) });
    const e = await opened(app);
    edit(app, e, { name: "mine" });
    await wait(1_000);
    assert.deepEqual(app.sent("POST /rules"), []);
    await create(app, e);
    assert.deepEqual(app.sent("POST /rules"), [], "not without a pattern");
    edit(app, e, { pattern: "ls *", action: "deny", message: "no" });
    await create(app, e);
    assert.deepEqual(app.sent("POST /rules"), [{ name: "mine", tool: "Bash", kind: "glob", pattern: "ls *", action: "deny", message: "no", lasts: "forever", dry_run: true, enabled: true, allow_high: false }]);
  });
  it("can be drafted from a decision, a suggestion, another rule", async () => {
    const drafted = { ...known({ name: "drafted", dry_run: true }) };
    const promoted = await opened(at("new", { "POST /rules/promote": ({ approval }) => (assert.equal(approval, "abc"), drafted) }, { approval: "abc" }));
    assert.equal(promoted.form.name, "drafted");
    const suggestions = [{ rule: known({ name: "one" }), seen: 3, examples: [] }, { rule: known({ name: "two" }), seen: 4, examples: [] }];
    const suggest = { "GET /rules/suggest": () => ({ suggestions }) };
    assert.equal((await opened(at("new", suggest, { suggest: "1" }))).form.name, "two");
    assert.equal((await opened(at("new", suggest, { suggest: "one" }))).form.name, "one");
    const copy = await opened(at("new", {}, { copy: String(rules[1].id) }));
    assert.deepEqual([copy.form.name, copy.position], [`${rules[1].name} (copy)`, 2]);
  });
  it("says why there is no draft", async () => {
    const app = at("new", { "POST /rules/promote": () => new Refused("there is no such request") }, { approval: "gone" });
    await opened(app);
    assert.match(text(view(app)), /there is no such request/);
  });
  it("is not judged by an answer to what stood there before", async () => {
    const answers = [];
    const app = at("new", { "POST /rules/preview": () => new Promise((resolve) => answers.push(resolve)) }, { n: "late" });
    const e = await opened(app);
    edit(app, e, { pattern: "a" });
    await wait(400);
    edit(app, e, { pattern: "b" });
    await wait(400);
    answers[1]({ lints: [], samples: [] });
    await settle();
    answers[0]({ lints: [empty], samples: [] });
    await settle();
    assert.deepEqual(e.lints, []);
  });
});

describe("a replay", () => {
  it("is a job: told of, cancelled, and read when it is done", async () => {
    const job = (more) => ({ id: 501, kind: "replay", state: "running", done: 0, total: 10, result: null, error: null, started: 0, ended: null, ...more });
    const app = at(rules[0].id, { "POST /jobs": () => job({}), "DELETE /jobs/501": () => job({ state: "cancelled" }) });
    const e = await opened(app);
    await replay(app, e);
    jobs.hear({ type: "job", job: job({ done: 7 }) }, app);
    jobs.hear({ type: "job", job: job({ done: 3 }) }, app);
    assert.match(text(view(app)), /7 of 10/, "never backwards");
    const result = { looked_at: 10, in_scope: 5, would_decide: 4, would_allow: 4, would_deny: 0, would_ask: 0, agree: 1, allowed_but_denied: 2, denied_but_allowed: 0, held_back: 0, examples: { against: [{ id: "x", text: "npm <b>", then: "denied", at: 0, why: "" }], held_back: [], agree: [], new: [] } };
    jobs.hear({ type: "job", job: job({ state: "done", done: 10, result }) }, app);
    assert.match(text(view(app)), /Would have approved 4 of 10, among them 2 that you denied/);
    assert.match(text(view(app)), /2 decided otherwise than you \(newest 1 shown\)/);
    assert.match(text(view(app)), /npm <b>/);
    edit(app, e, { pattern: "other" });
    assert.match(text(view(app)), /has changed since/);
  });
  it("that the daemon forgot has failed", async () => {
    const running = { id: 502, kind: "replay", state: "running", done: 0, total: 10, result: null, error: null, started: 0, ended: null };
    const app = at(rules[0].id, { "POST /jobs": () => running });
    const e = await opened(app);
    await replay(app, e);
    jobs.hear({ type: "snapshot" }, app);
    await settle();
    assert.match(text(view(app)), /The replay failed/);
  });
});

describe("the list", () => {
  const press = (app, id, k) => {
    let taken = false;
    key(app, id, { key: k, preventDefault: () => (taken = true) });
    return taken;
  };
  it("is reordered by the keyboard", async () => {
    const [a, b, c] = rules;
    const app = at("", { [`PATCH /rules/${a.id}`]: ({ position }) => ((rules = [b, c, a]), { position }) });
    await load(app);
    assert.equal(press(app, a.id, "ArrowDown"), false, "arrows scroll while nothing is lifted");
    for (const k of [" ", "ArrowDown", "ArrowDown", "ArrowDown"]) assert.ok(press(app, a.id, k), k);
    assert.deepEqual(order().map((r) => r.id), [b.id, c.id, a.id], "shown as it would be");
    assert.deepEqual(app.sent(`PATCH /rules/${a.id}`), [], "and not sent yet");
    press(app, a.id, " ");
    await settle();
    assert.deepEqual(app.sent(`PATCH /rules/${a.id}`), [{ position: 2 }]);
  });
  it("stays as it was after Escape", async () => {
    const app = at("");
    await load(app);
    const [a] = rules;
    for (const k of [" ", "End", "Escape"]) press(app, a.id, k);
    assert.deepEqual(order(), book.rules);
    assert.equal(app.asked.length, 1);
  });
  it("shows names and patterns as text, with what is hidden in them", async () => {
    rules = [known({ name: "<img src=x>", pattern: "a\u202eb", cwd: "/p", lints: [{ level: "warning", code: "x", text: "y" }], dry_run: true, ends: { in_ms: 90_000 } })];
    const app = at("");
    await load(app);
    const words = text(table(app));
    for (const part of ["<img src=x>", "U+202E", "in /p", "1 remark", "dry run", "ends in 2 min", "never"]) assert.ok(words.includes(part), part);
  });
  it("gives back what was deleted, at its place", async () => {
    const [, b] = rules;
    const app = at("", { [`DELETE /rules/${b.id}`]: () => ({}), "POST /rules": (body) => body });
    await load(app);
    await remove(app, b.id);
    app.said[0].run();
    await settle();
    const { position, name, id } = app.sent("POST /rules")[0];
    assert.deepEqual([position, name, id], [1, b.name, undefined]);
  });
  it("takes a switch back that the daemon refused", async () => {
    const app = at("", { [`PATCH /rules/${rules[0].id}`]: () => new Refused("no") });
    await load(app);
    const done = enable(app, rules[0].id, false);
    assert.equal(book.rules[0].enabled, false, "shown at once");
    await done;
    assert.equal(book.rules[0].enabled, true);
    assert.deepEqual(app.said, ["no"]);
  });
});
