//! As much HTTP/1.1 as a test needs, on either side of a connection.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

/// A request or a response: its first line, its headers, and its body.
pub struct Message {
    /// `POST /v1/messages HTTP/1.1`, or `HTTP/1.1 200 OK`.
    pub first_line: String,
    /// The headers, `name: value`.
    pub headers: Vec<String>,
    /// The body, as long as `Content-Length` said.
    pub body: Vec<u8>,
}

impl Message {
    /// The next message of a connection; `None` when the other side has closed it.
    pub fn read(from: &mut impl BufRead) -> Option<Message> {
        let first_line = line(from)?;
        let (mut length, mut headers) = (0, Vec::new());
        loop {
            let header = line(from)?;
            if header.is_empty() {
                break;
            }
            if let Some((name, value)) = header.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().ok()?;
            }
            headers.push(header);
        }
        let mut body = vec![0; length];
        from.read_exact(&mut body).ok()?;
        Some(Message { first_line, headers, body })
    }

    /// The path of a request, or the status code of a response.
    pub fn second_word(&self) -> &str {
        self.first_line.split(' ').nth(1).unwrap_or_default()
    }

    /// The body as JSON, null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// One request to the program listening on `socket`: the status and the JSON of its answer.
/// `None` when nobody listens there or the connection ends before an answer.
pub fn ask(socket: &Path, method: &str, path: &str, body: Option<&Value>) -> Option<(u16, Value)> {
    let mut stream = UnixStream::connect(socket).ok()?;
    // Some answers take a program without optimisations many seconds on a busy machine.
    stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
    let body = body.map(Value::to_string).unwrap_or_default();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: ccmon\r\nCcmon-Client: cli\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    // At once: a route that needs no body may have answered and hung up before a second piece comes.
    stream.write_all(request.as_bytes()).ok()?;
    let answer = Message::read(&mut BufReader::new(stream))?;
    Some((answer.second_word().parse().ok()?, answer.json()))
}

fn line(from: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    let read = from.read_line(&mut line).ok()?;
    (read > 0).then(|| line.trim_end().to_owned())
}
