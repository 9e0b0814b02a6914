//! Carries objects of a document over into another as they are, with new numbers.
//!
//! Only what is referred to is carried, so that nothing of the other pages, and no other pupil's, comes along. What
//! is no part of a page's look stays behind wherever it is referred to: the pages and the catalog themselves, notes
//! about the document, attached files, and actions.
//!
//! The data of streams is not copied: the output points at it in the source, unless it had to be decrypted.

use std::collections::HashMap;

use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::object::{Dict, MaybeRef, Name, Number, ObjRef, Object, ObjectIdentifier};

use crate::error::Error;
use crate::output::{self, Output};

/// Objects within objects, at most.
const DEEPEST: usize = 64;
/// Beyond the integers of a document.
const LARGE: f64 = 2_147_483_648.0;
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
    numbers: HashMap<ObjectIdentifier, Option<output::Number>>,
    waiting: Vec<(Object<'a>, output::Number)>,
}

impl<'a> Carrier<'a> {
    pub(crate) fn new(from: &'a Pdf) -> Self {
        Self {
            from,
            numbers: HashMap::new(),
            waiting: Vec::new(),
        }
    }

    /// Writes a value; what it refers to gets numbers and waits for [`Carrier::finish`].
    pub(crate) fn value(
        &mut self,
        value: &MaybeRef<Object<'a>>,
        output: &mut Output<'a>,
        into: &mut Vec<u8>,
    ) -> Result<(), Error> {
        self.nested(value, output, into, DEEPEST)
    }

    /// The entries of a dictionary, without those named.
    pub(crate) fn entries(
        &mut self,
        dict: &Dict<'a>,
        without: &[&[u8]],
        output: &mut Output<'a>,
        into: &mut Vec<u8>,
    ) -> Result<(), Error> {
        for (key, value) in dict.entries() {
            if !without.contains(&&*key) {
                name(&key, into);
                into.push(b' ');
                self.value(&value, output, into)?;
                into.push(b' ');
            }
        }
        Ok(())
    }

    /// Writes everything that was referred to, and what that refers to.
    pub(crate) fn finish(&mut self, output: &mut Output<'a>) -> Result<(), Error> {
        while let Some((object, number)) = self.waiting.pop() {
            let mut body = Vec::new();
            if let Object::Stream(stream) = object {
                self.entries(stream.dict(), &ABOUT_THE_STREAM, output, &mut body)?;
                output.put_stream(number, &body, stream.raw_data());
            } else {
                self.value(&MaybeRef::NotRef(object), output, &mut body)?;
                output.put(number, &body);
            }
        }
        Ok(())
    }

    fn nested(
        &mut self,
        value: &MaybeRef<Object<'a>>,
        output: &mut Output<'a>,
        into: &mut Vec<u8>,
        deepest: usize,
    ) -> Result<(), Error> {
        let deepest = deepest.checked_sub(1).ok_or(Error::Invalid)?;
        let object = match value {
            MaybeRef::Ref(reference) => return self.reference(*reference, output, into),
            MaybeRef::NotRef(object) => object,
        };
        match object {
            Object::Null(_) => into.extend_from_slice(b"null"),
            Object::Boolean(true) => into.extend_from_slice(b"true"),
            Object::Boolean(false) => into.extend_from_slice(b"false"),
            Object::Number(value) => number(*value, into),
            Object::Name(text) => name(text, into),
            Object::String(text) => string(text, into),
            Object::Array(values) => {
                into.push(b'[');
                for value in values.raw_iter() {
                    self.nested(&value, output, into, deepest)?;
                    into.push(b' ');
                }
                into.push(b']');
            }
            Object::Dict(dict) => {
                into.extend_from_slice(b"<< ");
                for (key, value) in dict.entries() {
                    name(&key, into);
                    into.push(b' ');
                    self.nested(&value, output, into, deepest)?;
                    into.push(b' ');
                }
                into.extend_from_slice(b">>");
            }
            // A stream is always an object of its own.
            Object::Stream(_) => return Err(Error::Invalid),
        }
        Ok(())
    }

    /// The new number of an object; nothing at all if it stays behind or is not there.
    fn reference(
        &mut self,
        reference: ObjRef,
        output: &mut Output<'a>,
        into: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let id = ObjectIdentifier::from(reference);
        let number = match self.numbers.get(&id) {
            Some(known) => *known,
            None => self.carry(id, output)?,
        };
        match number {
            Some(number) => into.extend_from_slice(number.to_string().as_bytes()),
            None => into.extend_from_slice(b"null"),
        }
        Ok(())
    }

    fn carry(
        &mut self,
        id: ObjectIdentifier,
        output: &mut Output<'a>,
    ) -> Result<Option<output::Number>, Error> {
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

/// Without an exponent, which documents do not have, and with a point where readers would take it for an integer that
/// is too large for them.
fn number(value: Number, into: &mut Vec<u8>) {
    let value = value.as_f64();
    if !value.is_finite() {
        into.push(b'0');
    } else if value.abs() < LARGE {
        into.extend_from_slice(value.to_string().as_bytes());
    } else {
        into.extend_from_slice(format!("{value:.1}").as_bytes());
    }
}

fn name(text: &[u8], into: &mut Vec<u8>) {
    into.push(b'/');
    for byte in text {
        if byte.is_ascii_alphanumeric() || b"-_+.,:*".contains(byte) {
            into.push(*byte);
        } else {
            into.extend_from_slice(format!("#{byte:02X}").as_bytes());
        }
    }
}

fn string(text: &[u8], into: &mut Vec<u8>) {
    into.push(b'<');
    for byte in text {
        into.extend_from_slice(format!("{byte:02X}").as_bytes());
    }
    into.push(b'>');
}
