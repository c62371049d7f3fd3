//! What people see of the common stories.

use insta::assert_snapshot;
use serde_json::json;

use super::{Log, drawn, same};

#[test]
fn a_turn_with_a_call_that_was_asked_for() {
    let mut log = Log::new();
    log.hook("SessionStart-startup", &same()).hook("UserPromptSubmit-typed", &same());
    log.hook("PreToolUse-Bash", &same()).hook("PermissionRequest-Bash", &same());
    let settled = json!({ "outcome": "allowed", "by": "popup", "at": 5, "answer": { "decision": "allow" } });
    log.note("settled", &json!({ "note": "settled", "approval": "hook-4", "settled": settled }));
    log.hook("PostToolUse-Bash", &same()).hook("Stop-text", &same()).hook("Notification-idle_prompt", &same());
    log.hook("SessionEnd-prompt_input_exit", &same());
    assert_snapshot!(drawn(&log.turns()), @r#"
    turn 0 10.. None -
      Notice 1 10.. The session started
    turn 2 20..70 Some(Done) SCENARIO:rm
      Tool 3 30..60 Bash: rm -rf node_modules <hook-4 allowed popup>
      Message 7 70.. Hello, this is plain text.
      Notice 8 80.. Claude is waiting for your input
      Notice 9 90.. The user ended the session
    "#);
}

#[test]
fn a_sub_agent_holds_its_own_calls() {
    let mut log = Log::new();
    let ask = json!({ "prompt_id": "e9441d60-fe84-44ef-b298-73a7a528224e", "prompt": "delegate it" });
    log.hook("UserPromptSubmit-typed", &ask);
    log.hook("PreToolUse-Agent", &same()).hook("SubagentStart", &same()).hook("PostToolUse-Agent", &same());
    log.hook("PreToolUse-Bash-subagent", &same()).hook("PermissionRequest-Bash-subagent", &same());
    log.hook("Stop-background-agent", &same());
    log.hook("PostToolUse-Bash-subagent", &same()).hook("SubagentStop", &same());
    log.hook("UserPromptSubmit-task-notification", &same()).hook("Stop-text", &json!({ "prompt_id": null }));
    assert_snapshot!(drawn(&log.turns()), @r#"
    turn 1 10..70 Some(Done) delegate it
      Agent 2 20..90 Agent: Sub work [general-purpose a61d2531a6bc8df19]
        Tool 5 50..80 Bash: touch sub-file <hook-6 ? ?>
      Message 7 70.. DONE agent
    turn 10 100..110 Some(Done) -
      Notice 10 100.. In the background: Agent "Sub work" finished
      Message 11 110.. Hello, this is plain text.
    "#);
}

#[test]
fn an_agent_that_is_heard_of_before_its_call_is_one_item_with_it() {
    let mut log = Log::new();
    log.hook("SubagentStart", &same()).hook("PreToolUse-Bash-subagent", &same());
    log.hook("PreToolUse-Agent", &same()).hook("PostToolUse-Agent", &same()).hook("SubagentStop", &same());
    assert_snapshot!(drawn(&log.turns()), @r#"
    turn 0 10.. None -
      Agent 1 10..50 Agent: Sub work [general-purpose a61d2531a6bc8df19]
        Tool 2 20.. Bash: touch sub-file
    "#);
}

#[test]
fn a_start_that_comes_late_belongs_to_its_end() {
    let mut log = Log::new();
    log.hook("UserPromptSubmit-typed", &same()).hook("PostToolUse-Bash", &same()).at(9_000);
    log.hook("UserPromptSubmit-typed", &json!({ "prompt": "and then?", "prompt_id": "other" })).at(20_000);
    log.hook("PreToolUse-Bash", &same()).at(8_000);
    assert_snapshot!(drawn(&log.turns()), @r#"
    turn 1 10.. None SCENARIO:rm
      Tool 2 80..90 Bash: rm -rf node_modules
    turn 3 200.. Some(Open) and then?
    "#);
}

#[test]
fn what_was_denied_failed_or_interrupted_says_so() {
    let mut log = Log::new();
    let prompt = "a42a30d9-9ccf-4860-a6f3-c807c185eccc";
    log.hook("UserPromptSubmit-typed", &json!({ "prompt_id": prompt }));
    let call = json!({ "tool_use_id": "toolu_mockf4f8e0c05194401e9b", "prompt_id": prompt });
    log.hook("PreToolUse-Bash", &call).hook("PermissionRequest-Bash", &same());
    let answer = json!({ "decision": "deny", "message": "not here", "interrupt": false });
    let settled = json!({ "outcome": "denied", "by": "rule", "at": 5, "answer": answer });
    log.note("settled", &json!({ "note": "settled", "approval": "hook-3", "settled": settled }));
    log.hook("PostToolBatch-denied", &same());
    log.hook("PostToolUseFailure-Bash", &same()).hook("PermissionDenied-automode", &same());
    log.hook("StopFailure-api400", &same());
    log.hook("UserPromptSubmit-typed", &json!({ "prompt_id": "2", "prompt": "again" }));
    log.hook("PreToolUse-WebFetch", &same());
    log.note("interrupted", &json!({ "note": "interrupted", "session": "1-2", "evidence": "", "since": 10_500 }));
    log.hook("UserPromptSubmit-typed", &json!({ "prompt_id": "3", "prompt": "once more" }));
    log.hook("PreToolUse-Read", &same()).note("process_gone", &json!({ "note": "process_gone", "pid": 1, "start": 2 }));
    assert_snapshot!(drawn(&log.turns()), @r#"
    turn 1 10..80 Some(Failed) SCENARIO:rm
      Tool 2 20..40 Bash: rm -rf node_modules <hook-3 denied rule> not run: "not here"
      Tool 6 53..60 Bash: ls /nonexistent-dir-xyz; exit 3 failed: "Exit code 3\nls: cannot access '/nonexistent-dir-xyz': No such file or directory"
      Tool 7 70..70 Bash: npm run build failed: "Claude Code denied it: Classifier unavailable"
      Notice 8 80.. The turn ended in an error failed: "API Error: 400 mock bad request"
    turn 9 90..105 Some(Interrupted) again
      Tool 10 100..110 WebFetch: http://127.0.0.1:1/x
      Notice 11 110.. Interrupted in the terminal
    turn 12 120..140 Some(Interrupted) once more
      Tool 13 130..140 Read: /home/dev/proj/hello.txt
      Notice 14 140.. The process is gone
    "#);
}

#[test]
fn a_request_without_a_call_stands_alone() {
    let mut log = Log::new();
    log.hook("PermissionRequest-AskUserQuestion", &same());
    log.note("settled", &json!({ "approval": "hook-1", "settled": { "outcome": "released", "by": "tui" } }));
    log.note("settled", &json!({ "approval": "another", "settled": { "outcome": "timed_out", "by": "timeout" } }));
    assert_snapshot!(drawn(&log.turns()), @r#"
    turn 0 10.. None -
      Approval 1 10..20 AskUserQuestion <hook-1 released tui>
      Notice 3 30.. A request was settled: timed out by timeout
    "#);
}

#[test]
fn notices_are_plain_words() {
    let mut log = Log::new();
    for name in [
        "SessionStart-resume",
        "SessionStart-fork",
        "SessionStart-clear",
        "PreCompact-manual",
        "SessionStart-compact",
        "PostCompact-manual",
        "CwdChanged",
        "ConfigChange-user",
        "PostModelSwitch",
        "InstructionsLoaded",
        "Elicitation-form",
        "ElicitationResult",
        "Notification-permission_prompt",
        "Notification-agent_needs_input",
        "Notification-agent_needs_input",
        "SubagentStop-internal",
        "SessionEnd-clear",
    ] {
        log.hook(name, &same());
    }
    log.hook("CwdChanged", &json!({ "hook_event_name": "TomorrowsEvent" }));
    log.note("refused", &json!({ "why": "process 7 runs inside Claude" })).note("client", &json!({ "status": "busy" }));
    assert_snapshot!(drawn(&log.turns()), @r#"
    turn 0 10.. None -
      Notice 1 10.. The session was resumed
      Notice 2 20.. The session goes on in a copy of the conversation
      Notice 3 30.. A new conversation began
      Notice 4 40.. The conversation is compacted
      Notice 5 50.. The conversation was compacted
      Notice 7 70.. Claude went to /home/dev/proj/sub
      Notice 8 80.. Settings changed: /home/dev/.claude/settings.json
      Notice 9 90.. The model is now claude-haiku-5-5
      Notice 10 100.. Claude read /home/dev/proj/CLAUDE.md
      Notice 11 110.. demo asks: What is your name?
      Notice 12 120.. The answer to demo: decline
      Notice 14 140.. Auto mode can't check actions in this session and needs your choice
      Notice 17 170.. The conversation was cleared
      Notice 18 180.. TomorrowsEvent
      Notice 19 190.. A decision was refused: process 7 runs inside Claude
    "#);
}
