//! The dashboard's window: the same pages as in a browser, an ordinary window around them. There is one at
//! most, and nothing of it while it is closed.

use std::sync::Arc;

use anyhow::{Context, Result};
use ccmon::api::Frames;
use gtk::prelude::*;
use serde::Deserialize;
use serde_json::json;
use tao::dpi::LogicalSize;
use tao::event::WindowEvent;
use tao::event_loop::{EventLoopProxy, EventLoopWindowTarget};
use tao::platform::unix::WindowExtUnix;
use tao::window::{Icon, Window, WindowBuilder, WindowId};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use wry::WebView;

use crate::UserEvent;
use crate::host::Host;
use crate::icons::{self, Look as Face, Panel};
use crate::look::Look;
use crate::page::script;
use crate::{forward, pages, save, window};

/// Its first size, and its least, in logical pixels.
const FIRST: LogicalSize<f64> = LogicalSize::new(1100.0, 760.0);
const LEAST: LogicalSize<f64> = LogicalSize::new(360.0, 400.0);
/// Side of its icon, where the desktop has none of ours.
const ICON: u32 = 64;

/// What the page says.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tells {
    /// It is loaded, and listens.
    Ready,
    /// The user wants a file.
    Save { name: String, text: String },
    /// The user wants a text in the clipboard.
    Copy { text: String },
}

/// The window, when it is open, and what is remembered of it.
pub struct Dashboard {
    proxy: EventLoopProxy<UserEvent>,
    open: Option<Open>,
    size: LogicalSize<f64>,
}

struct Open {
    // Dropped in this order: the view before the window it stands in.
    view: WebView,
    window: Window,
    /// Tells the page what changes.
    telling: Option<JoinHandle<()>>,
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(telling) = &self.telling {
            telling.abort();
        }
    }
}

impl Dashboard {
    /// No window yet.
    #[must_use]
    pub fn new(proxy: EventLoopProxy<UserEvent>) -> Self {
        Self { proxy, open: None, size: FIRST }
    }

    /// Opens the window, or brings it to the front; at `place` in it, such as `#/sessions/KEY`, or where it was
    /// left. `leave` is the desktop's to take the focus.
    pub fn show(
        &mut self,
        target: &EventLoopWindowTarget<UserEvent>,
        host: &Host,
        panel: Panel,
        place: &str,
        leave: Option<&str>,
    ) {
        if let Some(open) = self.open.as_ref().filter(|_| !place.is_empty()) {
            let script = format!("location.hash={}", serde_json::Value::from(place));
            if let Err(error) = open.view.evaluate_script(&script) {
                tracing::warn!("the dashboard's page cannot be led anywhere: {error}");
            }
        }
        if self.open.is_none() {
            match open(target, &self.proxy, host, self.size, panel, place) {
                Ok(open) => self.open = Some(open),
                Err(error) => return tracing::error!("no dashboard: {error:#}"),
            }
        }
        if let Some(open) = &self.open {
            open.window.set_minimized(false);
            forward::bring(&open.window, leave);
        }
    }

    /// Whether this is its window.
    #[must_use]
    pub fn is(&self, id: WindowId) -> bool {
        self.open.as_ref().is_some_and(|open| open.window.id() == id)
    }

    /// Something happened to its window.
    pub fn on_window_event(&mut self, event: &WindowEvent<'_>) {
        match event {
            WindowEvent::CloseRequested => self.open = None,
            WindowEvent::Resized(size) => {
                if let Some(open) = self.open.as_ref().filter(|open| !open.window.is_maximized()) {
                    self.size = size.to_logical(open.window.scale_factor());
                }
            }
            _ => {}
        }
    }

    /// Hears the page.
    pub fn hear(&mut self, text: &str, host: &Host) {
        let Some(open) = &mut self.open else {
            return;
        };
        match serde_json::from_str(text) {
            Ok(Tells::Ready) => {
                let telling = host.runtime.spawn(tell(Frames::new(host.hub.clone(), false), self.proxy.clone()));
                if let Some(before) = open.telling.replace(telling) {
                    before.abort();
                }
                self.dress();
            }
            Ok(Tells::Save { name, text }) => {
                let (proxy, folder) = (self.proxy.clone(), save::folder());
                host.runtime.spawn_blocking(move || {
                    let script = script(&save::save(folder, &name, &text));
                    let _ = proxy.send_event(UserEvent::ToDashboard(script, Arc::default()));
                });
            }
            Ok(Tells::Copy { text }) => {
                let clipboard = gtk::Clipboard::get(&gtk::gdk::SELECTION_CLIPBOARD);
                clipboard.set_text(&text);
                clipboard.store();
            }
            Err(error) => tracing::debug!("the dashboard's page says something odd: {error}"),
        }
    }

    /// As large as the desktop's letters are, and as dark.
    pub fn dress(&self) {
        if let Some(Open { view, window, .. }) = &self.open {
            window.set_background_color(Some(window::ground()));
            let look = Look::now();
            enlarge(view, look);
            if let Err(error) = view.evaluate_script(&look.told().script()) {
                tracing::warn!("the dashboard's page cannot be told how to look: {error}");
            }
        }
    }

    /// Runs a script in the page, and says when it has run.
    pub fn run(&self, script: &str, done: &Arc<Notify>) {
        let Some(open) = &self.open else {
            return;
        };
        let done = Arc::clone(done);
        if let Err(error) = open.view.evaluate_script_with_callback(script, move |_| done.notify_one()) {
            tracing::warn!("the dashboard's page cannot be told anything: {error}");
        }
    }
}

/// Tells the page what changes, no faster than it takes that in.
async fn tell(mut frames: Frames, proxy: EventLoopProxy<UserEvent>) {
    let taken = Arc::new(Notify::new());
    while let Some(frames) = frames.next().await {
        let scripts: Vec<String> = frames.iter().map(script).collect();
        if proxy.send_event(UserEvent::ToDashboard(scripts.join(";"), Arc::clone(&taken))).is_err() {
            return;
        }
        taken.notified().await;
    }
    let _ = proxy.send_event(UserEvent::ToDashboard(script(&json!({ "type": "lost" })), taken));
}

fn open(
    target: &EventLoopWindowTarget<UserEvent>,
    proxy: &EventLoopProxy<UserEvent>,
    host: &Host,
    size: LogicalSize<f64>,
    panel: Panel,
    at: &str,
) -> Result<Open> {
    let view = pages::view(pages::DASHBOARD, host)?;
    let builder = WindowBuilder::new()
        .with_title("ccmon dashboard")
        .with_inner_size(size)
        .with_min_inner_size(LEAST)
        .with_background_color(window::ground());
    let window = builder.build(target).context("cannot make the dashboard's window")?;
    give_icon(&window, panel);
    let place = window.default_vbox().context("the window has no place for a page")?;
    let titled = window.gtk_window().clone();
    let view = view
        .with_url(format!("{}{at}", pages::DASHBOARD))
        .with_document_title_changed_handler(move |title| titled.set_title(&title));
    let view = pages::build(view, place, proxy, UserEvent::Dashboard)?;
    enlarge(&view, Look::now());
    Ok(Open { view, window, telling: None })
}

fn enlarge(view: &WebView, look: Look) {
    if let Err(error) = view.zoom(look.level) {
        tracing::warn!("the dashboard's page cannot be as large as the desktop's letters: {error}");
    }
}

/// The desktop's icon of ours, or the one in the panel.
fn give_icon(window: &Window, panel: Panel) {
    let installed = gtk::IconTheme::default().is_some_and(|theme| theme.has_icon("ccmon"));
    if installed {
        window.gtk_window().set_icon_name(Some("ccmon"));
    } else {
        window.set_window_icon(Icon::from_rgba(icons::rgba(Face::Calm, panel, ICON), ICON, ICON).ok());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_three_things() {
        let heard = |text| serde_json::from_str::<Tells>(text).ok();
        assert_eq!(heard(r#"{"type":"ready"}"#), Some(Tells::Ready));
        let save = Tells::Save { name: "a.md".into(), text: "b".into() };
        assert_eq!(heard(r#"{"type":"save","name":"a.md","text":"b"}"#), Some(save));
        assert_eq!(heard(r#"{"type":"copy","text":"b"}"#), Some(Tells::Copy { text: "b".into() }));
        assert_eq!(heard(r#"{"type":"quit"}"#), None);
    }
}
