//! The interface in a popup of tmux, and the way from there to a session.

use std::process::{Child, Command};

use serde_json::json;

use crate::Place;
use crate::support::tmux::Tmux;
use crate::support::{PATIENCE, wait_until};

/// A tmux server whose only client sits in another tmux, so that its popups can be seen.
struct Nested {
    outer: Tmux,
    server: String,
    environment: Vec<(String, String)>,
}

impl Nested {
    fn start(place: &Place) -> Self {
        let server = format!("ccmon-popup-{}", std::process::id());
        let script = format!("env -u TMUX tmux -L {server} -f /dev/null new-session 'sh -c \"echo ready; exec cat\"'");
        let nested = Self { outer: place.shell(&script, 120, 40), server, environment: place.environment() };
        nested.outer.wait_for("ready");
        nested
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("tmux");
        command.args(["-L", &self.server]).args(arguments).env_clear().envs(self.environment.iter().cloned());
        command
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("tmux starts");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    fn popup(&self) -> Child {
        let program = format!("{} tui --exit-after-jump", env!("CARGO_BIN_EXE_ccmon"));
        let mut command = self.command(&["display-popup", "-w", "82", "-h", "26", "-E", &program]);
        command.spawn().expect("tmux starts")
    }

    /// Waits until the popup is: the outer tmux draws a moment later than the inner one.
    fn is_gone(&self) {
        let gone = || (!self.outer.shows("❯ ccmon ")).then_some(());
        wait_until(PATIENCE, gone, || self.outer.screen());
    }
}

impl Drop for Nested {
    fn drop(&mut self) {
        let _ = self.command(&["kill-server"]).output();
    }
}

#[test]
fn a_popup_of_tmux_leads_to_a_session_and_is_gone() {
    let mut place = Place::new();
    let nested = Nested::start(&place);
    let format = "#{pane_id} #{pane_pid} #{socket_path},#{pid},0";
    let told = nested.tmux(&["new-window", "-d", "-P", "-F", format, "sh -c 'echo here it is; exec cat'"]);
    let [pane, pid, tmux] = told.splitn(3, ' ').collect::<Vec<_>>()[..] else { panic!("{told}") };
    place.extra =
        [("TMUX", tmux), ("TMUX_PANE", pane), ("CLAUDE_PID", pid)].map(|(n, v)| (n.into(), v.into())).to_vec();
    place.event("one", "/srv/docs-site", &json!({}));

    let mut popup = nested.popup();
    nested.outer.wait_for(r"(?s)❯ ccmon .* live\b.*❯ docs-site +working");
    nested.outer.press(&["q"]);
    assert!(popup.wait().expect("a child of ours").success());
    nested.is_gone();

    let mut popup = nested.popup();
    nested.outer.wait_for(r"❯ docs-site +working");
    nested.outer.press(&["Enter"]);
    nested.outer.wait_for("here it is");
    assert!(popup.wait().expect("a child of ours").success());
    nested.is_gone();
}
