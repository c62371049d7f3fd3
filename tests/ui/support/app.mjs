// An app without a page: answers by a table of routes, and remembers what was asked.
import "./lit.mjs";

Object.assign(globalThis.document, { getElementById: () => null, querySelector: () => null });
globalThis.requestAnimationFrame ??= (then) => (then(), 0);
globalThis.location ??= { hash: "", replace() {} };

/** A refusal, as the daemon words it. */
export class Refused extends Error {}

/** `routes`: `{"GET /rules": body => answer}`; an answer that is an error is thrown. */
export function house(routes, at = ["rules"], query = {}) {
  const app = {
    asked: [],
    said: [],
    answers: true,
    route: { tab: "settings", path: at, query },
    board: { sessions: new Map(), pending: new Map(), settled: [], rulesPaused: false, quietUntil: null },
    now: () => 1_000_000_000,
    draw() {},
    async ask(method, path, body) {
      app.asked.push({ what: `${method} ${path}`, body });
      const route = routes[`${method} ${path}`];
      if (!route) throw new Refused(`no route ${method} ${path}`);
      const answer = await route(body);
      if (answer instanceof Error) throw answer;
      return structuredClone(answer);
    },
    try: (method, path, body) => app.ask(method, path, body).then((answer) => answer ?? {}, (error) => (app.fail(error), null)),
    fail: (error) => app.said.push(error.message),
    say: (text, kind, action) => app.said.push(action ? { text, ...action } : text),
    go: (tab, path = [], query = {}) => (app.route = { tab, path, query }),
    confirm: async () => app.answers,
    sent: (what) => app.asked.filter((a) => a.what === what).map((a) => a.body),
  };
  return app;
}

/** Lets everything that waits for an answer go on. */
export async function settle() {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}

let ids = 0;

/** A rule as GET /rules tells it. */
export function known(more = {}) {
  const id = (ids += 1);
  return { name: `rule ${id}`, tool: "Bash", kind: "glob", pattern: "npm *", action: "allow", lasts: "forever", dry_run: false, enabled: true, allow_high: false, id, made: 0, matches: 0, last_match: null, ends: null, lints: [], ...more };
}
