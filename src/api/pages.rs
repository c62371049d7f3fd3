//! The pages, and the description of the API: the files of `assets`, carried in the program. They are public, for they tell nothing about
//! anybody. A debug build reads them from the sources instead, so that a change shows at once.

mod bundle;

use std::borrow::Cow;
use std::sync::OnceLock;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::Embed;
use sha2::{Digest, Sha256};

#[derive(Embed)]
#[folder = "assets/ui/"]
#[exclude = "*.d.ts"]
struct Files;

/// What the routes are, for programs and for who writes them.
const API: (&str, &str) = ("/openapi.json", include_str!("../../assets/openapi.json"));

/// What a stranger sees, and whoever comes to sign in.
pub(super) const START: &str = "/index.html";
/// What one sees who is signed in.
const DASHBOARD: &str = "/dashboard.html";

/// What the pages begin with: each comes with all the modules that it imports.
const PROGRAMS: [&str; 3] = ["index.js", "dashboard.js", "popup.js"];

/// What pages may do: they load nothing from elsewhere, run no inline script, and stand in no frame.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; \
                          form-action 'none'; frame-ancestors 'none'; connect-src 'self'";

/// A file that a page is made of.
pub struct File {
    /// Its content type.
    pub kind: &'static str,
    /// What is in it.
    pub bytes: Cow<'static, [u8]>,
    /// Changes whenever what is in it does.
    tag: String,
}

/// The file at this path; nothing but a name of ours leads anywhere.
#[must_use]
pub fn find(path: &str) -> Option<File> {
    if path == API.0 {
        let bytes = API.1.as_bytes();
        return Some(File { kind: "application/json", bytes: bytes.into(), tag: tag(&Sha256::digest(bytes)) });
    }
    let (name, kind) = (path.strip_prefix('/')?, kind(path)?);
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let plain = |part: &str| !part.is_empty() && !part.starts_with('.') && part.bytes().all(fits);
    if let Some(at) = PROGRAMS.iter().position(|program| *program == name) {
        let (bytes, tag) = program(at);
        return Some(File { kind, bytes, tag });
    }
    let file = Files::get(name).filter(|_| name.split('/').all(plain))?;
    Some(File { kind, tag: tag(&file.metadata.sha256_hash()), bytes: file.data })
}

/// A page's program, made once where the sources cannot change, and its tag.
fn program(at: usize) -> (Cow<'static, [u8]>, String) {
    static MADE: [OnceLock<(String, String)>; PROGRAMS.len()] = [const { OnceLock::new() }; PROGRAMS.len()];
    let make = || {
        let text = put_together(PROGRAMS[at]);
        let tag = tag(&Sha256::digest(&text));
        (text, tag)
    };
    if cfg!(debug_assertions) {
        let (text, tag) = make();
        return (text.into_bytes().into(), tag);
    }
    let (text, tag) = MADE[at].get_or_init(make);
    (text.as_bytes().into(), tag.clone())
}

/// One that says what is wrong with it, while somebody works at the sources.
fn put_together(name: &str) -> String {
    let read = |path: &str| String::from_utf8(Files::get(path)?.data.into_owned()).ok();
    bundle::bundle(name, read).unwrap_or_else(|wrong| format!("throw new Error({wrong:?});\n"))
}

fn tag(hash: &[u8]) -> String {
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// The page at `/`.
#[must_use]
pub fn home(signed_in: bool) -> Option<File> {
    find(DASHBOARD).filter(|_| signed_in).or_else(|| find(START))
}

impl File {
    /// The file as an answer, or that the caller has it already.
    pub fn answer(self, asked: &HeaderMap) -> Response {
        let tag = format!("\"{}\"", self.tag);
        let known = asked.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
        let body = match (known, self.bytes) {
            (true, _) => Body::empty(),
            (false, Cow::Borrowed(bytes)) => bytes.into(),
            (false, Cow::Owned(bytes)) => bytes.into(),
        };
        let status = if known { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind));
        // Kept, but asked for each time: another version of ccmon has other pages.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.extend(HeaderValue::try_from(tag).ok().map(|tag| (header::ETAG, tag)));
        response
    }
}

fn kind(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_ours_are_found() {
        for path in ["/index.html", "/popup.html", "/popup.js", "/style/tokens.css", "/vendor/lit-html/lit-html.js"] {
            assert!(find(path).is_some_and(|file| !file.bytes.is_empty()), "{path}");
        }
        for path in [
            "",
            "/",
            "index.html",
            "//index.html",
            "/style/",
            "/style/../index.html",
            "/./index.html",
            "/../config.toml",
            "/../ui/index.html",
            "/%69ndex.html",
            "/wire.d.ts",
            "/vendor/README.md",
            "/nothing.html",
            "/style/tokens.css/",
            "/style\\tokens.css",
            "/.html",
        ] {
            assert!(find(path).is_none(), "{path}");
        }
    }

    #[test]
    fn every_program_holds_all_that_it_imports() {
        for name in PROGRAMS {
            let text = put_together(name);
            let begins = |word: &str| text.lines().any(|line| line.starts_with(word));
            assert!(!begins("throw") && !begins("import") && !begins("export"), "{name}: {}", &text[..200]);
        }
    }

    #[test]
    fn a_known_file_is_not_sent_again() {
        let sent = find(START).expect("a page").answer(&HeaderMap::new());
        assert_eq!(sent.status(), StatusCode::OK);
        let mut asked = HeaderMap::new();
        asked.insert(header::IF_NONE_MATCH, sent.headers()[header::ETAG].clone());
        assert_eq!(find(START).expect("a page").answer(&asked).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(find("/popup.html").expect("a page").answer(&asked).status(), StatusCode::OK);
    }
}
