//! What objects are called, in a directory and in a bucket.

use domain::Digest;

/// The first part of the names of objects.
pub(crate) const OBJECTS: &str = "sha256";

/// The name of an object below the directory, or in the bucket: `sha256/ab/cd/abcd…`.
#[must_use]
pub fn object_name(digest: &Digest) -> String {
    let name = digest.to_string();
    let (first, rest) = name.split_at(2);
    let (second, _) = rest.split_at(2);
    format!("{OBJECTS}/{first}/{second}/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_found_by_its_digest_alone() {
        let name = object_name(&Digest::of(b""));
        assert_eq!(
            name,
            "sha256/e3/b0/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
