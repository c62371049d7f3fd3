//! Where a collector listens: on this machine, and nowhere else.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::http::Uri;

/// An address of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its addresses: `localhost` has two, and is not looked up anywhere.
    pub addresses: Vec<IpAddr>,
    /// Its port.
    pub port: u16,
    /// Host and port as they were written.
    pub authority: String,
    /// What comes before `/v1/logs`.
    pub path: String,
}

impl Endpoint {
    /// Reads one; `None` when the text is empty.
    ///
    /// # Errors
    /// What it has to be, in words.
    pub fn parse(text: &str) -> Result<Option<Self>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        let usual = "\"http://127.0.0.1:4318\"";
        let uri: Uri = text.parse().map_err(|_| format!("an address, such as {usual}"))?;
        if uri.scheme_str() == Some("https") {
            return Err(format!(
                "to be plain http, such as {usual}: ccmon speaks no TLS, and sends nothing off this machine; \
                 a collector that runs here does both"
            ));
        }
        let plain = uri.scheme_str() == Some("http") && uri.query().is_none();
        let authority = uri.authority().filter(|named| plain && !named.as_str().contains('@'));
        let authority = authority.ok_or_else(|| format!("an http address without user or query, such as {usual}"))?;
        let port = uri.port_u16().filter(|port| *port > 0).ok_or_else(|| format!("to name its port, as in {usual}"))?;
        let addresses = addresses(authority.host()).ok_or_else(|| {
            format!(
                "an address of this machine, such as {usual}: ccmon sends nothing off it; a collector that runs here does"
            )
        })?;
        let (authority, path) = (authority.to_string(), uri.path().trim_end_matches('/').to_owned());
        Ok(Some(Self { addresses, port, authority, path }))
    }
}

/// The loopback addresses that a host names.
fn addresses(host: &str) -> Option<Vec<IpAddr>> {
    if host.eq_ignore_ascii_case("localhost") {
        return Some(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
    }
    let address: IpAddr = host.trim_start_matches('[').trim_end_matches(']').parse().ok()?;
    address.is_loopback().then(|| vec![address])
}
