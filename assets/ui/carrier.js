/**
 * How the dashboard reaches the daemon. Requests go to the page's own origin; what changes comes over a
 * WebSocket, or, in the tray's window, from the host, which calls `receive(frame)`.
 *
 * @typedef {{frame: (frame: any) => void, lost: (next: number) => void}} Ears  `next`: when it is tried again, ms since the epoch
 */

import { dress } from "./theme.js";

const PATIENCE_MS = 15_000;
const RETRY_MS = [500, 1_000, 2_000, 5_000];

/** The tray's window, when this is one. */
const host = /** @type {any} */ (window).ipc;

/** An answer that is no success: what, why, what to do. */
export class Problem extends Error {
  /** @param {number} status 0: the daemon was not reached @param {string} detail @param {any} [body] */
  constructor(status, detail, body = null) {
    super(detail);
    this.status = status;
    this.body = body;
  }
}

/** @param {Ears} ears */
export function listen(ears) {
  if (!host) return byWebSocket(ears);
  /** @type {any} */ (window).receive = (/** @type {any} */ frame) => {
    if (frame.type === "look") return dress(frame);
    return frame.type === "lost" ? ears.lost(0) : ears.frame(frame);
  };
  tell({ type: "ready" });
}

/** Tries again at once, when that is to be waited for. */
let again = () => {};

export function retry() {
  again();
}

/** @param {Ears} ears @param {number} [tries] */
function byWebSocket(ears, tries = 0) {
  const ws = new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws?payloads=0`);
  let opened = false;
  ws.onopen = () => (opened = true);
  ws.onmessage = (e) => ears.frame(JSON.parse(e.data));
  ws.onclose = () => {
    const next = opened ? 0 : Math.min(tries + 1, RETRY_MS.length - 1);
    const timer = setTimeout(() => again(), RETRY_MS[next]);
    again = () => {
      clearTimeout(timer);
      again = () => {};
      byWebSocket(ears, next);
    };
    ears.lost(Date.now() + RETRY_MS[next]);
  };
}

/** Says something to the tray's window; false when this is a browser. @param {object} message */
export function tell(message) {
  host?.postMessage(JSON.stringify(message));
  return Boolean(host);
}

/**
 * Asks the daemon, and reads its JSON; null for an answer without a body.
 * @param {string} method @param {string} path @param {unknown} [body] @param {AbortSignal} [signal]
 */
export async function ask(method, path, body, signal) {
  const answer = await open(method, path, body, signal ?? AbortSignal.timeout(PATIENCE_MS));
  const text = await answer.text();
  return text ? JSON.parse(text) : null;
}

/** The answer itself, for what is read piece by piece. @param {string} method @param {string} path @param {unknown} [body] @param {AbortSignal} [signal] */
export async function open(method, path, body, signal) {
  /** @type {Response} */
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: { "Ccmon-Client": "dashboard", ...(method === "GET" ? {} : { "Content-Type": "application/json" }) },
      body: method === "GET" || method === "DELETE" ? undefined : JSON.stringify(body ?? {}),
      cache: "no-store",
      redirect: "error",
      credentials: "same-origin",
      signal,
    });
  } catch (error) {
    if (signal?.aborted && signal.reason?.name !== "TimeoutError") throw error;
    throw new Problem(0, "ccmon is not answering. Nothing was changed.");
  }
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => null);
  throw new Problem(answer.status, String(said?.detail ?? `the daemon answered ${answer.status}`), said);
}
