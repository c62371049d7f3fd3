//! Where the daemon listens, and who speaks to whoever took its port.

use std::net::TcpListener;
use std::process::Command;

use serde_json::json;

use crate::hold;
use crate::suite::Suite;
use crate::world::{Shared, World, end};

/// Adds the cases.
pub fn add(suite: &mut Suite, world: &Shared) {
    suite.about("http.loopback");
    let (own, other) = (world.clone(), world.clone());
    suite.case("the daemon listens at 127.0.0.1 and nowhere else", move || {
        let listening = listening(own.pid());
        hold!(listening == [format!("127.0.0.1:{}", own.port)], "{listening:?}");
        Ok(())
    });
    suite.case("another address of this machine -> nobody there", move || {
        // Nothing is sent: the kernel only says which address would be used.
        let socket = std::net::UdpSocket::bind("0.0.0.0:0").map_err(|error| error.to_string())?;
        let routed = socket.connect("192.0.2.1:9").and_then(|()| socket.local_addr());
        let Some(address) = routed.ok().map(|address| address.ip()).filter(|ip| !ip.is_loopback()) else {
            return Ok("there is no other".to_owned());
        };
        hold!(std::net::TcpStream::connect((address, other.port)).is_err(), "{address} answers");
        Ok(String::new())
    });
    suite.case("port taken by somebody else -> the next one; hook and command line speak to the socket", taken);
}

/// Where a process listens.
fn listening(pid: u32) -> Vec<String> {
    let said = Command::new("ss").args(["-Hltnp"]).output();
    let said = said.expect("ss of iproute2 is there").stdout;
    let own = format!("pid={pid},");
    let lines = String::from_utf8_lossy(&said).into_owned();
    lines
        .lines()
        .filter(|line| line.contains(&own))
        .filter_map(|line| Some(line.split_whitespace().nth(3)?.to_owned()))
        .collect()
}

fn taken() -> Result<(), String> {
    let squatter = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    squatter.set_nonblocking(true).map_err(|error| error.to_string())?;
    let port = squatter.local_addr().map_err(|error| error.to_string())?.port();
    let world = World::with(&format!("[web]\nport = {port}\n"));
    hold!(world.port > port && world.port <= port.saturating_add(50), "{} after {port}", world.port);
    world.event(&json!({ "session_id": "one", "cwd": "/p", "hook_event_name": "Stop" }));
    let (hook, request) = world.asks("two", "true");
    hold!(world.cli(&["list"]).status.success(), "ccmon list");
    hold!(world.cli(&["deny", request["id"].as_str().expect("an id"), "-m", "no"]).status.success(), "ccmon deny");
    end(hook);
    hold!(squatter.accept().is_err(), "somebody spoke to the squatter");
    Ok(())
}
