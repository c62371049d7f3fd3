//! Desktop notifications, for what nothing else on the screen would say.
//!
//! [`tell`] says something once and forgets it. A [`Desktop`] also takes back what it said: [`Server`] is
//! the real one, on one connection that lives as long as the daemon does, so that it can hear of the
//! notifications it sent.

mod server;

use notify_rust::{Notification, Timeout};

use crate::config::Urgency;
pub use server::{Server, session_bus};

/// How long one stays, in milliseconds, where the server lets us say.
const STAYS: u32 = 8_000;
/// The name that servers show, and know us by.
const NAME: &str = "ccmon";

/// A notification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// Its first line.
    pub summary: String,
    /// What is below it, as plain text.
    pub body: String,
    /// How pressing it is.
    pub urgency: Urgency,
    /// Name of a sound of the desktop's theme; none when empty.
    pub sound: String,
}

/// A notification that was sent, as the server that took it names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The server's own name on the bus: another one that comes after it gives the same numbers again.
    server: String,
    number: u32,
}

/// Who shows notifications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shower {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// It shows buttons.
    pub actions: bool,
}

/// Nobody shows notifications; why, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unshown(pub String);

/// Where notifications are shown.
pub trait Desktop: Send {
    /// Shows one.
    fn show(&mut self, card: &Card) -> impl Future<Output = Result<Sent, Unshown>> + Send;

    /// Takes one away; nothing when it is gone already.
    fn close(&mut self, sent: Sent) -> impl Future<Output = ()> + Send;

    /// Who shows them.
    fn shower(&mut self) -> impl Future<Output = Result<Shower, Unshown>> + Send;
}

/// Whether the user wants none at all: `CCMON_NO_NOTIFY`.
#[must_use]
pub fn is_silenced() -> bool {
    std::env::var_os("CCMON_NO_NOTIFY").is_some_and(|value| !value.is_empty())
}

/// Says something on the desktop; silent when `CCMON_NO_NOTIFY` is set. Where nobody shows
/// notifications, the log has it.
pub async fn tell(summary: &str, body: &str) {
    if is_silenced() {
        return;
    }
    let mut notification = Notification::new();
    notification.appname(NAME).summary(summary).body(&escaped(body)).timeout(Timeout::Milliseconds(STAYS));
    if let Err(error) = notification.show_async().await {
        tracing::warn!("no notification ({error}): {summary}: {body}");
    }
}

/// Servers may read the body as markup.
/// <https://specifications.freedesktop.org/notification-spec/latest/markup.html>
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_in_a_body_is_markup() {
        assert_eq!(super::escaped("<b>&</b>"), "&lt;b&gt;&amp;&lt;/b&gt;");
    }
}
