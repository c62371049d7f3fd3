//! A terminal of its own for one program: a private tmux server, gone when the value is dropped.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use regex::Regex;

use super::{PATIENCE, wait_until};

/// How long a key may take to show its effect before it is pressed again.
const REPEAT: Duration = Duration::from_millis(500);

/// One program in one pane of one tmux server that nobody else uses.
pub struct Tmux {
    server: String,
    environment: Vec<(String, String)>,
}

impl Tmux {
    /// Runs `program` (a command and its arguments) in `directory`, with `environment` and what
    /// tmux adds to it, and nothing else.
    pub fn run(program: &[&str], directory: &Path, environment: &[(String, String)]) -> Tmux {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let tmux =
            Tmux { server: format!("ccmon-test-{}-{number}", std::process::id()), environment: environment.to_vec() };
        let directory = directory.to_str().expect("a path in UTF-8");
        let mut arguments = vec!["start-server", ";"];
        arguments.extend(["set-option", "-g", "remain-on-exit", "on", ";"]);
        arguments.extend(["set-option", "-g", "default-terminal", "tmux-256color", ";"]);
        arguments.extend(["new-session", "-d", "-x", "140", "-y", "50", "-c", directory]);
        arguments.extend(program);
        tmux.tmux(&arguments);
        tmux
    }

    /// Presses keys by their tmux names (`Enter`, `Escape`, `4`).
    pub fn press(&self, keys: &[&str]) {
        let mut arguments = vec!["send-keys"];
        arguments.extend(keys);
        self.tmux(&arguments);
    }

    /// Presses a key again and again until what it is for stands on the screen.
    pub fn press_until(&self, key: &str, text: &str) {
        let mut pressed: Option<Instant> = None;
        let shown = || {
            if self.screen().contains(text) {
                return Some(());
            }
            if pressed.is_none_or(|at| at.elapsed() > REPEAT) {
                pressed = Some(Instant::now());
                self.press(&[key]);
            }
            None
        };
        wait_until(PATIENCE, shown, || format!("{key} never shows {text:?}\n{}", self.screen()));
    }

    /// Sends bytes as they are, such as a terminal's report of a click.
    pub fn send(&self, bytes: &str) {
        let hex: Vec<String> = bytes.bytes().map(|byte| format!("{byte:02x}")).collect();
        let mut arguments = vec!["send-keys", "-H"];
        arguments.extend(hex.iter().map(String::as_str));
        self.tmux(&arguments);
    }

    /// Gives the terminal another size.
    pub fn resize(&self, width: u16, height: u16) {
        self.tmux(&["resize-window", "-x", &width.to_string(), "-y", &height.to_string()]);
    }

    /// Types a line and, once it stands on the screen, Enter.
    pub fn type_line(&self, line: &str) {
        self.tmux(&["send-keys", "-l", line]);
        self.wait_for(&regex::escape(line));
        self.press(&["Enter"]);
    }

    /// What the pane shows, without colours.
    pub fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p"])
    }

    /// Waits until `pattern` stands on the screen.
    pub fn wait_for(&self, pattern: &str) {
        let wanted = Regex::new(pattern).expect("a valid pattern");
        let shown = || wanted.is_match(&self.screen()).then_some(());
        wait_until(PATIENCE, shown, || format!("never on the screen: {pattern}\n{}", self.screen()));
    }

    /// Whether `pattern` stands on the screen now.
    pub fn shows(&self, pattern: &str) -> bool {
        Regex::new(pattern).expect("a valid pattern").is_match(&self.screen())
    }

    /// Waits until the program has ended; its last screen stays readable.
    pub fn wait_for_exit(&self) {
        let ended = || (self.ask("#{pane_dead}") == "1").then_some(());
        wait_until(PATIENCE, ended, || format!("still running:\n{}", self.screen()));
    }

    /// Writes down, from now on, what the program sends to its terminal.
    pub fn record(&self, file: &Path) {
        self.tmux(&["pipe-pane", "-O", &format!("cat >'{}'", file.display())]);
    }

    /// How others reach it: the name of its server.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The pane's id, `%0`.
    pub fn pane(&self) -> String {
        self.ask("#{pane_id}")
    }

    /// The program's process id.
    pub fn pid(&self) -> u32 {
        self.ask("#{pane_pid}").parse().expect("a process id")
    }

    /// Closes the terminal, as a window is closed: the program gets SIGHUP.
    pub fn close(&self) {
        self.tmux(&["kill-pane"]);
    }

    /// What tmux says of the pane, such as `#{alternate_on}`.
    pub fn ask(&self, format: &str) -> String {
        self.tmux(&["display-message", "-p", format]).trim().to_owned()
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        assert!(output.status.success(), "tmux {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn output(&self, arguments: &[&str]) -> Output {
        Command::new("tmux")
            .args(["-L", &self.server, "-f", "/dev/null"])
            .args(arguments)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .output()
            .expect("tmux must be installed: apt-get install tmux")
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let pid = self.output(&["display-message", "-p", "#{pane_pid}"]);
        self.output(&["kill-server"]);
        // Its hooks may still want the directories that the test is about to remove.
        let pid = String::from_utf8_lossy(&pid.stdout).trim().to_owned();
        if !pid.is_empty() && !std::thread::panicking() {
            let gone = || (!Path::new("/proc").join(&pid).exists()).then_some(());
            wait_until(PATIENCE, gone, || format!("process {pid} outlives its terminal"));
        }
    }
}
