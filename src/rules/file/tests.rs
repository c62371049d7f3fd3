use proptest::prelude::*;

use super::*;
use crate::rules::{LintLevel, lint};

fn rule(kind: Kind, pattern: &str) -> Rule {
    Rule { name: "look at git".into(), ..Rule::allow("Bash", kind, pattern) }
}

#[test]
fn a_file_reads_well() {
    let rules = [
        Rule { cwd: Some("/home/me/code/**".into()), dry_run: true, ..rule(Kind::Glob, "git status*") },
        Rule {
            tool: "WebFetch".into(),
            action: Action::Deny { message: Some("not from here\nuse the \"mirror\"".into()) },
            enabled: false,
            ..rule(Kind::Regex, r"(docs|crates)\.rs")
        },
        Rule { allow_high: true, ..rule(Kind::Literal, "git push --force 'x'") },
        Rule { lasts: Lasts::Restart, ..rule(Kind::Literal, "not exported") },
    ];
    let text = export(&rules);
    insta::assert_snapshot!(text);
    assert_eq!(import(&text).unwrap(), rules[..3]);
    assert_eq!(import(&export(&[])).unwrap(), []);
}

#[test]
fn a_person_may_leave_out_what_is_usual() {
    let text = "[[rule]]\nname = 'n'\naction = 'ask'\nglob = 'git *' # all of it\nfor = '15 min'\n";
    let expected = Rule {
        name: "n".into(),
        action: Action::Ask,
        lasts: Lasts::Seconds { seconds: 900 },
        ..rule(Kind::Glob, "git *")
    };
    assert_eq!(import(text).unwrap(), [expected]);
    let lasts = |text: &str| {
        let file = format!("[[rule]]\nname = 'n'\naction = 'ask'\nglob = 'x'\nfor = '{text}'");
        import(&file).map(|rules| rules[0].lasts.clone())
    };
    assert_eq!(lasts("1 h"), Ok(Lasts::Seconds { seconds: 3600 }));
    assert_eq!(lasts("30days"), Ok(Lasts::Seconds { seconds: 30 * 86400 }));
    assert_eq!(lasts("once"), Ok(Lasts::Once));
    assert_eq!(lasts("restart"), Ok(Lasts::Restart));
    assert_eq!(lasts("forever"), Ok(Lasts::Forever));
    for wrong in
        ["", "h", "1", "-1 h", "1 week", "99999999999999999999 h", "18446744073709551615 h", "0 min", "31 days"]
    {
        assert_eq!(lasts(wrong).map_err(|error| error.line), Err(5), "{wrong}");
    }
}

#[test]
fn every_complaint_has_its_line() {
    let complaints = [
        "name = 'x'",
        "# one\n\n[rules]\n",
        "[rule]\nname = 'x'",
        "[[rule]]\nname = 'x'\naction = ",
        "[[rule]]\naction = 'allow'\nglob = 'x'",
        "[[rule]]\nname = 'x'\nglob = 'x'",
        "[[rule]]\nname = 'x'\naction = 'allow'",
        "[[rule]]\nname = 'x'\naction = 'permit'\nglob = 'x'",
        "[[rule]]\nname = 'x'\naction = 'allow'\nglob = 'x'\nregex = 'y'",
        "[[rule]]\nname = 'x'\naction = 'allow'\nmessage = 'no'\nglob = 'x'",
        "[[rule]]\nname = 'x'\naction = 'allow'\nglob = 'x'\n\n[[rule]]\nname = 'y'\naction = 'deny'\nregex = '('",
        "[[rule]]\nname = 'x'\naction = 'allow'\nglob = 'x'\nallow_high = true",
        "[[rule]]\nname = 'x'\naction = 'allow'\nglob = 'x'\nenabled = 'no'",
        "[[rule]]\nname = 'x'\naction = 'allow'\nglob = ['x']",
        "[[rule]]\nname = 'x'\naction = 'allow'\npattern = 'x'",
        "[[rule]]\nname = 'x'\nallow = 'x'",
        "[[rule]]\nname = 'x'\naction = 'allow'\nglob = 'x'\ncolour = 'x'",
        "[[rule]]\nname = 'x'\naction = 'allow'\nglob = 'x'\n[rule.for]\nx = 1",
        "[[rule]]\nname = 'x'\naction = 'allow'\ntool = 'ExitPlanMode'\nglob = 'x'",
    ];
    let said: Vec<String> = complaints.iter().map(|text| import(text).unwrap_err().to_string()).collect();
    insta::assert_snapshot!(said.join("\n"));
    let large = format!("# {}", "x".repeat(1024 * 1024));
    assert_eq!(import(&large).unwrap_err().line, 1);
    let many = "[[rule]]\nname = 'x'\naction = 'ask'\nglob = 'x'\n".repeat(1001);
    assert!(import(&many).unwrap_err().text.contains("1000"));
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let text = "[ -~é\\n\\t\"'#\\\\]{1,30}";
    let action = prop_oneof![
        Just(Action::Allow),
        Just(Action::Ask),
        proptest::option::of(text).prop_map(|message| Action::Deny { message }),
    ];
    let kind = prop_oneof![Just(Kind::Literal), Just(Kind::Glob), Just(Kind::Regex)];
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    let parts = ("\\PC{1,20}", "[A-Za-z_*]{1,12}", kind, text, proptest::option::of(text), action, flags);
    parts.prop_map(|(name, tool, kind, pattern, cwd, action, (dry_run, enabled, allow_high))| Rule {
        name,
        tool,
        kind,
        pattern,
        cwd,
        action,
        lasts: Lasts::Forever,
        dry_run,
        enabled,
        allow_high: allow_high && kind == Kind::Literal,
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(rules in proptest::collection::vec(any_rule(), 0..4)) {
        let sound = |rule: &Rule| !lint(rule, &[], None).iter().any(|lint| lint.level == LintLevel::Error);
        let rules: Vec<Rule> = rules.into_iter().filter(sound).collect();
        prop_assert_eq!(import(&export(&rules)), Ok(rules));
    }

    #[test]
    fn any_text_can_be_read(text in "(\\[\\[rule\\]\\]\n|name = 'x'\n|glob = '\\*'\n|action = 'allow'\n|for = '1 h'\n|.{0,9}|é\n)*") {
        let lines = text.matches('\n').count() + 1;
        prop_assert!(import(&text).map_or_else(|error| error.line <= lines, |rules| rules.len() <= 1000));
    }
}
