// The dashboard names its modules beforehand, so that they come at once and not one after the other.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const UI = fileURLToPath(new URL("../../assets/ui", import.meta.url));

/** Every module that a module needs, itself included. */
function needed(module, found = new Set()) {
  if (found.has(module)) return found;
  found.add(module);
  const text = fs.readFileSync(path.join(UI, module), "utf8");
  for (const [, from] of text.matchAll(/^(?:import|export|\}).*?"(\.[^"]+)";/gm)) needed(path.join(path.dirname(module), from), found);
  return found;
}

test("what the dashboard preloads is what it needs", () => {
  const page = fs.readFileSync(path.join(UI, "dashboard.html"), "utf8");
  const preloaded = [...page.matchAll(/rel="modulepreload" href="([^"]+)"/g)].map(([, module]) => module);
  const modules = needed("dashboard.js");
  modules.delete("dashboard.js");
  assert.deepEqual(preloaded.sort(), [...modules].sort());
});
