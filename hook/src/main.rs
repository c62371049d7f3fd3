//! `ccmon-hook`: Claude Code runs it at every event; see the library for what it does and never does.

fn main() {
    ccmon_hook::run(std::env::args_os().skip(1), option_env!("CCMON_COMMIT"));
}
