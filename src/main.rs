//! `ccmon`: the command line. See [`ccmon::cli`].

fn main() -> std::process::ExitCode {
    ccmon::cli::run(option_env!("CCMON_COMMIT"))
}
