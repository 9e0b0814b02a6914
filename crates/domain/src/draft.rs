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
    /// Counts the saves and the times it was taken back, from 1.
    pub version: i64,
}

/// What was last done to the draft of a person on a copy. It outlives the draft: whoever has not seen that it was taken
/// back must not overwrite what came after.
#[derive(Clone, PartialEq, Eq)]
pub struct Last {
    /// The version after it.
    pub version: i64,
    /// By which window.
    pub client: ClientId,
    /// Whether the draft was taken back.
    pub taken_back: bool,
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
    /// last one need not know, nor need one that has seen that there is no draft, and says 0.
    pub fn saved(
        last: Option<&Last>,
        (copy, user): (CopyId, UserId),
        seen: i64,
        content: DraftContent,
    ) -> Result<Self, Overtaken> {
        let version = last.map_or(0, |last| last.version);
        let known = |last: &Last| {
            last.version <= seen || last.client == content.client || (last.taken_back && seen == 0)
        };
        if !last.is_none_or(known) {
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
        let save = |last: Option<(i64, bool)>, seen, client| {
            let last = last.map(|(version, taken_back)| Last {
                version,
                client: ClientId::new("a").unwrap(),
                taken_back,
            });
            let saved = Draft::saved(last.as_ref(), (copy, user), seen, content(client));
            saved.map(|draft| draft.version)
        };
        assert_eq!(save(None, 0, "a"), Ok(1));
        let there = Some((5, false));
        assert_eq!(save(there, 0, "a"), Ok(6));
        assert_eq!(save(there, 5, "b"), Ok(6));
        assert_eq!(save(there, 4, "b"), Err(Overtaken { version: 5 }));
        assert_eq!(save(there, 0, "b"), Err(Overtaken { version: 5 }));
        let taken_back = Some((6, true));
        assert_eq!(save(taken_back, 0, "b"), Ok(7));
        assert_eq!(save(taken_back, 5, "b"), Err(Overtaken { version: 6 }));
        assert_eq!(save(taken_back, 5, "a"), Ok(7));
    }

    #[test]
    fn a_draft_has_at_most_256_kibibytes() {
        assert!(DraftPayload::new(&"x".repeat(DraftPayload::MAX_BYTES)).is_some());
        assert!(DraftPayload::new(&"x".repeat(DraftPayload::MAX_BYTES + 1)).is_none());
    }
}
