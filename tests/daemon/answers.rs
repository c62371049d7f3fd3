//! `ccmon answer`, and `ccmon approve` where a bare yes is none: from the command line to what the hook prints.

use std::fs;
use std::io::Write;
use std::process::{Child, Output, Stdio};

use serde_json::{Value, json};

use crate::support::install;
use crate::{Place, request};

const ONE: &str = include_str!("../data/payloads/PermissionRequest-AskUserQuestion.json");
const TWO: &str = include_str!("../data/payloads/PermissionRequest-AskUserQuestion-two.json");
const PLAN: &str = include_str!("../data/payloads/PermissionRequest-ExitPlanMode.json");
const NO_PLAN: &str = include_str!("../data/payloads/PermissionRequest-ExitPlanMode-emptyplan.json");
const FORM: &str = include_str!("../data/payloads/Elicitation-form.json");
const PAGE: &str = include_str!("../data/payloads/Elicitation-url.json");

/// A request that waits, and its hook.
struct Asked {
    place: Place,
    hook: Child,
    approval: Value,
}

impl Asked {
    fn with(payload: &str) -> Self {
        let place = Place::with_daemon();
        let hook = place.hook(&["--wait"], payload);
        let approval = place.ccmon.wait_for_pending(1).remove(0);
        Self { place, hook, approval }
    }

    fn id(&self) -> String {
        self.approval["id"].as_str().expect("an id")[..8].to_owned()
    }

    /// Runs a verb on it; more arguments behind.
    fn says(&self, verb: &str, more: &[&str]) -> Output {
        let id = self.id();
        self.place.ccmon.cli(&[&[verb, &id], more].concat())
    }

    /// A verb that decides nothing, and why.
    fn refused(&self, verb: &str, more: &[&str]) -> String {
        let output = self.says(verb, more);
        assert_eq!(output.status.code(), Some(1), "{verb} {more:?}: {output:?}");
        assert_eq!(self.place.ccmon.approval(&self.approval["id"])["state"], "pending", "{verb} {more:?}");
        String::from_utf8(output.stderr).expect("UTF-8")
    }

    /// A verb that decides: what it says, and what the hook prints.
    fn decides(self, verb: &str, more: &[&str]) -> (String, Value) {
        let output = self.says(verb, more);
        assert!(output.status.success(), "{verb} {more:?}: {output:?}");
        (String::from_utf8(output.stdout).expect("UTF-8"), self.printed())
    }

    /// What the hook prints.
    fn printed(self) -> Value {
        let ended = self.hook.wait_with_output().expect("the hook ends");
        assert!(ended.status.success(), "{ended:?}");
        serde_json::from_slice::<Value>(&ended.stdout).expect("JSON")["hookSpecificOutput"].clone()
    }
}

/// What Claude takes as the answers to the questions of `payload`.
fn answers(payload: &str, answers: Value) -> Value {
    let mut input = serde_json::from_str::<Value>(payload).expect("JSON")["tool_input"].clone();
    input["answers"] = answers;
    json!({ "hookEventName": "PermissionRequest", "decision": { "behavior": "allow", "updatedInput": input } })
}

#[test]
fn one_question_is_answered_by_number_name_or_own_words() {
    let (said, printed) = Asked::with(ONE).decides("answer", &["2"]);
    assert_eq!(printed, answers(ONE, json!({ "Which colour do you like?": "Blue" })));
    assert!(
        said.contains("allowed: AskUserQuestion in ") && said.contains("Which colour do you like? Blue\n"),
        "{said}"
    );
    let (_, printed) = Asked::with(ONE).decides("answer", &["blue"]);
    assert_eq!(printed["decision"]["updatedInput"]["answers"], json!({ "Which colour do you like?": "Blue" }));
    let (said, printed) = Asked::with(ONE).decides("answer", &["neither, \"green\""]);
    assert_eq!(
        printed["decision"]["updatedInput"]["answers"],
        json!({ "Which colour do you like?": "neither, \"green\"" })
    );
    assert!(said.contains("(your own words)"), "{said}");
}

#[test]
fn several_questions_are_answered_in_order_or_by_name() {
    let expected =
        |toppings: &str| answers(TWO, json!({ "Which colour do you like?": "Red", "Which toppings?": toppings }));
    for (arguments, toppings) in [
        (&["1", "1,3"][..], "Cheese, Olives"),
        (&["Red", "olives, Cheese"], "Cheese, Olives"),
        (&["-q", "2=Ham", "-q", "2=3", "--question", "colour=red"], "Ham, Olives"),
        (&["-q", "1=1", "Ham", "=2"], "Ham, 2"),
    ] {
        assert_eq!(Asked::with(TWO).decides("answer", arguments).1, expected(toppings), "{arguments:?}");
    }
}

#[test]
fn scripts_answer_with_json() {
    let asked = Asked::with(TWO);
    let file = asked.place.directory.path().join("answers.json");
    fs::write(&file, r#"{ "Colour": "Blue", "Which toppings?": ["Ham", "salt, pepper"] }"#).expect("writable");
    let (_, printed) = asked.decides("answer", &["--json", file.to_str().expect("UTF-8")]);
    let said = json!({ "Which colour do you like?": "Blue", "Which toppings?": ["Ham", "salt, pepper"] });
    assert_eq!(printed, answers(TWO, said));

    let asked = Asked::with(FORM);
    let mut command = asked.place.command(env!("CARGO_BIN_EXE_ccmon").as_ref());
    let mut piped = command.args(["answer", &asked.id(), "--json", "-"]).stdin(Stdio::piped()).spawn().expect("ccmon");
    piped.stdin.take().expect("a pipe").write_all(br#"{"name": "Ada"}"#).expect("it reads");
    assert!(piped.wait().expect("it ends").success());
    assert_eq!(
        asked.printed(),
        json!({ "hookEventName": "Elicitation", "action": "accept", "content": { "name": "Ada" } })
    );
}

#[test]
fn what_is_unclear_is_not_sent() {
    let asked = Asked::with(TWO);
    for (arguments, why) in [
        (&[][..], "\"Which colour do you like?\" is not answered. There are: 1 Red, 2 Blue"),
        (&["1"], "\"Which toppings?\" is not answered. There are: 1 Cheese, 2 Ham, 3 Olives"),
        (&["3", "1"], "no option 3: they go from 1 to 2"),
        (&["1", "Chees"], "the option \"Cheese\"? =Chees"),
        (&["1", "2", "3"], "2 questions are asked, and there are 3 answers"),
        (&["-q", "3=1"], "no question 3: they go from 1 to 2"),
        (&["-q", "Red"], "no N=ANSWER"),
        (&["-q", "1=1", "-q", "1=2", "1"], "takes one answer"),
        (&["--decline"], "are for an MCP server"),
        (&["--json", "/nowhere"], "cannot read /nowhere"),
    ] {
        let said = asked.refused("answer", arguments);
        assert!(said.contains(why), "{arguments:?}: {said}");
    }
    let said = asked.refused("approve", &[]);
    assert!(
        said.contains("takes no bare yes") && said.contains(&format!("`ccmon answer {} 1 1`", asked.id())),
        "{said}"
    );
    assert!(asked.refused("approve", &["--mode", "default"]).contains("goes with a plan"));
    let (_, printed) = asked.decides("deny", &["-m", "Ask me about food."]);
    assert_eq!(printed["decision"], json!({ "behavior": "deny", "message": "Ask me about food." }));
}

#[test]
fn what_waits_is_listed_so_that_it_can_be_answered() {
    let asked = Asked::with(TWO);
    let listed = |asked: &Asked| String::from_utf8(asked.place.ccmon.cli(&["approvals"]).stdout).expect("UTF-8");
    let told = listed(&asked);
    for part in [
        "    1. [Colour] Which colour do you like?\n",
        "       1  Red   Warm\n",
        "       2  Blue  Cold\n",
        "    2. [Toppings] Which toppings? (any number of)\n",
        "       3  Olives  o\n",
    ] {
        assert!(told.contains(part), "no {part:?} in\n{told}");
    }
    assert!(told.contains(&format!("ccmon answer {} 1 1\n", asked.id())), "{told}");
    let told = listed(&Asked::with(FORM));
    assert!(
        told.contains("“demo” asks: What is your name?") && told.contains("name           Name, needed: text"),
        "{told}"
    );
    assert!(told.contains("name=…"), "{told}");
    let told = listed(&Asked::with(PLAN));
    assert!(
        told.contains("plan:") && told.contains("ccmon approve ") && told.contains("[--mode acceptEdits]"),
        "{told}"
    );
}

#[test]
fn a_form_is_filled_in_declined_or_dismissed() {
    let output = |action: &str| json!({ "hookEventName": "Elicitation", "action": action });
    let asked = Asked::with(FORM);
    for (arguments, why) in [
        (&[][..], "nothing was sent: name is missing, which the server requires"),
        (&["Ada"], "\"Ada\" is no name=value"),
        (&["name=Ada", "age=5"], "age is nothing that the server asks for: name"),
        (&["-q", "1=Ada"], "takes name=value"),
    ] {
        let said = asked.refused("answer", arguments);
        assert!(said.contains(why), "{arguments:?}: {said}");
    }
    assert!(asked.refused("approve", &[]).contains("asks for details"));
    assert!(asked.refused("deny", &["-m", "no"]).contains("hears no reason"));
    let (said, printed) = asked.decides("answer", &["name=Ada = Lovelace"]);
    assert_eq!(printed["content"], json!({ "name": "Ada = Lovelace" }));
    assert!(said.contains("    name           Ada = Lovelace\n"), "{said}");
    assert_eq!(Asked::with(FORM).decides("answer", &["--decline"]).1, output("decline"));
    assert_eq!(Asked::with(FORM).decides("answer", &["--cancel"]).1, output("cancel"));
    assert_eq!(Asked::with(FORM).decides("deny", &[]).1, output("decline"));
    let page = Asked::with(PAGE);
    assert!(page.refused("answer", &["x=1"]).contains("which only the terminal does"));
    assert_eq!(page.decides("answer", &["--cancel"]).1, output("cancel"));
    let permission = Asked::with(&request("one", "ls"));
    assert!(permission.refused("answer", &["1"]).contains("asks for permission: `ccmon approve"));
}

#[test]
fn an_approved_plan_always_names_a_mode() {
    let mode = |mode: &str| json!([{ "type": "setMode", "mode": mode, "destination": "session" }]);
    let text = serde_json::from_str::<Value>(PLAN).expect("JSON")["tool_input"]["plan"].clone();
    let (_, printed) = Asked::with(PLAN).decides("approve", &[]);
    let whole = json!({ "behavior": "allow", "updatedInput": { "plan": text }, "updatedPermissions": mode("default") });
    assert_eq!(printed["decision"], whole);
    let (said, printed) = Asked::with(PLAN).decides("approve", &["--mode", "acceptEdits"]);
    assert_eq!(printed["decision"]["updatedPermissions"], mode("acceptEdits"));
    assert!(said.contains("Claude edits without asking"), "{said}");
    let (_, printed) = Asked::with(NO_PLAN).decides("approve", &[]);
    assert_eq!(printed["decision"]["updatedInput"], json!({}));
    let plan = Asked::with(PLAN);
    assert!(plan.refused("answer", &["1"]).contains("this is a plan: `ccmon approve"));
    assert_eq!(plan.says("approve", &["--mode", "plan"]).status.code(), Some(2));
    assert_eq!(plan.decides("deny", &["-m", "Test first."]).1["decision"]["message"], "Test first.");
}

/// An editor that does `script` to its file.
fn editor(place: &mut Place, script: &str) {
    let path = place.directory.path().join("editor");
    install(&path, &format!("#!/bin/sh\n{script}\n"));
    place.ccmon.set("VISUAL", &format!("{} --wait", path.display()));
}

#[test]
fn what_is_edited_is_looked_at_again_and_runs() {
    let mut asked = Asked::with(&request("one", "rm -rf build"));
    editor(&mut asked.place, "[ \"$1\" = --wait ] && sed -i 's/rm -rf build/make clean/' \"$2\"");
    let said = asked.refused("approve", &["--edit"]);
    assert!(said.contains("nobody is there to look at it once more: --yes"), "{said}");
    assert_eq!(asked.says("approve", &["--yes"]).status.code(), Some(2), "there is nothing to look at");
    let (said, printed) = asked.decides("approve", &["--edit", "--yes"]);
    assert_eq!(printed["decision"], json!({ "behavior": "allow", "updatedInput": { "command": "make clean" } }));
    for part in ["- rm -rf build\n", "+ make clean\n", "risk:", "allowed: Bash"] {
        assert!(said.contains(part), "no {part:?} in {said}");
    }

    let mut plan = Asked::with(PLAN);
    editor(&mut plan.place, "case $2 in *.md) echo '3. And more' >> \"$2\";; esac");
    let before = plan.approval["input"]["plan"].as_str().expect("a plan").to_owned();
    let (said, printed) = plan.decides("approve", &["-ey", "--mode", "acceptEdits"]);
    let after = printed["decision"]["updatedInput"]["plan"].as_str().expect("a plan").to_owned();
    assert!(after.starts_with(&before) && after.contains("3. And more"), "{after}");
    assert!(said.contains("+ 3. And more\n"), "{said}");
}

#[test]
fn an_editor_that_fails_or_empties_it_decides_nothing() {
    let mut asked = Asked::with(&request("one", "rm -rf build"));
    editor(&mut asked.place, "exit 3");
    assert!(asked.refused("approve", &["-ey"]).contains("failed: nothing was decided"));
    editor(&mut asked.place, ": > \"$2\"");
    assert!(asked.refused("approve", &["-ey"]).contains("nothing left of it"));
    let left = fs::read_dir(asked.place.directory.path().join("state")).expect("a directory").flatten();
    assert_eq!(left.filter(|entry| entry.file_name().to_string_lossy().starts_with("edit-")).count(), 0);
    editor(&mut asked.place, ":");
    let (said, printed) = asked.decides("approve", &["-ey"]);
    assert_eq!(printed["decision"], json!({ "behavior": "allow" }));
    assert!(said.contains("It is as it was."), "{said}");
}
