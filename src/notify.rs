//! Desktop notifications, for what nothing else on the screen would say.

use notify_rust::{Notification, Timeout};

/// How long one stays, in milliseconds, where the server lets us say.
const STAYS: u32 = 8_000;

/// Says something on the desktop; silent when `CCMON_NO_NOTIFY` is set. Where nobody shows
/// notifications, the log has it.
pub async fn tell(summary: &str, body: &str) {
    if std::env::var_os("CCMON_NO_NOTIFY").is_some_and(|value| !value.is_empty()) {
        return;
    }
    let mut notification = Notification::new();
    notification.appname("ccmon").summary(summary).body(&escaped(body)).timeout(Timeout::Milliseconds(STAYS));
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
