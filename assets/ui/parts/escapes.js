/**
 * Characters that would not be seen for what they are: controls, bidirectional
 * marks, invisible ones, odd spaces, stacked accents, letters that only look
 * Latin. Pure; `text.js` draws them as boxed code points.
 *
 * @typedef {{at: number, end: number, label: string, name: string}} Mark
 */

const C0 = "NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US".split(" ");

/** @type {Record<number, string>} */
const NAMES = {
  0x00: "null", 0x07: "bell", 0x08: "backspace", 0x0a: "line feed", 0x0d: "carriage return", 0x1b: "escape", 0x7f: "delete",
  0x9b: "control sequence introducer", 0xa0: "no-break space", 0xad: "soft hyphen", 0x61c: "Arabic letter mark",
  0x200b: "zero width space", 0x200c: "zero width non-joiner", 0x200d: "zero width joiner", 0x200e: "left-to-right mark",
  0x200f: "right-to-left mark", 0x2028: "line separator", 0x2029: "paragraph separator", 0x202a: "left-to-right embedding",
  0x202b: "right-to-left embedding", 0x202c: "pop directional formatting", 0x202d: "left-to-right override",
  0x202e: "right-to-left override", 0x2060: "word joiner", 0x2066: "left-to-right isolate", 0x2067: "right-to-left isolate",
  0x2068: "first strong isolate", 0x2069: "pop directional isolate", 0x3000: "ideographic space", 0xfeff: "byte order mark",
};

/** Letters of other scripts drawn like a Latin one. */
const ALIKE = new Set("асԁеһіјӏорԛѕуѵԝхАВЕКМНОРСТХЅІЈУҮοναριΑΒΕΖΗΙΚΜΝΟΡΤΥΧցսօոհ");

// Control, format, surrogate, private and unassigned characters, line and
// paragraph separators; spaces other than the one; fillers that draw nothing;
// variation selectors. Asked of one character at a time: an unanchored class
// with characters beyond the BMP is not matched reliably by every engine.
const ODD =
  /^(?:[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}|[\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u2800\u3164\uFFA0\uFE00-\uFE0F]|[\u{E0100}-\u{E01EF}])$/u;
const ACCENT = /^\p{M}$/u;
/** So many accents on one letter are writing, more are a smear. */
const ACCENTS = 3;
const WORD = /[\p{L}\p{N}_]+/gu;
const PICTURE = /^\p{Extended_Pictographic}$/u;
const IN_PICTURE = /^(?:\p{Emoji_Modifier}|\uFE0F)$/u;

/**
 * Every mark in `text`, in order, never overlapping. With `lines`, line feeds
 * and tabs are layout and stay as they are.
 * @param {string} text @param {boolean} lines @returns {Mark[]}
 */
export function marks(text, lines) {
  const found = [...odd(text, lines), ...alike(text)];
  return found.sort((a, b) => a.at - b.at);
}

/** The text with its marks written out, for places that hold plain text only (titles, labels). @param {string} text */
export function plain(text) {
  let out = "";
  let from = 0;
  for (const m of odd(text, false)) {
    out += text.slice(from, m.at) + `[${m.label}]`;
    from = m.end;
  }
  return out + text.slice(from);
}

/** @param {string} text @param {boolean} lines */
function odd(text, lines) {
  /** @type {(Mark & {unit: string, times: number})[]} */
  const out = [];
  let at = 0;
  let accents = 0;
  let before = "";
  for (const unit of text) {
    if (unit < " " || unit > "~") {
      accents = ACCENT.test(unit) ? accents + 1 : 0;
      if (accents > ACCENTS || isOdd(unit, lines, before, text, at)) add(out, unit, at);
    } else accents = 0;
    before = unit;
    at += unit.length;
  }
  return out;
}

/** @param {string} unit @param {boolean} lines @param {string} before @param {string} text @param {number} at */
function isOdd(unit, lines, before, text, at) {
  if (lines && (unit === "\n" || unit === "\t")) return false;
  return ODD.test(unit) && !inPicture(unit, before, text, at);
}

/** A run of the same character is one box with a count. @param {(Mark & {unit: string, times: number})[]} out @param {string} unit @param {number} at */
function add(out, unit, at) {
  const last = out.at(-1);
  if (last && last.unit === unit && last.end === at) {
    last.end += unit.length;
    last.times += 1;
    last.label = `${code(unit)} ×${last.times}`;
  } else {
    out.push({ at, end: at + unit.length, label: code(unit), name: nameOf(unit), unit, times: 1 });
  }
}

/** Joiners and selectors inside an emoji are not hidden, they are the emoji. @param {string} unit @param {string} before @param {string} text @param {number} at */
function inPicture(unit, before, text, at) {
  if (unit !== "\u200D" && unit !== "\uFE0F") return false;
  if (!PICTURE.test(before) && !(unit === "\u200D" && IN_PICTURE.test(before))) return false;
  return unit === "\uFE0F" || PICTURE.test(String.fromCodePoint(text.codePointAt(at + 1) ?? 0));
}

/** Look-alikes count only in a word that also has Latin letters. @param {string} text @returns {Mark[]} */
function alike(text) {
  /** @type {Mark[]} */
  const out = [];
  for (const word of text.matchAll(WORD)) {
    if (!/[A-Za-z]/.test(word[0]) || /^[\x00-\x7f]*$/.test(word[0])) continue;
    let at = word.index;
    for (const c of word[0]) {
      if (ALIKE.has(c)) out.push({ at, end: at + c.length, label: `${code(c)} ${c}`, name: "looks like a Latin letter, is not" });
      at += c.length;
    }
  }
  return out;
}

/** @param {string} c */
function code(c) {
  const n = c.codePointAt(0) ?? 0;
  return C0[n] ?? (n === 0x7f ? "DEL" : `U+${n.toString(16).toUpperCase().padStart(4, "0")}`);
}

/** @param {string} c */
function nameOf(c) {
  const n = c.codePointAt(0) ?? 0;
  if (NAMES[n]) return NAMES[n];
  if (n >= 0xe0000 && n <= 0xe007f) return "invisible tag character";
  if (ACCENT.test(c)) return "accent stacked on others";
  if (/^\p{Zs}$/u.test(c)) return "unusual space";
  if (/^\p{Cc}$/u.test(c)) return "control character";
  return /^[\p{Co}\p{Cn}\p{Cs}]$/u.test(c) ? "character without a known shape" : "invisible character";
}
