//! What decides about requests: ccmon, Claude's settings, and whatever can press keys for the user.
//!
//! Claude's own shell runs as the same user, so anything here could approve its own requests.

use super::call::{Arg, Call};
use super::scene::Scene;
use super::value::Category;
use crate::rules::shell::Span;

/// Programs that press keys, click, or speak to other programs on the user's behalf.
#[rustfmt::skip]
const PUPPETEERS: &[&str] = &[
    "xdotool", "ydotool", "ydotoold", "wtype", "dotool", "xte", "xvkbd", "dbus-send", "busctl", "gdbus", "qdbus",
    "qdbus6", "qdbus-qt5", "dbus-monitor", "wmctrl", "kdotool", "swaymsg", "hyprctl", "i3-msg", "niri",
    "xclip-notify", "screen", "zellij", "wlrctl", "kitty", "kitten", "wezterm", "at-spi2", "xinput", "evemu-event",
    "uinput", "makoctl", "dunstctl", "swaync-client", "fnottctl", "qdbus-qt6", "awesome-client",
];
/// tmux commands that only look.
#[rustfmt::skip]
const TMUX_LOOKS: &[&str] = &[
    "ls", "list-sessions", "list-windows", "list-panes", "lsp", "lsw", "display-message", "display", "show-options",
    "show", "has-session", "has", "info", "list-keys", "list-clients", "lsc", "list-commands", "-V",
    "show-environment", "list-buffers",
];

/// Looks whether a command reaches what decides; `true` when nothing else need be said about it.
pub fn look(scene: &mut Scene<'_>, call: &Call<'_>) -> bool {
    let name = call.name.as_str();
    if name == "ccmon" || name.starts_with("ccmon-") {
        high(scene, &call.span, "Reaches ccmon itself, which decides what may run without you.");
        return true;
    }
    if name == "claude" {
        if call.args.len() == 1 && (call.args[0].is("--version") || call.args[0].is("-v") || call.args[0].is("--help"))
        {
            return true;
        }
        high(scene, &call.span, "Starts another Claude or changes its settings, outside the requests you see.");
        return true;
    }
    if PUPPETEERS.contains(&name) {
        let text = format!("{name} can press keys or send messages in your name, and so approve requests.");
        high(scene, &call.span, &text);
        return true;
    }
    if name == "tmux" {
        let first = call.operands(TMUX_TAKES).first().map_or("-V", |a| a.text.as_str());
        if !TMUX_LOOKS.contains(&first) || tmux_runs(call) {
            high(scene, &call.span, "Reaches into terminals through tmux, where it can type and approve requests.");
        }
        return true;
    }
    if matches!(name, "xdg-open" | "open" | "gio" | "kde-open" | "gtk-launch" | "sensible-browser") {
        let ours = call.args.iter().any(|a| a.text.to_ascii_lowercase().contains("ccmon"));
        if !ours {
            scene.medium(Category::Unknown, &call.span, "Opens something with another program of the desktop.");
        }
    }
    reaching(scene, call);
    swallows(scene, call);
    matches!(name, "xdg-open" | "open" | "gio" | "kde-open" | "gtk-launch" | "sensible-browser")
}

/// Options of tmux itself that have a value.
const TMUX_TAKES: &[&str] = &["-L", "-S", "-f", "-t", "-c", "-T"];

/// Whether tmux runs something beside the command that is named first: one within a format, one behind a `;`,
/// what `-c` says, or a file of commands by `-f`.
fn tmux_runs(call: &Call<'_>) -> bool {
    let mut own = call.args.iter();
    while let Some(arg) = own.next().filter(|a| a.is_option()) {
        if arg.text.contains(['c', 'f']) {
            return true;
        }
        if TMUX_TAKES.contains(&arg.text.as_str()) {
            own.next();
        }
    }
    call.args.iter().any(|a| a.text.contains("#(") || a.text.ends_with(';'))
}

/// Programs that read what is in a folder, and all below it, and the options by which they do.
#[rustfmt::skip]
const DEEP: &[(&str, &[&str])] = &[
    ("grep", &["-r", "-R", "--recursive", "--dereference-recursive"]), ("egrep", &["-r", "-R"]), ("fgrep", &["-r", "-R"]),
    ("rg", &["-u", "-.", "--hidden", "--unrestricted"]), ("ag", &["-u", "-a", "--hidden", "--unrestricted"]),
    ("cp", &["-r", "-R", "-a", "--recursive", "--archive"]), ("rsync", &["-r", "-a", "--recursive", "--archive"]),
    ("zip", &["-r", "--recurse-paths"]), ("tar", &[]), ("gtar", &[]), ("bsdtar", &[]), ("7z", &[]), ("cpio", &[]),
];

/// The whole home, or what it lies in, or what ccmon's own files lie in: keys are among what is read.
fn swallows(scene: &mut Scene<'_>, call: &Call<'_>) {
    let Some((_, options)) = DEEP.iter().find(|(name, _)| *name == call.name) else { return };
    if !options.is_empty() && !call.has(options) {
        return;
    }
    let pattern = usize::from(call.name.ends_with("grep") || matches!(call.name.as_str(), "rg" | "ag"));
    for arg in call.operands(&["-A", "-B", "-C", "-m", "-e", "-f"]).into_iter().skip(pattern) {
        let from = scene.target(&arg.text).path;
        let home = Some(&scene.place.home).filter(|home| !home.is_empty());
        if scene.place.own.iter().chain(home).any(|own| from == "/" || super::paths::under(own, &from)) {
            let text =
                format!("Reads all that is in {}, keys and tokens included.", super::deception::shown(&arg.text));
            scene.high(Category::Secret, &arg.span, text);
        }
    }
}

/// Words in arguments that lead to ccmon or to Claude's settings. Commands that only print are left out.
fn reaching(scene: &mut Scene<'_>, call: &Call<'_>) {
    if super::verbs::PRINTS.contains(&call.name.as_str()) {
        return;
    }
    // What is looked for is no path; given by an option, the first word is one.
    let finds = matches!(call.name.as_str(), "grep" | "rg" | "egrep" | "fgrep" | "ag" | "ack");
    let mut pattern = finds && !call.has(&["-e", "-f", "--regexp", "--file"]);
    let message = call.name == "git";
    for arg in call.args {
        let looked_for = !arg.is_option() && std::mem::take(&mut pattern);
        let said = message && arg.text.contains(char::is_whitespace);
        if !(looked_for || said) {
            reached(scene, arg);
        }
    }
}

/// Looks whether a word leads to ccmon or to Claude's settings.
pub fn reached(scene: &mut Scene<'_>, arg: &Arg) {
    let raw = scene.line.get(arg.span.clone()).unwrap_or_default();
    // `$CCMON_STATE_DIR/token`: by the variable that says where it is.
    if OWN_VARIABLES.iter().any(|name| raw.contains(name)) {
        high(scene, &arg.span, REACHES);
    } else {
        mentions(scene, &arg.text, &arg.span);
    }
}

const OWN_VARIABLES: &[&str] = &["$CCMON_", "${CCMON_", "$CLAUDE_CONFIG_DIR", "${CLAUDE_CONFIG_DIR"];

const REACHES: &str = "Reaches ccmon's own files or Claude's settings, which decide what may run without you.";

/// A finding when `text` leads to ccmon's files or address, or to Claude's settings.
pub fn mentions(scene: &mut Scene<'_>, text: &str, span: &Span) {
    let lower = text.to_ascii_lowercase();
    let port =
        lower.contains(":7777") && ["127.0.0.1:7777", "localhost:7777", "[::1]:7777"].iter().any(|a| lower.contains(a));
    let own = [
        "ccmon://",
        "ccmon.sock",
        "ccmon.db",
        "ccmon/token",
        "ccmon/port",
        "config/ccmon",
        "share/ccmon",
        "state/ccmon",
        "run/ccmon",
        "ccmon-hook",
        "/ccmon/",
        "org.ccmon",
        "ccmon.service",
    ];
    let claude = lower.contains(".claude/settings")
        || lower.contains(".claude/hooks")
        || lower.contains(".claude.json")
        || lower.contains("managed-settings.json");
    let inside = || super::paths::under(&lower, &scene.place.project.to_ascii_lowercase());
    let owned = scene.place.own.iter().any(|own| names(text, own));
    if owned {
        high(scene, span, REACHES);
    } else if port || lower.contains("ccmon") && own.iter().any(|o| lower.contains(o)) && !inside() {
        high(scene, span, "Reaches ccmon itself, which decides what may run without you.");
    } else if claude || scene.target(text).guard == Some(super::paths::Guard::Control) && !text.contains(' ') {
        high(scene, span, "Reaches Claude's or ccmon's settings, which decide what may run without you.");
    }
}

/// Whether `text` has the path `own` in it, as a whole: `--file=/srv/ccmon/token`, not `/srv/ccmon2`.
fn names(text: &str, own: &str) -> bool {
    let ends = |rest: &str| {
        !rest.starts_with(|c: char| c.is_alphanumeric() || "_-.".contains(c)) && !rest.starts_with("/projects")
    };
    text.match_indices(own).any(|(at, _)| ends(&text[at + own.len()..]))
}

fn high(scene: &mut Scene<'_>, span: &Span, text: &str) {
    scene.high(Category::ControlPlane, span, text);
}
