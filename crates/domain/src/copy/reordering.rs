//! The booklets of a copy come into another order, and its pages with them.

use std::collections::BTreeSet;

use crate::audit::Metadata;
use crate::copy::{Asked, Booklet, Copy, Part, Refusal, Transition};
use crate::ids::BookletId;

/// That the booklets of a copy came into another order, with the event that it leaves. Only this crate makes one.
#[derive(Debug)]
#[must_use = "an order that is not recorded did not come about"]
pub struct Reordering(Transition);

impl Reordering {
    /// The copy with its booklets in their order.
    pub fn transition(&self) -> &Transition {
        &self.0
    }
}

impl Part {
    /// Its own booklets come into this order; `None` if they are in it.
    pub fn reorder(self, order: &[BookletId], asked: Asked) -> Result<Option<Reordering>, Refusal> {
        let pages = self.untouched()?;
        let copy = self.copy;
        let own = |id: &BookletId| copy.booklets.iter().find(|booklet| booklet.id == *id).copied();
        let booklets: Option<Vec<Booklet>> = order.iter().map(own).collect();
        let booklets = booklets.filter(|booklets| booklets.len() == copy.booklets.len());
        let booklets = booklets.ok_or(Refusal::OtherBooklets)?;
        if BTreeSet::from_iter(order).len() != order.len() {
            return Err(Refusal::OtherBooklets);
        }
        if booklets == copy.booklets {
            return Ok(None);
        }
        let before = |booklet| copy.booklets.iter().position(|other| other == booklet);
        let before = booklets.iter().filter_map(before);
        let order: Vec<u16> = before.filter_map(|place| u16::try_from(place).ok()).collect();
        let metadata = Metadata::Reorder {
            booklets: u16::try_from(booklets.len()).unwrap_or(u16::MAX),
            pages: pages.get(),
            order,
        };
        let (state, copy) = (copy.state, Copy { booklets, ..copy });
        let transition = copy.to(state, asked.actor(), asked.operation, metadata);
        Ok(Some(Reordering(transition)))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::copy::samples::{allowed, in_time, refused, sample};

    fn with_two(copy: Copy) -> Part {
        let mut second = copy.booklets[0];
        second.id = Uuid::from_u128(901).into();
        Part {
            copy: Copy {
                booklets: [copy.booklets.clone(), vec![second]].concat(),
                ..copy
            },
            touched: false,
        }
    }

    fn order(part: &Part) -> Vec<BookletId> {
        part.copy.booklets.iter().map(|booklet| booklet.id).collect()
    }

    #[test]
    fn booklets_change_places_where_nobody_has_begun() {
        let turned = |copy: Copy| {
            let part = with_two(copy);
            let order: Vec<_> = order(&part).into_iter().rev().collect();
            part.reorder(&order, in_time())
        };
        assert_eq!(allowed(turned), ["imported", "ready"]);
        let no_pages = [
            ("importing", Refusal::NoPages),
            ("import failed", Refusal::NoPages),
        ];
        assert_eq!(refused(turned), no_pages);
        let before = with_two(sample("ready"));
        let turned = turned(sample("ready")).unwrap().unwrap();
        let after = turned.transition().copy();
        assert_eq!((after.state, after.version), (before.copy.state, 1));
        assert_eq!(after.booklets[0], before.copy.booklets[1]);
        assert_eq!(after.booklets[1], before.copy.booklets[0]);
        let said = serde_json::to_value(&turned.transition().event().metadata).unwrap();
        assert_eq!(
            said,
            serde_json::json!({"booklets": 2, "pages": 3, "order": [1, 0]})
        );
    }

    #[test]
    fn the_same_order_leaves_no_event_and_other_booklets_are_refused() {
        let part = with_two(sample("ready"));
        let same = order(&part);
        let [first, second] = same[..] else {
            panic!("there are two booklets");
        };
        assert!(part.clone().reorder(&same, in_time()).unwrap().is_none());
        let stranger = Uuid::from_u128(902).into();
        let wrong: [&[BookletId]; 5] = [
            &[],
            &[first],
            &[first, first],
            &[first, stranger],
            &[first, second, second],
        ];
        for order in wrong {
            let refused = part.clone().reorder(order, in_time()).unwrap_err();
            assert_eq!(refused, Refusal::OtherBooklets);
        }
        let touched = Part {
            touched: true,
            ..part
        };
        assert!(matches!(
            touched.reorder(&same, in_time()),
            Err(Refusal::WrongState(_))
        ));
    }
}
