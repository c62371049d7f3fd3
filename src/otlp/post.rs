//! One request to a collector, and what its answer means.

use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use serde_json::Value;
use tokio::net::TcpStream;

use super::Endpoint;
use crate::http::exchange;

/// How long a collector may take; less in tests.
const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 2 } else { 10 });
/// The longest wait that an answer may ask for.
pub const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);
/// An answer is a few words.
const LONGEST_ANSWER: usize = 64 * 1024;
/// What a request says by itself.
const OURS: [HeaderName; 6] = [
    header::HOST,
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
];

/// Reads the file with the headers to be sent along: its text, or in words why not.
pub type ReadHeaders = fn(&Path) -> Result<String, String>;

/// A collector, and what it wants to be told with each request.
#[derive(Clone, Debug)]
pub struct Collector {
    /// Where it listens.
    pub endpoint: Endpoint,
    /// The file that holds the headers, `Name: value` on each line. Read for each request: tokens change.
    pub headers: Option<PathBuf>,
    /// How that is read.
    pub read: ReadHeaders,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken, but for so many of what was in it.
    Taken(u64),
    /// It may be taken later, after this time if it says so; why, in words.
    Later(Option<Duration>, String),
    /// It never will be; why, in words.
    Refused(String),
}

impl Collector {
    /// Sends `body` to `path`. Says nothing of the headers, nor of what the answer says in words: it may repeat them.
    pub async fn post(&self, path: &str, body: Bytes) -> Outcome {
        let headers = match self.headers().await {
            Ok(headers) => headers,
            Err(why) => return Outcome::Later(None, why),
        };
        match tokio::time::timeout(PATIENCE, self.send(path, headers, body)).await {
            Ok(Ok(answer)) => judge(&answer),
            Ok(Err(why)) => Outcome::Later(None, why),
            Err(_) => Outcome::Later(None, format!("{} does not answer in time", self.endpoint.authority)),
        }
    }

    async fn headers(&self) -> Result<HeaderMap, String> {
        let Some(path) = self.headers.clone() else {
            return Ok(HeaderMap::new());
        };
        let read = self.read;
        let text = tokio::task::spawn_blocking(move || read(&path)).await.map_err(|_| "ccmon stops".to_owned())??;
        parse(&text)
    }

    async fn send(&self, path: &str, headers: HeaderMap, body: Bytes) -> Result<Response<Bytes>, String> {
        let Endpoint { authority, path: before, .. } = &self.endpoint;
        let mut request = Request::post(format!("{before}{path}"))
            .header(header::HOST, authority)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("ccmon/", env!("CARGO_PKG_VERSION")))
            .header(header::CONNECTION, "close")
            .body(Body::from(body))
            .map_err(|_| format!("{authority}{before} cannot be asked"))?;
        request.headers_mut().extend(headers);
        let stream = self.connect().await?;
        // What hyper says of an answer it does not understand may hold words of it.
        exchange(stream, request, LONGEST_ANSWER).await.map_err(|_| format!("{authority} does not answer as HTTP does"))
    }

    async fn connect(&self) -> Result<TcpStream, String> {
        let Endpoint { addresses, port, authority, .. } = &self.endpoint;
        let mut why = String::new();
        for address in addresses {
            match TcpStream::connect((*address, *port)).await {
                Ok(stream) => return Ok(stream),
                Err(error) => why = format!("nobody answers at {authority}: {error}"),
            }
        }
        Err(why)
    }
}

/// The headers of a file: `Name: value` on each line, but for empty ones and those with a `#` in front.
fn parse(text: &str) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    let lines = text.lines().enumerate().map(|(i, line)| (i + 1, line.trim()));
    for (number, line) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        let wrong = || format!("line {number} of the headers' file is no `Name: value`");
        let (name, value) = line.split_once(':').ok_or_else(wrong)?;
        let name: HeaderName = name.trim().parse().map_err(|_| wrong())?;
        let mut value = HeaderValue::from_str(value.trim()).map_err(|_| wrong())?;
        if OURS.contains(&name) {
            return Err(format!("line {number} of the headers' file names {name}, which is not for you to say"));
        }
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Ok(headers)
}

/// What an answer means, by the specification.
fn judge(answer: &Response<Bytes>) -> Outcome {
    let status = answer.status();
    let why = || format!("the collector answers {status}");
    match status {
        _ if status.is_success() => Outcome::Taken(rejected(answer.body())),
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => Outcome::Later(wait(answer.headers()), why()),
        _ => Outcome::Refused(why()),
    }
}

/// How long it wants to be left alone. A date there counts as if there were none.
fn wait(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}

/// Of how much it says that it did not take it.
fn rejected(body: &[u8]) -> u64 {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let partial = answer.get("partialSuccess");
    let count = partial.and_then(|partial| partial.get("rejectedLogRecords").or(partial.get("rejectedDataPoints")));
    // A number of 64 bits is a string in JSON; some write it as a number.
    count.and_then(|count| count.as_u64().or_else(|| count.as_str()?.parse().ok())).unwrap_or_default()
}
