//! How the programs are linked: with their relocations packed, and with `SQLite` to themselves.
//!
//! There are some 50,000 of them, nearly all relative; packed they are 10 kB instead of 1.2 MB, and
//! the loader is through with them sooner. Needs glibc 2.36 (Debian 12, Ubuntu 24.04); a linker that
//! knows nothing of it links as before.
//!
//! What a library that is loaded looks for is found in the program first: WebKit would use a part of our `SQLite`, and a part
//! of the system's.

// Cargo listens there.
#![allow(clippy::print_stdout)]

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=packaging/link.rs");
    let target = |part: &str| env::var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
        println!("cargo::rustc-link-arg-bins=-Wl,--exclude-libs,ALL");
    }
}
