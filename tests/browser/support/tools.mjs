// What npm brought into target/browser.
import { createRequire } from "node:module";

const require = createRequire(new URL("../../../target/browser/package.json", import.meta.url));

export const { chromium } = require("playwright-core");
export const AXE = require.resolve("axe-core/axe.min.js");
