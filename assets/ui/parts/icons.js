/** Line icons on a 16 px grid; decoration only, the words beside them carry the meaning. */

import { svg } from "../vendor/lit-html/lit-html.js";

const SHAPES = {
  branch: "M5 5.5v5M5 5.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM5 13.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM11 6.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM11 6.5c0 2.5-6 1-6 4",
  tag: "M2.5 2.5h5l6 6-5 5-6-6zM5.5 5.5h.01",
  agent: "M4 2.5v5a3 3 0 0 0 3 3h5M9.5 7.5l3 3-3 3",
  globe: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2zM2.4 8h11.2M8 2.2c2 2 2.4 3.8 2.4 5.8S10 11.8 8 13.8C6 11.8 5.6 10 5.6 8S6 4.2 8 2.2z",
  list: "M6 4h7.5M6 8h7.5M6 12h7.5M2.7 4h.01M2.7 8h.01M2.7 12h.01",
  previous: "M10 4L6 8l4 4",
  next: "M6 4l4 4-4 4",
  down: "M4 6l4 4 4-4",
  check: "M3 8.5l3.2 3.2L13 4.8",
  stop: "M5.5 2h5L14 5.5v5L10.5 14h-5L2 10.5v-5zM5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8",
  terminal: "M2 3.5h12v9H2zM4.5 6.2L6.5 8l-2 1.8M8 10h3",
  clock: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2zM8 5v3.2l2 1.3",
  jump: "M9 3h4v4M13 3L7.5 8.5M11.5 9.5V13H3V4.5h3.5",
  lost: "M6.5 5L8.6 2.9a3 3 0 0 1 4.3 4.3L10.8 9.3M9.5 11L7.4 13.1a3 3 0 0 1-4.3-4.3L5.2 6.7M2.5 2.5l11 11",
  alert: "M8 2.5l6 11H2zM8 6.5v3.2M8 11.6v.1",
  sessions: "M2.5 3.5h11M2.5 8h11M2.5 12.5h7",
  inbox: "M2.5 9.5L4.5 3.5h7l2 6v3.5h-11zM2.5 9.5h3l1 1.5h3l1-1.5h3",
  history: "M2.6 8a5.5 5.5 0 1 0 1.7-4M4 1.8V4.4h2.6M8 5v3.2l2 1.3",
  chart: "M2.5 13.5h11M4.5 11V8M8 11V3.5M11.5 11V6",
  gear: "M8 5.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4zM8 2v2M8 12v2M2 8h2M12 8h2M3.8 3.8l1.4 1.4M10.8 10.8l1.4 1.4M12.2 3.8l-1.4 1.4M5.2 10.8l-1.4 1.4",
  bell: "M4 11V7a4 4 0 0 1 8 0v4l1 1H3zM6.8 14h2.4",
  chat: "M2.5 3h11v8h-6L4.5 13.5V11h-2z",
  folder: "M2 12.5v-9h4l1.5 2H14v7z",
  play: "M5 3.2l7.5 4.8L5 12.8z",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  plus: "M8 3v10M3 8h10",
  grip: "M6 4h.01M10 4h.01M6 8h.01M10 8h.01M6 12h.01M10 12h.01",
  copies: "M5.5 5.5h8v8h-8zM3.5 10.500h-1v-8h8v1",
  bin: "M2.500 4.500h11M6 4.500V2.500h4v2M4 4.500l.7 9h6.600l.7-9M6.800 7v4M9.200 7v4",
  into: "M8 2.500v7M5 6.800l3 3 3-3M2.500 11v2.500h11V11",
  out: "M8 9.800v-7M5 5.500l3-3 3 3M2.500 11v2.500h11V11",
  shield: "M8 2l5 1.8v4c0 3-2 5-5 6.2-3-1.2-5-3.2-5-6.2v-4z",
  moon: "M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5z",
  sun: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1.5v1.2M8 13.3v1.200M1.500 8h1.200M13.300 8h1.200M3.4 3.4l.9.9M11.700 11.700l.9.9M12.600 3.400l-.9.9M4.300 11.700l-.9.9",
  contrast: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2zM8 2.2v11.6M8 5h4.900M8 8h5.700M8 11h4.900",
  keyboard: "M1.8 4.2h12.4v7.600H1.800zM4 6.700h.01M6.700 6.700h.01M9.300 6.700h.01M12 6.700h.01M5 9.400h6",
  info: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2zM8 7.500v3.300M8 5.200v.1",
  close: "M4 4l8 8M12 4l-8 8",
  find: "M7 2.8a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 0 0 0-8.4zM10.2 10.2L13.5 13.5",
  question: "M5.6 6a2.4 2.4 0 1 1 3.6 2c-.8.5-1.2.900-1.2 1.8M8 12.4v.1",
};

/** @param {keyof typeof SHAPES} name @param {string} [size] */
export function icon(name, size = "") {
  return svg`<svg class="i ${size}" viewBox="0 0 16 16" aria-hidden="true"><path d=${SHAPES[name]} /></svg>`;
}
