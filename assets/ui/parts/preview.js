/** What a request is about, in a few words: for rows of lists, never for deciding. Pure. */

/** @typedef {import("../wire").Approval} Approval */

/** No row shows more. */
const MOST = 240;

/** What one would allow. @type {Record<string, string>} */
const ACTS = {
  Bash: "Run a command", Edit: "Edit a file", MultiEdit: "Edit a file", NotebookEdit: "Edit a file", Write: "Write a file",
  Read: "Read a file", Grep: "Search files", Glob: "List files", WebFetch: "Fetch a page", WebSearch: "Search the web", Task: "Start a sub-agent", Agent: "Start a sub-agent",
};
const KINDS = { question: "Answer a question", plan: "Approve a plan", elicitation: "Give details" };

/** The field that says most. @type {Record<string, string[]>} */
const MAIN = {
  Bash: ["command"], Edit: ["file_path"], MultiEdit: ["file_path"], Write: ["file_path"], Read: ["file_path"], NotebookEdit: ["notebook_path"],
  Grep: ["pattern"], Glob: ["pattern"], WebFetch: ["url"], WebSearch: ["query"], Task: ["description"], Agent: ["description"],
};

/** Their main field is a path. */
const FILES = new Set(["Edit", "MultiEdit", "Write", "Read", "NotebookEdit"]);

/** @param {Approval} a */
export function act(a) {
  if (a.kind !== "permission") return KINDS[a.kind] ?? "Give an answer";
  return (Object.hasOwn(ACTS, a.tool) && ACTS[a.tool]) || "Use a tool";
}

/** @param {Approval} a @returns {{text: string, code: boolean}} */
export function preview(a) {
  if (a.kind === "plan") return { text: cut(title(String(a.input.plan ?? "A plan"))), code: false };
  if (a.kind === "elicitation") return { text: cut(elicitation(a.input)), code: false };
  if (a.kind === "question") return { text: cut(question(a.input)), code: false };
  const text = said(a.tool, a.input);
  if (text === null) return { text: cut(`${bare(a.tool)} ${JSON.stringify(a.input)}`), code: true };
  return { text: cut(FILES.has(a.tool) ? nameFirst(text) : text), code: true };
}

/** `ci.yml · /src/web-shop/.github`. @param {string} path */
function nameFirst(path) {
  const at = path.replace(/\/+$/, "").lastIndexOf("/");
  return at > 0 ? `${path.slice(at + 1)} · ${path.slice(0, at)}` : path;
}

/** The main field of a tool's input. @param {string} tool @param {any} input @returns {string|null} */
export function said(tool, input) {
  const keys = Object.hasOwn(MAIN, tool) ? MAIN[tool] : [];
  const key = keys.find((k) => typeof input?.[k] === "string");
  return key ? input[key] : null;
}

/** A tool's own name, without its server's. @param {string} tool */
export function bare(tool) {
  return tool.replace(/^mcp__.+?__/, "");
}

/** The first heading or line of a plan, and how many steps it numbers. @param {string} plan */
function title(plan) {
  const first = plan.split("\n").find((l) => l.trim()) ?? "A plan";
  const steps = stepsIn(plan);
  return `${first.replace(/^#+\s*/, "").trim()}${steps > 1 ? `, ${steps} steps` : ""}`;
}

/** How many steps a plan numbers. @param {string} plan */
export function stepsIn(plan) {
  return plan.match(/^\s*\d+[.)]\s/gm)?.length ?? 0;
}

/** @param {any} input */
function question(input) {
  const all = Array.isArray(input.questions) ? input.questions : [];
  const first = all.find((/** @type {any} */ q) => typeof q?.question === "string")?.question ?? "A question";
  return all.length > 1 ? `${first} (and ${all.length - 1} more)` : first;
}

/** @param {any} input */
function elicitation({ server, message }) {
  return `“${server ?? "An MCP server"}”: ${message ?? "asks for details"}`;
}

/** @param {string} text */
function cut(text) {
  const one = text.slice(0, MOST * 2).replace(/\s+/g, " ").trim();
  return one.length > MOST ? `${one.slice(0, MOST)}…` : one;
}
