//! Drafts: what a corrector's window has not saved yet. Nobody but that window looks into them.

use crate::ids::{CopyId, UserId};

/// A draft as it is stored: one per person and copy.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    /// On which copy.
    pub copy: CopyId,
    /// Whose.
    pub user: UserId,
    /// What it holds.
    pub content: DraftContent,
    /// Counts the saves, from 1.
    pub version: i64,
}

/// What a window saves.
#[derive(Clone, PartialEq, Eq)]
pub struct DraftContent {
    /// Which window.
    pub client: ClientId,
    /// JSON.
    pub payload: DraftPayload,
}

personal_text! {
    /// What a window calls itself.
    ClientId, at most 64 characters;
}

/// The JSON of a draft.
#[derive(Clone, PartialEq, Eq)]
pub struct DraftPayload(Box<str>);

impl DraftPayload {
    /// The largest draft, in bytes.
    pub const MAX_BYTES: usize = 256 * 1024;

    /// `None` if it is too large.
    #[must_use]
    pub fn new(json: &str) -> Option<Self> {
        (json.len() <= Self::MAX_BYTES).then(|| Self(json.into()))
    }

    /// The JSON itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Another window has saved since: what it wrote is not overwritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("another window has saved version {version}")]
pub struct Overtaken {
    /// The version that is there.
    pub version: i64,
}

impl Draft {
    /// The draft after the next save. `seen` is the last version that the window knows of; the window that wrote the
    /// last one need not know.
    pub fn saved(
        before: Option<&Self>,
        (copy, user): (CopyId, UserId),
        seen: i64,
        content: DraftContent,
    ) -> Result<Self, Overtaken> {
        let version = before.map_or(0, |draft| draft.version);
        let same_window = before.is_none_or(|draft| draft.content.client == content.client);
        if version > seen && !same_window {
            return Err(Overtaken { version });
        }
        Ok(Self {
            copy,
            user,
            content,
            version: version + 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Ids;

    fn content(client: &str) -> DraftContent {
        DraftContent {
            client: ClientId::new(client).unwrap(),
            payload: DraftPayload::new("{}").unwrap(),
        }
    }

    #[test]
    fn a_window_does_not_overwrite_what_it_has_not_seen() {
        let ids = Ids::sequence();
        let (copy, user) = (ids.next(), ids.next());
        let save = |before: Option<&Draft>, seen, client| {
            let saved = Draft::saved(before, (copy, user), seen, content(client));
            saved.map(|draft| draft.version)
        };
        let first = Draft::saved(None, (copy, user), 0, content("a")).unwrap();
        assert_eq!(first.version, 1);
        assert_eq!(save(Some(&first), 0, "a"), Ok(2));
        assert_eq!(save(Some(&first), 1, "b"), Ok(2));
        assert_eq!(save(Some(&first), 0, "b"), Err(Overtaken { version: 1 }));
    }

    #[test]
    fn a_draft_has_at_most_256_kibibytes() {
        assert!(DraftPayload::new(&"x".repeat(DraftPayload::MAX_BYTES)).is_some());
        assert!(DraftPayload::new(&"x".repeat(DraftPayload::MAX_BYTES + 1)).is_none());
    }
}
