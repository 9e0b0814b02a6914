//! Panics: where, never what they say, since a message can quote anything.

use crate::events::Panicked;
use crate::log::log;
use crate::options::Output;
use crate::place::Place;

/// Replaces the hook that prints messages of panics. A test keeps it: it wants to read why it failed.
pub(crate) fn install(output: &Output) {
    let printed = match output {
        Output::Memory(_) => Some(std::panic::take_hook()),
        Output::Stderr | Output::Nowhere => None,
    };
    std::panic::set_hook(Box::new(move |panic| {
        log(Panicked {
            place: panic.location().map(Place::of),
        });
        if let Some(print) = &printed {
            print(panic);
        }
    }));
}
