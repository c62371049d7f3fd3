//! `ccmon quiet`.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::output::{self, line};
use super::when;
use crate::daemon::clock;

/// Be left alone for a while: no popup and no notification, until it is over
///
/// Requests wait in the tray and in every list meanwhile.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// For how long (`30min`, `1h`, `2d`); `tomorrow`, until the quiet hours of the night end, or seven in the
    /// morning; `off`; or `status`, which only tells
    #[arg(value_parser = wish, default_value = "status", value_name = "1h|tomorrow|off|status")]
    wish: Wish,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    For(u64),
    Tomorrow,
    Off,
    Status,
}

pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let client = super::client()?;
    let until = match args.wish {
        Wish::For(ms) => json!(clock::wall().plus(ms)),
        Wish::Tomorrow => json!("tomorrow"),
        Wish::Off | Wish::Status => Value::Null,
    };
    let until = if args.wish == Wish::Status {
        let health: Value = client.get("/healthz").await?;
        health["quiet_until"].as_u64()
    } else {
        let set: Value = client.post("/quiet", &json!({ "until": until })).await?;
        set["until"].as_u64()
    };
    match until {
        _ if args.json => output::json(&json!({ "until": until })),
        Some(until) => line(&format!("quiet until {}", when::moment(Some(until)))),
        None => line("not quiet"),
    }
    Ok(ExitCode::SUCCESS)
}

fn wish(text: &str) -> Result<Wish, String> {
    match text {
        "tomorrow" => Ok(Wish::Tomorrow),
        "off" => Ok(Wish::Off),
        "status" => Ok(Wish::Status),
        _ => {
            let ms = when::seconds(text).and_then(|seconds| seconds.checked_mul(1_000)).filter(|ms| *ms > 0);
            ms.map(Wish::For).ok_or_else(|| format!("{text:?} is no time: write 30min, 1h, tomorrow, off or status"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_while_is_read_or_refused() {
        for (text, wanted) in [
            ("1h", Wish::For(3_600_000)),
            ("30min", Wish::For(1_800_000)),
            ("tomorrow", Wish::Tomorrow),
            ("off", Wish::Off),
            ("status", Wish::Status),
        ] {
            assert_eq!(wish(text), Ok(wanted), "{text}");
        }
        for odd in ["", "0h", "now", "-1h", "18446744073709551615d"] {
            assert!(wish(odd).is_err(), "{odd}");
        }
    }
}
