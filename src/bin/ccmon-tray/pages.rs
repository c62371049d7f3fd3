//! The popup's pages, from the program itself, and the API behind them: one origin, no network.

use std::borrow::Cow;

use rust_embed::Embed;
use tokio::runtime::Handle;
use wry::RequestAsyncResponder;
use wry::http::{Request, Response, StatusCode};

/// The scheme that only windows of this process know.
pub const SCHEME: &str = "ccmon-ui";
/// The popup's page.
pub const POPUP: &str = "ccmon-ui://localhost/popup.html";

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                   base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[derive(Embed)]
#[folder = "assets/ui/"]
struct Files;

/// Answers a request of a page: a file at once, anything else by the API.
pub fn answer(runtime: &Handle, router: &axum::Router, request: Request<Vec<u8>>, responder: RequestAsyncResponder) {
    if let Some(file) = file(request.uri().path()) {
        return responder.respond(file);
    }
    let router = router.clone();
    runtime.spawn(async move {
        responder.respond(ccmon::api::from_window(&router, request).await);
    });
}

fn file(path: &str) -> Option<Response<Cow<'static, [u8]>>> {
    let file = Files::get(path.strip_prefix('/')?)?;
    let response = Response::builder()
        .status(StatusCode::OK)
        .header("content-type", kind(path))
        .header("content-security-policy", CSP)
        .header("x-content-type-options", "nosniff")
        .body(file.data);
    response.ok()
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}
