//! All fuzz targets in one program: `FUZZ_TARGET` names the one that takes the bytes. See `README.md`.
#![no_main]

#[path = "targets/api.rs"]
mod api;
#[path = "targets/decide.rs"]
mod decide;
#[path = "targets/fold.rs"]
mod fold;
#[path = "targets/hook.rs"]
mod hook;
#[path = "targets/link.rs"]
mod link;
#[path = "targets/parse.rs"]
mod parse;
#[path = "targets/settings.rs"]
mod settings;
#[path = "targets/tail.rs"]
mod tail;

use std::path::PathBuf;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

static TARGET: OnceLock<fn(&[u8])> = OnceLock::new();

fuzz_target!(|bytes: &[u8]| TARGET.get_or_init(chosen)(bytes));

fn chosen() -> fn(&[u8]) {
    match std::env::var("FUZZ_TARGET").as_deref() {
        Ok("api") => api::run,
        Ok("decide") => decide::run,
        Ok("fold") => fold::run,
        Ok("hook") => hook::run,
        Ok("link") => link::run,
        Ok("parse") => parse::run,
        Ok("settings") => settings::run,
        Ok("tail") => tail::run,
        _ => panic!("FUZZ_TARGET is to be one of the names in tests/fuzz/targets"),
    }
}

/// The directory that `run` made for this process: daemon and hook write only there.
fn world() -> PathBuf {
    let state = std::env::var_os("CCMON_STATE_DIR").expect("CCMON_STATE_DIR, as tests/fuzz/run sets it");
    PathBuf::from(state)
}
