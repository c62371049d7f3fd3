/** Cards of tools that go to the web: which host, before anything else. */

import { html } from "../vendor/lit-html/lit-html.js";
import { marksOf, wholeInput } from "./input.js";
import { others } from "./others.js";
import { block, code, line, lines } from "./text.js";

/** @typedef {import("./cards.js").Card} Card */

/**
 * An address in pieces: the host, and what is quiet around it; joined they are the text. What is no such address
 * is one piece.
 * @param {string} text @returns {import("./spans.js").Piece[]}
 */
export function address(text) {
  const found = /^([a-z][a-z\d+.-]*:[/\\]{2})([^/\\?#]*)/i.exec(text);
  if (!found) return [{ k: "", t: text, w: -1 }];
  const user = found[2].lastIndexOf("@") + 1;
  const port = /:\d*$/.exec(found[2])?.index ?? found[2].length;
  const [at, end] = [found[1].length + user, found[1].length + Math.max(user, port)];
  const all = [{ k: "faint", t: text.slice(0, at), w: -1 }, { k: "host", t: text.slice(at, end), w: -1 }, { k: "faint", t: text.slice(end), w: -1 }];
  return all.filter(({ t }) => t);
}

/** The host that an address leads to, when it is not the one that stands in it. @param {string} text */
function elsewhere(text) {
  const drawn = address(text).find(({ k }) => k === "host")?.t ?? "";
  const real = URL.canParse(text) ? new URL(text).hostname : "";
  return real && real !== drawn.toLowerCase() ? real : "";
}

/** @type {Card} */
const fetches = {
  heading: () => "Fetch this page?",
  body: ({ a }) => {
    const { url, prompt, ...rest } = a.input;
    if (typeof url !== "string") return wholeInput(a);
    const real = elsewhere(url);
    return html`${block(code(url, address(url), marksOf(a, "url", 0, url.length)), "Address")}
      ${real ? html`<p class="where">The host is <code dir="ltr">${line(real)}</code>.</p>` : ""}
      ${typeof prompt === "string" ? html`<p class="where"><span class="dimmer">Claude wants to know: </span>${lines(prompt)}</p>` : others(prompt === undefined ? {} : { prompt })}${others(rest)}`;
  },
  act: "decide",
};

/** @type {Card} */
const searches = {
  heading: () => "Search the web?",
  body: ({ a }) => {
    const { query, ...rest } = a.input;
    if (typeof query !== "string") return wholeInput(a);
    return html`${block(code(query, undefined, marksOf(a, "query", 0, query.length)), "Query")}${others(rest)}`;
  },
  act: "decide",
};

/** @type {Record<string, Card>} */
export const web = { WebFetch: fetches, WebSearch: searches };
