// What is said of the danger: the right words in the right order, marks on the right characters.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { marks } from "../../assets/ui/parts/escapes.js";
import { press } from "../../assets/ui/keys.js";
import { reduce, start } from "../../assets/ui/queue.js";
import { main, MOST, reasons, stresses, units } from "../../assets/ui/parts/risk.js";
import { shell } from "../../assets/ui/parts/shell.js";
import { common, cut, groups, runs, stressed } from "../../assets/ui/parts/spans.js";
import { approval, Page } from "./support/page.mjs";
import { text, written } from "./support/lit.mjs";

const { page, spoken } = await import("../../assets/ui/parts/page.js");
const { MOST: LONGEST } = await import("../../assets/ui/parts/whole.js");

const bytes = (s) => new TextEncoder().encode(s).length;

/** A finding about the first `part` of `whole`, its span in bytes as the daemon counts. */
function finding(whole, part, more = {}) {
  const at = whole.indexOf(part);
  const start = bytes(whole.slice(0, at));
  return { category: "delete", level: "high", span: { start, end: start + bytes(part) }, text: `About ${part}.`, reversible: null, scope: "project", ...more };
}

function ask(command, findings, more = {}) {
  const level = ["high", "medium", "low"].find((l) => findings.some((f) => f.level === l)) ?? "low";
  return approval("a", { cwd: "/p", input: { command }, risk: { level, findings, reversible: null, automatic: true, control_plane: false }, ...more });
}

const state = (a) => reduce(start(), { type: "board", at: 0, wall: 0, now: 0, approvals: [a], settled: [], daemon: "ok" });
const markup = (a) => written(page(state(a), 0));
const words = (a) => text(page(state(a), 0)).replace(/\s+/g, " ");

/** What is marked, as `[text, level, numbers]`, the numbers drawn behind it left out. */
const marked = (a) =>
  [...markup(a).matchAll(/<mark class=(\w+) data-n=([\d ]*)>([^]*?)<\/mark>/g)].map(([, level, n, inside]) => [inside.replace(/<sup[^]*?<\/sup>/g, "").replace(/<[^>]*>/g, ""), level, n]);

describe("a span in bytes", () => {
  it("is the same characters in the string, whatever they are", () => {
    const whole = "rm 'Größe' 日本 😀👩‍💻 e\u0301 \u202e\u200b end";
    const inUnits = units(whole);
    for (const part of ["rm", "Größe", "ö", "日本", "本", "😀", "😀👩‍💻", "\u202e", "\u200b", "end", whole]) {
      const [{ at, end }] = inUnits(finding(whole, part).span);
      assert.equal(whole.slice(at, end), part);
    }
  });
  it("that cuts a character takes all of it", () => {
    assert.deepEqual(units("a😀b")({ start: 2, end: 3 }), [{ at: 1, end: 3 }]);
    assert.deepEqual(units("aöb")({ start: 0, end: 2 }), [{ at: 0, end: 3 - 1 }]);
  });
  it("that is none, or beyond the text, marks nothing or only what is there", () => {
    const inUnits = units("abc");
    for (const span of [null, undefined, {}, { start: 1, end: 1 }, { start: 2, end: 1 }, { start: -1, end: 2 }, { start: 9, end: 12 }, { start: 0.5, end: 2 }, "1-2"]) assert.deepEqual(inUnits(span), []);
    assert.deepEqual(inUnits({ start: 1, end: 99 }), [{ at: 1, end: 3 }]);
    assert.deepEqual(units("")({ start: 0, end: 3 }), []);
  });
  it("agrees with the platform's own encoder", () => {
    const alphabet = ["a", "ö", "日", "😀", "\u202e", "\u0301", "\n"];
    let seed = 5;
    const next = (n) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % n;
    for (let i = 0; i < 2000; i++) {
      const chars = Array.from({ length: 1 + next(20) }, () => alphabet[next(alphabet.length)]);
      const from = next(chars.length);
      const to = from + 1 + next(chars.length - from);
      const [before, part] = [chars.slice(0, from).join(""), chars.slice(from, to).join("")];
      const span = { start: bytes(before), end: bytes(before + part) };
      assert.deepEqual(units(chars.join(""))(span), [{ at: before.length, end: before.length + part.length }]);
    }
  });
});

describe("the reasons", () => {
  const line = "cat a; rm -rf b; git push --force";
  const said = (findings) => reasons(ask(line, findings)).map((r) => `${r.n} ${r.text}`);

  it("come the highest first, else in the order of the text, and carry their mark's number", () => {
    const findings = [finding(line, "cat a", { level: "medium" }), finding(line, "git push --force"), finding(line, "rm -rf b"), finding(line, "a", { level: "low" })];
    assert.deepEqual(said(findings), ["1 About rm -rf b.", "2 About git push --force.", "3 About cat a."]);
  });
  it("say the same of several places once", () => {
    const again = { text: "An invisible character." };
    const list = reasons(ask(line, [finding(line, "cat", again), finding(line, "git", again), finding(line, "rm", again)]));
    assert.deepEqual(list.map((r) => [r.n, r.spans.length]), [[1, 3]]);
    const touching = [finding("xxab", "a", again), finding("xxab", "b", again)];
    assert.deepEqual(reasons(ask("xxab", touching))[0].spans, [{ at: 2, end: 4 }]);
  });
  it("say in words what cannot be undone, once", () => {
    const shown = words(ask(line, [finding(line, "rm -rf b", { reversible: false, text: "Deletes b." }), finding(line, "git push", { text: "Sends it." })]));
    assert.match(shown, /Deletes b\. Cannot be undone\./);
    assert.doesNotMatch(shown, /Sends it\. Cannot/);
    assert.equal(words(ask(line, [finding(line, "rm", { reversible: false, text: "It cannot be undone." })])).match(/undone/g).length, 1);
  });
  it("without a place have no number", () => {
    const a = ask(line, [finding(line, "rm"), { ...finding(line, "cat"), span: { start: 0, end: 0 }, text: "A tool nobody knows." }]);
    assert.deepEqual(said(a.risk.findings), ["0 A tool nobody knows.", "1 About rm."]);
    assert.match(markup(a), /<span class="n high" aria-hidden="true">!<\/span>/);
  });
  it("beyond a dozen are counted, their marks stay", () => {
    const long = Array.from({ length: 20 }, (_, i) => `rm f${String.fromCharCode(97 + i)};`).join(" ");
    const a = ask(long, long.split(" ").filter((w) => w.endsWith(";")).map((w) => finding(long, w)));
    assert.equal(marked(a).length, 20);
    assert.match(words(a), new RegExp(`and ${20 - MOST} more like these`));
    assert.equal(markup(a).match(/<li/g).length, MOST + 1);
  });
  it("are text, whatever they contain", () => {
    const evil = "<img src=x> \u202e\u001b[2J";
    const shown = markup(ask("ls", [finding("ls", "ls", { text: evil })], { trial: [{ id: 1, name: evil, decision: "allow" }] }));
    assert.doesNotMatch(shown, /<img|[\u202e\u001b]/);
  });
});

describe("the marks", () => {
  const drawn = (line, list) => stressed(cut(shell(line), marks(line, true)), list);

  it("overlap and nest: the higher level wins, each number stands where its span ends", () => {
    const line = "curl x | sudo bash";
    const a = ask(line, [finding(line, "curl x | sudo"), finding(line, "x", { level: "medium" }), finding(line, "sudo bash", { level: "medium" })]);
    assert.deepEqual(marked(a), [["curl ", "high", "1"], ["x", "high", "1 2"], [" | ", "high", "1"], ["sudo", "high", "1 3"], [" bash", "medium", "3"]]);
    assert.deepEqual(stresses(reasons(a)).map((s) => s.ends), [[], [2], [], [1], [3]]);
  });
  it("leave low findings and low requests alone", () => {
    const a = ask("git status", [finding("git status", "git", { level: "low" })]);
    assert.deepEqual([marked(a), words(a).includes("Low risk"), markup(a).includes("reasons")], [[], true, false]);
  });
  it("take whole boxes in, and change no text", () => {
    const line = "cat a\u202e\u200b\u200b\u200bb 😀 g\u0456thub";
    const a = ask(line, [finding(line, "\u202e\u200b"), finding(line, "😀", { level: "medium" })]);
    assert.deepEqual(marked(a).map(([t]) => t), ["U+202EU+200B ×3", "😀"]);
    assert.equal(drawn(line, stresses(reasons(a))).map((s) => s.t).join(""), line);
  });
  it("give any noise back exactly, wherever they are", () => {
    const alphabet = [..."ab-=$(){}|&;'\"\\ \n", "EOF", "\u202e", "\u0456", "\u200b", "👩‍💻", "日"];
    let seed = 11;
    const next = (n) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % n;
    for (let i = 0; i < 3000; i++) {
      const line = Array.from({ length: 1 + next(40) }, () => alphabet[next(alphabet.length)]).join("");
      const spans = Array.from({ length: next(6) }, () => {
        const start = next(bytes(line));
        return { level: next(2) ? "high" : "medium", text: String(next(4)), span: { start, end: start + 1 + next(12) } };
      });
      const list = stresses(reasons(ask(line, spans)));
      const out = drawn(line, list);
      assert.equal(out.map((s) => s.t).join(""), line);
      let at = 0;
      for (const s of out) {
        const end = at + s.t.length;
        assert.equal(s.stress !== undefined, list.some((l) => l.at < end && l.end > at));
        at = end;
      }
      assert.equal(runs(groups(out), common).flatMap((r) => r.items.flatMap((g) => g.spans)).length, out.length);
    }
  });
  it("are in paths and addresses too, also when these are short", () => {
    const of = (tool, input, part) => {
      const whole = Object.values(input)[0];
      return marked(ask("", [finding(whole, part)], { tool, input })).map(([t]) => t);
    };
    assert.deepEqual(of("Write", { file_path: "/home/m/.bashrc", content: "/home/m/.bashrc" }, "/home/m/.bashrc"), [".bashrc", "/home/m/"]);
    assert.deepEqual(of("WebFetch", { url: "https://g\u0456thub.com/x", prompt: "p" }, "g\u0456thub"), ["gU+0456 \u0456thub"]);
    assert.deepEqual(of("Read", { file_path: " .env" }, ".env"), [".env"]);
    assert.deepEqual(of("mcp__x__y", { command: "rm" }, "rm"), []);
    assert.equal(main(ask("", [], { tool: "NotebookEdit", input: { notebook_path: "/n", file_path: "/f" } })).key, "notebook_path");
  });
  it("are not in what is shown only in part, and then no reason has a number", () => {
    const long = `rm x ${"y".repeat(LONGEST)}`;
    const a = ask(long, [finding(long, "rm x")]);
    assert.deepEqual(marked(a), []);
    assert.match(markup(a), /Too much to show here[^]*<li data-n=0>/);
  });
});

describe("the level", () => {
  it("is said in words beside the heading, and aloud when high", () => {
    for (const level of ["low", "medium", "high"]) {
      const a = ask("ls", [finding("ls", "ls", { level })]);
      assert.match(words(a), new RegExp(`Run this command\\? ?${level[0].toUpperCase()}${level.slice(1)} risk`));
      assert.equal(spoken(state(a)).includes("High risk."), level === "high");
    }
  });
  it("may be missing or odd: then nothing is said of it", () => {
    const odd = [undefined, null, {}, { level: "extreme", findings: "x" }, { level: "constructor", findings: [null, 3, { level: "high" }] }];
    for (const risk of odd) {
      const shown = words(approval("a", { cwd: "/p", risk, trial: null, rule: null }));
      assert.doesNotMatch(shown, /risk/);
      assert.match(shown, /Run this command\?/);
    }
  });
  it("high makes Approve look careful, no other level does", () => {
    const button = (level) => /<button class="btn (\w+)[^>]*data-act="allow"/.exec(markup(ask("ls", [finding("ls", "ls", { level })])))[1];
    assert.deepEqual(["low", "medium", "high"].map(button), ["primary", "primary", "risky"]);
  });
  it("that becomes known later is something new to read", () => {
    const p = new Page();
    p.board([approval("a")]).arm();
    p.board([ask("a", [finding("a", "a")], { shown: "hash-a" })]).press("allow");
    assert.deepEqual([p.decisions(), p.state.face.risk.level], [[], "high"]);
    p.arm().press("allow");
    assert.equal(p.decisions().length, 1);
  });
});

describe("rules on trial", () => {
  it("are told of in a quiet line, by name", () => {
    const a = approval("a", { cwd: "/p", trial: [{ id: 1, name: "npm", decision: "allow" }, { id: 2, name: "no rm", decision: "deny" }, { id: 3, name: "x", decision: "ask" }, { id: 4, name: "y", decision: "toString" }] });
    assert.match(words(a), /A rule on trial, “npm”, would have allowed it\. ?A rule on trial, “no rm”, would have denied it\. ?A rule on trial, “x”, would have left it to you\.[^]*More below/);
  });
});

describe("A on a request of high risk", () => {
  const key = (k, on, risky, more = {}) => press({ focused: true, field: false, lost: false, risky, ...more }, { key: k, repeat: false, modified: false, composing: false, shift: false, on })?.act;

  it("goes to the button first, and decides from there", () => {
    assert.deepEqual([key("a", "other", true), key("a", "allow", true), key("a", "other", false)], ["aim", "allow", "allow"]);
  });
  it("does neither while a message is written", () => {
    assert.equal(key("a", "other", true, { field: true }), "");
  });
});
