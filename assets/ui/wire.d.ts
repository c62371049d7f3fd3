/** What the API says, as far as the pages read it. */

export interface Approval {
  id: string;
  /** The session's key. */
  session: string;
  kind: "permission" | "question" | "plan" | "elicitation";
  tool: string;
  input: Record<string, unknown>;
  cwd: string;
  agent: { id: string; type: string } | null;
  prompt?: string;
  note?: string;
  mode?: string;
  opened: number;
  expires: number;
  /** Hash of what was looked at; a decision sends it back. */
  shown: string;
  hides_terminal: boolean;
  headless: boolean;
  project: string;
  branch?: string;
  tag?: string;
  place?: string;
  state: "pending" | "settled";
  outcome?: "allowed" | "denied" | "released" | "timed_out" | "answered_in_terminal" | "session_ended";
  by?: "popup" | "dashboard" | "web" | "cli" | "tui" | "notification" | "rule" | "timeout" | "terminal" | "session_ended";
  settled?: number;
  /** How dangerous it is, and why; absent or null when nobody looked. */
  risk?: Risk | null;
  /** The rule that decided. */
  rule?: { id: number; name: string } | null;
  /** Rules on trial that match, and what each would have done. */
  trial?: { id: number; name: string; decision: "allow" | "deny" | "ask" }[] | null;
}

export interface Risk {
  level: "low" | "medium" | "high";
  findings: Finding[];
  /** Whether all of it can be undone; null when that depends. */
  reversible: boolean | null;
  /** An allow rule may answer it. */
  automatic: boolean;
  /** It reaches what decides about requests. */
  control_plane: boolean;
}

/** One thing to know before deciding. */
export interface Finding {
  category: string;
  level: "low" | "medium" | "high";
  /** UTF-8 bytes of the tool's main input, see `parts/risk.js`. */
  span: { start: number; end: number };
  /** One plain sentence. */
  text: string;
  reversible: boolean | null;
  scope: string;
}

/** The first frame of the WebSocket, as far as a page reads it. */
export interface Snapshot {
  type: "snapshot";
  now: number;
  approvals: Approval[];
  trouble: string | null;
  /** No rule decides until they are resumed; absent from a daemon that knows no rules. */
  rules_paused?: boolean;
}

/** Host → page. */
export type Told =
  | {
      type: "board";
      now: number;
      approvals: Approval[];
      settled: Approval[];
      daemon: "ok" | "lost";
      focused?: boolean;
      theme?: "light" | "dark" | "system";
      /** The home directory, so that paths under it can begin with `~`. */
      home?: string;
      /** Whether the host can take the user to a terminal. */
      jumps?: boolean;
    }
  | { type: "focus"; on: boolean }
  | { type: "show"; id?: string };

/** Page → host. */
export type Tells =
  | { type: "ready" }
  | { type: "size"; height: number }
  | { type: "shown"; id: string }
  | { type: "later"; id: string }
  | { type: "jump"; session: string }
  | { type: "empty" };

/** One running, or ended, `claude` process. */
export interface Session {
  key: string;
  session_id: string;
  pid?: number;
  start?: number;
  project: string;
  cwd: string;
  branch: string | null;
  worktree: string | null;
  model: string | null;
  mode: string | null;
  prompt: string | null;
  message: string | null;
  activity: string | null;
  title: string | null;
  started: number;
  last_activity: number;
  state: "awaiting_permission" | "awaiting_answer" | "failed" | "stuck" | "done" | "working" | "idle" | "ended";
  since: number;
  evidence: { text: string; at: number };
  tools: number;
  approvals: number;
  place: string | null;
  host: string | null;
  tag: string | null;
  pinned: boolean;
  dismissed: boolean;
  seen: boolean;
  needs_you: boolean;
  headless: boolean;
  background: boolean;
  tokens: number | null;
}

/** What a session did, as `GET /sessions/{key}/timeline` tells it. */
export interface Timeline {
  turns: Turn[];
  /** Ask with `before` this for what was earlier. */
  earlier: number | null;
  last: number | null;
}

export interface Turn {
  id: number;
  at: number;
  ended: number | null;
  prompt: string | null;
  outcome: "done" | "failed" | "interrupted" | "open" | null;
  items: Item[];
}

export interface Item {
  id: number;
  at: number;
  ended: number | null;
  kind: "tool" | "agent" | "message" | "approval" | "notice";
  tool: string | null;
  preview: string;
  input: unknown;
  text: string | null;
  failed: boolean;
  error: string | null;
  agent: { id: string; type: string } | null;
  approval: { id: string; outcome: string | null; by: string | null } | null;
  items: Item[];
}

/** `GET /sessions/{key}`. */
export interface About {
  session: Session;
  live: boolean;
  stats: {
    events: number;
    prompts: number;
    tools: number;
    failed: number;
    by_tool: { tool: string; count: number }[];
    approvals: { allowed: number; denied: number; other: number };
  };
  summary: Summary | null;
}

export interface Summary {
  text: string;
  at: number;
  model: string | null;
  cost_usd: number | null;
  event: number;
}
