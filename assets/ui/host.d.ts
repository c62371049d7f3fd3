/** What the popup's page and the window around it tell each other. */

import type { Approval } from "./wire";

/** Host → page. */
export type Told =
  | {
      type: "board";
      now: number;
      approvals: Approval[];
      settled: Approval[];
      /** Pending requests that are not to be shown just now: their terminal is looked at, or nothing may be. */
      silent?: string[];
      daemon: "ok" | "lost";
      focused?: boolean;
      theme?: "light" | "dark" | "system";
      /** The home directory, so that paths under it can begin with `~`. */
      home?: string;
      /** Whether the host can take the user to a terminal. */
      jumps?: boolean;
    }
  | { type: "focus"; on: boolean }
  /** What the desktop wants of every program and the engine does not know by itself. */
  | { type: "look"; contrast: boolean; still: boolean }
  | { type: "show"; id?: string };

/** Page → host. */
export type Tells =
  | { type: "ready" }
  | { type: "size"; height: number }
  | { type: "shown"; id: string }
  | { type: "later"; id: string }
  | { type: "jump"; session: string }
  | { type: "dashboard"; id: string }
  | { type: "empty"; known: string[] };
