//! The desktop: somebody who shows tray icons, somebody who shows notifications, somebody who opens our links.

use std::time::Duration;

use zbus::fdo::DBusProxy;

use super::{Finding, links};

/// A bus that does not answer within this is as good as none.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) async fn look() -> Vec<Finding> {
    let desktop = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    if !desktop {
        return vec![Finding::warning(
            "desktop",
            "neither DISPLAY nor WAYLAND_DISPLAY is set",
            "without a desktop, `ccmon daemon` and the command line do everything but the popups",
        )];
    }
    match tokio::time::timeout(PATIENCE, names()).await {
        Ok(Ok(names)) => vec![tray_host(&names, &named()), notifications(&names), links::look()],
        Ok(Err(error)) => vec![no_bus(&error.to_string()), links::look()],
        Err(_) => vec![no_bus("it does not answer"), links::look()],
    }
}

/// What the desktop calls itself, such as `ubuntu:GNOME`.
fn named() -> String {
    std::env::var("XDG_CURRENT_DESKTOP").unwrap_or_default()
}

/// Every name on the session bus, running or to be started on demand.
async fn names() -> zbus::Result<Vec<String>> {
    let bus = DBusProxy::new(&zbus::Connection::session().await?).await?;
    let mut names: Vec<String> = bus.list_names().await?.iter().map(ToString::to_string).collect();
    names.extend(bus.list_activatable_names().await?.iter().map(ToString::to_string));
    Ok(names)
}

fn no_bus(why: &str) -> Finding {
    Finding::failed(
        "D-Bus",
        format!("no session bus: {why}"),
        "log in to a desktop session, or start one with dbus-run-session; the tray icon needs it",
    )
}

fn tray_host(names: &[String], desktop: &str) -> Finding {
    let check = "tray host";
    if names.iter().any(|name| name == "org.kde.StatusNotifierWatcher") {
        return Finding::ok(check, "the panel shows tray icons");
    }
    Finding::warning(check, "nobody shows tray icons; popups still appear", panel_for(desktop))
}

/// Which panel shows icons of the kind that we have, on a desktop that calls itself so.
fn panel_for(desktop: &str) -> &'static str {
    let known = |name: &str| PANELS.iter().find(|(desktop, _)| desktop.eq_ignore_ascii_case(name));
    desktop.split(':').find_map(known).map_or(ANY_PANEL, |(_, panel)| panel)
}

/// Bars of bare compositors.
const WAYBAR: &str = "run waybar with the module `tray` in its configuration";

/// What to do, by the name that a desktop gives itself.
const PANELS: [(&str, &str); 11] = [
    (
        "GNOME",
        "`sudo apt install gnome-shell-extension-appindicator`, log out and in again, and switch AppIndicator on in \
         the program Extensions",
    ),
    ("KDE", "add the widget System Tray to the panel"),
    ("XFCE", "add the Status Tray Plugin to the panel: Panel Preferences, Items"),
    ("X-Cinnamon", "add the applet XApp Status to the panel"),
    ("LXQt", "add the plugin Status Notifier to the panel"),
    ("sway", "let swaybar show icons (`tray_output *` in its `bar` block), or run waybar with the module `tray`"),
    ("Hyprland", WAYBAR),
    ("niri", WAYBAR),
    ("river", WAYBAR),
    ("wlroots", WAYBAR),
    (
        "i3",
        "i3bar knows only an older kind of icons: run `snixembed`, which translates, or a panel such as xfce4-panel",
    ),
];
const ANY_PANEL: &str = "run a panel that shows StatusNotifier icons, such as waybar with its module `tray`, or \
                         xfce4-panel with its Status Tray Plugin";

fn notifications(names: &[String]) -> Finding {
    let check = "notifications";
    if names.iter().any(|name| name == "org.freedesktop.Notifications") {
        return Finding::ok(check, "a notification daemon is there");
    }
    Finding::warning(check, "nobody shows notifications", "install one, such as dunst, mako or xfce4-notifyd")
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn who_lacks_a_panel_is_told_what_their_desktop_has() {
        let told = |desktop| tray_host(&[], desktop).remedy.unwrap_or_default();
        assert!(told("ubuntu:GNOME").contains("gnome-shell-extension-appindicator"));
        assert!(told("XFCE").contains("Status Tray Plugin") && told("xfce").contains("Panel Preferences"));
        assert!(told("i3").contains("snixembed") && told("sway").contains("tray_output"));
        assert!(told("").contains("StatusNotifier") && told("Enlightenment").contains("waybar"));
        let there = tray_host(&["org.kde.StatusNotifierWatcher".into()], "i3");
        assert_eq!((there.result, there.remedy), (Verdict::Ok, None));
    }
}
