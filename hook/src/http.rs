//! The few words of HTTP/1.1 that the hook speaks: one request out, one answer in.

use crate::json;

/// A decision may be as long as a payload: it can carry the tool's whole input back.
pub const BODY_LIMIT: usize = json::LIMIT;

const HEAD_LIMIT: usize = 16 * 1024;

/// What stands between the path and the length of the body,
const BEFORE_LENGTH: &str = " HTTP/1.1\r\nHost: ccmon\r\nContent-Type: application/json\r\nContent-Length: ";
/// between that and the context,
const BEFORE_CONTEXT: &str = "\r\nCcmon-Context: ";
/// and between that and the body.
const BEFORE_BODY: &str = "\r\nConnection: close\r\n\r\n";

/// A complete request: `POST path` with the context as a header and the payload, untouched, as its body.
pub fn request(path: &str, context: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("POST {path}{BEFORE_LENGTH}{}{BEFORE_CONTEXT}{context}{BEFORE_BODY}", payload.len());
    let mut request = Vec::with_capacity(head.len() + payload.len());
    request.extend_from_slice(head.as_bytes());
    request.extend_from_slice(payload);
    request
}

/// The context and the payload of what [`request`] makes; nothing when a byte is missing, too many, or another one. For the daemon.
pub fn read_request<'a>(path: &str, bytes: &'a [u8]) -> Option<(&'a str, &'a [u8])> {
    let rest = bytes.strip_prefix(b"POST ")?.strip_prefix(path.as_bytes())?.strip_prefix(BEFORE_LENGTH.as_bytes())?;
    let (length, rest) = split(rest, BEFORE_CONTEXT)?;
    let (context, payload) = split(rest, BEFORE_BODY)?;
    let length = digits(std::str::from_utf8(length).ok()?)?;
    let is_plain = |context: &&str| context.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let context = std::str::from_utf8(context).ok().filter(is_plain)?;
    (payload.len() == length).then_some((context, payload))
}

fn split<'a>(bytes: &'a [u8], at: &str) -> Option<(&'a [u8], &'a [u8])> {
    let found = bytes[..bytes.len().min(HEAD_LIMIT * 2)].windows(at.len()).position(|part| part == at.as_bytes())?;
    Some((&bytes[..found], &bytes[found + at.len()..]))
}

/// What the daemon said.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body, as long as its Content-Length said; empty without one.
    pub body: Vec<u8>,
}

/// What the bytes received so far amount to.
#[derive(Debug, PartialEq, Eq)]
pub enum Received {
    /// So far so good, but not all of it.
    Part,
    /// No answer of a daemon of ours can begin like this.
    Garbled,
    /// All of it.
    Whole(Answer),
}

/// Reads an answer out of everything received so far.
pub fn parse(bytes: &[u8]) -> Received {
    let Some(end) = head_end(bytes) else {
        let begin = b"HTTP/1.";
        let shared = begin.len().min(bytes.len());
        let plausible = bytes[..shared] == begin[..shared] && bytes.len() <= HEAD_LIMIT;
        return if plausible { Received::Part } else { Received::Garbled };
    };
    let Some((status, length)) = std::str::from_utf8(&bytes[..end]).ok().and_then(parse_head) else {
        return Received::Garbled;
    };
    match bytes.get(end..end + length) {
        Some(body) => Received::Whole(Answer { status, body: body.to_vec() }),
        None => Received::Part,
    }
}

/// Just behind the empty line, if it has come.
fn head_end(bytes: &[u8]) -> Option<usize> {
    let head = &bytes[..bytes.len().min(HEAD_LIMIT)];
    head.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

/// The status and the length of the body; nothing for a head that is not plainly right.
fn parse_head(head: &str) -> Option<(u16, usize)> {
    let mut lines = head.split("\r\n");
    let status = parse_status(lines.next()?)?;
    let mut length = None;
    for line in lines.take_while(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("transfer-encoding") {
            return None;
        }
        if name.eq_ignore_ascii_case("content-length") {
            let value = digits(value.trim()).filter(|value| *value <= BODY_LIMIT)?;
            if length.is_some_and(|earlier| earlier != value) {
                return None;
            }
            length = Some(value);
        }
    }
    // Without a length the body would go on until the connection closes, and a cut could not be told from an end.
    Some((status, if status == 204 { 0 } else { length.unwrap_or(0) }))
}

fn parse_status(line: &str) -> Option<u16> {
    let rest = line.strip_prefix("HTTP/1.0 ").or_else(|| line.strip_prefix("HTTP/1.1 "))?;
    let (code, after) = rest.split_at_checked(3)?;
    let status = u16::try_from(digits(code)?).ok()?;
    ((200..600).contains(&status) && (after.is_empty() || after.starts_with(' '))).then_some(status)
}

/// Plain digits: `parse` alone would take a sign.
fn digits(text: &str) -> Option<usize> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(status: u16, body: &str) -> Received {
        Received::Whole(Answer { status, body: body.into() })
    }

    #[test]
    fn a_request_ends_with_the_untouched_payload() {
        let request = request("/event", r#"{"v":1}"#, b"{\"a\":\"\xff\"}");
        let text = String::from_utf8_lossy(&request);
        assert!(text.starts_with("POST /event HTTP/1.1\r\nHost: ccmon\r\n"), "{text}");
        assert!(text.contains("\r\nContent-Length: 9\r\n"), "{text}");
        assert!(text.contains("\r\nCcmon-Context: {\"v\":1}\r\n"), "{text}");
        assert!(request.ends_with(b"\r\n\r\n{\"a\":\"\xff\"}"));
    }

    #[test]
    fn a_request_is_read_back_only_as_it_was_made() {
        let (context, payload) = (r#"{"v":1,"id":"\u00e9"}"#, b"{\"a\":\n\"\r\n\r\n\xff\"}");
        let made = request("/event", context, payload);
        assert_eq!(read_request("/event", &made), Some((context, &payload[..])));
        assert_eq!(read_request("/approval", &made), None);
        for cut in 0..made.len() {
            assert_eq!(read_request("/event", &made[..cut]), None, "cut at {cut}");
        }
        let head = made.len() - payload.len();
        let ends = head - BEFORE_BODY.len();
        for at in (0..ends - context.len()).chain(ends..head) {
            let mut other = made.clone();
            other[at] ^= 1;
            assert_eq!(read_request("/event", &other), None, "another byte at {at}");
        }
        assert_eq!(read_request("/event", &[&made[..], b" "].concat()), None);
        for context in ["{}\r\nCookie: a", "{}\u{e9}", "{}\t"] {
            assert_eq!(read_request("/event", &request("/event", context, payload)), None, "{context:?}");
        }
    }

    #[test]
    fn an_answer_is_whole_only_with_all_of_its_body() {
        let text = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ndate: x\r\n\r\nhello";
        for cut in 0..text.len() {
            assert_eq!(parse(&text.as_bytes()[..cut]), Received::Part, "cut at {cut}");
        }
        assert_eq!(parse(text.as_bytes()), whole(200, "hello"));
        assert_eq!(parse(format!("{text} and more").as_bytes()), whole(200, "hello"));
    }

    #[test]
    fn a_body_without_length_is_no_body() {
        assert_eq!(parse(b"HTTP/1.1 204 No Content\r\n\r\n"), whole(204, ""));
        assert_eq!(parse(b"HTTP/1.0 200\r\n\r\n{}"), whole(200, ""));
        assert_eq!(parse(b"HTTP/1.1 204 X\r\nContent-Length: 7\r\n\r\n"), whole(204, ""));
    }

    #[test]
    fn what_is_not_plainly_right_is_garbled() {
        for text in [
            "SSH-2.0-OpenSSH",
            "HTTP/2 200 OK\r\n\r\n",
            "HTTP/1.1 2x0 OK\r\n\r\n",
            "HTTP/1.1 +20 OK\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 2000 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 8388609\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ] {
            assert_eq!(parse(text.as_bytes()), Received::Garbled, "{text:?}");
        }
        assert_eq!(parse(&[b"HTTP/1.1 ".as_slice(), &[b'x'; 20_000]].concat()), Received::Garbled);
        assert_eq!(parse(b"HTTP/1.1 200 \xff\r\n\r\n"), Received::Garbled);
    }
}
