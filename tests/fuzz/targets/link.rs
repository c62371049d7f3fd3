//! Any text as a `ccmon://` link: what is taken is one of the few we know, whole and plain.

use ccmon::cli::link::{Link, parse};

/// A link.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match parse(text) {
        Ok(Link::Session(id) | Link::Approval(id)) => {
            assert!(!id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
            assert!(text.ends_with(&format!("/{id}")) && text.len() <= 256);
        }
        Ok(Link::Next) => assert!(text.eq_ignore_ascii_case("ccmon://next") && text.ends_with("next")),
        Ok(Link::Popup) => assert_eq!(text, "popup"),
        Ok(Link::Dashboard) => assert_eq!(text, "dashboard"),
        Err(why) => assert!(!why.is_empty() && why.len() < 4_096),
    }
}
