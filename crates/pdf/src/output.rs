//! Writes a document: numbered objects, their table, and nothing that differs from one run to the next.
//!
//! The document is a list of parts: large data is not copied into it but handed over, or only pointed at.

use std::borrow::Cow;
use std::io::Write as _;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use sha2::{Digest as _, Sha256};

use crate::error::Error;

/// The comment tells programs that move files that this one is not text.
const HEADER: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
/// Who made it. The same for every document of every version, so that nothing can be read from it.
const PRODUCER: &str = "<< /Producer (Korrigo) >>";
/// Data of at least so many bytes is a part of its own.
const LARGE: usize = 4096;

/// The number of an object. It may be referred to before it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Number(u32);

impl std::fmt::Display for Number {
    /// As a reference.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} 0 R", self.0)
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
    /// Of all that is written; of the data of streams, which are most of it, only their length and checksum.
    digest: Sha256,
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
    pub(crate) fn add(&mut self, body: &[u8]) -> Result<Number, Error> {
        let number = self.reserve()?;
        self.put(number, body);
        Ok(number)
    }

    /// Writes an object under a reserved number.
    pub(crate) fn put(&mut self, number: Number, body: &[u8]) {
        self.begin(number);
        self.tail.extend_from_slice(body);
        self.digest.update(body);
        self.tail.extend_from_slice(b"\nendobj\n");
    }

    /// Writes a stream under a number of its own. `entries` are those of its dictionary beside its length.
    pub(crate) fn add_stream(
        &mut self,
        entries: &[u8],
        data: impl Into<Cow<'a, [u8]>>,
    ) -> Result<Number, Error> {
        let number = self.reserve()?;
        self.put_stream(number, entries, data);
        Ok(number)
    }

    /// Packs and writes a stream under a number of its own.
    pub(crate) fn add_packed(&mut self, entries: &str, data: &[u8]) -> Result<Number, Error> {
        let packed = deflated(data)?;
        self.add_stream(format!("{entries} /Filter /FlateDecode").as_bytes(), packed)
    }

    /// Writes a stream under a reserved number.
    pub(crate) fn put_stream(&mut self, number: Number, entries: &[u8], data: impl Into<Cow<'a, [u8]>>) {
        let data = data.into();
        self.begin(number);
        self.tail.extend_from_slice(b"<< ");
        self.tail.extend_from_slice(entries);
        self.tail
            .extend_from_slice(format!(" /Length {} >>\nstream\n", data.len()).as_bytes());
        let mut checksum = Crc::new();
        checksum.update(&data);
        self.digest.update(entries);
        self.digest
            .update(format!("{} {:08x}", data.len(), checksum.sum()));
        if data.len() < LARGE {
            self.tail.extend_from_slice(&data);
        } else {
            self.end_part();
            self.push(data);
        }
        self.tail.extend_from_slice(b"\nendstream\nendobj\n");
    }

    /// Ends the document and returns its parts. Its identifier is made of what is in it.
    pub(crate) fn finish(mut self, catalog: Number) -> Result<Vec<Cow<'a, [u8]>>, Error> {
        let producer = self.add(PRODUCER.as_bytes())?;
        let digest = std::mem::take(&mut self.digest).finalize();
        let digits: Vec<String> = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let identifier = digits.concat();
        let (start, size) = (self.length(), self.offsets.len() + 1);
        let mut table = format!("xref\n0 {size}\n0000000000 65535 f \n");
        for offset in &self.offsets {
            let offset = offset.ok_or(Error::Incomplete)?;
            table.extend([format!("{offset:010} 00000 n \n")]);
        }
        table.extend([format!(
            "trailer\n<< /Size {size} /Root {catalog} /Info {producer} /ID [<{identifier}> <{identifier}>] >>\n\
             startxref\n{start}\n%%EOF\n"
        )]);
        self.tail.extend_from_slice(table.as_bytes());
        self.end_part();
        Ok(self.parts)
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
        self.push(Cow::Owned(tail));
    }

    fn push(&mut self, part: Cow<'a, [u8]>) {
        self.finished += part.len();
        self.parts.push(part);
    }
}

/// zlib as a PDF wants it.
fn deflated(data: &[u8]) -> Result<Vec<u8>, Error> {
    let mut encoder = ZlibEncoder::new(Vec::with_capacity(data.len() / 2), Compression::default());
    encoder
        .write_all(data)
        .and_then(|()| encoder.finish())
        .map_err(|_cause| Error::Encode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_data_of_a_source_is_not_copied() {
        let data = vec![7; LARGE];
        let mut output = Output::new();
        let catalog = output.add_stream(b"", &*data).unwrap();
        let parts = output.finish(catalog).unwrap();
        assert!(parts.contains(&Cow::Borrowed(&*data)));
        assert!(parts.iter().any(|part| matches!(part, Cow::Borrowed(_))));
    }

    #[test]
    fn a_document_with_a_promise_that_was_not_kept_is_not_written() {
        let mut output = Output::new();
        let catalog = output.add(b"<< /Type /Catalog >>").unwrap();
        output.reserve().unwrap();
        assert_eq!(output.finish(catalog), Err(Error::Incomplete));
    }
}
