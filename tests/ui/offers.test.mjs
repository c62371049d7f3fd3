// What may go with a yes: what Claude remembers, a rule, something else to run, all that ask the same.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { text, written } from "./support/lit.mjs";
import { alike, together } from "../../assets/ui/alike.js";
import { asRun, edit, editable, edited, instead } from "../../assets/ui/forms/edit.js";
import { offered, remember } from "../../assets/ui/forms/remember.js";
import { covered, picked, rule, spans } from "../../assets/ui/forms/rule.js";
import { needs } from "../../assets/ui/forms.js";
import { page } from "../../assets/ui/parts/page.js";
import { Wanted } from "../../assets/ui/wanted.js";
import { approval, Page } from "./support/page.mjs";

const npm = { type: "addRules", rules: [{ toolName: "Bash", ruleContent: "npm run *" }], behavior: "allow", destination: "localSettings" };
const accept = { type: "setMode", mode: "acceptEdits", destination: "session" };
const folder = { type: "addDirectories", directories: ["/p/dist"], destination: "session" };
const low = { level: "low", findings: [], reversible: true, automatic: true, control_plane: false };
const high = { ...low, level: "high", findings: [{ category: "delete", level: "high", span: { start: 0, end: 2 }, text: "Removes all.", reversible: false }] };
const ask = (id, more = {}) => approval(id, { input: { command: "npm run build" }, cwd: "/p", risk: low, suggestions: [npm, folder, accept], ...more });
const shows = (...all) => new Page().board(all).arm();
const says = (s) => offered({ suggestions: [s] })[0];
const rules = (...list) => says({ ...npm, rules: list });

describe("what Claude offers to remember", () => {
  it("is said in words, with its place", () => {
    assert.deepEqual(says(npm), { all: [{ words: "Any command beginning with", text: "npm run" }], where: "Remembered for you in this project, in", file: ".claude/settings.local.json", json: "", tick: true });
    assert.deepEqual(says(folder).all, [{ words: "Let Claude work in", text: "/p/dist" }]);
    assert.equal(says(folder).where, "Until this session ends");
    assert.equal(says(accept).all[0].words, "Stop asking before file edits");
    assert.equal(says({ ...npm, destination: "projectSettings" }).file, ".claude/settings.json");
    assert.match(says({ ...npm, destination: "projectSettings" }).where, /for everybody/);
    assert.match(says({ ...npm, destination: "userSettings" }).where, /everywhere/);
  });
  it("names each of several rules, and what each is", () => {
    const all = rules({ toolName: "Bash", ruleContent: "ls /x" }, { toolName: "Read", ruleContent: "//etc/**" }, { toolName: "WebFetch", ruleContent: "domain:127.0.0.1" }, { toolName: "mcp__demo__echo" }, { toolName: "Edit", ruleContent: "src/*.rs" }, { toolName: "Bash", ruleContent: "npm:*" }).all;
    assert.deepEqual(all.map((m) => `${m.words} ${m.text}`), ["This command: ls /x", "Read any file below /etc", "Fetch any page of 127.0.0.1", "Whatever it is given, the tool mcp__demo__echo", "Edit files that fit src/*.rs", "Any command beginning with npm"]);
  });
  it("stresses what is more than it seems", () => {
    for (const r of [{ toolName: "Bash" }, { toolName: "Bash", ruleContent: "*" }]) assert.equal(rules(r).all[0].care, true);
    assert.equal(says({ ...accept, mode: "bypassPermissions" }).all[0].care, true);
    assert.match(says({ ...npm, behavior: "deny" }).all[0].words, /^Never: /);
  });
  it("is shown as it is when there are no words for all of it", () => {
    for (const odd of [{ ...npm, more: 1 }, { ...npm, destination: "moon" }, { ...accept, mode: "yolo" }, { type: "replaceRules" }, rules.length, "x", null, [], { ...folder, directories: [] }, { ...npm, rules: [{ toolName: "Bash", ruleContent: "x", y: 1 }] }, { ...npm, rules: [] }]) {
      const { all, json, tick } = says(odd);
      assert.deepEqual([all, JSON.parse(json), tick], [[], odd, true]);
    }
    assert.equal(says({ type: "x", text: "y".repeat(3_000) }).tick, false, "too long to be shown whole");
    assert.deepEqual(offered({ suggestions: null }), []);
  });
  it("has nothing ticked beforehand; what is ticked goes back as it was offered", () => {
    const p = shows(ask("a"));
    p.press("remember").press("allow");
    assert.deepEqual(p.decisions(), [{ id: "a", decision: "allow", shown: "hash-a" }]);
    const q = shows(ask("a")).press("remember").form({ what: "tick", n: 2 }).form({ what: "tick", n: 0 }).form({ what: "tick", n: 1 }).form({ what: "tick", n: 1 });
    assert.match(text(page(q.state, 0)), /Approve & remember/);
    assert.deepEqual(q.press("allow").decisions()[0].updated_permissions, [npm, accept]);
  });
  it("is not sent when it is not on the screen, and cannot be ticked when it is not whole", () => {
    const p = shows(ask("a")).press("remember").form({ what: "tick", n: 0 }).press("back").press("allow");
    assert.equal(p.decisions()[0].updated_permissions, undefined);
    const long = { type: "x", text: "y".repeat(3_000) };
    const form = remember.change(remember.begin(), { what: "tick", n: 0 }, ask("a", { suggestions: [long] }));
    assert.deepEqual(remember.body(form, ask("a", { suggestions: [long] })), {});
    assert.deepEqual(remember.change(remember.begin(), { what: "tick", n: 9 }, ask("a")), remember.begin());
  });
  it("hides no character", () => {
    const evil = "a\u202eb\u001b";
    const p = shows(ask("a", { suggestions: [rules.length && { ...npm, rules: [{ toolName: "Bash", ruleContent: evil }] }, { odd: evil }] })).press("remember");
    assert.doesNotMatch(written(page(p.state, 0)), /[\u202e\u001b]/);
  });
});

const draft = { name: "npm", tool: "Bash", kind: "glob", pattern: "npm run*", action: "allow", lasts: "session", session: "a-1", cwd: "{/p,/p/**}", dry_run: false, enabled: true, allow_high: false };
const offers = { rules: [{ words: "Any command beginning with", text: "npm run", rule: draft }], project: "{/p,/p/**}", session_rule: { ...draft, tool: "*", pattern: "*", cwd: undefined, lasts: "session_seconds", seconds: 900 }, session_covers: true, identical: ["a"] };
const preview = { lints: [], samples: [{ fit: "match", then: "allowed" }, { fit: "match", then: "denied" }, { fit: "held_back", then: "allowed" }, { fit: "no_match", then: "other" }] };
/** Answers what the form wants to know. */
const tell = (p, value, ok = true) => p.form({ what: "got", key: needs(p.state.forms, p.state.face).key, ok, value });
const ruled = (...ms) => {
  const p = tell(shows(ask("a")).press("rule"), offers);
  ms.forEach((m) => p.form(m));
  return p;
};

describe("a rule made with a yes", () => {
  it("is offered only once it is asked for, and nothing is picked beforehand", () => {
    const p = shows(ask("a"));
    assert.equal(needs(p.state.forms, p.state.face), null);
    p.press("rule");
    assert.deepEqual(needs(p.state.forms, p.state.face), { key: "offers", method: "GET", path: "/approvals/a/offers" });
    tell(p, offers).press("allow");
    assert.deepEqual(p.decisions(), []);
    assert.deepEqual(p.said.at(-1), { to: "page", type: "focus", id: "rule-1" });
  });
  it("goes with the yes once it was said what it would cover", () => {
    const p = ruled({ what: "pick", n: 0 });
    assert.deepEqual(p.press("allow").decisions(), [], "not looked at yet");
    assert.equal(needs(p.state.forms, p.state.face).path, "/rules/preview");
    tell(p, preview);
    assert.match(text(page(p.state, 0)), /Of the last 4 requests it would have approved 2, among them 1 that you denied\. 1 more would have been left to you/);
    assert.match(text(page(p.state, 0)), /Approve & make rule/);
    assert.deepEqual(p.press("allow").decisions(), [{ id: "a", decision: "allow", shown: "hash-a", rule: { ...draft } }]);
  });
  it("is for as long and for where it was said", () => {
    const of = (...ms) => picked(ruled({ what: "pick", n: 0 }, ...ms).state.forms.a.rule, ask("a"));
    const [span, scope] = [(s) => ({ what: "span", span: s }), (s) => ({ what: "scope", scope: s })];
    assert.deepEqual([of(span("900")).lasts, of(span("900")).seconds, of(span("900")).session], ["seconds", 900, undefined]);
    assert.deepEqual([of(span("forever"), scope("everywhere")).lasts, of(scope("everywhere")).cwd], ["forever", undefined]);
    const here = of(span("900"), scope("session"));
    assert.deepEqual([here.lasts, here.seconds, here.session, here.cwd], ["session_seconds", 900, "a-1", undefined]);
    assert.equal(of(span("forever"), scope("session")).lasts, "session", "no longer than that");
    assert.equal(of(span("century")).lasts, "session");
    assert.deepEqual(spans("session").map(([s]) => s), ["900", "3600", "session"]);
  });
  it("is looked at again when it is another", () => {
    const p = tell(ruled({ what: "pick", n: 0 }), preview).form({ what: "span", span: "forever" });
    assert.deepEqual(p.press("allow").decisions(), []);
    p.form({ what: "got", key: "preview {}", ok: true, value: preview });
    assert.deepEqual(p.press("allow").decisions(), []);
  });
  it("is not sent with an error, and shows remarks", () => {
    const lints = [{ level: "error", code: "x", text: "It is wrong." }, { level: "warning", code: "y", text: "Wide." }];
    const p = tell(ruled({ what: "pick", n: 0 }), { ...preview, lints });
    assert.match(text(page(p.state, 0)), /It is wrong\..*Wide\./s);
    assert.deepEqual(p.press("allow").decisions(), []);
  });
  it("may be for all of the session", () => {
    const p = tell(ruled({ what: "pick", n: "all" }), preview);
    assert.equal(p.press("allow").decisions()[0].rule.lasts, "session_seconds");
    const none = tell(shows(ask("a")).press("rule"), { ...offers, session_rule: null }).form({ what: "pick", n: "all" });
    assert.equal(none.state.forms.a.rule.pick, null);
  });
  it("says so when it cannot be had", () => {
    const p = tell(shows(ask("a")).press("rule"), null, false);
    assert.match(text(page(p.state, 0)), /could not say what rules/);
    assert.equal(rule.needs(p.state.forms.a.rule, ask("a")), null, "it is not asked for again and again");
    assert.equal(covered({ samples: [], lints: [] }, false), "");
  });
  it("that is refused is said, and nothing is taken for decided", () => {
    const p = tell(ruled({ what: "pick", n: 0 }), preview).press("allow").sent("a", { ok: false, status: 422, detail: "nothing was decided, as the rule was refused: x" });
    assert.equal(p.shown, "a");
    assert.deepEqual(p.state.note, { kind: "refused", detail: "nothing was decided, as the rule was refused: x" });
  });
});

const mcp = (input) => ask("a", { tool: "mcp__demo__put", input });
const typed = (key, value) => ({ what: "edit", key, text: value });
const assess = (p, risk) => tell(p, { risk, denied_by: null });

describe("something else to run", () => {
  it("is a text of each that may be edited", () => {
    const keys = (tool, input) => editable(ask("a", { tool, input })).map((f) => f.key);
    assert.deepEqual(keys("Bash", { command: "x", description: "y" }), ["command"]);
    assert.deepEqual(keys("Write", { file_path: "/x", content: "" }), ["content"]);
    assert.deepEqual(keys("Edit", { file_path: "/x", old_string: "a", new_string: "b" }), ["new_string"]);
    assert.deepEqual(keys("NotebookEdit", { notebook_path: "/x", cell_id: "c", new_source: "1" }), ["new_source"]);
    assert.deepEqual(keys("NotebookEdit", { notebook_path: "/x", cell_id: "c", new_source: "", edit_mode: "delete" }), [], "nothing of it is written");
    assert.deepEqual(keys("WebFetch", { url: "u", prompt: "p" }), ["url", "prompt"]);
    assert.deepEqual(keys("WebFetch", { url: "u" }), []);
    assert.deepEqual(keys("Read", { file_path: "/x" }), []);
    assert.deepEqual(keys("mcp__a__b", { text: "x", n: 1, deep: { a: [1] } }), ["text", "n", "deep"]);
    assert.deepEqual(keys("mcp__a__b", { id: 12345678901234567890 }), [], "a page would not send that number back");
    assert.deepEqual(editable(ask("a", { kind: "plan", input: { command: "x" } })), []);
  });
  it("is sent whole with only that changed, once its risk is known", () => {
    const p = shows(ask("a", { input: { command: "npm run build", description: "Build", timeout: 5 } })).press("edit").arm();
    p.form(typed("command", "npm run lint"));
    assert.deepEqual(p.press("allow").decisions(), [], "its risk is not known");
    assert.deepEqual(needs(p.state.forms, p.state.face).body, { input: { command: "npm run lint", description: "Build", timeout: 5 } });
    assess(p, low);
    assert.match(text(page(p.state, 0)), /Approve as edited/);
    assert.match(text(page(p.state, 0)), /Claude asked for.*npm run build/s);
    assert.deepEqual(p.press("allow").decisions(), [{ id: "a", decision: "allow", shown: "hash-a", updated_input: { command: "npm run lint", description: "Build", timeout: 5 } }]);
  });
  it("stands before a yes counts, when its risk is another", () => {
    const p = assess(shows(ask("a")).press("edit").arm().form(typed("command", "rm -rf x")), high);
    assert.equal(p.state.armed, false);
    assert.match(text(page(p.state, 0)), /High risk.*Removes all\./s);
    assert.deepEqual(p.press("allow").decisions(), []);
    assert.deepEqual(p.arm().press("allow").decisions()[0].updated_input, { command: "rm -rf x" });
  });
  it("is not what was typed after it was looked at", () => {
    const p = assess(shows(ask("a")).press("edit").arm().form(typed("command", "ls")), low).form(typed("command", "rm -rf /"));
    assert.deepEqual(p.press("allow").decisions(), []);
    assert.equal(asRun({ panel: "edit", edit: p.state.forms.a.edit }, p.state.face).risk, null);
  });
  it("can be taken back, and is not sent when it is the same", () => {
    const p = shows(ask("a")).press("edit").arm().form(typed("command", "ls")).form({ what: "undo" });
    assert.deepEqual(p.press("allow").decisions(), [{ id: "a", decision: "allow", shown: "hash-a" }]);
    const q = shows(ask("a")).press("edit").form(typed("command", "ls")).press("back").arm();
    assert.deepEqual(q.press("allow").decisions(), [{ id: "a", decision: "allow", shown: "hash-a" }], "what is not on the screen is not sent");
  });
  it("says what is no JSON, and sends nothing", () => {
    const p = shows(mcp({ n: 1, deep: { a: 1 } })).press("edit").arm().form(typed("deep", "{a"));
    assert.equal(needs(p.state.forms, p.state.face), null);
    assert.match(text(page(p.state, 0)), /This is no JSON/);
    assert.deepEqual(p.press("allow").decisions(), []);
    assert.deepEqual(p.said.at(-1), { to: "page", type: "focus", id: "edit-deep" });
    assert.match(edited({ texts: { n: "12345678901234567890" } }, mcp({ n: 1 })).wrong.n, /too large/);
    assert.ok(edited({ texts: { command: " " } }, ask("a")).wrong.command);
    assess(p.form(typed("deep", "[null]")), low).arm();
    assert.deepEqual(p.press("allow").decisions()[0].updated_input, { n: 1, deep: [null] });
  });
  it("takes any name for a field", () => {
    const a = mcp(JSON.parse('{"__proto__": "x", "constructor": 1}'));
    const form = edit.change(edit.begin(), typed("__proto__", "y"), a);
    assert.equal(JSON.stringify(edited(form, a).input), '{"__proto__":"y","constructor":1}');
    assert.equal(edited(edit.begin(), a).same, true);
  });
  it("waits for a risk that could not be found out", () => {
    const p = tell(shows(ask("a")).press("edit").arm().form(typed("command", "ls")), null, false);
    assert.match(text(page(p.state, 0)), /could not be found out/);
    assert.equal(needs(p.state.forms, p.state.face), null);
    assert.deepEqual(p.press("allow").decisions(), []);
    assert.notEqual(needs(p.form({ what: "again" }).state.forms, p.state.face), null);
    assert.equal(instead(p.state.forms.a.edit, p.state.face), null);
  });
});

describe("all that ask the same", () => {
  const three = ["a", "b", "c"].map((id) => ask(id, { cwd: `/p/${id}` }));
  it("are those with the very same input, none of them of high risk", () => {
    assert.deepEqual(alike(three, three[1]).map((a) => a.id), ["b", "a", "c"]);
    assert.deepEqual(alike([three[0]], three[0]), []);
    assert.deepEqual(alike([three[0], ask("x", { input: { command: "npm run build", more: 1 } })], three[0]), []);
    assert.deepEqual(alike([...three, ask("x", { risk: high })], three[0]), []);
    assert.deepEqual(alike([...three, ask("x", { risk: null })], three[0]), [], "not known yet");
    assert.deepEqual(alike([...three, ask("x", { kind: "question" })].slice(2), three[2]), []);
    const nested = (n) => ask(n, { input: { x: [{ y: 1 }, null] } });
    assert.equal(alike([nested("a"), nested("b")], nested("a")).length, 2);
    assert.deepEqual(together(three), { shown: "hash-a", ids: [{ id: "b", shown: "hash-b" }, { id: "c", shown: "hash-c" }] });
  });
  it("are named, and decided with one press", () => {
    const p = shows(...three);
    assert.match(text(page(p.state, 0)), /3 sessions ask the same\..*In 3 folders.*\/p\/a.*\/p\/b.*Approve all 3/s);
    p.press("allow_all");
    assert.deepEqual(p.said.at(-1), { to: "daemon", type: "decide", id: "a", body: together(three), route: "identical" });
    p.sent("a", { together: true });
    assert.equal(p.shown, null);
  });
  it("stay as they are when one of them was answered meanwhile", () => {
    const p = shows(...three).press("allow_all").sent("a", { together: true, ok: false, status: 409, detail: "settled", approval: { state: "settled" } });
    assert.equal(p.shown, "a");
    assert.equal(p.state.closing, null);
    assert.deepEqual(p.state.note, { kind: "refused", detail: "settled" });
  });
  it("are nothing before the page was read and stood", () => {
    const p = new Page().board(three).press("allow_all").arm(false).press("allow_all");
    assert.deepEqual(p.said.filter((e) => e.type === "decide"), []);
  });
});

describe("what a form wants to know", () => {
  it("is asked for once, and told to it", async () => {
    const p = shows(ask("a")).press("rule");
    const asked = [];
    await new Promise((done) => {
      const wanted = new Wanted((method, path) => (asked.push([method, path]), Promise.resolve(offers)), (m) => (p.step(m), wanted.sync(p.state), done()));
      wanted.sync(p.state);
      wanted.sync(p.state);
    });
    assert.deepEqual(asked, [["GET", "/approvals/a/offers"]]);
    assert.deepEqual(p.state.forms.a.rule.offers, offers);
  });
});
