//! The keys of checkpoints, in two files: the private one for the grading service, the public one for everybody.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use domain::audit::{KeyName, SigningKey, VerifyingKey};

/// Makes a pair of keys: the private one in the file `path`, the public one beside it, in `<path>.pub`. Files that are
/// there stay as they are, and it fails.
pub fn make_key(path: &Path, name: KeyName) -> io::Result<VerifyingKey> {
    let key = SigningKey::random(name);
    let public = key.public();
    write(path, &key.expose(), 0o600)?;
    write(&public_path(path), &public.to_string(), 0o644)?;
    Ok(public)
}

/// Reads a public key from its file.
pub fn read_key(path: &Path) -> io::Result<VerifyingKey> {
    let text = std::fs::read_to_string(path)?;
    text.parse().map_err(io::Error::other)
}

fn public_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    name.into()
}

fn write(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_pair_of_keys_is_made_once_and_only_the_public_one_is_for_everybody() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("audit-key");
        let name: KeyName = "school.example/korrigo".parse().unwrap();
        let public = make_key(&path, name.clone()).unwrap();
        assert_eq!(read_key(&directory.path().join("audit-key.pub")).unwrap(), public);
        let private = std::fs::read_to_string(&path).unwrap();
        assert_eq!(SigningKey::parse(&private).unwrap().public(), public);
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(make_key(&path, name).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), private);
    }
}
