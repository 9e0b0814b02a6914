//! Panics: where, never what they say, since a message can quote anything.

use std::cell::Cell;

use crate::events::Panicked;
use crate::log::log;
use crate::options::Output;
use crate::place::Place;

thread_local! {
    static REPORTING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is in the midst of telling of a panic.
pub(crate) fn is_being_reported() -> bool {
    REPORTING.get()
}

/// Replaces the hook that prints messages of panics. A test keeps it: it wants to read why it failed.
pub(crate) fn install(output: &Output) {
    let printed = match output {
        Output::Memory(_) => Some(std::panic::take_hook()),
        Output::Stderr | Output::Nowhere => None,
    };
    std::panic::set_hook(Box::new(move |panic| {
        REPORTING.set(true);
        log(Panicked {
            place: panic.location().map(Place::of),
        });
        REPORTING.set(false);
        if let Some(print) = &printed {
            print(panic);
        }
    }));
}
