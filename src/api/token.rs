//! The token of the TCP door, and what is made of it: secrets are compared in constant time, and never shown.

use std::fs::{OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::paths::open_own;

/// Random bytes in a secret.
const SECRET_BYTES: usize = 32;

/// What a caller over TCP has to know.
#[derive(Clone)]
pub struct Token(Arc<str>);

impl Token {
    /// Whether `offered` is the token; takes as long whether or not it is.
    #[must_use]
    pub fn is(&self, offered: &[u8]) -> bool {
        is_same(self.0.as_bytes(), offered)
    }

    /// A secret for one purpose, that is the same for as long as the token is, and does not tell it.
    #[must_use]
    pub fn derived(&self, purpose: &str) -> String {
        hex(&Sha256::digest(format!("ccmon\0{purpose}\0{}", self.0)))
    }

    /// The token in `path`, made when there is none.
    pub(super) fn keep(path: &Path) -> Result<Self> {
        if let Some(token) = read_token(path)? {
            return Ok(Self(token.into()));
        }
        let token = random()?;
        write_private(path, token.as_bytes())?;
        Ok(Self(token.into()))
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Whether two secrets are the same; takes as long whether or not they are.
pub(super) fn is_same(own: &[u8], offered: &[u8]) -> bool {
    let differ = differ(own, offered.iter());
    own.len() == offered.len() && !differ
}

/// Looks at every byte, wherever the first difference is.
fn differ<'a>(own: &[u8], offered: impl Iterator<Item = &'a u8>) -> bool {
    own.iter().zip(offered).fold(0, |all, (a, b)| all | (a ^ b)) != 0
}

/// A new secret, in hexadecimal.
pub(super) fn random() -> Result<String> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
    Ok(hex(&bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A well-formed token of ours that nobody else could read; `None` when one has to be made.
fn read_token(path: &Path) -> Result<Option<String>> {
    let file = match open_own(path, OpenOptions::new().read(true)) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot use {}: move it away", path.display()));
        }
    };
    let mode = file.metadata()?.mode();
    let mut text = String::new();
    let read = file.take(1_024).read_to_string(&mut text);
    let good = text.len() == 2 * SECRET_BYTES && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    Ok((read.is_ok() && good && mode & 0o077 == 0).then_some(text))
}

/// Writes a 0600 file in one step.
pub(super) fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let fresh = path.with_extension(format!("new-{}", std::process::id()));
    let write = || -> io::Result<()> {
        let _ = std::fs::remove_file(&fresh);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.write_all(bytes)?;
        std::fs::rename(&fresh, path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_looked_at_wherever_the_first_difference_is() {
        let own = [b'a'; 64];
        for wrong in [None, Some(0), Some(31), Some(63)] {
            let mut offered = own;
            wrong.into_iter().for_each(|at| offered[at] = b'b');
            let mut looked = 0;
            let differ = differ(&own, offered.iter().inspect(|_| looked += 1));
            assert_eq!((differ, looked), (wrong.is_some(), own.len()), "{wrong:?}");
            assert_eq!(is_same(&own, &offered), wrong.is_none());
        }
        assert!(!is_same(&own, &own[..63]) && !is_same(&own, &[]) && !is_same(&own[..63], &own));
    }
}
