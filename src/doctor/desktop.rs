//! The desktop: somebody who shows tray icons, and somebody who shows notifications.

use std::time::Duration;

use zbus::fdo::DBusProxy;

use super::Finding;

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
        Ok(Ok(names)) => vec![tray_host(&names), notifications(&names)],
        Ok(Err(error)) => vec![no_bus(&error.to_string())],
        Err(_) => vec![no_bus("it does not answer")],
    }
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

fn tray_host(names: &[String]) -> Finding {
    let check = "tray host";
    if names.iter().any(|name| name == "org.kde.StatusNotifierWatcher") {
        return Finding::ok(check, "the panel shows tray icons");
    }
    Finding::warning(
        check,
        "nobody shows tray icons; popups still appear",
        "GNOME: install gnome-shell-extension-appindicator; sway: waybar; XFCE: the Status Tray plugin of the panel",
    )
}

fn notifications(names: &[String]) -> Finding {
    let check = "notifications";
    if names.iter().any(|name| name == "org.freedesktop.Notifications") {
        return Finding::ok(check, "a notification daemon is there");
    }
    Finding::warning(check, "nobody shows notifications", "install one, such as dunst, mako or xfce4-notifyd")
}
