//! Writes a document: numbered objects, their table, and nothing that differs from one run to the next.
//!
//! The document is a list of parts: large data is not copied into it but handed over, or only pointed at. Objects
//! are those of lopdf, which knows how they are written; its documents would hold every byte themselves.

use std::borrow::Cow;
use std::io::{self, Write as _};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use lopdf::{Dictionary, Object, StringFormat, Writer, dictionary};
use sha2::{Digest as _, Sha256};

use crate::error::Error;

/// The comment tells programs that move files that this one is not text.
const HEADER: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
/// Who made it. The same for every document of every version, so that nothing can be read from it.
const PRODUCER: &str = "Korrigo";
/// How many bytes of the digest make an identifier.
const IDENTIFIER: usize = 16;
/// Data of at least so many bytes is a part of its own.
const LARGE: usize = 4096;
/// Of large data the identifier knows so many bytes of every so many, and the last ones: to look at all of it would be
/// a tenth of the work.
const SAMPLE: usize = 64;
const STRIDE: usize = 8192;

/// The number of an object. It may be referred to before it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Number(u32);

impl From<Number> for Object {
    /// As a reference.
    fn from(number: Number) -> Self {
        Self::Reference((number.0, 0))
    }
}

/// A document that is being written.
pub(crate) struct Output<'a> {
    /// What is finished.
    parts: Vec<Cow<'a, [u8]>>,
    /// How many bytes that is.
    finished: usize,
    /// What comes behind it.
    tail: Vec<u8>,
    /// Where each object begins; `None` while it is only referred to.
    offsets: Vec<Option<usize>>,
    /// Of all that is written; of large data, which is most of it, only samples.
    digest: Sha256,
    /// Packs one stream after the other: to set it up anew takes longer than to pack the layer of a page.
    packer: Option<ZlibEncoder<Vec<u8>>>,
}

impl<'a> Output<'a> {
    /// Begins a document.
    pub(crate) fn new() -> Self {
        Self {
            parts: Vec::new(),
            finished: 0,
            tail: HEADER.to_vec(),
            offsets: Vec::new(),
            digest: Sha256::new(),
            packer: None,
        }
    }

    /// A number for an object that is written later.
    pub(crate) fn reserve(&mut self) -> Result<Number, Error> {
        self.offsets.push(None);
        u32::try_from(self.offsets.len())
            .map(Number)
            .map_err(|_cause| Error::TooMuchData)
    }

    /// Writes an object under a number of its own.
    pub(crate) fn add(&mut self, object: impl Into<Object>) -> Result<Number, Error> {
        let number = self.reserve()?;
        self.put(number, &object.into())?;
        Ok(number)
    }

    /// Writes an object under a reserved number.
    pub(crate) fn put(&mut self, number: Number, object: &Object) -> Result<(), Error> {
        self.begin(number);
        self.object(object)?;
        self.tail.extend_from_slice(b"\nendobj\n");
        Ok(())
    }

    /// Writes a stream under a number of its own. `entries` are those of its dictionary beside its length.
    pub(crate) fn add_stream(
        &mut self,
        entries: Dictionary,
        data: impl Into<Cow<'a, [u8]>>,
    ) -> Result<Number, Error> {
        let number = self.reserve()?;
        self.put_stream(number, entries, data)?;
        Ok(number)
    }

    /// Packs and writes a stream under a number of its own.
    pub(crate) fn add_packed(&mut self, mut entries: Dictionary, data: &[u8]) -> Result<Number, Error> {
        entries.set("Filter", "FlateDecode");
        let packed = self.packed(data).map_err(|_cause| Error::Encode)?;
        self.add_stream(entries, packed)
    }

    /// Writes a stream under a reserved number.
    pub(crate) fn put_stream(
        &mut self,
        number: Number,
        mut entries: Dictionary,
        data: impl Into<Cow<'a, [u8]>>,
    ) -> Result<(), Error> {
        let data = data.into();
        let length = i64::try_from(data.len()).map_err(|_cause| Error::TooMuchData)?;
        entries.set("Length", length);
        self.begin(number);
        self.object(&entries.into())?;
        self.tail.extend_from_slice(b"\nstream\n");
        if data.len() < LARGE {
            self.tail.extend_from_slice(&data);
        } else {
            self.end_part();
            self.sample(&data);
            self.push(data);
        }
        self.tail.extend_from_slice(b"\nendstream\nendobj\n");
        Ok(())
    }

    /// Ends the document and returns its parts. Its identifier is made of what is in it.
    pub(crate) fn finish(mut self, catalog: Number) -> Result<Vec<Cow<'a, [u8]>>, Error> {
        let producer = self.add(dictionary! { "Producer" => Object::string_literal(PRODUCER) })?;
        self.end_part();
        let digest = std::mem::take(&mut self.digest).finalize();
        let identifier = digest.iter().take(IDENTIFIER).copied().collect();
        let identifier = Object::String(identifier, StringFormat::Hexadecimal);
        let (start, size) = (self.length(), self.offsets.len() + 1);
        let mut table = format!("xref\n0 {size}\n0000000000 65535 f \n");
        for offset in &self.offsets {
            let offset = offset.ok_or(Error::Incomplete)?;
            table.extend([format!("{offset:010} 00000 n \n")]);
        }
        table.push_str("trailer\n");
        self.tail.extend_from_slice(table.as_bytes());
        let trailer = dictionary! {
            "Size" => i64::try_from(size).map_err(|_cause| Error::TooMuchData)?,
            "Root" => catalog,
            "Info" => producer,
            "ID" => vec![identifier.clone(), identifier],
        };
        self.object(&trailer.into())?;
        self.tail
            .extend_from_slice(format!("\nstartxref\n{start}\n%%EOF\n").as_bytes());
        self.end_part();
        Ok(self.parts)
    }

    fn sample(&mut self, data: &[u8]) {
        let beginnings = data.chunks(STRIDE).filter_map(<[u8]>::first_chunk::<SAMPLE>);
        for sample in beginnings.chain(data.last_chunk()) {
            self.digest.update(sample);
        }
    }

    /// zlib as a PDF wants it.
    fn packed(&mut self, data: &[u8]) -> io::Result<Vec<u8>> {
        let packer = self
            .packer
            .get_or_insert_with(|| ZlibEncoder::new(Vec::new(), Compression::default()));
        packer.write_all(data)?;
        packer.reset(Vec::new())
    }

    fn object(&mut self, object: &Object) -> Result<(), Error> {
        Writer::write_object(&mut self.tail, object).map_err(|_cause| Error::Encode)
    }

    fn begin(&mut self, number: Number) {
        let start = self.length();
        let place = crate::number::length(number.0).checked_sub(1);
        if let Some(offset) = place.and_then(|place| self.offsets.get_mut(place)) {
            *offset = Some(start);
        }
        self.tail
            .extend_from_slice(format!("{} 0 obj\n", number.0).as_bytes());
    }

    fn length(&self) -> usize {
        self.finished + self.tail.len()
    }

    fn end_part(&mut self) {
        let tail = std::mem::take(&mut self.tail);
        self.digest.update(&tail);
        self.push(Cow::Owned(tail));
    }

    fn push(&mut self, part: Cow<'a, [u8]>) {
        self.finished += part.len();
        self.parts.push(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_data_of_a_source_is_not_copied() {
        let data = vec![7; LARGE];
        let mut output = Output::new();
        let catalog = output.add_stream(Dictionary::new(), &*data).unwrap();
        let parts = output.finish(catalog).unwrap();
        assert!(parts.contains(&Cow::Borrowed(&*data)));
        assert!(parts.iter().any(|part| matches!(part, Cow::Borrowed(_))));
    }

    #[test]
    fn a_document_with_a_promise_that_was_not_kept_is_not_written() {
        let mut output = Output::new();
        let catalog = output.add(dictionary! { "Type" => "Catalog" }).unwrap();
        output.reserve().unwrap();
        assert_eq!(output.finish(catalog), Err(Error::Incomplete));
    }
}
