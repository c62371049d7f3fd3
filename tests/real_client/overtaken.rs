//! Signals that overtake each other: a daemon that was away, a hook that is gone, a directory made anew.

use std::fs;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::support::claude::{Claude, DIALOG};
use crate::support::stage::Stage;

fn reason(stage: &Stage, claude: &Claude, state: &str, why: &str) {
    stage.ccmon.wait_for_reason(claude.pid(), state, why);
}

/// Processes whose parent is this one.
fn children(pid: &str) -> Vec<String> {
    let told = Command::new("pgrep").args(["-P", pid]).output().expect("pgrep starts");
    String::from_utf8_lossy(&told.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn a_killed_hook_leaves_its_dialog_to_the_terminal() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("bash");
    stage.ccmon.wait_for_pending(1);
    claude.wait_for(DIALOG);
    let shells = children(&claude.pid().to_string());
    let waits = |pid: &String| {
        let command = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        command.contains("ccmon-hook") && command.contains("--wait")
    };
    let hooks: Vec<_> = shells.iter().flat_map(|shell| children(shell)).chain(shells.clone()).filter(waits).collect();
    assert!(!hooks.is_empty(), "{shells:?}");
    assert!(Command::new("kill").arg("-KILL").args(&hooks).status().expect("kill starts").success());
    reason(&stage, &claude, "awaiting_permission", "the terminal asks");
    claude.say_yes();
    reason(&stage, &claude, "done", "Stop");
}

#[test]
fn of_two_dialogs_left_to_the_terminal_the_other_still_asks() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("reads");
    for approval in stage.ccmon.wait_for_pending(2) {
        stage.ccmon.decide(&approval, json!({"decision": "release"}));
    }
    claude.say_yes();
    claude.wait_for("2 of 2");
    stage.ccmon.wait_for_event("PostToolUse");
    reason(&stage, &claude, "awaiting_permission", "the terminal asks");
    claude.say_yes();
    reason(&stage, &claude, "done", "Stop");
}

#[test]
fn a_prompt_and_escape_while_the_daemon_is_away() {
    let mut stage = Stage::new();
    let claude = stage.claude();
    claude.play("text");
    reason(&stage, &claude, "done", "Stop");
    stage.ccmon.kill();
    stage.play_without_end(&claude);
    claude.press(&["Escape"]);
    claude.wait_for_status("idle");
    stage.ccmon.start();
    reason(&stage, &claude, "idle", "interrupted: its status file says idle");
}

#[test]
fn a_stop_behind_a_long_spool_is_done_all_the_same() {
    let mut stage = Stage::new();
    let claude = stage.claude();
    claude.play("bash");
    let approval = stage.ccmon.wait_for_pending(1).remove(0);
    stage.ccmon.decide(&approval, json!({"decision": "release"}));
    reason(&stage, &claude, "awaiting_permission", "the terminal asks");
    stage.ccmon.kill();
    let begun = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_millis() - 60_000;
    for number in 0..500 {
        stage.spool(begun + number, &format!("{number:032x}"));
    }
    claude.say_yes();
    claude.wait_for_end_of("bash");
    claude.wait_for_status("idle");
    stage.ccmon.start();
    reason(&stage, &claude, "done", "Stop");
}

#[test]
fn an_exit_while_the_daemon_is_away_has_its_reason() {
    let mut stage = Stage::new();
    let claude = stage.claude();
    let pid = claude.pid();
    reason(&stage, &claude, "idle", "SessionStart startup");
    stage.ccmon.kill();
    claude.exit();
    stage.ccmon.start();
    stage.ccmon.wait_for_reason(pid, "ended", "SessionEnd prompt_input_exit");
}

#[test]
fn a_config_directory_that_was_made_anew_is_followed() {
    let stage = Stage::new();
    let first = stage.claude();
    reason(&stage, &first, "idle", "SessionStart startup");
    first.exit();
    stage.renew_config();
    let claude = stage.claude();
    stage.play_without_end(&claude);
    reason(&stage, &claude, "working", "UserPromptSubmit");
    claude.press(&["Escape"]);
    reason(&stage, &claude, "idle", "interrupted: its status file says idle");
}
