/**
 * A rule as it is written in the form, and as the daemon takes it. Pure.
 *
 * @typedef {"allow"|"deny"|"ask"} Action
 * @typedef {"literal"|"glob"|"regex"} Kind
 * @typedef {{name: string, tool: string, kind: Kind, pattern: string, cwd?: string|null, action: Action, message?: string|null,
 *   lasts: "forever"|"once"|"seconds"|"session"|"session_seconds"|"restart", seconds?: number, session?: string, dry_run: boolean, enabled: boolean, allow_high: boolean}} Rule
 * @typedef {{level: "error"|"warning", code: string, text: string}} Lint
 * @typedef {Rule & {id: number, made: number, matches: number, last_match: number|null, ends: {in_ms: number}|null, lints: Lint[]}} Known
 * @typedef {{name: string, tool: string, kind: Kind, pattern: string, cwd: string, action: Action, message: string,
 *   lasts: "forever"|"once"|"900"|"3600"|"custom"|"session"|"session_seconds"|"restart", minutes: string, session: string, dry_run: boolean, enabled: boolean, allow_high: boolean}} Form
 */

/** The keys that are a rule; what the daemon knows besides is not. */
const KEYS = /** @type {const} */ (["name", "tool", "kind", "pattern", "cwd", "action", "message", "lasts", "seconds", "session", "dry_run", "enabled", "allow_high"]);

/** @returns {Form} */
export function blank() {
  return { name: "", tool: "Bash", kind: "glob", pattern: "", cwd: "", action: "allow", message: "", lasts: "forever", minutes: "30", session: "", dry_run: true, enabled: true, allow_high: false };
}

/** The rule alone. @param {Rule} known @returns {Rule} */
export function bare(known) {
  return /** @type {Rule} */ (Object.fromEntries(KEYS.filter((key) => known[key] !== undefined && known[key] !== null).map((key) => [key, known[key]])));
}

/** @param {Rule} rule @returns {Form} */
export function written(rule) {
  const { name, tool, kind, pattern, cwd, action, message, session, dry_run, enabled, allow_high } = rule;
  return { ...blank(), name, tool, kind, pattern, cwd: cwd ?? "", action, message: message ?? "", session: session ?? "", dry_run, enabled, allow_high, ...lasting(rule) };
}

/** @param {Rule} rule @returns {Pick<Form, "lasts"|"minutes">} */
function lasting({ lasts, seconds = 0 }) {
  const minutes = String(Math.round((seconds / 60) * 100) / 100);
  if (lasts === "session_seconds") return { lasts, minutes };
  if (lasts !== "seconds") return { lasts, minutes: "30" };
  if (seconds === 900 || seconds === 3600) return { lasts: /** @type {"900"|"3600"} */ (String(seconds)), minutes: "30" };
  return { lasts: "custom", minutes };
}

/** The rule that the form says. @param {Form} form @returns {Rule} */
export function rule(form) {
  const { name, tool, kind, pattern, cwd, action, message, lasts, minutes, session, dry_run, enabled, allow_high } = form;
  const time = lasts === "900" || lasts === "3600" || lasts === "custom";
  return {
    name: name.trim(), tool: tool.trim(), kind, pattern, action, dry_run, enabled, allow_high,
    ...(cwd.trim() ? { cwd: cwd.trim() } : {}),
    ...(action === "deny" && message ? { message } : {}),
    ...(time ? { lasts: "seconds", seconds: lasts === "custom" ? seconds(minutes) : Number(lasts) } : { lasts }),
    ...(lasts === "session_seconds" ? { seconds: seconds(minutes) } : {}),
    ...(lasts === "session" || lasts === "session_seconds" ? { session } : {}),
  };
}

/** @param {string} minutes */
function seconds(minutes) {
  return Math.round(Number(minutes) * 60) || 0;
}

/** What has to be sent so that `before` becomes `after`; null takes a key away. @param {Rule} before @param {Rule} after @returns {Record<string, unknown>} */
export function changes(before, after) {
  const differs = KEYS.filter((key) => (before[key] ?? null) !== (after[key] ?? null));
  return Object.fromEntries(differs.map((key) => [key, after[key] ?? null]));
}

/** What was changed elsewhere comes into the form where nothing was typed. @param {Form} form @param {Form} before @param {Form} after @returns {Form} */
export function merged(form, before, after) {
  const entries = Object.entries(form).map(([key, value]) => {
    const k = /** @type {keyof Form} */ (key);
    return [k, value === before[k] ? after[k] : value];
  });
  return Object.fromEntries(entries);
}

/** What is not even a rule yet; the daemon would not know what was meant. @param {Form} form @returns {Lint[]} */
export function unfinished({ lasts, minutes, session }) {
  /** @type {Lint[]} */ const lints = [];
  if ((lasts === "session" || lasts === "session_seconds") && !session) lints.push({ level: "error", code: "session-missing", text: "Choose the session that it lasts as long as." });
  if ((lasts === "custom" || lasts === "session_seconds") && !(Number(minutes) > 0)) lints.push({ level: "error", code: "seconds-unread", text: "Write the minutes as a number, such as 30 or 2.5." });
  return lints;
}

/** @type {[RegExp, keyof Form][]} */
const PLACES = [
  [/^name-/, "name"],
  [/^(tool|question|mcp)-/, "tool"],
  [/^cwd-/, "cwd"],
  [/^allow-high/, "allow_high"],
  [/^seconds-/, "minutes"],
  [/^session-/, "session"],
  [/^message-/, "message"],
  [/^pattern-/, "pattern"],
];

/** The field that a remark is about; none for one about the whole. @param {Lint} lint @returns {keyof Form|null} */
export function place(lint) {
  return PLACES.find(([code]) => code.test(lint.code))?.[1] ?? null;
}

/** @param {Lint[]} lints */
export function faulty(lints) {
  return lints.some((lint) => lint.level === "error");
}

/**
 * What a replay found, in a sentence.
 * @param {any} replay @param {Action} action
 * @returns {{text: string, against: number}}
 */
export function verdict(replay, action) {
  const all = Number(replay.looked_at).toLocaleString("en");
  const n = (/** @type {number} */ count) => Number(count).toLocaleString("en");
  if (action === "ask") return { text: `Would have left ${n(replay.would_ask)} of ${all} to you.`, against: 0 };
  const allow = action === "allow";
  const against = allow ? replay.allowed_but_denied : replay.denied_but_allowed;
  const did = allow ? "approved" : "denied";
  const other = against ? `, among them ${n(against)} that you ${allow ? "denied" : "approved"}` : "";
  return { text: `Would have ${did} ${n(allow ? replay.would_allow : replay.would_deny)} of ${all}${other}.`, against };
}

/**
 * The few of many samples that tell most: what matches, then what nearly does.
 * @template {{fit: string}} T
 * @param {T[]} samples @param {boolean} all @returns {T[]}
 */
export function telling(samples, all) {
  const order = ["match", "held_back", "no_match", "out_of_scope"];
  const sorted = [...samples].sort((a, b) => order.indexOf(a.fit) - order.indexOf(b.fit));
  if (all) return sorted;
  const most = /** @type {Record<string, number>} */ ({ match: 5, held_back: 3, no_match: 4, out_of_scope: 2 });
  /** @type {Record<string, number>} */ const taken = {};
  return sorted.filter(({ fit }) => (taken[fit] = (taken[fit] ?? 0) + 1) <= (most[fit] ?? 0));
}

/** Where a thing lands that is dropped at `y` among rows with these middles, if it comes from `from`. @param {number[]} middles @param {number} y @param {number} from */
export function landing(middles, y, from) {
  const before = middles.filter((middle) => middle < y).length;
  return before > from ? before - 1 : before;
}

/** @template T @param {T[]} list @param {number} from @param {number} to @returns {T[]} */
export function moved(list, from, to) {
  const rest = list.filter((_, i) => i !== from);
  return [...rest.slice(0, to), list[from], ...rest.slice(to)];
}
