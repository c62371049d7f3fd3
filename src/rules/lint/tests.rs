use super::*;
use crate::rules::risk::{self, Level, Place};
use crate::rules::{Lasts, shell};

fn rule(tool: &str, kind: Kind, pattern: &str) -> Rule {
    Rule { name: "r".into(), ..Rule::allow(tool, kind, pattern) }
}

fn glob(pattern: &str) -> Rule {
    rule("Bash", Kind::Glob, pattern)
}

fn codes(rule: &Rule) -> Vec<&'static str> {
    lint(rule, &[], None).into_iter().map(|lint| lint.code).collect()
}

#[test]
fn ordinary_rules_have_nothing_to_be_said() {
    let fine = [
        glob("git status*"),
        glob("git log *"),
        glob("cargo test*"),
        glob("npm run test:* *"),
        glob("git diff -- *"),
        glob("python manage.py test*"),
        glob("npx prettier --check*"),
        rule("Bash", Kind::Literal, "cd src && ls | head -3 > /dev/null"),
        rule("Bash", Kind::Literal, "rm -rf target"),
        rule("Bash", Kind::Regex, "git (status|log).*"),
        rule("Bash", Kind::Regex, "^git status$"),
        rule("Bash", Kind::Regex, r"cargo test -p \w+"),
        rule("Read", Kind::Glob, "/home/me/code/**"),
        rule("Edit", Kind::Literal, "/home/me/code/a.rs"),
        rule("WebFetch", Kind::Literal, "docs.rs"),
        rule("WebFetch", Kind::Glob, "*.rust-lang.org"),
        rule("WebFetch", Kind::Regex, r"(docs|crates)\.rs$"),
        rule("mcp__github__search", Kind::Glob, "*"),
        rule("mcp__github__search", Kind::Literal, "mcp__github__search"),
        rule("mcp__github__*", Kind::Glob, "*"),
    ];
    for rule in fine {
        assert_eq!(lint(&rule, &[], Some((0, 13))), [], "{rule:?}");
    }
}

#[test]
fn errors_refuse() {
    let bad = |change: fn(&mut Rule)| {
        let mut rule = glob("git status*");
        change(&mut rule);
        let lints = lint(&rule, &[], None);
        assert!(lints[0].level == LintLevel::Error, "{lints:?}");
        lints[0].code
    };
    assert_eq!(bad(|rule| rule.pattern = " ".into()), "pattern-empty");
    assert_eq!(bad(|rule| rule.pattern = "x".repeat(5000)), "pattern-too-long");
    assert_eq!(bad(|rule| (rule.kind, rule.pattern) = (Kind::Regex, "a)(b".into())), "pattern-malformed");
    assert_eq!(bad(|rule| (rule.kind, rule.pattern) = (Kind::Regex, "(a{1000}){1000}".into())), "pattern-malformed");
    assert_eq!(bad(|rule| (rule.tool, rule.pattern) = ("Read".into(), "/p/{a".into())), "pattern-malformed");
    assert_eq!(bad(|rule| rule.cwd = Some("/p/[".into())), "cwd-malformed");
    assert_eq!(bad(|rule| rule.cwd = Some(String::new())), "cwd-malformed");
    assert_eq!(bad(|rule| rule.allow_high = true), "allow-high-not-literal");
    assert_eq!(bad(|rule| rule.tool = "AskUserQuestion".into()), "question-allowed");
    assert_eq!(bad(|rule| rule.tool = "ExitPlanMode".into()), "question-allowed");
    assert_eq!(bad(|rule| rule.lasts = Lasts::Seconds { seconds: 0 }), "seconds-out-of-range");
    assert_eq!(bad(|rule| rule.lasts = Lasts::Seconds { seconds: LONGEST_LIFE + 1 }), "seconds-out-of-range");
    assert_eq!(bad(|rule| rule.action = Action::Deny { message: Some("x".repeat(2001)) }), "message-too-long");
    assert_eq!(bad(|rule| rule.name = " ".into()), "name-empty");
    assert_eq!(bad(|rule| rule.name = "n".repeat(101)), "name-too-long");
    assert_eq!(bad(|rule| rule.name = "a\nb".into()), "name-unreadable");
    assert_eq!(bad(|rule| rule.name = "a\u{202e}b".into()), "name-unreadable");
    let month = Rule { lasts: Lasts::Seconds { seconds: LONGEST_LIFE }, ..glob("git status*") };
    assert_eq!(codes(&month), Vec::<&str>::new());
}

#[test]
fn tools_and_folders_that_match_nothing_are_named() {
    for tool in ["Shell", "bash", "Edit*", "Edit|Write", "mcp__", ""] {
        assert_eq!(codes(&rule(tool, Kind::Literal, "x")), ["tool-unknown"], "{tool}");
    }
    assert!(lint(&rule("bash", Kind::Literal, "x"), &[], None)[0].text.contains("write `Bash`"));
    let asks = Rule { action: Action::Ask, ..rule("ExitPlanMode", Kind::Glob, "x") };
    assert_eq!(codes(&asks), ["question-tool"]);
    for cwd in ["~/code/**", "code/**", "./x"] {
        assert_eq!(codes(&Rule { cwd: Some(cwd.into()), ..glob("git status*") }), ["cwd-relative"], "{cwd}");
    }
}

#[test]
fn an_allow_for_everything_is_one_remark() {
    for pattern in ["*", "**", "* *"] {
        assert_eq!(codes(&glob(pattern)).first(), Some(&"catch-all"), "{pattern}");
    }
    for tool in ["Bash", "*", "WebFetch", "Read"] {
        for pattern in [".*", ".+", "^.*$"] {
            assert_eq!(codes(&rule(tool, Kind::Regex, pattern)), ["catch-all"], "{tool} {pattern}");
        }
    }
    assert_eq!(codes(&rule("*", Kind::Glob, "*")), ["catch-all"]);
    assert_eq!(codes(&rule("WebFetch", Kind::Glob, "*")), ["catch-all"]);
    assert_eq!(codes(&rule("Write", Kind::Glob, "**")), ["catch-all"]);
    assert_eq!(codes(&rule("mcp__*", Kind::Glob, "*")), ["catch-all"]);
    assert!(!codes(&Rule { action: Action::Deny { message: None }, ..glob("*") }).contains(&"catch-all"));
}

#[test]
fn what_destroys_or_reaches_out_is_named() {
    for pattern in ["rm *", "git *", "git push*", "sudo *", "docker *", "kubectl *", "chmod -R*", "find . *", "dd *"] {
        assert!(codes(&glob(pattern)).contains(&"covers-destructive"), "{pattern}");
    }
    for pattern in ["curl *", "python3 *", "sh -c *", "npx *", "xargs *", "docker exec *", "tmux *"] {
        assert!(codes(&glob(pattern)).contains(&"covers-reaching"), "{pattern}");
        let scoped = Rule { cwd: Some("/p".into()), ..glob(pattern) };
        assert!(!codes(&scoped).contains(&"covers-reaching"), "{pattern}");
    }
    assert!(codes(&rule("Bash", Kind::Regex, "git .*")).contains(&"covers-destructive"));
    let scoped = Rule { cwd: Some("/p".into()), ..glob("rm *") };
    assert!(codes(&scoped).contains(&"covers-destructive"), "a folder does not bound what is lost");
    let denied = Rule { action: Action::Deny { message: None }, ..glob("rm *") };
    assert_eq!(codes(&denied), Vec::<&str>::new());
}

#[test]
fn the_examples_are_what_they_are_said_to_be() {
    let place = Place { cwd: "/p".into(), project: "/p".into(), home: "/home/me".into(), ..Place::default() };
    for (example, least) in covers::DESTRUCTIVE
        .map(|text| (text, Level::Medium))
        .iter()
        .chain(&covers::REACHING.map(|text| (text, Level::Medium)))
    {
        let line = shell::parse(example);
        let parsed = line.as_ref().unwrap_or_else(|unparsed| panic!("{example}: {}", unparsed.why));
        let argv: Vec<&str> = parsed.commands[0].argv.iter().filter_map(|word| word.text.as_deref()).collect();
        assert_eq!((parsed.commands.len(), argv), (1, covers::words(example)), "{example}");
        let risk = risk::bash(example, &line, &place, &shell::parse);
        assert!(risk.level >= *least, "{example}: {risk:?}");
    }
    let high =
        |example: &&&str| risk::bash(example, &shell::parse(example), &place, &shell::parse).level == Level::High;
    assert!(covers::DESTRUCTIVE.iter().filter(high).count() >= 38);
}

#[test]
fn open_runners_and_options_are_named() {
    for pattern in [
        "bash *",
        "sudo *",
        "ssh *",
        "env *",
        "xargs *",
        "npx *",
        "python *",
        "python*",
        "/usr/bin/python3 *",
        "bash -c *",
    ] {
        assert!(codes(&glob(pattern)).contains(&"runs-anything"), "{pattern}");
    }
    assert!(codes(&rule("Bash", Kind::Regex, "^python3? .*")).contains(&"covers-reaching"));
    assert!(codes(&rule("Bash", Kind::Regex, "^bash .*$")).contains(&"runs-anything"));
    for pattern in
        ["find . -name x -delete", "git -c *", "git log --output=*", "sed -i *", "rg --pre *", "tar --to-command=x *"]
    {
        assert!(codes(&glob(pattern)).contains(&"risky-option"), "{pattern}");
    }
}

#[test]
fn patterns_that_never_match_are_named() {
    let one = |rule: &Rule| lint(rule, &[], None).first().map(|lint| lint.code);
    for pattern in ["git status && ls*", "ls | head*", "ls; pwd", "ls & *", "a||b"] {
        assert_eq!(one(&glob(pattern)), Some("operator-in-glob"), "{pattern}");
        let denies = Rule { action: Action::Deny { message: None }, ..glob(pattern) };
        assert_eq!(codes(&denies), ["operator-in-glob"], "{pattern}");
    }
    for pattern in ["ls > out", "ls 2>&1", "ls >*", "wc < x", "ls &>x"] {
        assert_eq!(one(&glob(pattern)), Some("redirect-in-glob"), "{pattern}");
    }
    assert_eq!(one(&glob("git commit -m \"*\"")), Some("quotes-in-glob"));
    for pattern in ["ls $HOME/x", "echo $(date)", "echo `date`"] {
        assert_eq!(one(&glob(pattern)), Some("expansion-in-glob"), "{pattern}");
    }
    assert_eq!(codes(&glob("CI=1 cargo test*")), ["assignment-in-glob"]);
    assert_eq!(codes(&glob("make build_*")), ["star-ends-word"]);
    for (tool, pattern) in [("Edit", "src/*"), ("Read", "~/code/**"), ("Write", "*.md"), ("Grep", "./x")] {
        assert_eq!(codes(&rule(tool, Kind::Glob, pattern)), ["path-relative"], "{pattern}");
    }
    assert_eq!(codes(&rule("Edit", Kind::Literal, "a.rs")), ["path-relative"]);
    for pattern in ["https://docs.rs/*", "docs.rs/regex", "https://docs.rs", "docs.rs:443"] {
        assert_eq!(codes(&rule("WebFetch", Kind::Glob, pattern)), ["host-only"], "{pattern}");
    }
    assert_eq!(codes(&rule("WebFetch", Kind::Glob, "api.*.org")), ["host-never"]);
    assert_eq!(codes(&rule("WebFetch", Kind::Literal, "GitHub.com")), ["host-never"]);
    assert_eq!(codes(&rule("mcp__a__b", Kind::Glob, "x*")), ["mcp-pattern"]);
    let unused = lint(&glob("git status*"), &[], Some((0, 14)));
    assert_eq!(unused.iter().map(|lint| lint.code).collect::<Vec<_>>(), ["never-matched"]);
    assert_eq!(lint(&glob("git status*"), &[], Some((1, 400))), []);
}

#[test]
fn expressions_that_look_like_something_else_are_named() {
    assert_eq!(codes(&rule("Bash", Kind::Regex, "^git status")), ["regex-whole"]);
    assert_eq!(codes(&rule("Bash", Kind::Regex, ".* --version")), ["leading-star"]);
    assert_eq!(codes(&rule("Bash", Kind::Regex, "^(.+) --version$")), ["leading-star"]);
    assert_eq!(codes(&glob("* --version")), ["leading-star"]);
    assert_eq!(codes(&rule("Edit", Kind::Glob, "**/README.md")), ["leading-star"]);
    assert_eq!(codes(&rule("WebFetch", Kind::Regex, "docs.rs$")), ["host-dot"]);
}

/// Whether the first of two rules is said to leave nothing to the second.
fn hides(by: &Rule, rule: &Rule) -> bool {
    lint(rule, &[glob("unrelated"), by.clone()], None).iter().any(|lint| lint.code == "shadowed")
}

#[test]
fn a_rule_behind_a_wider_one_is_named() {
    let pairs = [
        ("git *", "git status*", true),
        ("git *", "git status", true),
        ("git status*", "git status -s*", true),
        ("git * origin*", "git push origin main", true),
        ("npm run test:* *", "npm run test:unit*", true),
        ("npm run test:*", "npm run test:unit*", true),
        ("git status*", "git status*", true),
        ("git status", "git status*", false),
        ("git status*", "git *", false),
        ("git push origin*", "git * origin*", false),
        ("git statu*", "git status", false),
        ("git status -s", "git status*", false),
        ("git status -s *", "git status*", false),
    ];
    for (by, narrow, expected) in pairs {
        assert_eq!(hides(&glob(by), &glob(narrow)), expected, "{by} / {narrow}");
    }
    assert!(hides(&glob("git *"), &rule("Bash", Kind::Literal, "git push origin")));
    assert!(!hides(&glob("git *"), &rule("Bash", Kind::Literal, "git push; rm x")));
    assert!(!hides(&glob("A=1 *"), &rule("Bash", Kind::Literal, "A=1 ls")));
    assert!(hides(&rule("*", Kind::Glob, "*"), &rule("Bash", Kind::Regex, "git .*")));
    assert!(hides(&rule("*", Kind::Glob, "*"), &rule("mcp__a__b", Kind::Glob, "*")));
    assert!(!hides(&rule("*", Kind::Glob, "*"), &rule("Read", Kind::Glob, "/p/**")), "`*` is no path");
    assert!(hides(&rule("Read", Kind::Glob, "/p/**"), &rule("Read", Kind::Glob, "/p/src/*.rs")));
    assert!(!hides(&rule("Read", Kind::Glob, "/p/**"), &rule("Read", Kind::Glob, "/p/{a,../q}")));
    assert!(hides(&rule("Read", Kind::Glob, "/p/*"), &rule("Read", Kind::Literal, "/p/x")));
    assert!(!hides(&rule("Read", Kind::Glob, "/p/*"), &rule("Read", Kind::Literal, "/p/x/y")));
    assert!(hides(&rule("WebFetch", Kind::Glob, "*.rs"), &rule("WebFetch", Kind::Literal, "docs.rs")));
    assert!(!hides(&rule("WebFetch", Kind::Glob, "*.rs"), &rule("WebFetch", Kind::Glob, "*.docs.org")));
    assert!(hides(&rule("mcp__a__*", Kind::Glob, "*"), &rule("mcp__a__b", Kind::Literal, "mcp__a__b")));
    assert!(!hides(&rule("Edit", Kind::Glob, "/p/**"), &rule("Write", Kind::Glob, "/p/**")));
}

#[test]
fn a_rule_is_hidden_only_where_and_while_the_other_is_in_force() {
    let (by, narrow) = (glob("git *"), glob("git status*"));
    let with = |change: fn(&mut Rule)| {
        let mut by = by.clone();
        change(&mut by);
        by
    };
    assert!(!hides(&with(|by| by.enabled = false), &narrow));
    assert!(!hides(&with(|by| by.dry_run = true), &narrow));
    assert!(!hides(&with(|by| by.lasts = Lasts::Seconds { seconds: 60 }), &narrow));
    let scoped = with(|by| by.cwd = Some("/p/**".into()));
    assert!(!hides(&scoped, &narrow));
    assert!(hides(&scoped, &Rule { cwd: Some("/p/**".into()), ..narrow.clone() }));
    assert!(hides(&scoped, &Rule { cwd: Some("/p/a/**".into()), ..narrow.clone() }));
    assert!(!hides(&scoped, &Rule { cwd: Some("/p/../q".into()), ..narrow.clone() }));
    assert!(hides(&by, &Rule { cwd: Some("/q".into()), ..narrow }));
}

#[test]
fn texts_say_what_why_and_what_to_do() {
    let mut rules: Vec<Rule> = [
        "*",
        "git *",
        "bash *",
        "* -V",
        "a && b",
        "ls > x",
        "ls 'a b'",
        "make build_*",
        "ls $x",
        "CI=1 ls",
        "find . -delete",
    ]
    .map(glob)
    .into();
    let regexes = [".* x", "^ls", "(", "(?-u:\\xff)"].map(|text| rule("Bash", Kind::Regex, text));
    rules.extend(regexes);
    rules.extend([
        rule("Edit", Kind::Glob, "a/*"),
        rule("WebFetch", Kind::Glob, "a.b/c"),
        rule("WebFetch", Kind::Regex, "a.b"),
    ]);
    rules.extend([
        rule("Tomorrow", Kind::Glob, "x"),
        rule("mcp__a__b", Kind::Glob, "x"),
        rule("ExitPlanMode", Kind::Glob, "x"),
    ]);
    rules.push(Rule { cwd: Some("~/x".into()), allow_high: true, name: String::new(), ..glob("ls") });
    let said = |rule: &Rule| {
        let texts = lint(rule, &[Rule { name: "first".into(), ..glob("git *") }], Some((0, 20)));
        let texts = texts.into_iter().filter(|lint| lint.code != "never-matched");
        texts.map(|lint| format!("{} {}: {}", rule.pattern, lint.code, lint.text)).collect::<Vec<_>>()
    };
    let texts: Vec<String> = rules.iter().flat_map(said).collect();
    assert!(texts.iter().all(|text| text.ends_with('.') && !text.contains("  ") && !text.contains('\n')), "{texts:#?}");
    insta::assert_snapshot!(texts.join("\n"));
}

proptest::proptest! {
    #[test]
    fn any_text_can_be_looked_at(pattern in "[a-z*./ ^$()\\\\|&;>'\"{}\\[\\]é~:-]{0,24}", tool in 0_usize..6, kind in 0_usize..3) {
        let tool = ["Bash", "Edit", "WebFetch", "*", "mcp__a__b", "x"][tool];
        let kind = [Kind::Literal, Kind::Glob, Kind::Regex][kind];
        let rule = rule(tool, kind, &pattern);
        let usable = compiled(&rule, true).is_ok() && compiled(&rule, false).is_ok();
        let refused = lint(&rule, std::slice::from_ref(&rule), None).iter().any(|lint| lint.level == LintLevel::Error);
        proptest::prop_assert_eq!(usable, !refused);
    }

    #[test]
    fn what_is_said_to_be_hidden_is(by in "[ab*]{1,2}( [ab*]{1,2}){0,2}", narrow in "[ab*]{1,2}( [ab*]{1,2}){0,2}", line in "[ab]{1,2}( [ab]{1,2}){0,3}") {
        let argv: Vec<&str> = line.split(' ').collect();
        let covers = |pattern: &str| Pattern::compile(Kind::Glob, pattern, true).is_ok_and(|pattern| pattern.covers_words(&argv));
        proptest::prop_assert!(!hides(&glob(&by), &glob(&narrow)) || !covers(&narrow) || covers(&by));
    }
}
