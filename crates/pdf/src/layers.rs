//! Which layers of drawings are shown, where pages of several documents come into one: each document says so for its own.

use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::object::{Array, Dict, Name};
use lopdf::{Dictionary, Object, dictionary};

use crate::carry::Carrier;
use crate::error::Error;
use crate::output::Output;

/// The layers of all the documents.
#[derive(Default)]
pub(crate) struct Layers {
    all: Vec<Object>,
    hidden: Vec<Object>,
    /// When they are shown on their own account, as in print.
    automatic: Vec<Object>,
}

impl Layers {
    /// Adds those of a document.
    pub(crate) fn add<'a>(
        &mut self,
        from: &'a Pdf,
        carrier: &mut Carrier<'a>,
        output: &mut Output<'a>,
    ) -> Result<(), Error> {
        let xref = from.xref();
        let catalog = xref.get::<Dict<'_>>(xref.root_id());
        let Some(layers) = catalog.and_then(|catalog| catalog.get::<Dict<'_>>("OCProperties")) else {
            return Ok(());
        };
        let all = list(&layers, "OCGs", carrier, output)?;
        if let Some(usual) = layers.get::<Dict<'_>>("D") {
            let state = usual.get::<Name<'_>>("BaseState");
            if state.is_some_and(|state| &*state == b"OFF") {
                let shown = list(&usual, "ON", carrier, output)?;
                let hidden = all.iter().filter(|layer| !shown.contains(layer));
                self.hidden.extend(hidden.cloned());
            } else {
                self.hidden.extend(list(&usual, "OFF", carrier, output)?);
            }
            self.automatic.extend(list(&usual, "AS", carrier, output)?);
        }
        self.all.extend(all);
        Ok(())
    }

    /// What the catalog says of them; nothing if there are none.
    pub(crate) fn entries(self) -> Dictionary {
        if self.all.is_empty() {
            return Dictionary::new();
        }
        let usual = dictionary! {
            "Order" => self.all.clone(),
            "OFF" => self.hidden,
            "AS" => self.automatic,
        };
        dictionary! { "OCProperties" => dictionary! { "OCGs" => self.all, "D" => usual } }
    }
}

fn list<'a>(
    dict: &Dict<'a>,
    key: &str,
    carrier: &mut Carrier<'a>,
    output: &mut Output<'a>,
) -> Result<Vec<Object>, Error> {
    let values = dict.get::<Array<'_>>(key);
    let values = values.iter().flat_map(Array::raw_iter);
    values.map(|value| carrier.value(&value, output)).collect()
}
