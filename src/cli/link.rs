//! `ccmon://…` links: anybody may have written one, so that only the few we know are understood, and whole.

/// Longest link that is looked at.
const LONGEST: usize = 256;
/// Longest names, as the API has them.
const LONGEST_SESSION: usize = 160;
const LONGEST_APPROVAL: usize = 64;
/// How every link begins; case counts for nothing in a scheme (RFC 3986, 3.1), and everywhere else.
const SCHEME: &str = "ccmon://";

/// What to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// A session, by its key or Claude's id of it.
    Session(String),
    /// A request.
    Approval(String),
    /// Whatever needs the user most.
    Next,
    /// The popup: no link says this, only who types the word.
    Popup,
    /// The dashboard; likewise.
    Dashboard,
}

/// Reads a link, or one of the words `popup` and `dashboard`.
///
/// # Errors
/// In words, with what there could have been.
pub fn parse(text: &str) -> Result<Link, String> {
    match text {
        "popup" => return Ok(Link::Popup),
        "dashboard" => return Ok(Link::Dashboard),
        _ if text.len() > LONGEST => return Err(format!("a link of {} bytes is none of ccmon's: {KNOWN}", text.len())),
        _ => {}
    }
    let (scheme, rest) = text.split_at_checked(SCHEME.len()).unwrap_or_default();
    let target = rest.split_once('/').unwrap_or((rest, ""));
    let link = match target {
        _ if !scheme.eq_ignore_ascii_case(SCHEME) => None,
        ("session", id) => named(id, LONGEST_SESSION).map(Link::Session),
        ("approval", id) => named(id, LONGEST_APPROVAL).map(Link::Approval),
        _ if rest == "next" => Some(Link::Next),
        _ => None,
    };
    link.ok_or_else(|| format!("{text:?} is no link of ccmon's: {KNOWN}"))
}

const KNOWN: &str = "there are ccmon://session/ID, ccmon://approval/ID and ccmon://next, where an ID is letters, \
                     digits and hyphens";

fn named(id: &str, longest: usize) -> Option<String> {
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (plain && !id.is_empty() && id.len() <= longest).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn links_lead_to_what_they_name() {
        for (text, link) in [
            ("ccmon://session/4711-123456", Link::Session("4711-123456".into())),
            ("ccmon://session/5c8d0a34-9f0e-4f4e", Link::Session("5c8d0a34-9f0e-4f4e".into())),
            ("ccmon://approval/0123456789abcdef", Link::Approval("0123456789abcdef".into())),
            ("ccmon://next", Link::Next),
            ("CCMON://next", Link::Next),
            ("popup", Link::Popup),
            ("dashboard", Link::Dashboard),
        ] {
            assert_eq!(parse(text), Ok(link), "{text}");
        }
    }

    #[test]
    fn everything_else_leads_nowhere() {
        let long = format!("ccmon://session/{}", "a".repeat(161));
        let huge = format!("ccmon://approval/{}", "a".repeat(1 << 20));
        for text in [
            "",
            "ccmon:",
            "ccmon://",
            "ccmon:next",
            "ccmon:/next",
            "ccmon:///next",
            "ccmon://next/",
            "ccmon://Next",
            "ccmon://next?x=1",
            "ccmon://next#x",
            "ccmon://popup",
            "ccmon://session",
            "ccmon://session/",
            "ccmon://session/a/b",
            "ccmon://session/a/",
            "ccmon://approval/../../x",
            "ccmon://approval/a%00b",
            "ccmon://approval/a%2e",
            "ccmon://approval/a\nb",
            "ccmon://approval/a\0",
            "ccmon://approval/é",
            "ccmon://approval/$(touch x)",
            "ccmon://approval/a;b",
            "ccmon://approval/a?allow=1",
            "ccmon://user@session/a",
            "ccmon://session:1/a",
            " ccmon://next",
            "ccmon://next ",
            "http://next",
            "ccmon\u{2215}/next",
            "-x",
            &long,
            &huge,
        ] {
            assert!(parse(text).is_err(), "{}", text.chars().take(80).collect::<String>());
        }
        let said = parse(&huge).expect_err("too long");
        assert!(said.len() < 400, "none of it is said again: {said}");
    }

    proptest! {
        #[test]
        fn what_is_taken_is_plain(text in "(?is)(ccmon:/{0,3})?(session|approval|next|popup)?/?.{0,40}") {
            if let Ok(Link::Session(id) | Link::Approval(id)) = parse(&text) {
                let end = format!("/{id}");
                prop_assert!(text.ends_with(&end) && text.len() <= LONGEST);
                prop_assert!(!id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
            }
        }

        #[test]
        fn every_name_of_ours_is_taken(id in "[A-Za-z0-9-]{1,64}") {
            prop_assert_eq!(parse(&format!("ccmon://session/{id}")), Ok(Link::Session(id.clone())));
            prop_assert_eq!(parse(&format!("ccmon://approval/{id}")), Ok(Link::Approval(id)));
        }
    }
}
