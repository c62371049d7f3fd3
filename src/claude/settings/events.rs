//! Which hook events a client knows. A name that it does not know is dangerous: 2.0.76 then drops the
//! person's whole settings file, 2.1.329 stops at a dialog.

use crate::claude::installed::Version;

/// Known to every client that has hooks as we use them (2.0.76, 2.1.197 and 2.1.329 were tried).
pub const COMMON: [&str; 12] = [
    "PreToolUse",
    "PostToolUse",
    "PostToolUseFailure",
    "Notification",
    "UserPromptSubmit",
    "SessionStart",
    "SessionEnd",
    "Stop",
    "SubagentStart",
    "SubagentStop",
    "PreCompact",
    "PermissionRequest",
];

/// Only for a client that is known to have them.
pub const NEWER: [&str; 8] = [
    "StopFailure",
    "PermissionDenied",
    "PostToolBatch",
    "Elicitation",
    "ElicitationResult",
    "CwdChanged",
    "PostCompact",
    "PostModelSwitch",
];

/// The oldest client that was seen to know [`NEWER`].
pub const NEWER_SINCE: Version = Version { major: 2, minor: 1, patch: 329 };

/// The events to register for the oldest client that reads the file; `None` when its version is not known.
#[must_use]
pub fn for_client(oldest: Option<Version>) -> Vec<&'static str> {
    let newer = oldest.is_some_and(|version| version >= NEWER_SINCE);
    COMMON.into_iter().chain(NEWER.into_iter().filter(|_| newer)).collect()
}

/// Whether the hook may hold its answer back until a person decides.
#[must_use]
pub fn waits(event: &str) -> bool {
    matches!(event, "PermissionRequest" | "Elicitation")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_events_need_a_newer_client() {
        let client = |minor, patch| for_client(Some(Version { major: 2, minor, patch })).len();
        assert_eq!([client(0, 76), client(1, 328), client(1, 329), client(2, 0)], [12, 12, 20, 20]);
        assert_eq!(for_client(None), COMMON);
    }
}
