//! One part of a longer list, and where the next part begins.

/// Part of a list that is ordered by id. Ids sort by age, so that what is added later comes after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<T, Cursor> {
    /// The items, oldest first.
    pub items: Vec<T>,
    /// Where the next part begins, if there is one.
    pub next: Option<Cursor>,
}

impl<T, Cursor> Listing<T, Cursor> {
    /// From up to `limit + 1` items: the one too many only shows that there is more.
    pub(crate) fn of(mut items: Vec<T>, limit: u16, cursor: impl FnOnce(&T) -> Cursor) -> Self {
        let more = items.len() > usize::from(limit);
        items.truncate(usize::from(limit));
        let next = if more { items.last().map(cursor) } else { None };
        Self { items, next }
    }
}

/// How many rows to read for a part of `limit` items.
pub(crate) fn with_one_more(limit: u16) -> i64 {
    i64::from(limit) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_part_has_a_next_one_only_if_there_is_more() {
        let cursor = |number: &i32| *number;
        let full = Listing::of(vec![1, 2], 2, cursor);
        assert_eq!((full.items, full.next), (vec![1, 2], None));
        let more = Listing::of(vec![1, 2, 3], 2, cursor);
        assert_eq!((more.items, more.next), (vec![1, 2], Some(2)));
    }
}
