/** Keys as the settings write them: `<Super>c`. Pure. */

/** Keys whose name is another in the settings. @type {Record<string, string>} */
const NAMES = {
  " ": "space", "'": "apostrophe", "+": "plus", ",": "comma", "-": "minus", ".": "period", "/": "slash", ";": "semicolon", "<": "less", "=": "equal",
  "[": "bracketleft", "\\": "backslash", "]": "bracketright", "`": "grave", Backspace: "BackSpace", Tab: "Tab", Enter: "Return", Escape: "Escape", Home: "Home",
  ArrowLeft: "Left", ArrowUp: "Up", ArrowRight: "Right", ArrowDown: "Down", PageUp: "Page_Up", PageDown: "Page_Down", End: "End", Insert: "Insert", Delete: "Delete",
  Pause: "Pause", PrintScreen: "Print", ContextMenu: "Menu", ScrollLock: "Scroll_Lock",
};

/**
 * What was pressed; empty while it is no whole shortcut: only what is held down, or a key without a name.
 * @param {{key: string, code: string, ctrlKey: boolean, altKey: boolean, shiftKey: boolean, metaKey: boolean, getModifierState?: (name: string) => boolean}} e
 */
export function pressed(e) {
  const name = named(e);
  if (!name) return "";
  const logo = e.metaKey || ["Super", "OS"].some((held) => e.getModifierState?.(held));
  const held = [["Super", logo], ["Ctrl", e.ctrlKey], ["Alt", e.altKey], ["Shift", e.shiftKey]];
  return held.filter(([, on]) => on).map(([modifier]) => `<${modifier}>`).join("") + name;
}

/** @param {{key: string, code: string}} e */
function named({ key, code }) {
  if (/^[a-z]$/i.test(key)) return key.toLowerCase();
  // Shift makes another character of a digit, and of some layouts no letter is ASCII: where the key is tells.
  const place = /^(?:Key([A-Z])|Digit([0-9]))$/.exec(code);
  if (place) return (place[1] ?? place[2]).toLowerCase();
  if (/^(?:[0-9]|F(?:[1-9]|1[0-9]|2[0-4]))$/.test(key)) return key;
  return NAMES[key] ?? "";
}
