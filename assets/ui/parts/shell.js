/**
 * A shell line → coloured pieces. Only for the eye: it never judges, and the
 * pieces joined are always the line itself, whatever it contains.
 *
 * @typedef {{k: ""|"cmd"|"opt"|"str"|"op"|"com", t: string, w: number}} Piece  `w`: number of the shell word, -1 between words
 */

const OPERATOR = /(?:&&|\|\||;;&?|;&|\|&|&>>?|<<<|<<-?|>>|>&|<&|>\||<>|[|&;<>(){}\n])/y;
const SPACE = /[ \t]+|\\\n/y;
const URL = /^[a-z][a-z0-9+.-]*:\/\//i;
/** After these the next word is a command again. */
const AGAIN = new Set("sudo doas env nohup nice time exec command builtin xargs then do else elif if while until !".split(" "));
const OPENS_COMMAND = /^(?:&&|\|\|?|\|&|;;?&?|&|[({\n])$/;
/** Beyond this a line is shown in one colour. */
export const MOST = 20_000;

/** @param {string} line @returns {Piece[]} */
export function shell(line) {
  if (line.length > MOST) return [{ k: "", t: line, w: -1 }];
  const p = { line, i: 0, w: -1, words: 0, command: true, /** @type {string[]} */ ends: [], /** @type {Piece[]} */ out: [] };
  while (p.i < line.length) {
    if (blank(p) || comment(p) || operator(p)) continue;
    word(p);
  }
  return p.out;
}

/** @typedef {{line: string, i: number, w: number, words: number, command: boolean, ends: string[], out: Piece[]}} Pen */

/** @param {RegExp} re @param {Pen} p */
function at(re, p) {
  re.lastIndex = p.i;
  return re.exec(p.line)?.[0] ?? "";
}

/** @param {Pen} p @param {Piece["k"]} k @param {string} t */
function put(p, k, t) {
  const last = p.out.at(-1);
  if (last && last.k === k && last.w === p.w) last.t += t;
  else p.out.push({ k, t, w: p.w });
  p.i += t.length;
}

/** @param {Pen} p */
function blank(p) {
  const t = at(SPACE, p);
  if (t) put(p, "", t);
  return t !== "";
}

/** @param {Pen} p */
function comment(p) {
  const before = p.line[p.i - 1] ?? "\n";
  if (p.line[p.i] !== "#" || !/[\s;&|(]/.test(before)) return false;
  const end = p.line.indexOf("\n", p.i);
  put(p, "com", p.line.slice(p.i, end < 0 ? undefined : end));
  return true;
}

/** @param {Pen} p */
function operator(p) {
  const t = at(OPERATOR, p);
  if (!t || /^\{[^\s]/.test(p.line.slice(p.i, p.i + 2)) || (t === "}" && !p.command)) return false;
  put(p, "op", t);
  if (OPENS_COMMAND.test(t)) p.command = true;
  if (t === "<<" || t === "<<-") heredocEnd(p);
  if (t === "\n") heredocs(p);
  return true;
}

/** Remembers the word after `<<`. @param {Pen} p */
function heredocEnd(p) {
  const end = /^[ \t]*(['"]?)([^\s'"<>|&;()]+)\1/.exec(p.line.slice(p.i, p.i + 200));
  if (end) p.ends.push(end[2].replace(/\\/g, ""));
}

/** The lines up to each remembered end are text. @param {Pen} p */
function heredocs(p) {
  for (const end of p.ends.splice(0)) {
    const body = p.line.slice(p.i).split("\n");
    const n = body.findIndex((l) => l.replace(/^\t+/, "") === end);
    const t = body.slice(0, n < 0 ? undefined : n + 1).join("\n");
    if (t) put(p, "str", t);
  }
}

/** One shell word with its quoted parts. @param {Pen} p */
function word(p) {
  p.w = p.words++;
  const from = p.i;
  const k = kind(p);
  while (p.i < p.line.length) {
    const c = p.line[p.i];
    if (c === '"' || c === "'" || c === "`") quoted(p, c);
    else if (c === "$" && p.line[p.i + 1] === "(" && p.line[p.i + 2] !== "(") return substitution(p);
    else if (c === "\\") put(p, k, p.line.slice(p.i, p.i + 2));
    else if (p.i > from && (at(SPACE, p) || ends(p))) break;
    else plainPart(p, k, from);
  }
  after(p, p.line.slice(from, p.i));
}

/** Up to the next character that could mean something. @param {Pen} p @param {Piece["k"]} k @param {number} from */
function plainPart(p, k, from) {
  const t = /^[^\s\\"'`$|&;<>()=]+/.exec(p.line.slice(p.i, p.i + 4096))?.[0] ?? p.line[p.i];
  const value = k === "opt" && p.line.slice(from, p.i).includes("=");
  put(p, value || (k === "opt" && t === "=") ? "" : k, t);
}

/** Whether an operator ends the word here. @param {Pen} p */
function ends(p) {
  const c = p.line[p.i];
  return "|&;<>()\n".includes(c);
}

/** @param {Pen} p @param {string} q */
function quoted(p, q) {
  let j = p.i + 1;
  while (j < p.line.length && p.line[j] !== q) j += p.line[j] === "\\" && q !== "'" ? 2 : 1;
  put(p, "str", p.line.slice(p.i, j + 1));
}

/** `$(` begins a command of its own; what follows is read like any line. @param {Pen} p */
function substitution(p) {
  put(p, "op", "$(");
  p.command = true;
  p.w = -1;
}

/** @param {Pen} p @returns {Piece["k"]} */
function kind(p) {
  const rest = p.line.slice(p.i, p.i + 64);
  if (p.command) return /^[A-Za-z_][A-Za-z0-9_]*\+?=/.test(rest) ? "" : /^-/.test(rest) ? "opt" : "cmd";
  return /^-/.test(rest) ? "opt" : URL.test(rest) ? "str" : "";
}

/** Does the next word stand where a command stands? @param {Pen} p @param {string} w */
function after(p, w) {
  p.w = -1;
  const assigns = /^[A-Za-z_][A-Za-z0-9_]*\+?=/.test(w);
  const option = w.startsWith("-");
  if (p.command && !assigns && !option) p.command = AGAIN.has(w);
}
