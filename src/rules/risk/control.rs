//! What decides about requests: ccmon, Claude's settings, and whatever can press keys for the user.
//!
//! Claude's own shell runs as the same user, so anything here could approve its own requests.

use super::call::Call;
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
        let first = call.operands(&["-L", "-S", "-f", "-t", "-c"]).first().map_or("-V", |a| a.text.as_str());
        if !TMUX_LOOKS.contains(&first) || call.args.iter().any(|a| a.text.contains("#(")) {
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
    matches!(name, "xdg-open" | "open" | "gio" | "kde-open" | "gtk-launch" | "sensible-browser")
}

/// Words in arguments that lead to ccmon or to Claude's settings. Commands that only print are left out.
fn reaching(scene: &mut Scene<'_>, call: &Call<'_>) {
    if super::verbs::PRINTS.contains(&call.name.as_str()) {
        return;
    }
    let pattern = usize::from(matches!(call.name.as_str(), "grep" | "rg" | "egrep" | "fgrep" | "ag" | "ack"));
    let message = call.name == "git";
    for arg in call.args.iter().skip(pattern) {
        if !(message && arg.text.contains(char::is_whitespace)) {
            mentions(scene, &arg.text, &arg.span);
        }
    }
}

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
    if port || lower.contains("ccmon") && own.iter().any(|o| lower.contains(o)) && !inside() {
        high(scene, span, "Reaches ccmon itself, which decides what may run without you.");
    } else if claude || scene.target(text).guard == Some(super::paths::Guard::Control) && !text.contains(' ') {
        high(scene, span, "Reaches Claude's or ccmon's settings, which decide what may run without you.");
    }
}

fn high(scene: &mut Scene<'_>, span: &Span, text: &str) {
    scene.high(Category::ControlPlane, span, text);
}
