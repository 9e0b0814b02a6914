//! Where objects are kept: the setting.

use std::path::PathBuf;
use std::str::FromStr;

/// What a store of objects is opened with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where the objects are kept.
    pub location: Location,
}

impl Config {
    /// Objects in a directory of this machine.
    #[must_use]
    pub fn directory(path: impl Into<PathBuf>) -> Self {
        Self {
            location: Location::Directory(path.into()),
        }
    }
}

/// Where objects are kept. As text: the path of a directory, plain or behind `file://`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A directory of this machine. It is made if it is missing.
    Directory(PathBuf),
}

impl FromStr for Location {
    type Err = UnsupportedLocation;

    fn from_str(text: &str) -> Result<Self, UnsupportedLocation> {
        let path = match text.split_once("://") {
            None => text,
            Some(("file", path)) => path,
            Some(_) => return Err(UnsupportedLocation),
        };
        if path.is_empty() {
            Err(UnsupportedLocation)
        } else {
            Ok(Self::Directory(path.into()))
        }
    }
}

/// The text names no place that objects can be kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a directory")]
pub struct UnsupportedLocation;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_location_and_a_foreign_url_is_not() {
        for (text, path) in [
            ("var/blobs", "var/blobs"),
            ("/srv/blobs", "/srv/blobs"),
            ("file:///srv/blobs", "/srv/blobs"),
        ] {
            assert_eq!(text.parse(), Ok(Location::Directory(path.into())));
        }
        for text in ["", "file://", "ftp://host/blobs"] {
            assert_eq!(text.parse::<Location>(), Err(UnsupportedLocation));
        }
    }
}
