// What a request is shown with: lines that change, a plan, addresses, paths; all of it text.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { reduce, start } from "../../assets/ui/queue.js";
import { text, written } from "./support/lit.mjs";

const { page } = await import("../../assets/ui/parts/page.js");
const { MOST } = await import("../../assets/ui/parts/whole.js");
const { cardFor } = await import("../../assets/ui/parts/cards.js");
const { pieces } = await import("../../assets/ui/parts/diff.js");
const { address } = await import("../../assets/ui/parts/web.js");
const { named } = await import("../../assets/ui/parts/mcp.js");

const EVIL = "<img src=x onerror=alert(1)>\u202e";

const ask = (tool, input, more = {}) => ({ id: "a", session: "1-1", kind: "permission", tool, input, shown: "h", opened: 0, expires: 540_000, state: "pending", project: "shop", cwd: "/home/me/shop", headless: false, hides_terminal: false, agent: null, suggestions: [], ...more });

/** The page with the request, and with what belongs to it. */
function shown(a, card) {
  let s = start();
  for (const m of [{ type: "board", now: 0, approvals: [a], settled: [], daemon: "ok", home: "/home/me" }, { type: "card", id: a.id, shown: a.shown, card }]) {
    s = reduce(s, { at: 0, wall: 0, ...m });
  }
  return page(s, 0);
}

const CHARACTERS = { amp: "&", lt: "<", gt: ">", quot: '"' };
/** The words of it, one space between them. */
function words(a, card = null) {
  const bare = written(shown(a, card)).replace(/<[^>]*>/g, " ");
  return bare.replace(/&(amp|lt|gt|quot);/g, (_, e) => CHARACTERS[e]).replace(/\s+/g, " ");
}

const file = (more) => ({ said: null, summary: null, plan: null, identical: ["a"], file: { path: "/home/me/shop/a.rs", relative: "a.rs", outside: false, link: null, exists: true, part: null, problem: null, diff: null, ...more } });
const lines = (rows, more = {}) => ({ added: 1, removed: 1, lines: rows.length, left: 0, version: "v", hunks: [{ old: 41, new: 41, rows }], ...more });
const edit = (more = {}) => ask("Edit", { file_path: "/home/me/shop/src/a.rs", old_string: "the old", new_string: "the new", replace_all: false, ...more });
const ROWS = [[" ", "same", []], ["-", "let a = one;", [[8, 11]]], ["+", "let a = two;", [[8, 11]]]];

describe("a change of a file", () => {
  it("is shown as lines with their numbers and signs, and how many", () => {
    const markup = written(shown(edit(), file({ diff: lines(ROWS) })));
    const plain = text(shown(edit(), file({ diff: lines(ROWS) }))).replace(/\s+/g, " ");
    assert.match(plain, /Edit this file\?.*a\.rs\s*\+1 −1\s*~\/shop\/src\//);
    assert.match(plain, /same.*removed − let a = one;.*added \+ let a = two;/);
    assert.deepEqual([...markup.matchAll(/data-n="?(\d+)/g)].map(([, n]) => n), ["41", "42", "42"]);
    assert.match(markup, /k-word"?>two</);
    assert.ok(!plain.includes("the old"), "the lines say it");
  });
  it("says what the lines are a part of, once and as text", () => {
    const hunks = [{ old: 41, new: 41, head: `fn ${EVIL}() {`, rows: ROWS }, { old: 43, new: 43, head: "fn next", rows: ROWS }, { old: 90, new: 90, head: null, rows: ROWS }, { old: 200, new: 200, head: "fn far", rows: ROWS }];
    const card = file({ diff: lines(ROWS, { hunks }) });
    const all = words(edit(), card);
    assert.match(all, /in fn <img src=x onerror=alert\(1\)> ?U\+202E ?\(\) \{/);
    assert.match(all, /in fn far/);
    assert.ok(!all.includes("fn next"), "these lines go on where those before end");
    assert.equal([...written(shown(edit(), card)).matchAll(/data-n="?⋯/g)].length, 3);
  });
  it("falls back to what Claude asked for, and says why", () => {
    const diff = lines([["-", "the old", []], ["+", "the new", []]], { hunks: [{ old: 0, new: 0, rows: [["-", "the old", []], ["+", "the new", []]] }] });
    const all = words(edit(), file({ diff, problem: "the file is binary" }));
    assert.match(all, /The file is binary\. Here is what Claude asked for\./);
    assert.ok(!/data-n="?0/.test(written(shown(edit(), file({ diff })))), "no numbers");
    for (const card of [null, file({ problem: "this is a pipe, not a file" })]) {
      assert.match(words(edit(), card), /old_string the old.*new_string the new/, "the input, when there is nothing better");
    }
  });
  it("warns of what is odd", () => {
    const odd = words(edit(), file({ outside: true, link: `/etc/${EVIL}`, relative: null, diff: lines(ROWS) }));
    assert.match(odd, /Links lead to another file: what is written is \/etc\/<img src=x onerror=alert\(1\)> ?U\+202E/);
    assert.match(odd, /This file is not in the project\./);
    assert.match(words(ask("Write", { file_path: "/x/new", content: "a" }), file({ exists: false, diff: lines(ROWS) })), /Create this file\?/);
    assert.match(words(edit(), file({ diff: lines([]) })), /This changes no line/);
  });
  it("shows what is not in the lines", () => {
    assert.match(words(edit({ replace_all: true, else: "x" }), file({ diff: lines(ROWS) })), /replace_all true else x/);
    const cell = ask("NotebookEdit", { notebook_path: "/n.ipynb", new_source: "x", cell_id: "one", edit_mode: "delete" });
    assert.match(words(cell, file({ diff: lines(ROWS), part: "cell “one”, which is deleted" })), /Cell “one”, which is deleted\./);
    assert.match(words(cell, file({ diff: lines(ROWS), problem: "no" })), /cell_id one edit_mode delete/);
  });
  it("has a button for the lines that have not come, and joins those that have", () => {
    const more = { left: 9_000, hunks: [{ old: 1, new: 1, rows: [[" ", "a", []]] }, { old: 2, new: 2, rows: [["+", "b", []]] }, { old: 9, new: 10, rows: [[" ", "c", []]] }] };
    const markup = written(shown(edit(), file({ diff: lines(ROWS, more) })));
    assert.match(markup, /data-act="?rows"?[^]*9,000 more lines/);
    assert.equal(markup.split("⋯").length, 2, "one gap");
  });
  it("is text, with every escape to be seen", () => {
    const markup = written(shown(edit(), file({ diff: lines([["+", `${EVIL}\u001b[8m\r`, [[3, 12]]]]) })));
    assert.ok(!markup.includes("<img"));
    for (const label of ["U+202E", "ESC", "CR"]) assert.ok(markup.includes(label), label);
  });
  it("is cut at its marks and nowhere else", () => {
    assert.deepEqual(pieces("abcdef", [[1, 2], [4, 6]]).map(({ k, t }) => [k, t]), [["", "a"], ["word", "b"], ["", "cd"], ["word", "ef"]]);
    for (const marks of [[[0, 99]], [[3, 1]], [[2, 4], [1, 3]]]) assert.equal(pieces("abcdef", marks).map(({ t }) => t).join(""), "abcdef");
  });
});

describe("a path in the project", () => {
  const at = (inside, more = {}) => words(ask("Edit", { file_path: `/home/me/shop/${inside}`, old_string: "a", new_string: "b" }, more.ask), file({ path: `/home/me/shop/${inside}`, relative: inside, diff: lines(ROWS), ...more.file }));
  it("is shown as seen from there", () => {
    assert.match(at("src/x/a.rs"), / a\.rs \+1 −1 src\/x\/ /);
    assert.match(at("a.rs"), / a\.rs \+1 −1 shop\/ /);
    assert.match(at("src/a.rs", { ask: { cwd: "/home/me/shop/web" } }), / a\.rs \+1 −1 shop\/src\/ /, "not to be taken for one in the folder it runs in");
  });
  it("is shown with its marks", () => {
    const path = "/home/me/shop/src/a.rs";
    const marked = (start, end) => at("src/a.rs", { ask: { risk: { level: "medium", findings: [{ level: "medium", text: "Odd", span: { start, end }, reversible: true }] } } });
    assert.match(marked(0, path.length), / a\.rs 1 \+1 −1 src\/ /);
    assert.match(marked(0, 8), / a\.rs \+1 −1 \/home\/me 1 \/shop\/src\/ /, "nothing that is marked goes");
    assert.match(marked(14, 17), / a\.rs \+1 −1 src 1 \/ /);
  });
  it("is shown from the home or the root when that would be another file", () => {
    for (const odd of [{ outside: true, relative: null }, { link: "/home/me/shop/b.rs" }, { path: "/home/me/shop/other" }, { relative: "lse/a.rs" }]) {
      assert.match(at("else/a.rs", { file: odd }), / a\.rs \+1 −1 ~\/shop\/else\/ /, JSON.stringify(odd));
    }
  });
});

describe("a change with more text than a page holds", () => {
  const LONG = "word ".repeat(MOST / 4);
  const rows = (n, text = "+ new") => Array.from({ length: n }, () => ["+", text, []]);
  const page1 = file({ diff: lines(rows(3), { lines: 5, left: 2, hunks: [{ old: 1, new: 1, rows: rows(3) }] }) });
  const page2 = file({ diff: lines([], { lines: 5, left: 0, hunks: [{ old: 1, new: 4, rows: rows(2) }] }) });
  const CHANGES = [
    ask("Write", { file_path: "/home/me/shop/a.rs", content: LONG }),
    edit({ new_string: LONG }),
    ask("MultiEdit", { file_path: "/home/me/shop/a.rs", edits: [{ old_string: LONG, new_string: "", replace_all: true }] }),
    ask("NotebookEdit", { notebook_path: "/n.ipynb", new_source: LONG }),
  ];

  /** After these messages, each a second after the last. */
  function after(a, ...messages) {
    let s = { ...start(), material: true };
    for (const [i, m] of [{ type: "board", now: 0, approvals: [a], settled: [], daemon: "ok", home: "" }, ...messages].entries()) {
      s = reduce(s, { at: i * 1000, wall: 0, ...(typeof m === "function" ? m(s) : m) });
    }
    return s;
  }
  const card = (a, material) => ({ type: "card", id: a.id, shown: a.shown, card: material });
  const more = (a, material) => ({ ...card(a, material), type: "rows" });
  const painted = (s) => ({ type: "painted", serial: s.serial, whole: true });
  const read = (s) => ({ type: "read", serial: s.serial });
  const allow = { type: "press", act: "allow" };
  const sends = (s) => s.out.some(({ type }) => type === "decide");
  const approves = (s) => /data-act="?allow/.test(written(page(s, 0)));

  it("is shown as its lines, and approved once all of them were on the screen", () => {
    for (const a of CHANGES) {
      const first = after(a, card(a, page1), painted, { type: "time" });
      assert.ok(approves(first), a.tool);
      assert.match(text(page(first, 0)), /2 more lines/);
      assert.ok(!sends(after(a, card(a, page1), painted, read, allow)), "its end has not come");
      assert.ok(!sends(after(a, card(a, page1), painted, more(a, page2), allow)), "nor been seen");
      assert.ok(sends(after(a, card(a, page1), painted, more(a, page2), read, allow)), a.tool);
    }
  });
  it("is not approved while its lines are not there, or never come", () => {
    for (const a of [...CHANGES, ask("Bash", { command: LONG }), ask("mcp__a__b", { text: LONG })]) {
      for (const material of [null, file({ problem: "these are more lines than are compared here" }), { ...page1, file: null }]) {
        const s = after(a, card(a, material), painted, read, allow);
        assert.ok(!sends(s) && !approves(s), a.tool);
        assert.match(text(page(s, 0)), /Too much to show here/);
        for (const panel of ["edit", "remember", "rule"]) assert.equal(reduce(s, { at: 9e3, wall: 0, type: "press", act: panel }).forms[a.id]?.panel ?? "", "");
      }
      const waits = after(a, painted, read, { type: "time" }, allow);
      assert.ok(!sends(waits), "nothing has come yet");
      assert.doesNotMatch(written(page(waits, 0)), /data-act="?allow"?[^>]*aria-disabled="?false/);
      assert.equal(/Looking at what changes/.test(text(page(waits, 0))), CHANGES.includes(a));
    }
  });
  it("counts what the lines do not show", () => {
    for (const a of [
      ask("Write", { file_path: "/home/me/shop/a.rs", content: LONG, other: LONG }),
      edit({ file_path: `/${LONG}` }),
      ask("MultiEdit", { file_path: "/a", edits: [{ old_string: "a", new_string: "b", other: LONG }] }),
      ask("NotebookEdit", { notebook_path: "/n.ipynb", new_source: { deep: LONG } }),
      { ...CHANGES[0], tool: "Else" },
      { ...CHANGES[0], kind: "later" },
    ]) {
      const s = after(a, card(a, page2), painted, read, allow);
      assert.ok(!sends(s) && !approves(s), a.tool);
    }
    assert.match(words(ask("NotebookEdit", { notebook_path: "/n.ipynb", new_source: { deep: "needle" } }), page2), /needle/);
  });
  it("does not stand beside thousands of marks, unless its lines end with them", () => {
    const of = (text, n) => file({ diff: lines(rows(n, text)) });
    assert.equal(cardFor(CHANGES[0], of("a\r", 3_000)).act, "decide");
    assert.equal(cardFor(CHANGES[0], of("\u200b\u200c".repeat(50), 30)).act, "terminal");
    assert.match(words(CHANGES[0], of("a\u200b", 3)), /Shown as written, escapes are visible/);
  });
  it("is not edited in a field", () => {
    const s = after(CHANGES[0], card(CHANGES[0], page2), painted, read, { type: "press", act: "edit" });
    assert.equal(s.forms.a?.panel ?? "", "");
    assert.doesNotMatch(text(page(s, 0)), /Edit first/);
  });
  it("joins each page of lines once, and keeps what is read", () => {
    const a = CHANGES[0];
    const twice = after(a, card(a, page1), painted, more(a, page2), more(a, page2));
    assert.equal(twice.cards.a.file.diff.hunks.length, 2);
    const again = after(a, card(a, page1), painted, more(a, page2), read, card(a, page1));
    assert.equal(again.cards.a.file.diff.left, 0);
  });
  it("of which the lines come late is read anew", () => {
    const a = CHANGES[0];
    assert.ok(!sends(after(a, card(a, null), painted, read, card(a, page2), allow)));
  });
});

describe("a plan", () => {
  const plan = (blocks) => shown(ask("ExitPlanMode", { plan: "# raw" }, { kind: "plan" }), { ...file(), file: null, plan: blocks });
  it("is drawn with its structure, links with their address", () => {
    const blocks = [
      { b: "h", level: 1, spans: [{ s: "text", t: "Move" }] },
      { b: "ol", start: 3, blocks: [{ b: "li", blocks: [{ b: "p", spans: [{ s: "strong", spans: [{ s: "text", t: "bold" }] }] }] }] },
      { b: "p", spans: [{ s: "link", href: "javascript:alert(1)", spans: [{ s: "text", t: "here" }] }, { s: "image", href: "http://t/p.png", spans: [] }, { s: "link", href: "http://x", spans: [{ s: "text", t: "http://x" }] }] },
      { b: "code", lang: "sh", text: `rm ${EVIL}\n` },
      { b: "table", rows: [[[{ s: "text", t: "a" }], [{ s: "text", t: "b" }]], [[{ s: "code", t: "1" }]]] },
      { b: "quote", blocks: [{ b: "hr" }] },
    ];
    const markup = written(plan(blocks));
    assert.match(markup, /role="?heading"? aria-level="?2"?/);
    assert.match(markup, /<ol start="?3/);
    assert.ok(!/<a[ >]|href=|<img|src=x on[^e]/.test(markup.replace(/modulepreload/g, "")), "nothing to click, nothing fetched");
    const plain = text(plan(blocks)).replace(/\s+/g, " ");
    assert.match(plain, /here javascript:alert\(1\)/);
    assert.match(plain, /Image: http:\/\/t\/p\.png/);
    assert.equal(plain.split("http://x").length, 2, "once is enough");
    assert.match(plain, /sh\s*rm <img src=x onerror=alert\(1\)>U\+202E/);
  });
  it("is as it is written when nobody read it", () => {
    assert.match(text(plan(null)), /# raw/);
    assert.match(text(plan([])), /# raw/);
  });
});

describe("an address", () => {
  const host = (url) => address(url).find(({ k }) => k === "host")?.t;
  it("has its host told apart", () => {
    for (const [url, wanted] of [
      ["http://127.0.0.1:9200/_x?y", "127.0.0.1"], ["https://github.com@evil.example/github.com", "evil.example"], ["https:\\\\evil.example\\@good", "evil.example"],
      ["http://[::1]:80/", "[::1]"], ["file:///etc/passwd", undefined], ["no address", undefined],
    ]) {
      assert.equal(host(url) ?? undefined, wanted, url);
      assert.equal(address(url).map(({ t }) => t).join(""), url);
    }
  });
  it("that leads elsewhere than it looks says where", () => {
    const all = words(ask("WebFetch", { url: "https://g\u0456thub.com/x", prompt: "Is it there?" }));
    assert.match(all, /The host is xn--gthub-n2e\.com \./);
    assert.match(all, /Claude wants to know: Is it there\?/);
    assert.match(words(ask("WebFetch", { url: 7 })), /url 7/);
  });
});

describe("other tools", () => {
  it("say what they do", () => {
    for (const [a, wanted] of [
      [ask("mcp__my_db__run__it", { sql: "drop" }), /Use this tool\?.*Tool run__it of the MCP server my_db sql drop/],
      [ask("Read", { file_path: "/home/me/x/y.txt", offset: 10, limit: 50 }), /Read this file\?.*y\.txt ~\/x\/ Lines 10 to 59/],
      [ask("Read", { file_path: "/y", offset: -1 }), /offset -1/],
      [ask("Read", { file_path: " /y" }), /" \/y"/],
      [ask("Agent", { description: "Sub", prompt: "do it", subagent_type: "Explore", model: "opus" }, { note: "Sub" }), /Start this sub-agent\? .*Sub-agent Explore , told: do it model opus/],
      [ask("Task", { prompt: ["odd"] }), /odd/],
      [ask("Grep", { pattern: "a.b", path: "/src", "-n": true }), /Search in files\?.*a\.b in \/src -n true/],
      [ask("Glob", { pattern: "*.rs" }), /Look for these files\?.*\*\.rs/],
      [ask("WebSearch", { query: "q", allowed_domains: ["x.y"] }), /Search the web\? .*q allowed_domains.*x\.y/],
      [ask("Unknown", { a: { b: 1 } }), /Use this tool\? .*"b" ?: 1/],
    ]) {
      assert.match(words(a), wanted);
    }
    assert.deepEqual(named("mcp__a__b__c"), { server: "a", tool: "b__c" });
    assert.equal(named("mcp__x"), null);
  });
  it("lose nothing of an input, whatever it is", () => {
    for (const tool of ["Edit", "MultiEdit", "Write", "NotebookEdit", "Read", "Glob", "Grep", "WebFetch", "WebSearch", "Agent", "Task", "mcp__a__b", "mcp__"]) {
      for (const value of ["needle", ["needle"], { deep: "needle" }]) {
        for (const key of ["file_path", "notebook_path", "old_string", "edits", "content", "new_source", "pattern", "path", "url", "prompt", "query", "subagent_type", "offset", "other"]) {
          const a = ask(tool, { [key]: value });
          assert.ok(words(a).includes("needle"), `${tool} ${key}`);
          assert.equal(cardFor(a).act, "decide");
        }
      }
    }
  });
});
