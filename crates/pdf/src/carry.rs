//! Carries objects of a document over into another as they are, with new numbers.
//!
//! Only what is referred to is carried, so that nothing of the other pages, and no other pupil's, comes along. What
//! is no part of a page's look stays behind wherever it is referred to: the pages and the catalog themselves, notes
//! about the document, attached files, and actions.
//!
//! The data of streams is not copied: the output points at it in the source, unless it had to be decrypted.

use std::collections::HashMap;

use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::object::{Dict, MaybeRef, Name, ObjRef, Object, ObjectIdentifier};
use lopdf::{Dictionary, StringFormat};

use crate::error::Error;
use crate::number;
use crate::output::{Number, Output};

/// Objects within objects, at most.
const DEEPEST: usize = 64;
/// What a page can be seen without.
const LEFT_BEHIND: [&[u8]; 9] = [
    b"Page",
    b"Pages",
    b"Catalog",
    b"Metadata",
    b"Filespec",
    b"F",
    b"EmbeddedFile",
    b"Action",
    b"StructTreeRoot",
];
/// What a stream can be used without.
const ABOUT_THE_STREAM: [&[u8]; 5] = [
    b"Length",
    b"Metadata",
    b"PieceInfo",
    b"LastModified",
    b"StructParent",
];

/// Carries from one document into one output.
pub(crate) struct Carrier<'a> {
    from: &'a Pdf,
    numbers: HashMap<ObjectIdentifier, Option<Number>>,
    waiting: Vec<(Object<'a>, Number)>,
}

impl<'a> Carrier<'a> {
    pub(crate) fn new(from: &'a Pdf) -> Self {
        Self {
            from,
            numbers: HashMap::new(),
            waiting: Vec::new(),
        }
    }

    /// A value of the source for the output; what it refers to gets numbers and waits for [`Carrier::finish`].
    pub(crate) fn value(
        &mut self,
        value: &MaybeRef<Object<'a>>,
        output: &mut Output<'a>,
    ) -> Result<lopdf::Object, Error> {
        self.nested(value, output, DEEPEST)
    }

    /// The entries of a dictionary, without those named.
    pub(crate) fn entries(
        &mut self,
        dict: &Dict<'a>,
        without: &[&[u8]],
        output: &mut Output<'a>,
    ) -> Result<Dictionary, Error> {
        self.nested_entries(dict, without, output, DEEPEST)
    }

    /// Writes everything that was referred to, and what that refers to.
    pub(crate) fn finish(&mut self, output: &mut Output<'a>) -> Result<(), Error> {
        while let Some((object, number)) = self.waiting.pop() {
            if let Object::Stream(stream) = object {
                let entries = self.entries(stream.dict(), &ABOUT_THE_STREAM, output)?;
                output.put_stream(number, entries, stream.raw_data())?;
            } else {
                let object = self.value(&MaybeRef::NotRef(object), output)?;
                output.put(number, &object)?;
            }
        }
        Ok(())
    }

    fn nested(
        &mut self,
        value: &MaybeRef<Object<'a>>,
        output: &mut Output<'a>,
        deepest: usize,
    ) -> Result<lopdf::Object, Error> {
        let deepest = deepest.checked_sub(1).ok_or(Error::Invalid)?;
        let object = match value {
            MaybeRef::Ref(reference) => return self.reference(*reference, output),
            MaybeRef::NotRef(object) => object,
        };
        Ok(match object {
            Object::Null(_) => lopdf::Object::Null,
            Object::Boolean(value) => (*value).into(),
            Object::Number(value) => number::object(value.as_f64()),
            Object::Name(name) => lopdf::Object::Name(name.to_vec()),
            Object::String(text) => lopdf::Object::String(text.to_vec(), StringFormat::Hexadecimal),
            Object::Array(values) => {
                let values = values.raw_iter();
                let values: Result<Vec<_>, _> =
                    values.map(|value| self.nested(&value, output, deepest)).collect();
                values?.into()
            }
            Object::Dict(dict) => self.nested_entries(dict, &[], output, deepest)?.into(),
            // A stream is always an object of its own.
            Object::Stream(_) => return Err(Error::Invalid),
        })
    }

    fn nested_entries(
        &mut self,
        dict: &Dict<'a>,
        without: &[&[u8]],
        output: &mut Output<'a>,
        deepest: usize,
    ) -> Result<Dictionary, Error> {
        let kept = dict.entries().filter(|(key, _)| !without.contains(&&**key));
        let entries = kept.map(|(key, value)| Ok((key.to_vec(), self.nested(&value, output, deepest)?)));
        entries.collect()
    }

    /// The new number of an object; nothing at all if it stays behind or is not there.
    fn reference(&mut self, reference: ObjRef, output: &mut Output<'a>) -> Result<lopdf::Object, Error> {
        let id = ObjectIdentifier::from(reference);
        let number = match self.numbers.get(&id) {
            Some(known) => *known,
            None => self.carry(id, output)?,
        };
        Ok(number.map_or(lopdf::Object::Null, Into::into))
    }

    fn carry(&mut self, id: ObjectIdentifier, output: &mut Output<'a>) -> Result<Option<Number>, Error> {
        let object = self.from.xref().get::<Object<'_>>(id).filter(comes_along);
        let number = match object {
            Some(object) => {
                let number = output.reserve()?;
                self.waiting.push((object, number));
                Some(number)
            }
            None => None,
        };
        self.numbers.insert(id, number);
        Ok(number)
    }
}

fn comes_along(object: &Object<'_>) -> bool {
    let dict = match object {
        Object::Dict(dict) => dict,
        Object::Stream(stream) => stream.dict(),
        Object::Null(_) => return false,
        Object::Boolean(_) | Object::Number(_) | Object::Name(_) | Object::String(_) | Object::Array(_) => {
            return true;
        }
    };
    let kind = dict.get::<Name<'_>>("Type");
    kind.is_none_or(|kind| !LEFT_BEHIND.contains(&&*kind))
}
