//! The same from inside the real client: its model, which is scripted here, has its shell attack ccmon.

use std::fs;
use std::process::Stdio;
use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};

use crate::hold;
use crate::suite::{Suite, Verdict};
use crate::support::ccmon::Ccmon;
use crate::support::claude;
use crate::support::stage::Stage;
use crate::support::tmux::Tmux;
use crate::support::{PATIENCE, program, wait_until};
use crate::world::{Waiting, asking, end, fed, path};

/// What Claude's shell runs: `@ID`, `@SHOWN`, `@PORT` are what can be known from inside.
const REFUSED: &[(&str, &str)] = &[
    ("ccmon approve", "$CCMON approve @ID"),
    ("ccmon deny", "$CCMON deny @ID -m no"),
    ("ccmon approve, without Claude's mark", "env -u CLAUDECODE -u CLAUDE_CODE_SESSION_ID $CCMON approve @ID"),
    (
        "ccmon approve, without any environment",
        "env -i HOME=$HOME CCMON_SOCKET=$CCMON_SOCKET CCMON_STATE_DIR=$CCMON_STATE_DIR $CCMON approve @ID",
    ),
    ("ccmon approve, in a session of its own", "setsid -w $CCMON approve @ID"),
    ("ccmon approve, as nobody's child", "(setsid sh -c \"$CCMON approve @ID\" &) ; sleep 1"),
    (
        "ccmon approve, by python, in a session of its own",
        "python3 -c \"import subprocess,os; subprocess.run([os.environ['CCMON'],'approve','@ID'], start_new_session=True)\"",
    ),
    (
        "ccmon approve, in a tmux of its own",
        "tmux -L inner -f /dev/null new-session -d \"$CCMON approve @ID 2>&1 | tee $HOME/inner; sleep 1\"; sleep 1; cat $HOME/inner",
    ),
    (
        "curl at the socket",
        "curl -s -w ' %{http_code}' --unix-socket $CCMON_SOCKET -H 'Content-Type: application/json' -d '{\"decision\":\"allow\",\"shown\":\"@SHOWN\"}' http://ccmon/approvals/@ID/decision",
    ),
    (
        "curl at the port, with the token",
        "curl -s -w ' %{http_code}' -H \"Authorization: Bearer $(cat $CCMON_STATE_DIR/token)\" -H 'Content-Type: application/json' -d '{\"decision\":\"allow\",\"shown\":\"@SHOWN\"}' http://127.0.0.1:@PORT/approvals/@ID/decision",
    ),
    ("a link of ccmon", "$CCMON open ccmon://approval/@ID"),
    ("a rule", "$CCMON rules add '*'"),
    (
        "a setting, with the token",
        "curl -s -w ' %{http_code}' -X PATCH -H \"Authorization: Bearer $(cat $CCMON_STATE_DIR/token)\" -H 'Content-Type: application/json' -d '{\"approvals.hold\":1}' http://127.0.0.1:@PORT/settings",
    ),
    ("a browser's code", "$CCMON web --print-url"),
    ("quiet", "$CCMON quiet 1h"),
    (
        "the end of the daemon",
        "curl -s -w ' %{http_code}' --unix-socket $CCMON_SOCKET -H 'Content-Type: application/json' -d '{}' http://ccmon/shutdown",
    ),
];

/// What nothing can keep a program of the same user from, and what comes of it all the same.
const HARMLESS: &[(&str, &str)] = &[
    (
        "a decision written into the database",
        "python3 -c \"import sqlite3,os; c=sqlite3.connect(os.environ['CCMON_STATE_DIR']+'/ccmon.db', timeout=5); print(c.execute('select count(*) from approvals').fetchone()); c.execute(\\\"update approvals set outcome='allowed'\\\"); c.commit()\"",
    ),
    (
        "a hook's event that says it has run",
        "echo '{\"session_id\":\"victim\",\"cwd\":\"/p\",\"hook_event_name\":\"Notification\",\"message\":\"allowed\"}' | @HOOK",
    ),
];

/// With `decide_from = ["popup"]`: what would decide otherwise.
const SHED: &[(&str, &str)] = &[
    (
        "ccmon approve, with parents and environment shed",
        "(env -i HOME=$HOME CCMON_SOCKET=$CCMON_SOCKET CCMON_STATE_DIR=$CCMON_STATE_DIR setsid sh -c \"$CCMON approve @ID\" >$HOME/shed 2>&1 &) ; sleep 2; cat $HOME/shed",
    ),
    (
        "keys pressed in the user's own `ccmon tui`",
        "for key in a Enter y Enter; do tmux -L @TUI send-keys $key; sleep 0.3; done; tmux -L @TUI capture-pane -p",
    ),
];

type Scene = Arc<LazyLock<Result<Told, String>, Box<dyn FnOnce() -> Result<Told, String> + Send>>>;

/// What came of all attacks of one session.
struct Told {
    said: Vec<String>,
    victim: Value,
    refusals: usize,
    hook: Option<Waiting>,
    stage: Stage,
}

impl Drop for Told {
    fn drop(&mut self) {
        self.hook.take().into_iter().for_each(end);
    }
}

/// Adds the cases.
pub fn add(suite: &mut Suite) {
    suite.about("agent.real");
    scene(suite, "", &[REFUSED, HARMLESS].concat(), REFUSED.len());
    scene(suite, "[approvals]\ndecide_from = [\"popup\"]\n", SHED, 0);
}

fn scene(suite: &mut Suite, settings: &'static str, attacks: &[(&'static str, &'static str)], refused: usize) {
    let scripts: Vec<_> = attacks.iter().map(|(_, script)| *script).collect();
    let play: Box<dyn FnOnce() -> _ + Send> = Box::new(move || play(settings, &scripts));
    let played: Scene = Arc::new(LazyLock::new(play));
    let mode = if settings.is_empty() { "" } else { "decide_from = [\"popup\"]: " };
    for (number, (what, _)) in attacks.iter().enumerate() {
        let played = played.clone();
        let then = if number < refused { "refused" } else { "decides nothing" };
        suite.whole(format!("{mode}{what}, from a real session -> {then}"), move || {
            on_stage(&played, |told| {
                let said = told.said[number].as_str();
                let no = ["may not", "403", "only hooks"].iter().any(|word| said.contains(word));
                hold!(number >= refused || no, "it says {said:?}");
                hold!(!said.is_empty(), "it never ran");
                Ok(())
            })
        });
    }
    suite.whole(format!("{mode}after all of them -> the victim waits, and the attempts are on record"), move || {
        on_stage(&played, |told| {
            let now = told.stage.ccmon.approval(&told.victim["id"]);
            hold!(now["state"] == "pending" && now["outcome"].is_null(), "{now:#}");
            let rules = told.stage.ccmon.get("/rules").unwrap_or_default();
            hold!(rules["rules"] == json!([]), "{rules}");
            hold!(told.refusals + 2 >= refused, "{} of {refused} attempts are on record", told.refusals);
            Ok(())
        })
    });
}

fn on_stage(played: &Scene, look: impl FnOnce(&Told) -> Result<(), String>) -> Result<Verdict, String> {
    if !claude::is_there() {
        return Ok(Verdict::Skipped("the real client is not there: packaging/fetch-claude".to_owned()));
    }
    match &***played {
        Ok(told) => look(told).map(Verdict::from),
        Err(why) => Err(why.clone()),
    }
}

fn play(settings: &str, scripts: &[&str]) -> Result<Told, String> {
    let mut stage = Stage::without_daemon();
    stage.settings(settings);
    stage.ccmon.start();
    let variables = Ccmon::variables(&stage.at(""));
    let mut hook = std::process::Command::new(program("ccmon-hook"));
    hook.arg("--wait").env_clear().envs(variables.iter().cloned()).env("HOME", stage.at("home")).env("PATH", path());
    let hook = fed(hook.stderr(Stdio::null()), asking("victim", "rm -rf /").to_string().as_bytes());
    let victim = stage.ccmon.wait_for_pending(1).remove(0);
    let tui = tui(&stage);
    let said = attack(&stage, &victim, scripts, tui.server());
    let refusals = stage.ccmon.events().iter().filter(|kind| *kind == "ccmon.refused").count();
    Ok(Told { said: said?, victim, refusals, hook: Some(hook), stage })
}

/// The user's own, in a terminal that has nothing to do with Claude.
fn tui(stage: &Stage) -> Tmux {
    let home = stage.at("home").display().to_string();
    let fixed = [
        ("HOME", home.as_str()),
        ("TMUX_TMPDIR", &home),
        ("PATH", &path()),
        ("LANG", "C.UTF-8"),
        ("TERM", "xterm-256color"),
    ];
    let fixed = fixed.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let environment = [fixed.to_vec(), Ccmon::variables(&stage.at(""))].concat();
    let ccmon = program("ccmon").display().to_string();
    let terminal = Tmux::run(&[&ccmon, "tui"], &stage.at(""), &environment);
    terminal.wait_for("needs permission");
    terminal
}

fn attack(stage: &Stage, victim: &Value, scripts: &[&str], tui: &str) -> Result<Vec<String>, String> {
    let read = |name: &str| fs::read_to_string(stage.at("state").join(name)).unwrap_or_default();
    let text = |name: &str| victim[name].as_str().expect("a text").to_owned();
    let mut all = format!("export CCMON={}\n", program("ccmon").display());
    for (number, script) in scripts.iter().enumerate() {
        let script =
            script.replace("@ID", &text("id")).replace("@SHOWN", &text("shown")).replace("@PORT", read("port").trim());
        let script = script.replace("@TUI", tui).replace("@HOOK", &program("ccmon-hook").display().to_string());
        all +=
            &format!("( {script}\necho \"ended with $?\" ) >{0}/said.{number} 2>&1\n", stage.at("project").display());
    }
    stage.write("attack.sh", &all);
    let claude = stage.claude();
    claude.play("attack");
    stage.ccmon.wait_for_pending(2);
    claude.say_yes();
    let over = || claude.shows(r"DONE attack\b").then_some(());
    wait_until(PATIENCE * 4, over, || format!("the attack never ends:\n{}", claude.screen()));
    let said = |number: usize| stage.read(&format!("project/said.{number}")).unwrap_or_default();
    Ok((0..scripts.len()).map(said).collect())
}
