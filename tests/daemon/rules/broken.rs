//! Stored rules that cannot be used, or not even read: then nothing is automatic.

use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::{Ruled, allowed, rule};
use crate::request;
use crate::support::{PATIENCE, wait_until};

/// A daemon with two rules, one of which is spoilt in the store.
struct Spoilt {
    ruled: Ruled,
    daemon: Child,
}

impl Spoilt {
    fn new(spoil: &str) -> Self {
        let mut ruled = Ruled::new();
        ruled.add(&rule("allow", "touch *"));
        ruled.add(&rule("deny", "npm *"));
        ruled.place.ccmon.kill();
        let sql = "UPDATE rules SET rule = ?1 WHERE id = 2";
        assert_eq!(ruled.database().execute(sql, [spoil]), Ok(1));
        let mut command: Command = ruled.place.command(env!("CARGO_BIN_EXE_ccmon").as_ref());
        let quiet = command.arg("daemon").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let daemon = quiet.spawn().expect("ccmon starts");
        let spoilt = Self { ruled, daemon };
        let troubled = || spoilt.ruled.place.ccmon.get("/healthz").filter(|health| health["status"] == "trouble");
        wait_until(PATIENCE, troubled, || "the daemon never says that something is wrong".into());
        spoilt
    }

    fn health(&self) -> Value {
        self.ruled.place.ccmon.get("/healthz").expect("health")
    }

    fn stored(&self) -> Vec<(i64, String)> {
        let database = self.ruled.database();
        let mut all = database.prepare("SELECT id, rule FROM rules ORDER BY position").expect("a query");
        let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
        rows.map(|row| row.expect("a row")).collect()
    }

    /// Nothing is decided by a rule, and everybody is told.
    fn check_asks(&self, why: &str) {
        let health = self.health();
        assert_eq!(health["status"], "trouble");
        let list = self.ruled.place.ccmon.get("/rules").expect("the rules");
        for told in [&health["trouble"], &list["broken"]] {
            assert!(told.as_str().is_some_and(|text| text.contains(why)), "{told}");
        }
        for command in ["touch foo", "npm i"] {
            let settled = self.ruled.asked_and_allowed(&request("one", command));
            assert_eq!((&settled["by"], &settled["rule"]), (&json!("cli"), &Value::Null), "{command}");
        }
    }
}

impl Drop for Spoilt {
    fn drop(&mut self) {
        // It may have ended; then there is nothing to end.
        drop(self.daemon.kill());
        drop(self.daemon.wait());
    }
}

#[test]
fn with_a_pattern_that_cannot_be_used_everything_is_asked_until_it_is_removed() {
    let bad = json!({ "name": "bad one", "tool": "Bash", "kind": "regex", "pattern": "npm (", "action": "deny",
                      "lasts": "forever" });
    let spoilt = Spoilt::new(&bad.to_string());
    spoilt.check_asks("bad one");
    assert_eq!(spoilt.ruled.names(), ["touch *", "bad one"], "it can be seen");
    let (status, problem) = spoilt.ruled.ask("POST", "/rules", &rule("allow", "make *"));
    assert_eq!(status, 422, "{problem}");

    spoilt.ruled.good("DELETE", "/rules/2", &Value::Null);
    assert_eq!(spoilt.ruled.answered("one", "touch foo"), allowed());
    assert_eq!(spoilt.ruled.place.ccmon.get("/rules").expect("the rules")["broken"], Value::Null);
    assert_eq!((&spoilt.health()["status"], &spoilt.health()["trouble"]), (&json!("ok"), &Value::Null));
}

#[test]
fn rules_that_cannot_be_read_are_not_lost_for_a_change() {
    for rubbish in ["rubbish", r#"{"name":"x","tool":"Bash","kind":"semver","pattern":"x","action":"allow"}"#] {
        let spoilt = Spoilt::new(rubbish);
        spoilt.check_asks("rule 2");
        let before = spoilt.stored();
        let (status, problem) = spoilt.ruled.ask("POST", "/rules", &rule("allow", "make *"));
        assert_eq!(status, 422, "{problem}");
        let adds = json!({ "toml": "[[rule]]\nname = \"x\"\naction = \"allow\"\nglob = \"make *\"\n" });
        assert_eq!(spoilt.ruled.ask("POST", "/rules/import", &adds).0, 422);
        assert_eq!(spoilt.ruled.ask("DELETE", "/rules/1", &Value::Null).0, 404);
        spoilt.ruled.good("POST", "/rules/pause", &Value::Null);
        assert_eq!(spoilt.stored(), before);
        spoilt.ruled.good("POST", "/rules/resume", &Value::Null);
        spoilt.check_asks("rule 2");

        let replaces = json!({ "toml": adds["toml"], "replace": true });
        assert_eq!(spoilt.ruled.good("POST", "/rules/import", &replaces)["ids"], json!([3]), "a new number");
        assert_eq!(spoilt.ruled.answered("one", "make all"), allowed());
        assert_eq!(spoilt.health()["status"], "ok");
        assert_eq!(spoilt.stored().len(), 1);
    }
}
