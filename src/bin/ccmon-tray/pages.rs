//! Views of our pages: the files come from the program itself, and the API is behind them. One origin, no
//! network, and no way to anywhere else.

use anyhow::{Context, Result};
use ccmon::api::{self, pages};
use tao::event_loop::EventLoopProxy;
use tokio::runtime::Handle;
use webkit2gtk::{UserContentManagerExt, WebViewExt};
use wry::http::{Request, Response, StatusCode};
use wry::{NewWindowResponse, RequestAsyncResponder, WebView, WebViewBuilder, WebViewBuilderExtUnix, WebViewExtUnix};

use crate::UserEvent;
use crate::host::Host;
use crate::webkit;

/// The scheme that only windows of this process know.
const SCHEME: &str = "ccmon-ui";
/// The popup's page.
pub const POPUP: &str = "ccmon-ui://localhost/popup.html";
/// The dashboard's.
pub const DASHBOARD: &str = "ccmon-ui://localhost/dashboard.html";

/// Under this name WebKit brings what a page says, and under it the page finds who listens.
const EAR: &str = "ipc";
const EARS: &str = "Object.defineProperty(window, 'ipc', { value: Object.freeze({ \
    postMessage: text => window.webkit.messageHandlers.ipc.postMessage(text) }) })";

/// What a view of one page is made from.
///
/// # Errors
/// When there is no WebKit.
pub fn view(page: &'static str, host: &Host) -> Result<WebViewBuilder<'static>> {
    webkit::load()?;
    let (runtime, router) = (host.runtime.clone(), host.router.clone());
    let view = WebViewBuilder::new()
        .with_asynchronous_custom_protocol(SCHEME.into(), move |_, request, responder| {
            answer(&runtime, &router, request, responder);
        })
        .with_initialization_script(EARS)
        .with_navigation_handler(move |url| is_at(page, &url))
        .with_new_window_req_handler(|_, _| NewWindowResponse::Deny)
        .with_download_started_handler(|_, _| false)
        // Nothing of a request is ever written to the disk by WebKit.
        .with_incognito(true)
        .with_devtools(false)
        .with_url(page);
    Ok(view)
}

/// Puts a view into `place`. What the page says arrives as the event that `heard` makes of it.
///
/// wry's own handler for that keeps the view alive for ever, and WebKit's network process with it.
///
/// # Errors
/// When WebKit cannot.
pub fn build(
    view: WebViewBuilder<'_>,
    place: &gtk::Box,
    proxy: &EventLoopProxy<UserEvent>,
    heard: fn(String) -> UserEvent,
) -> Result<WebView> {
    let view = view.build_gtk(place).context("cannot make a page: is WebKitGTK complete?")?;
    let ears = view.webview().user_content_manager().context("WebKit lets no page say anything")?;
    let proxy = proxy.clone();
    ears.connect_script_message_received(Some(EAR), move |_, said| {
        if let Some(text) = said.js_value() {
            let _ = proxy.send_event(heard(text.to_string()));
        }
    });
    ears.register_script_message_handler(EAR);
    Ok(view)
}

/// Whether an address is this page, at whatever place in it.
fn is_at(page: &str, url: &str) -> bool {
    url.strip_prefix(page).is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
}

/// Answers a request of a page: a file at once, anything else by the API.
fn answer(runtime: &Handle, router: &axum::Router, request: Request<Vec<u8>>, responder: RequestAsyncResponder) {
    if let Some(file) = file(request.uri().path()) {
        return responder.respond(file);
    }
    let router = router.clone();
    runtime.spawn(async move {
        responder.respond(api::from_window(&router, request).await);
    });
}

fn file(path: &str) -> Option<Response<std::borrow::Cow<'static, [u8]>>> {
    let file = pages::find(path)?;
    let response = Response::builder()
        .status(StatusCode::OK)
        .header("content-type", file.kind)
        .header("content-security-policy", pages::POLICY)
        .header("x-content-type-options", "nosniff")
        .body(file.bytes);
    response.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_stays_at_its_page() {
        assert!(is_at(POPUP, POPUP) && is_at(DASHBOARD, &format!("{DASHBOARD}#/history?q=x")));
        for url in ["ccmon-ui://localhost/", "ccmon-ui://localhost/dashboard.html.evil", "https://example.com", POPUP] {
            assert!(!is_at(DASHBOARD, url), "{url}");
        }
    }
}
