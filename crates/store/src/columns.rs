//! Reads columns into the types of the domain. A value that does not fit is a corrupt row, never a guess.

use std::str::FromStr;

use domain::{Digest, FileSize};

use crate::error::Error;

/// The table that is being read, for the error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table(pub &'static str);

impl Table {
    /// The row makes no sense.
    pub(crate) fn corrupt(self) -> Error {
        Error::Corrupt { table: self.0 }
    }

    /// A value that must be there.
    pub(crate) fn some<T>(self, value: Option<T>) -> Result<T, Error> {
        value.ok_or_else(|| self.corrupt())
    }

    /// A name of a closed set, or another text with a form.
    pub(crate) fn parse<T: FromStr>(self, text: &str) -> Result<T, Error> {
        text.parse().map_err(|_not_one_of_ours| self.corrupt())
    }

    /// The same where the column may be empty.
    pub(crate) fn parse_some<T: FromStr>(self, text: Option<&str>) -> Result<Option<T>, Error> {
        text.map(|text| self.parse(text)).transpose()
    }

    /// A number of a narrower type.
    pub(crate) fn number<T: TryFrom<i64>>(self, number: i64) -> Result<T, Error> {
        T::try_from(number).map_err(|_out_of_range| self.corrupt())
    }

    /// A size for a column; a [`FileSize`] always fits.
    pub(crate) fn size(self, size: FileSize) -> Result<i64, Error> {
        i64::try_from(size.bytes()).map_err(|_out_of_range| self.corrupt())
    }

    /// A SHA-256.
    pub(crate) fn digest(self, bytes: &[u8]) -> Result<Digest, Error> {
        Digest::try_from(bytes).map_err(|_wrong_length| self.corrupt())
    }
}
