//! Every state of a session, reached with the real client, and the reason that is given for it.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::claude::Claude;
use crate::support::stage::Stage;
use crate::support::{PATIENCE, wait_until};

/// Shorthand for what every test here asks.
fn reason(stage: &Stage, claude: &Claude, state: &str, why: &str) -> Value {
    stage.ccmon.wait_for_reason(claude.pid(), state, why)
}

#[test]
fn idle_working_done_and_seen() {
    let stage = Stage::new();
    let claude = stage.claude();
    reason(&stage, &claude, "idle", "SessionStart startup");
    claude.play("endless");
    stage.ccmon.wait_for_pending(1);
    claude.say_yes();
    let working = reason(&stage, &claude, "working", "PermissionRequest Bash");
    assert_eq!(working["activity"], "Bash: tail -f /dev/null", "{working:#}");
    assert_eq!(working["needs_you"], false);
    claude.press(&["Escape"]);
    reason(&stage, &claude, "idle", "interrupted: its status file says idle");

    claude.play("text");
    let done = reason(&stage, &claude, "done", "Stop");
    assert_eq!((&done["needs_you"], &done["message"]), (&json!(true), &json!("Hello, this is plain text.")));
    assert!(stage.ccmon.cli(&["seen", done["key"].as_str().expect("a key")]).status.success());
    reason(&stage, &claude, "idle", "Stop, then seen");
}

#[test]
fn what_the_transcript_tells_is_shown() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("text");
    let told = || {
        let session = stage.ccmon.sessions().into_iter().find(|s| s["pid"] == claude.pid())?;
        (session["tokens"].is_u64() && session["model"].is_string()).then_some(session)
    };
    let session = wait_until(PATIENCE, told, || format!("{:#?}", stage.ccmon.sessions()));
    assert_eq!(session["tokens"], 6_542, "{session:#}");
    assert!(session["model"].as_str().is_some_and(|model| model.starts_with("claude-")), "{session:#}");
}

#[test]
fn escape_in_mid_stream_is_noticed() {
    let stage = Stage::new();
    let claude = stage.claude();
    stage.play_without_end(&claude);
    reason(&stage, &claude, "working", "UserPromptSubmit");
    claude.press(&["Escape"]);
    reason(&stage, &claude, "idle", "interrupted: its status file says idle");
}

#[test]
fn a_permission_and_no_in_the_terminal() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("bash");
    let asking = reason(&stage, &claude, "awaiting_permission", "PermissionRequest Bash, hook still waiting");
    assert_eq!(asking["needs_you"], true);
    claude.say_no();
    reason(&stage, &claude, "idle", "interrupted: its status file says idle");
}

#[test]
fn a_permission_left_to_the_terminal_still_asks() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("bash");
    let approval = stage.ccmon.wait_for_pending(1).remove(0);
    stage.ccmon.decide(&approval, json!({"decision": "release"}));
    reason(&stage, &claude, "awaiting_permission", "the terminal asks");
    claude.say_yes();
    reason(&stage, &claude, "done", "Stop");
}

#[test]
fn a_question_and_a_plan_await_an_answer() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("ask");
    reason(&stage, &claude, "awaiting_answer", "PermissionRequest AskUserQuestion, hook still waiting");
    claude.wait_for_status("waiting");
    claude.wait_for("Which colour do you like");
    press_until(&claude, "Escape", "idle");
    reason(&stage, &claude, "idle", "interrupted");

    let planning = stage.claude_with(&["--permission-mode", "plan"]);
    planning.play("plan");
    reason(&stage, &planning, "awaiting_answer", "PermissionRequest ExitPlanMode, hook still waiting");
}

#[test]
fn an_error_of_the_api_is_a_failure() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("error");
    let failed = reason(&stage, &claude, "failed", "StopFailure");
    assert_eq!(failed["needs_you"], true);
}

#[test]
fn the_three_ways_to_end() {
    let stage = Stage::new();
    let leaving = stage.claude();
    let pid = leaving.pid();
    leaving.exit();
    stage.ccmon.wait_for_reason(pid, "ended", "SessionEnd prompt_input_exit");

    let killed = stage.claude();
    let pid = killed.pid();
    assert!(Command::new("kill").args(["-KILL", &pid.to_string()]).status().expect("kill starts").success());
    stage.ccmon.wait_for_reason(pid, "ended", &format!("process {pid} exited without SessionEnd"));

    let closed = stage.claude();
    let pid = closed.pid();
    closed.close();
    stage.ccmon.wait_for_reason(pid, "ended", "");
}

#[test]
fn a_stop_that_another_hook_forbids_is_none() {
    let stage = Stage::new();
    stage.add_hook("Stop", r#"test -e ran || { touch ran; echo '{"decision":"block","reason":"SCENARIO:hang"}'; }"#);
    let claude = stage.claude();
    claude.play("text");
    let working = reason(&stage, &claude, "working", "its status file still says busy");
    assert_eq!(working["needs_you"], false);
    claude.press(&["Escape"]);
    reason(&stage, &claude, "idle", "interrupted: its transcript says so");
}

#[test]
fn another_model_is_known_before_it_answers() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("text");
    let before = reason(&stage, &claude, "done", "Stop");
    assert!(!before["model"].to_string().contains("haiku"), "{before:#}");
    claude.type_line("/model haiku");
    // It asks first, as the whole conversation is read anew; for a moment it ignores keys.
    claude.wait_for("Switch model");
    let switched = || {
        if claude.shows("Switch model") {
            claude.press(&["Enter"]);
        }
        stage.ccmon.events().contains(&"PostModelSwitch".to_owned()).then_some(())
    };
    wait_until(PATIENCE, switched, || claude.screen());
    let switched = stage.ccmon.sessions().remove(0);
    assert!(switched["model"].to_string().contains("haiku"), "{switched:#}");
}

#[test]
fn a_process_keeps_its_row_through_clear_and_compact() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("text");
    let before = reason(&stage, &claude, "done", "Stop");
    claude.type_line("/compact");
    stage.ccmon.wait_for_event("PostCompact");
    let compacted = stage.ccmon.sessions();
    assert_eq!((compacted.len(), &compacted[0]["session_id"]), (1, &before["session_id"]), "{compacted:#?}");

    claude.type_line("/clear");
    let cleared = reason(&stage, &claude, "idle", "SessionStart clear");
    assert_ne!(cleared["session_id"], before["session_id"]);
    assert_eq!((&cleared["key"], &cleared["prompt"]), (&before["key"], &Value::Null), "{cleared:#}");
    assert_eq!(stage.ccmon.sessions().len(), 1);
}

#[test]
fn resume_and_fork_are_rows_of_their_own_processes() {
    let stage = Stage::new();
    let first = stage.claude();
    first.play("text");
    let before = reason(&stage, &first, "done", "Stop");
    first.exit();
    let resumed = stage.claude_with(&["--continue"]);
    let again = reason(&stage, &resumed, "idle", "SessionStart resume");
    assert_eq!(again["session_id"], before["session_id"]);
    assert_ne!(again["key"], before["key"]);
    resumed.exit();
    let forked = stage.claude_with(&["--continue", "--fork-session"]);
    let fork = reason(&stage, &forked, "idle", "SessionStart");
    forked.play("text");
    let fork_id = reason(&stage, &forked, "done", "Stop")["session_id"].clone();
    assert!(fork_id != before["session_id"] && fork["key"] != again["key"], "{fork:#}");
}

#[test]
fn agents_in_the_background_are_work_and_shells_are_not() {
    let stage = Stage::new();
    let claude = stage.claude();
    claude.play("agent");
    let approval = stage.ccmon.wait_for_pending(1).remove(0);
    stage.ccmon.wait_for_event("Stop");
    let asking = reason(&stage, &claude, "awaiting_permission", "PermissionRequest Bash");
    assert_eq!(asking["pid"], claude.pid());
    stage.ccmon.decide(&approval, json!({"decision": "allow"}));
    stage.ccmon.wait_for_event("SubagentStop");
    reason(&stage, &claude, "done", "Stop");

    let serving = stage.claude();
    serving.play("shell");
    let approval = stage.ccmon.wait_for_pending(1).remove(0);
    stage.ccmon.decide(&approval, json!({"decision": "allow"}));
    serving.wait_for_status("shell");
    reason(&stage, &serving, "done", "Stop");
}

#[test]
fn a_printing_client_does_not_nag() {
    let stage = Stage::new();
    let printing = stage.print("bash");
    let approval = stage.ccmon.wait_for_pending(1).remove(0);
    let asking = stage.ccmon.sessions().remove(0);
    assert_eq!((&asking["needs_you"], &asking["headless"]), (&json!(true), &json!(true)), "{asking:#}");
    stage.ccmon.decide(&approval, json!({"decision": "allow"}));
    printing.finish();
    let session = stage.ccmon.wait_for_state(&["ended"]);
    assert_eq!(session["needs_you"], false);
    let next = stage.ccmon.cli(&["next", "--dry-run"]);
    assert_eq!(String::from_utf8_lossy(&next.stdout), "all clear\n");
}

#[test]
fn sessions_older_than_the_daemon_are_found_as_they_stand() {
    let mut stage = Stage::without_daemon();
    let waiting = stage.claude();
    waiting.play("ask");
    waiting.wait_for("Which colour do you like");
    waiting.wait_for_status("waiting");
    let resting = stage.claude();
    stage.forget_spooled(2);
    stage.ccmon.start();
    reason(&stage, &resting, "idle", "its status file says idle");
    let asking = reason(&stage, &waiting, "awaiting_answer", "its status file says: input needed");
    assert!(asking["place"].as_str().is_some_and(|place| place.contains("tmux")), "{asking:#}");
    press_until(&waiting, "Escape", "idle");
    let idle = reason(&stage, &waiting, "idle", "");
    assert_eq!(idle["needs_you"], false);
}

#[test]
fn several_config_directories_stand_side_by_side() {
    let stage = Stage::new();
    let (usual, elsewhere) = (stage.claude(), stage.claude_elsewhere());
    for claude in [&usual, &elsewhere] {
        reason(&stage, claude, "idle", "SessionStart startup");
        claude.play("endless");
        stage.ccmon.wait_for_pending(1);
        claude.say_yes();
        reason(&stage, claude, "working", "");
        // Only the status file of its own directory tells.
        claude.press(&["Escape"]);
        reason(&stage, claude, "idle", "interrupted: its status file says idle");
    }
}

/// Presses a key until the client's own file says so: for a moment after a dialog came, keys are ignored.
fn press_until(claude: &Claude, key: &str, status: &str) {
    let mut tries = 0;
    let there = || {
        if claude.status().as_deref() == Some(status) {
            return Some(());
        }
        tries += 1;
        if tries % 50 == 1 {
            claude.press(&[key]);
        }
        None
    };
    wait_until(PATIENCE, there, || format!("{key} does not make it {status}:\n{}", claude.screen()));
}
