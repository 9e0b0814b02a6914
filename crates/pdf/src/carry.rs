//! Carries objects of a document over into another as they are, with new numbers.
//!
//! Only what is referred to is carried, so that nothing of the other pages, and no other pupil's, comes along. What
//! is no part of a page's look stays behind wherever it is referred to: the pages and the catalog themselves, notes
//! about the document, attached files, and actions.

use std::collections::HashMap;

use lopdf::{Dictionary, Document, Object, ObjectId};

use crate::error::Error;
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

/// Carries from one document into one output.
pub(crate) struct Carrier<'a> {
    from: &'a Document,
    numbers: HashMap<ObjectId, Option<Number>>,
    waiting: Vec<(ObjectId, Number)>,
}

impl<'a> Carrier<'a> {
    pub(crate) fn new(from: &'a Document) -> Self {
        Self {
            from,
            numbers: HashMap::new(),
            waiting: Vec::new(),
        }
    }

    /// Writes a value; what it refers to gets numbers and waits for [`Carrier::finish`].
    pub(crate) fn value(
        &mut self,
        value: &Object,
        output: &mut Output,
        into: &mut Vec<u8>,
    ) -> Result<(), Error> {
        self.nested(value, output, into, DEEPEST)
    }

    /// The entries of a dictionary, without those named.
    pub(crate) fn entries(
        &mut self,
        dict: &Dictionary,
        without: &[&[u8]],
        output: &mut Output,
        into: &mut Vec<u8>,
    ) -> Result<(), Error> {
        for (key, value) in dict {
            if !without.contains(&key.as_slice()) {
                name(key, into);
                into.push(b' ');
                self.value(value, output, into)?;
                into.push(b' ');
            }
        }
        Ok(())
    }

    /// Writes everything that was referred to, and what that refers to.
    pub(crate) fn finish(&mut self, output: &mut Output) -> Result<(), Error> {
        let from = self.from;
        while let Some((id, number)) = self.waiting.pop() {
            let mut body = Vec::new();
            match from.objects.get(&id) {
                Some(Object::Stream(stream)) => {
                    let without: [&[u8]; 5] = [
                        b"Length",
                        b"Metadata",
                        b"PieceInfo",
                        b"LastModified",
                        b"StructParent",
                    ];
                    self.entries(&stream.dict, &without, output, &mut body)?;
                    output.put_stream(number, &body, &stream.content);
                }
                Some(object) => {
                    self.value(object, output, &mut body)?;
                    output.put(number, &body);
                }
                None => output.put(number, b"null"),
            }
        }
        Ok(())
    }

    fn nested(
        &mut self,
        value: &Object,
        output: &mut Output,
        into: &mut Vec<u8>,
        deepest: usize,
    ) -> Result<(), Error> {
        let deepest = deepest.checked_sub(1).ok_or(Error::Invalid)?;
        match value {
            Object::Null => into.extend_from_slice(b"null"),
            Object::Boolean(true) => into.extend_from_slice(b"true"),
            Object::Boolean(false) => into.extend_from_slice(b"false"),
            Object::Integer(number) => into.extend_from_slice(number.to_string().as_bytes()),
            Object::Real(number) if number.is_finite() => {
                into.extend_from_slice(number.to_string().as_bytes());
            }
            Object::Real(_) => into.push(b'0'),
            Object::Name(text) => name(text, into),
            Object::String(text, _) => string(text, into),
            Object::Array(values) => {
                into.push(b'[');
                for value in values {
                    self.nested(value, output, into, deepest)?;
                    into.push(b' ');
                }
                into.push(b']');
            }
            Object::Dictionary(dict) => {
                into.extend_from_slice(b"<< ");
                for (key, value) in dict {
                    name(key, into);
                    into.push(b' ');
                    self.nested(value, output, into, deepest)?;
                    into.push(b' ');
                }
                into.extend_from_slice(b">>");
            }
            // A stream is always an object of its own.
            Object::Stream(_) => return Err(Error::Invalid),
            Object::Reference(id) => match self.number(*id, output)? {
                Some(number) => into.extend_from_slice(number.to_string().as_bytes()),
                None => into.extend_from_slice(b"null"),
            },
        }
        Ok(())
    }

    /// The new number of an object; `None` if it stays behind.
    fn number(&mut self, id: ObjectId, output: &mut Output) -> Result<Option<Number>, Error> {
        if let Some(known) = self.numbers.get(&id) {
            return Ok(*known);
        }
        let comes_along = self.from.objects.get(&id).is_some_and(comes_along);
        let number = if comes_along {
            Some(output.reserve()?)
        } else {
            None
        };
        self.numbers.insert(id, number);
        self.waiting.extend(number.map(|number| (id, number)));
        Ok(number)
    }
}

fn comes_along(object: &Object) -> bool {
    let dict = match object {
        Object::Dictionary(dict) => dict,
        Object::Stream(stream) => &stream.dict,
        Object::Null => return false,
        Object::Boolean(_)
        | Object::Integer(_)
        | Object::Real(_)
        | Object::Name(_)
        | Object::String(..)
        | Object::Array(_)
        | Object::Reference(_) => return true,
    };
    let kind = dict.get(b"Type").and_then(Object::as_name).unwrap_or_default();
    !LEFT_BEHIND.contains(&kind)
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
