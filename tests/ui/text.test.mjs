// What is drawn is what was asked: colours and boxes never lose a character.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { marks, plain } from "../../assets/ui/parts/escapes.js";
import { fields, json } from "../../assets/ui/parts/fields.js";
import { shell } from "../../assets/ui/parts/shell.js";
import { cut, groups } from "../../assets/ui/parts/spans.js";

const LINES = [
  "",
  "ls",
  "cargo test -p refunds -- split_payment --nocapture",
  "FOO=1 sudo -u root rm -rf \"$HOME/.cache\" && git push --force=yes; echo $(date) | sh",
  "cat <<'EOF' | sh\nrm -rf ~\nEOF\nls",
  "cat <<-A <<B\n\ta\n\tA\nb\nB\n",
  "cat <<never\nends",
  "echo 'open",
  'echo "open \\" still',
  "echo `ls` $((1+2)) ${X:-y} $(a $(b $(c",
  "for i in {1..3}; do echo $i; done # end",
  "a&&b||c|&d;;e&>f<<<g >&2 2>/dev/null",
  "trailing \\",
  "two \\\n  lines\r\nand\ttabs\u0000",
  "https://g\u0456thub.com \u202egpj.hs\u200b \u001b[8m \ud800 \u{e0041}",
  "=-=-=", "--", "-", "#", "#c\n#d", "$", "$(", "\\", "'", '"', "`", "<<", "<<\n", "\n\n",
];

const pieced = (line) => shell(line).map((p) => p.t).join("");
const drawn = (line) => groups(cut(shell(line), marks(line, true))).flatMap((g) => g.spans);

describe("the highlighter", () => {
  it("gives every line back exactly", () => {
    for (const line of LINES) assert.equal(pieced(line), line);
  });
  it("gives any noise back exactly, cut at the marks or not", () => {
    const alphabet = [..."ab-=$(){}<>|&;'\"`\\# \n\tE", "<<", "EOF", "\u202e", "\u0456", "\u0301", "👩‍💻", "\ud800"];
    let seed = 7;
    const next = (n) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % n;
    for (let i = 0; i < 4000; i++) {
      const line = Array.from({ length: next(40) }, () => alphabet[next(alphabet.length)]).join("");
      assert.equal(pieced(line), line);
      assert.equal(drawn(line).map((s) => s.t).join(""), line);
    }
  });
  it("stays quick with the worst of lines", () => {
    const began = performance.now();
    for (const unit of ["(", "'", "<<a ", "\\", "$(", "#", "<<a\n", "a=", "-"]) shell(unit.repeat(20_000 / unit.length));
    shell("x".repeat(5_000_000));
    assert.ok(performance.now() - began < 2000);
  });
  it("tells commands, options, strings and operators apart", () => {
    const of = (line) => shell(line).filter((p) => p.t.trim()).map((p) => `${p.k}:${p.t}`);
    assert.deepEqual(of("A=1 sudo rm -rf 'x' && ls | wc -l > out"), [":A=1", "cmd:sudo", "cmd:rm", "opt:-rf", "str:'x'", "op:&&", "cmd:ls", "op:|", "cmd:wc", "opt:-l", "op:>", ":out"]);
    assert.deepEqual(of("git clone https://x.dev/y"), ["cmd:git", ":clone", "str:https://x.dev/y"]);
    assert.deepEqual(of("kubectl --sort-by=.status"), ["cmd:kubectl", "opt:--sort-by", ":=.status"]);
    assert.deepEqual(of("echo $(date +%s) # now"), ["cmd:echo", "op:$(", "cmd:date", ":+%s", "op:)", "com:# now"]);
    assert.deepEqual(of("cat <<EOF\nrm -rf /\nEOF\nls").slice(-2), ["str:rm -rf /\nEOF", "cmd:ls"].slice(-2));
  });
  it("keeps a word of up to 32 drawn characters together", () => {
    const together = (line) => groups(cut(shell(line), marks(line, true))).map((g) => g.together);
    assert.deepEqual(together("--sort-by=.status.startTime"), [true]);
    assert.deepEqual(together("x".repeat(32)), [true]);
    assert.deepEqual(together("x".repeat(33)), [false]);
    assert.deepEqual(together("a\u200bb\u200cc\u200dd\u2060e"), [false]);
  });
});

describe("the escapes", () => {
  const labels = (text, lines = true) => marks(text, lines).map((m) => m.label);

  it("show what would act instead of being read", () => {
    assert.deepEqual(labels("\u001b[8m\u0007\u009b\u007f\r"), ["ESC", "BEL", "U+009B", "DEL", "CR"]);
    assert.deepEqual(labels("a\u202eb\u2066c\u2069\u061c"), ["U+202E", "U+2066", "U+2069", "U+061C"]);
    assert.deepEqual(labels("a\u200bb\u2060\ufeff\u00ad\u3164\u2800"), ["U+200B", "U+2060", "U+FEFF", "U+00AD", "U+3164", "U+2800"]);
    assert.deepEqual(labels("\u{e0041}\ue000\ud800\u2028\ufe00\u{e0100}"), ["U+E0041", "U+E000", "U+D800", "U+2028", "U+FE00", "U+E0100"]);
    assert.deepEqual(labels("a\u00a0b\u3000c d"), ["U+00A0", "U+3000"]);
  });
  it("leave line feeds and tabs where lines are drawn, and show them where they are not", () => {
    assert.deepEqual(labels("a\n\tb"), []);
    assert.deepEqual(labels("a\n\tb", false), ["LF", "TAB"]);
  });
  it("count a run of the same character instead of repeating it", () => {
    assert.deepEqual(labels("a" + "\u200b".repeat(5000) + "b"), ["U+200B ×5000"]);
    assert.deepEqual(labels("a\u200bb\u200b"), ["U+200B", "U+200B"]);
  });
  it("box accents from the fourth on, so that none covers its neighbours", () => {
    assert.deepEqual(labels("e\u0301 n\u0303\u0301\u0302"), []);
    assert.deepEqual(labels("a" + "\u0301".repeat(10_000)), ["U+0301 ×9997"]);
  });
  it("box letters that only look Latin, in a Latin word", () => {
    assert.deepEqual(labels("g\u0456thub"), ["U+0456 \u0456"]);
    assert.deepEqual(labels("привет мир, hello Привет"), []);
    assert.deepEqual(labels("Größe naïve Δx"), []);
  });
  it("leave writing and emoji alone", () => {
    assert.deepEqual(labels("日本語 עברית العربية ไทย हिन्दी 👩‍💻 ❤️ 👍🏽 é"), []);
    assert.deepEqual(labels("a\u200db x\ufe0f"), ["U+200D", "U+FE0F"]);
  });
  it("cover every character that is not seen", () => {
    for (let c = 0; c < 0x110000; c++) {
      const s = String.fromCodePoint(c);
      if (/^(?:\p{Cc}|\p{Cf}|\p{Cs}|\p{Zl}|\p{Zp}|\p{Default_Ignorable_Code_Point})$/u.test(s)) {
        assert.equal(marks(`a${s}b`, false).length, 1, `U+${c.toString(16)}`);
      }
    }
  });
  it("are written out where only text can stand", () => {
    assert.equal(plain("main\u202e/x\n"), "main[U+202E]/x[LF]");
  });
});

describe("the fields of any input", () => {
  it("leave no field out and change no text", () => {
    const input = { file_path: "/x", old_string: "a\n  b\n", replace_all: false, n: 1.5, nothing: null, list: [1, { a: "b" }], empty: "", space: " x" };
    const got = Object.fromEntries(fields(input).map((f) => [f.key, f.text]));
    assert.deepEqual(Object.keys(got), Object.keys(input));
    assert.equal(got.old_string, input.old_string);
    assert.equal(got.list, JSON.stringify(input.list, null, 2));
    assert.equal(got.empty, '""');
    assert.equal(got.space, '" x"');
    assert.equal(got.replace_all, "false");
  });
  it("say when a number is not held exactly", () => {
    assert.match(fields({ n: { big: 12345678901234567890, inf: Infinity } })[0].text, /about 12345678901234567000[^]*too large/);
  });
  it("colour JSON without changing it", () => {
    for (const value of [{ a: [1, -2.5e9, true, null, "x\"y\\", "-1", "true"], "b:c": {} }, [], "s", 0]) {
      const text = JSON.stringify(value, null, 2);
      assert.equal(json(text).map((p) => p.t).join(""), text);
    }
    assert.deepEqual(json('{"a": "b"}').map((p) => p.k), ["op", "key", "op", "str", "op"]);
  });
});
