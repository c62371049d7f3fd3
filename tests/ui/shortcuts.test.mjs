/** Keys that are pressed, as the settings write them. */

import assert from "node:assert/strict";
import test from "node:test";
import { pressed } from "../../assets/ui/settings/press.js";

/** @param {string} key @param {object} [more] */
const press = (key, more = {}) => pressed({ key, code: "", ctrlKey: false, altKey: false, shiftKey: false, metaKey: false, ...more });

test("what is held down comes before the key", () => {
  assert.equal(press("c", { metaKey: true }), "<Super>c");
  assert.equal(press(" ", { ctrlKey: true, altKey: true }), "<Ctrl><Alt>space");
  assert.equal(press("C", { metaKey: true, shiftKey: true }), "<Super><Shift>c");
  assert.equal(press("x", { getModifierState: (/** @type {string} */ name) => name === "Super" }), "<Super>x");
  assert.equal(press("F9"), "F9");
  assert.equal(press("PageUp", { altKey: true }), "<Alt>Page_Up");
});

test("the place of a key tells where the character does not", () => {
  assert.equal(press("!", { code: "Digit1", shiftKey: true, metaKey: true }), "<Super><Shift>1");
  assert.equal(press("с", { code: "KeyC", metaKey: true }), "<Super>c");
  assert.equal(press("y", { code: "KeyZ", metaKey: true }), "<Super>y");
});

test("modifiers alone, and keys without a name, are no shortcut", () => {
  for (const key of ["Shift", "Control", "Alt", "Meta", "Super", "AltGraph", "Dead", "Unidentified", "F25", "é", "AudioPlay"]) assert.equal(press(key), "", key);
});
