//! What the desktop wants of every program's looks: the size of its letters, contrast, motion, light or dark.

use gtk::prelude::*;
use tao::event_loop::EventLoopProxy;

use crate::UserEvent;
use crate::page::Told;
use crate::scheme;

/// Letters of so many points are of the usual size: desktops come with 10 or 11.
const USUAL_POINTS: f64 = 10.5;
/// Differences up to this are none.
const SAME: f64 = 0.12;
/// Dots an inch that letters are made for.
const USUAL_DPI: f64 = 96.0;

/// How a page is to look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// How many times larger than usual.
    pub zoom: f64,
    /// What the engine has to be told for that: it counts the dots an inch by itself.
    pub level: f64,
    /// The desktop's theme is one of high contrast.
    pub contrast: bool,
    /// Nothing moves.
    pub still: bool,
}

impl Look {
    /// As the desktop is now.
    #[must_use]
    pub fn now() -> Self {
        let Some(settings) = gtk::Settings::default() else {
            return Self { zoom: 1.0, level: 1.0, contrast: false, still: false };
        };
        let theme = settings.gtk_theme_name().map(|name| name.to_lowercase()).unwrap_or_default();
        let dpi = dpi();
        let zoom = zoom(settings.gtk_font_name().as_deref().unwrap_or_default(), dpi);
        Self {
            zoom,
            level: zoom * USUAL_DPI / dpi,
            contrast: theme.contains("highcontrast"),
            still: !settings.is_gtk_enable_animations(),
        }
    }

    /// What a page is told of it.
    #[must_use]
    pub fn told(self) -> Told {
        Told::Look { contrast: self.contrast, still: self.still }
    }
}

/// Says when any of it changes.
pub fn follow(proxy: &EventLoopProxy<UserEvent>) {
    let Some(settings) = gtk::Settings::default() else {
        return;
    };
    scheme::follow(&settings);
    let names = ["font-name", "xft-dpi", "theme-name", "application-prefer-dark-theme", "enable-animations"];
    for name in names {
        let proxy = proxy.clone();
        settings.connect_notify_local(Some(&format!("gtk-{name}")), move |_, _| {
            let _ = proxy.send_event(UserEvent::Looks);
        });
    }
}

/// Dots an inch that GTK makes letters for, `GDK_DPI_SCALE` counted in.
fn dpi() -> f64 {
    let told = gtk::gdk::Screen::default().map(|screen| screen.resolution());
    told.filter(|dpi| *dpi > 0.0).unwrap_or(USUAL_DPI)
}

/// How many times larger than usual letters of this font are: `Sans Bold 14`, at so many dots an inch.
fn zoom(font: &str, dpi: f64) -> f64 {
    let points = font.rsplit(' ').next().and_then(|size| size.parse::<f64>().ok()).filter(|size| *size > 0.0);
    let zoom = points.unwrap_or(USUAL_POINTS) / USUAL_POINTS * dpi / USUAL_DPI;
    if (zoom - 1.0).abs() <= SAME { 1.0 } else { (zoom * 20.0).round().clamp(16.0, 40.0) / 20.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_as_large_as_the_desktops() {
        for (font, dpi, expected) in [
            ("Sans 10", 96.0, 1.0),
            ("Cantarell 11", 96.0, 1.0),
            ("Noto Sans Bold 14", 96.0, 1.35),
            ("Sans 11", 144.0, 1.55),
            ("Sans 8", 96.0, 0.8),
            ("Sans 72", 96.0, 2.0),
            ("Sans 3", 96.0, 0.8),
            ("", 96.0, 1.0),
            ("Sans x", 96.0, 1.0),
        ] {
            assert!((zoom(font, dpi) - expected).abs() < 0.001, "{font} {dpi}: {}", zoom(font, dpi));
        }
    }
}
