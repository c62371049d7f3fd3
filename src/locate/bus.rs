//! The desktop's session bus, for callers that block.

use std::future::Future;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::runtime::{Builder, Runtime};
use zbus::Connection;
use zbus::connection;
use zbus::zvariant::{DynamicType, Type};

use super::{Desk, Missed};

/// How long one call may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// A connection with a thread's own runtime: whoever has it may block, which those of an executor may not.
pub struct Bus {
    runtime: Runtime,
    connection: Connection,
}

/// Whom a call goes to.
#[derive(Clone, Copy)]
pub struct Object<'a> {
    /// The name on the bus.
    pub service: &'a str,
    /// The path of the object.
    pub path: &'a str,
    /// The interface of it.
    pub interface: &'a str,
}

impl Bus {
    /// Connects to the desk's bus.
    ///
    /// # Errors
    /// When there is none, or it does not answer.
    pub fn connect(desk: &Desk) -> Result<Self, Missed> {
        let runtime = desk.var("XDG_RUNTIME_DIR").map(|directory| format!("unix:path={directory}/bus"));
        let Some(address) = desk.var("DBUS_SESSION_BUS_ADDRESS").map(str::to_owned).or(runtime) else {
            return Err(Missed::new("the desktop's session bus is not known")
                .help("start `ccmon-tray` in the desktop session, so that it has DBUS_SESSION_BUS_ADDRESS"));
        };
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Missed::new(format!("no thread for the session bus: {error}")))?;
        let connecting = async { connection::Builder::address(address.as_str())?.build().await };
        let connection = waited(&runtime, connecting)?;
        Ok(Self { runtime, connection })
    }

    /// The connection, to listen on.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Waits for something on this connection.
    ///
    /// # Errors
    /// What the bus says, or that it says nothing in time.
    pub fn wait<T>(&self, what: impl Future<Output = zbus::Result<T>>) -> Result<T, Missed> {
        waited(&self.runtime, what)
    }

    /// Calls a method.
    ///
    /// # Errors
    /// What the bus or the other side says, or that it says nothing in time.
    pub fn call<B, R>(&self, object: Object<'_>, method: &str, body: &B) -> Result<R, Missed>
    where
        B: Serialize + DynamicType,
        R: DeserializeOwned + Type,
    {
        self.wait(async {
            let Object { service, path, interface } = object;
            let reply = self.connection.call_method(Some(service), path, Some(interface), method, body).await?;
            reply.body().deserialize()
        })
    }

    /// The process that has a name on the bus.
    ///
    /// # Errors
    /// When nobody has it.
    pub fn process(&self, service: &str) -> Result<u32, Missed> {
        let bus = "org.freedesktop.DBus";
        let object = Object { service: bus, path: "/org/freedesktop/DBus", interface: bus };
        self.call(object, "GetConnectionUnixProcessID", &service)
    }
}

fn waited<T>(runtime: &Runtime, what: impl Future<Output = zbus::Result<T>>) -> Result<T, Missed> {
    match runtime.block_on(async { tokio::time::timeout(PATIENCE, what).await }) {
        Ok(done) => done.map_err(|error| Missed::new(format!("the session bus says: {error}"))),
        Err(_) => Err(Missed::new(format!("the session bus did not answer within {} s", PATIENCE.as_secs()))),
    }
}
