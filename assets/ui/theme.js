/** Light, dark, or as the desktop has it; kept in this browser. */

const KEY = "ccmon-theme";

/** @typedef {"system"|"light"|"dark"} Theme */

/** @returns {Theme} */
export function current() {
  const kept = read();
  return kept === "light" || kept === "dark" ? kept : "system";
}

/** @param {Theme} theme */
export function choose(theme) {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Without storage it lasts as long as the page.
  }
  show(theme);
}

export function start() {
  show(current());
}

/** As the desktop is, where the engine does not hear of it. @param {{contrast: boolean, still: boolean}} look */
export function dress({ contrast, still }) {
  const { dataset } = document.documentElement;
  dataset.contrast = contrast ? "more" : "usual";
  dataset.motion = still ? "less" : "usual";
}

/** @param {Theme} theme */
function show(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function read() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
