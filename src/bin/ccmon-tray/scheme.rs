//! Light or dark where the engine does not hear of it: it is told as by the user's own wish, for as long as the
//! desktop is dark.

use std::cell::Cell;
use std::rc::Rc;

use gtk::gio::{self, BusType, DBusCallFlags, DBusConnection, DBusSignalFlags};
use gtk::glib::{MainContext, Variant, VariantTy};
use gtk::prelude::*;

/// <https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.Settings.html>
const SERVICE: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
const SETTINGS: &str = "org.freedesktop.portal.Settings";
const APPEARANCE: &str = "org.freedesktop.appearance";
const SCHEME: &str = "color-scheme";
/// Of that: dark is preferred.
const DARK: u32 = 1;
/// A portal that has to be started takes its time, and nobody waits for it.
const PATIENCE_MS: i32 = 25_000;

/// What tells of the dark besides GTK's own settings.
struct Night {
    settings: gtk::Settings,
    /// The portal does.
    portal: Cell<bool>,
    /// GTK was told.
    turned: Cell<bool>,
}

impl Night {
    fn see(&self) {
        // The inverse theme of high contrast is dark, and only its name tells.
        let inverse = self.settings.gtk_theme_name().is_some_and(|name| name == "HighContrastInverse");
        let (dark, turned) = (inverse || self.portal.get(), self.turned.get());
        if dark != turned && (turned || !self.settings.is_gtk_application_prefer_dark_theme()) {
            self.turned.set(dark);
            self.settings.set_gtk_application_prefer_dark_theme(dark);
        }
    }

    fn hear(&self, scheme: &Variant) {
        self.portal.set(number(scheme) == Some(DARK));
        self.see();
    }
}

/// Turns these settings dark, and light again, with the desktop.
pub fn follow(settings: &gtk::Settings) {
    let night = Night { settings: settings.clone(), portal: Cell::new(false), turned: Cell::new(false) };
    let night = Rc::new(night);
    night.see();
    let themes = Rc::clone(&night);
    settings.connect_gtk_theme_name_notify(move |_| themes.see());
    MainContext::default().spawn_local(async move {
        // Where there is no bus or no portal, GTK's settings are all there is.
        if let Ok(bus) = gio::bus_get_future(BusType::Session).await {
            listen(&bus, &night);
            ask(&bus, &night).await;
        }
    });
}

fn listen(bus: &DBusConnection, night: &Rc<Night>) {
    let night = Rc::clone(night);
    let changed = move |_: &DBusConnection, _: &str, _: &str, _: &str, _: &str, told: &Variant| {
        if told.n_children() == 3 && told.child_value(1).str() == Some(SCHEME) {
            night.hear(&told.child_value(2));
        }
    };
    let (signal, about) = (Some("SettingChanged"), Some(APPEARANCE));
    // For as long as the program runs.
    bus.signal_subscribe(Some(SERVICE), Some(SETTINGS), signal, Some(PATH), about, DBusSignalFlags::NONE, changed);
}

async fn ask(bus: &DBusConnection, night: &Night) {
    let what = (APPEARANCE, SCHEME).to_variant();
    let answers = VariantTy::new("(v)").ok();
    let flags = DBusCallFlags::NONE;
    let read = bus.call_future(Some(SERVICE), PATH, SETTINGS, "Read", Some(&what), answers, flags, PATIENCE_MS).await;
    match read {
        Ok(told) => night.hear(&told.child_value(0)),
        Err(error) => tracing::debug!("no portal tells whether the desktop is dark: {error}"),
    }
}

/// A number in as many variants as the portal's version has put around it.
fn number(told: &Variant) -> Option<u32> {
    // Asked of anything else, GLib complains aloud.
    let inner = told.is_type(VariantTy::VARIANT).then(|| told.as_variant()).flatten();
    inner.map_or_else(|| told.get(), |inner| number(&inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_found_in_its_variants() {
        let plain = DARK.to_variant();
        assert_eq!(number(&plain), Some(DARK));
        assert_eq!(number(&plain.to_variant().to_variant()), Some(DARK));
        assert_eq!(number(&"dark".to_variant()), None);
    }
}
