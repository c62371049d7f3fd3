/**
 * What Claude offers to remember, in words, and which of it is ticked. Nothing is ticked beforehand; what is ticked
 * goes back exactly as it was offered. Pure.
 *
 * @typedef {import("../wire").Approval} Approval
 * @typedef {{words: string, text: string, care?: boolean}} Meaning  `text`: of the offer, after the words; `care`: it is more than it seems
 * @typedef {{all: Meaning[], where: string, file: string, json: string, tick: boolean}} Offer
 *   `all`: what it means, none when that is not known; `json`: it as it is, when the words are not all of it;
 *   `tick`: all of it is shown
 * @typedef {{ticks: number[]}} Form
 */

/** A longer one is not read in a popup. */
const MOST = 2_000;

/** Where it is kept: the words, and the file. @type {Record<string, [string, string]>} */
const PLACES = {
  session: ["Until this session ends", ""],
  localSettings: ["Remembered for you in this project, in", ".claude/settings.local.json"],
  projectSettings: ["Remembered for everybody in this project, in", ".claude/settings.json"],
  userSettings: ["Remembered for you everywhere, in", "~/.claude/settings.json"],
};

/** @type {Record<string, string>} */
const BEHAVIORS = { allow: "", deny: "Never: ", ask: "Always ask: " };

/** @type {Record<string, Meaning>} */
const MODES = {
  acceptEdits: { words: "Stop asking before file edits", text: "" },
  default: { words: "Ask as usual", text: "" },
  plan: { words: "Plan first, change nothing", text: "" },
  dontAsk: { words: "Stop asking: what is not allowed is denied", text: "" },
  bypassPermissions: { words: "Stop asking about anything at all", text: "", care: true },
};

/** What is offered, one by one. @param {Approval} a @returns {Offer[]} */
export function offered(a) {
  return (Array.isArray(a.suggestions) ? a.suggestions : []).map(offer);
}

/** One of them, in words. @param {any} s @returns {Offer} */
export function offer(s) {
  const means = meaning(s);
  const place = Object.hasOwn(PLACES, s?.destination) ? PLACES[s.destination] : null;
  if (means && place) return { all: means, where: place[0], file: place[1], json: "", tick: true };
  const json = JSON.stringify(s, null, 2) ?? "";
  return { all: [], where: "", file: "", json: json.slice(0, MOST), tick: json.length > 0 && json.length <= MOST };
}

/** @param {any} s @returns {Meaning[]|null} */
function meaning(s) {
  if (has(s, "behavior", "destination", "rules", "type") && s.type === "addRules") return rules(s);
  if (has(s, "destination", "directories", "type") && s.type === "addDirectories") return folders(s.directories);
  if (has(s, "destination", "mode", "type") && s.type === "setMode") return Object.hasOwn(MODES, s.mode) ? [MODES[s.mode]] : null;
  return null;
}

/** Whether it has these keys, and no others. @param {any} s @param {string[]} keys */
function has(s, ...keys) {
  return s !== null && typeof s === "object" && Object.keys(s).sort().join() === keys.join();
}

/** @param {any} list @returns {Meaning[]|null} */
function folders(list) {
  if (!Array.isArray(list) || list.length === 0 || !list.every(isText)) return null;
  return list.map((text) => ({ words: "Let Claude work in", text }));
}

/** @param {any} s @returns {Meaning[]|null} */
function rules(s) {
  const before = Object.hasOwn(BEHAVIORS, s.behavior) ? BEHAVIORS[s.behavior] : null;
  if (before === null || !Array.isArray(s.rules) || s.rules.length === 0) return null;
  const all = s.rules.map(rule);
  return all.includes(null) ? null : all.map((/** @type {Meaning} */ m) => ({ ...m, words: before + m.words }));
}

/** @param {any} r @returns {Meaning|null} */
function rule(r) {
  if (!has(r, "toolName") && !has(r, "ruleContent", "toolName")) return null;
  const { toolName: tool, ruleContent: content = "" } = r;
  if (!isText(tool) || typeof content !== "string") return null;
  if (!content) return whole(tool);
  if (tool === "Bash") return command(content);
  if (tool === "WebFetch" && /^domain:[^\s*]+$/.test(content)) return { words: "Fetch any page of", text: content.slice(7) };
  if (tool === "Read" || tool === "Edit") return files(tool, content);
  return { words: "What fits", text: `${tool}(${content})` };
}

/** A tool, whatever it is given. @param {string} tool @returns {Meaning} */
function whole(tool) {
  const [, server, name] = /^mcp__(.+?)__(.+)$/.exec(tool) ?? [];
  if (server && name !== "*") return { words: "Whatever it is given, the tool", text: tool };
  if (tool.startsWith("mcp__")) return { words: "Every tool of the MCP server", text: server ?? tool.slice(5) };
  if (tool === "Bash") return { words: "Any command at all", text: "", care: true };
  return { words: "Whatever it is given, the tool", text: tool };
}

/** @param {string} content @returns {Meaning} */
function command(content) {
  const begins = /^([^*]*[^*\s:])(?: \*|:\*)$/.exec(content)?.[1];
  if (begins) return { words: "Any command beginning with", text: begins };
  return content.includes("*") ? { words: "Any command that fits", text: content, care: /^\W*\*/.test(content) } : { words: "This command:", text: content };
}

/** `//` is the root of the disk to Claude. @param {"Read"|"Edit"} tool @param {string} content @returns {Meaning} */
function files(tool, content) {
  const below = /^(\/\/[^*?[\]{}]+|~\/[^*?[\]{}]+)\/\*\*$/.exec(content)?.[1];
  return below ? { words: `${tool} any file below`, text: below.replace(/^\/\//, "/") } : { words: `${tool} files that fit`, text: content };
}

/** @param {unknown} text */
function isText(text) {
  return typeof text === "string" && text !== "";
}

/** @type {import("../forms.js").FormKind} */
export const remember = {
  begin: () => ({ ticks: [] }),
  change: (form, m, a) => {
    if (m.what !== "tick" || !offered(a)[m.n]?.tick) return form;
    const others = form.ticks.filter((/** @type {number} */ n) => n !== m.n);
    return { ...form, ticks: others.length < form.ticks.length ? others : [...others, m.n].sort((x, y) => x - y) };
  },
  body: (form, a) => (form.ticks.length ? { updated_permissions: form.ticks.map((/** @type {number} */ n) => /** @type {any[]} */ (a.suggestions)[n]) } : {}),
  missing: () => "remember-1",
  opens: (a) => a.kind === "permission" && offered(a).length > 0,
};
