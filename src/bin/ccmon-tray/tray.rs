//! The tray icon: draws the values of `menu`, and the badge.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ccmon::core::{Board, Time};
use muda::{Menu, MenuItem, PredefinedMenuItem, Submenu};
use tray_icon::{Icon, TrayIcon, TrayIconBuilder};

use crate::icons::{self, Look, Panel};
use crate::menu::{self, Item, Quiet};

/// Least time between two icons: each is a blocking D-Bus call.
const ICON_PAUSE: Duration = Duration::from_millis(200);
/// Side of the icon in pixels at scale 1. Panels have slots of 22 to 24 pixels; the protocol would
/// carry several sizes, `tray-icon` passes on one.
const SIZE: u32 = 22;

/// The icon in the panel; absent where there is no session bus.
pub struct Tray {
    icon: Option<TrayIcon>,
    panel: Panel,
    size: u32,
    items: Vec<Item>,
    tooltip: String,
    look: Look,
    drawn: Instant,
}

impl Tray {
    /// Puts the icon into the panel. A panel that comes later, or again, gets it then.
    #[must_use]
    pub fn new(panel: Panel, scale: u32) -> Self {
        let (size, items) = (SIZE * scale.max(1), menu::menu(&Board::default(), None));
        let built = TrayIconBuilder::new()
            .with_id("ccmon")
            .with_title("ccmon")
            .with_menu(Box::new(built_menu(&items)))
            .with_menu_on_left_click(false)
            .with_tooltip("All clear");
        let built = match icon(Look::Calm, panel, size) {
            Some(icon) => built.with_icon(icon),
            None => built,
        };
        let icon = built.build().inspect_err(|error| tracing::warn!("no tray icon: {error}; popups still appear")).ok();
        Self { icon, panel, size, items, tooltip: "All clear".into(), look: Look::Calm, drawn: Instant::now() }
    }

    /// Shows a picture. `Some` says after which time to call again, for an icon that had to wait.
    pub fn show(&mut self, board: &Arc<Board>, quiet: Option<&Quiet>, now: Time, lost: bool) -> Option<Duration> {
        let tray = self.icon.as_ref()?;
        let items = menu::menu(board, quiet);
        if items != self.items {
            tray.set_menu(Some(Box::new(built_menu(&items))));
            self.items = items;
        }
        let tooltip = if lost { "ccmon has a problem, open to see".into() } else { menu::tooltip(board, quiet, now) };
        if tooltip != self.tooltip && tray.set_tooltip(Some(&tooltip)).is_ok() {
            self.tooltip = tooltip;
        }
        let look = look(board, lost);
        if look == self.look {
            return None;
        }
        let rest = ICON_PAUSE.saturating_sub(self.drawn.elapsed());
        if !rest.is_zero() {
            return Some(rest);
        }
        if tray.set_icon(icon(look, self.panel, self.size)).is_ok() {
            (self.look, self.drawn) = (look, Instant::now());
        }
        None
    }
}

fn look(board: &Board, lost: bool) -> Look {
    if lost || board.trouble.is_some() {
        return Look::Trouble;
    }
    match u32::try_from(board.badge()).unwrap_or(u32::MAX) {
        // Who waits for you comes first; the tooltip then tells of the rules.
        0 if board.rules_paused => Look::Paused,
        0 => Look::Calm,
        waiting => Look::Needs(waiting),
    }
}

fn icon(look: Look, panel: Panel, size: u32) -> Option<Icon> {
    Icon::from_rgba(icons::rgba(look, panel, size), size, size).ok()
}

fn built_menu(items: &[Item]) -> Menu {
    let menu = Menu::new();
    for item in items {
        // The only error is an item of another menu.
        let _ = match item {
            Item::Label(text) => menu.append(&label(text)),
            Item::Action { id, text } => menu.append(&MenuItem::with_id(id, escaped(text), true, None)),
            Item::Submenu(text, lines) => menu.append(&submenu(text, lines)),
            Item::Separator => menu.append(&PredefinedMenuItem::separator()),
        };
    }
    menu
}

fn submenu(text: &str, lines: &[Item]) -> Submenu {
    let submenu = Submenu::new(escaped(text), true);
    for line in lines {
        let _ = match line {
            Item::Label(text) => submenu.append(&label(text)),
            Item::Action { id, text } => submenu.append(&MenuItem::with_id(id, escaped(text), true, None)),
            Item::Separator | Item::Submenu(..) => Ok(()),
        };
    }
    submenu
}

fn label(text: &str) -> MenuItem {
    MenuItem::new(escaped(text), false, None)
}

/// `&` marks a mnemonic unless doubled.
fn escaped(text: &str) -> String {
    text.replace('&', "&&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_icon_tells_of_paused_rules_unless_there_is_worse() {
        let paused = Board { rules_paused: true, ..Board::default() };
        let trouble = Board { trouble: Some("no room".into()), ..paused.clone() };
        assert_eq!(look(&Board::default(), false), Look::Calm);
        assert_eq!(look(&paused, false), Look::Paused);
        assert_eq!([look(&paused, true), look(&trouble, false)], [Look::Trouble; 2]);
    }
}
