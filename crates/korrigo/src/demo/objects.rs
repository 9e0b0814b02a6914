//! Writes the objects of a PDF file one after the other, with the table that finds them again.
//!
//! It knows nothing of pages or images, checks nothing and can therefore also write broken files.

/// A PDF file in the making.
#[derive(Debug)]
pub struct Objects {
    file: Vec<u8>,
    offsets: Vec<usize>,
}

impl Default for Objects {
    fn default() -> Self {
        Self {
            file: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(),
            offsets: Vec::new(),
        }
    }
}

impl Objects {
    /// The number that the next object will have. The first is 1.
    #[must_use]
    pub fn next(&self) -> usize {
        self.offsets.len() + 1
    }

    /// Adds an object and returns its number.
    pub fn add(&mut self, body: impl AsRef<[u8]>) -> usize {
        let number = self.next();
        self.offsets.push(self.file.len());
        self.file
            .extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        self.file.extend_from_slice(body.as_ref());
        self.file.extend_from_slice(b"\nendobj\n");
        number
    }

    /// Adds a stream; `entries` are the entries of its dictionary without the length.
    pub fn stream(&mut self, entries: &str, data: &[u8]) -> usize {
        let mut body = format!("<< {entries} /Length {} >>\nstream\n", data.len()).into_bytes();
        body.extend_from_slice(data);
        body.extend_from_slice(b"\nendstream");
        self.add(body)
    }

    /// Ends the file. `trailer` are the entries of the trailer without the size.
    #[must_use]
    pub fn finish(mut self, trailer: &str) -> Vec<u8> {
        let table = self.file.len();
        let size = self.next();
        self.file
            .extend_from_slice(format!("xref\n0 {size}\n0000000000 65535 f \n").as_bytes());
        for offset in self.offsets {
            self.file
                .extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
        }
        let end = format!("trailer\n<< /Size {size} {trailer} >>\nstartxref\n{table}\n%%EOF\n");
        self.file.extend_from_slice(end.as_bytes());
        self.file
    }
}
