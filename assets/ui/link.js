/**
 * How the page reaches the daemon: one interface, two carriers. In the popup
 * window the host pushes what is pending and hears messages over `ipc`; in a
 * plain browser the same comes from the API and its WebSocket. Decisions are
 * requests to the page's own origin either way.
 *
 * @typedef {import("./host").Told} Told
 * @typedef {import("./host").Tells} Tells
 * @typedef {{ok: boolean, status: number, detail: string, approval: any}} Answer
 * @typedef {{tell: (message: Tells) => void, decide: (id: string, body: object, route?: string) => Promise<Answer>, ask: (method: string, path: string, body?: unknown) => Promise<any>, get: (path: string) => Promise<any>, refresh: () => Promise<void>}} Link
 */

/** A decision that takes longer has not arrived. */
const PATIENCE_MS = 10_000;
/** What a request is shown with, and takes longer, is left out. */
const CARD_MS = 2_000;
const RETRY_MS = [1_000, 2_000, 5_000, 10_000];

/** @param {(message: Told) => void} receive @returns {Link} */
export function connect(receive) {
  const host = /** @type {any} */ (window).ipc;
  const carrier = host ? byHost(host, receive) : byBrowser(receive);
  return { ...carrier, decide, get, ask: asks };
}

/** @param {{postMessage: (text: string) => void}} host @param {(message: Told) => void} receive */
function byHost(host, receive) {
  // The host evaluates `receive({...})`; text is taken too.
  /** @type {any} */ (window).receive = (/** @type {any} */ m) => receive(typeof m === "string" ? JSON.parse(m) : m);
  return {
    tell: (/** @type {Tells} */ message) => host.postMessage(JSON.stringify(message)),
    refresh: async () => receive(await board([])),
  };
}

/** @param {(message: Told) => void} receive */
function byBrowser(receive) {
  /** @type {any[]} */
  let settled = [];
  const refresh = async () => receive(await board(settled));
  /** @param {any} frame */
  const heard = (frame) => {
    if (frame.type === "approval_resolved") settled = [frame.approval, ...settled].slice(0, 32);
    if (frame.type === "snapshot" || frame.type.startsWith("approval_")) void refresh();
  };
  listen(heard, () => void refresh());
  receive({ type: "focus", on: document.hasFocus() });
  addEventListener("focus", () => receive({ type: "focus", on: true }));
  addEventListener("blur", () => receive({ type: "focus", on: false }));
  return { tell: (/** @type {Tells} */ m) => void dispatchEvent(new CustomEvent("tell", { detail: m })), refresh };
}

/** @param {(frame: any) => void} heard @param {() => void} closed @param {number} [tries] */
function listen(heard, closed, tries = 0) {
  const ws = new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws`);
  let opened = false;
  ws.onopen = () => (opened = true);
  ws.onmessage = (e) => heard(JSON.parse(e.data));
  ws.onclose = () => {
    closed();
    const n = opened ? 0 : Math.min(tries + 1, RETRY_MS.length - 1);
    setTimeout(() => listen(heard, closed, n), RETRY_MS[n]);
  };
}

/** What is pending, asked for. @param {any[]} settled @returns {Promise<Told>} */
async function board(settled) {
  const common = /** @type {const} */ ({ type: "board", settled });
  try {
    const r = await ask("/approvals", { headers: { "Ccmon-Client": "popup" } });
    if (!r.ok) throw new Error(String(r.status));
    const { approvals } = await r.json();
    const now = Date.parse(r.headers.get("Date") ?? "") || Date.now();
    return { ...common, now, approvals, daemon: "ok" };
  } catch {
    return { ...common, now: Date.now(), approvals: [], daemon: "lost" };
  }
}

/** @param {string} id @param {object} body @param {string} [route] @returns {Promise<Answer>} */
async function decide(id, body, route = "decision") {
  try {
    const r = await ask(`/approvals/${encodeURIComponent(id)}/${route}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Ccmon-Client": "popup" },
      body: JSON.stringify(body),
    });
    const said = await r.json().catch(() => ({}));
    return { ok: r.ok, status: r.status, detail: String(said.detail ?? ""), approval: said.approval ?? said };
  } catch {
    return { ok: false, status: 0, detail: "", approval: null };
  }
}

/** @param {string} path @returns {Promise<any>} */
async function get(path) {
  const r = await ask(path, { headers: { "Ccmon-Client": "popup" } }, CARD_MS);
  if (!r.ok) throw new Error(String(r.status));
  return r.json();
}

/** @param {string} method @param {string} path @param {unknown} [body] @returns {Promise<any>} */
async function asks(method, path, body) {
  if (method === "GET") return get(path);
  const headers = { "Content-Type": "application/json", "Ccmon-Client": "popup" };
  const r = await ask(path, { method, headers, body: JSON.stringify(body) });
  if (!r.ok) throw new Error(String(r.status));
  return r.json();
}

/** @param {string} path @param {RequestInit} init @param {number} [patience] */
function ask(path, init, patience = PATIENCE_MS) {
  return fetch(path, { ...init, cache: "no-store", redirect: "error", credentials: "same-origin", signal: AbortSignal.timeout(patience) });
}
