//! Where a hook ran. Its process ids count among those of its own machine and pid namespace; only when these are
//! ours does a number say which process it is here.

use std::borrow::Cow;

use ccmon_hook::proc::{self, Stat};
use serde_json::{Map, Value, json};

use super::clock;
use crate::api::carrier;
use crate::locate;

/// The member of a hook's context that is ours to write; whatever a hook says there is taken out.
const FOUND: &str = "away";

/// What tells our own process ids from those of others.
#[derive(Clone, Debug)]
pub struct Home {
    boot: String,
    pids: Option<u64>,
    host: String,
    /// Both, as a hook of this place writes them.
    mark: String,
}

impl Home {
    /// This process's own.
    #[must_use]
    pub fn here() -> Self {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Self::of(clock::boot_id(), proc::pid_namespace(), host)
    }

    fn of(boot: String, pids: Option<u64>, host: String) -> Self {
        let mark = format!("\"boot\":\"{boot}\",\"pids\":{},", pids.unwrap_or_default());
        Self { boot, pids, host, mark }
    }

    /// A hook's context, and in it what is known of where it ran, when that is not simply here. `peer` is who holds
    /// the other end of its connection. Reads `/proc`, for hooks from elsewhere only.
    #[must_use]
    pub fn judge<'a>(&self, context: &'a str, peer: Option<u32>) -> Cow<'a, str> {
        let elsewhere = peer.is_some_and(|peer| self.is_elsewhere(peer));
        if !elsewhere && self.is_marked(context) {
            return Cow::Borrowed(context);
        }
        let Ok(mut told) = serde_json::from_str::<Map<String, Value>>(context) else {
            return Cow::Borrowed(context);
        };
        told.remove(FOUND);
        if elsewhere || !self.is_here(&told) {
            told.insert(FOUND.to_owned(), self.found(&told, peer));
        }
        Cow::Owned(Value::Object(told).to_string())
    }

    /// Whether a hook's context is of this place as it is, with nothing to be added or taken out. Reads `/proc`.
    #[must_use]
    pub fn is_of(&self, context: &str, peer: u32) -> bool {
        self.is_marked(context) && !self.is_elsewhere(peer)
    }

    /// Quotes inside a value have a backslash before them: nothing but a member looks like this.
    fn is_marked(&self, context: &str) -> bool {
        context.contains(&self.mark) && !context.contains("\"away\"")
    }

    /// Whoever it is that speaks through a forward or from a container, it is none of this place, whatever it says.
    /// One that is gone already is believed: hooks are short.
    fn is_elsewhere(&self, peer: u32) -> bool {
        let pids = proc::namespace_of(&peer.to_string());
        pids.is_some() && pids != self.pids || carrier(peer).is_some()
    }

    /// An older hook names its machine alone.
    fn is_here(&self, told: &Map<String, Value>) -> bool {
        let text = |name: &str| told.get(name).and_then(Value::as_str);
        let pids = told.get("pids").and_then(Value::as_u64);
        match text("boot") {
            Some(boot) => boot == self.boot && (pids.is_none() || pids == self.pids),
            None => text("host").is_none_or(|host| host == self.host),
        }
    }

    fn found(&self, told: &Map<String, Value>, peer: Option<u32>) -> Value {
        let id = |pid: u32| Stat::read(pid).map(|stat| json!([pid, stat.start]));
        let name = peer.and_then(carrier);
        let pids = told.get("pids").and_then(Value::as_u64);
        let same_kernel = told.get("boot").and_then(Value::as_str) == Some(&self.boot);
        if same_kernel && name.is_none() {
            let inner = told.get("pid").and_then(Value::as_u64);
            let process = peer.zip(inner).zip(pids).and_then(|((peer, inner), pids)| seen_from_here(peer, inner, pids));
            return json!({ "through": "a container", "process": process.and_then(id) });
        }
        let through = match (name, peer) {
            (Some(name), _) => name,
            (None, Some(peer)) => locate::name(peer).unwrap_or_else(|| "a process that is gone".into()),
            (None, None) => "what it left on disk".into(),
        };
        json!({ "through": through, "relay": peer.and_then(id) })
    }
}

/// The number that a process above `peer` has here, by the one it has in its own namespace.
fn seen_from_here(peer: u32, inner: u64, pids: u64) -> Option<u32> {
    let same = |pid: &u32| proc::namespace_of(&pid.to_string()) == Some(pids);
    locate::ancestry(peer).into_iter().take_while(same).find(|pid| innermost(*pid) == Some(inner))
}

/// The number that a process has in its own namespace, see proc_pid_status(5).
fn innermost(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let numbers = status.lines().find_map(|line| line.strip_prefix("NSpid:"))?;
    numbers.split_ascii_whitespace().last()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> Home {
        Home::of("b-1".into(), proc::pid_namespace(), "box".into())
    }

    /// What is found of a context, when something is.
    fn found(context: &Value, peer: Option<u32>) -> Option<Value> {
        let judged: Value = serde_json::from_str(&home().judge(&context.to_string(), peer)).unwrap();
        judged.get(FOUND).cloned()
    }

    #[test]
    fn a_hook_of_this_place_is_left_as_it_came() {
        let (own, pids) = (std::process::id(), proc::pid_namespace().unwrap());
        let context = format!(r#"{{"v":1,"id":"00","pid":5,"host":"box","boot":"b-1","pids":{pids},"env":{{}}}}"#);
        for peer in [None, Some(own), Some(u32::MAX)] {
            assert!(matches!(home().judge(&context, peer), Cow::Borrowed(same) if same == context));
        }
        assert_eq!(found(&json!({ "host": "box" }), None), None, "an older hook's");
        assert_eq!(found(&json!({ "boot": "b-1", "host": "renamed since" }), None), None);
        assert_eq!(home().judge("{", None), "{");
    }

    #[test]
    fn what_a_hook_says_of_itself_here_is_not_believed() {
        let away = json!({ "through": "me", "process": [1, 1] });
        let forged = json!({ "boot": "b-1", "pids": proc::pid_namespace(), "away": away, "env": {} });
        assert_eq!(found(&forged, None), None);
        let forged = json!({ "boot": "b-2", "pids": 17, "away": away });
        assert_eq!(found(&forged, None), Some(json!({ "through": "what it left on disk", "relay": null })));
        // A container knows our boot id, and may know the number of our namespace.
        let inside = Home { pids: Some(1), ..home() };
        let own = json!({ "boot": "b-1", "pids": 1, "pid": 5, "start": 9 }).to_string();
        assert!(inside.judge(&own, Some(std::process::id())).contains("a container"));
    }

    #[test]
    fn what_comes_from_elsewhere_is_no_process_of_ours() {
        let own = std::process::id();
        let start = Stat::read(own).unwrap().start;
        let heard = json!({ "through": locate::name(own), "relay": [own, start] });
        for away in [json!({ "boot": "b-2", "pids": 17 }), json!({ "host": "other" })] {
            assert_eq!(found(&away, Some(own)), Some(heard.clone()), "{away}");
        }
        let container = json!({ "boot": "b-1", "pids": 18, "pid": own });
        assert_eq!(found(&container, Some(own)), Some(json!({ "through": "a container", "process": null })));
    }

    #[test]
    fn a_process_of_a_namespace_is_found_above_its_hook() {
        let (own, pids) = (std::process::id(), proc::pid_namespace().unwrap());
        let inner = innermost(own).unwrap();
        assert_eq!(seen_from_here(own, inner, pids), Some(own));
        assert_eq!(seen_from_here(own, inner, pids + 1), None);
        assert_eq!(seen_from_here(own, u64::MAX, pids), None);
    }
}
