//! A content stream that is being written, operation by operation: a drawing by hand has very many.

use lopdf::{Object, Writer};

use crate::error::Error;
use crate::number;

/// How exact numbers are, in places behind the point.
const PLACES: i32 = 3;

/// The operations so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Operators {
    written: Vec<u8>,
    /// Why something is not there.
    missing: Option<Error>,
}

impl Operators {
    /// The content stream.
    pub(crate) fn content(&self) -> Result<&[u8], Error> {
        self.missing.map_or(Ok(&self.written), Err)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.written.is_empty()
    }

    /// An operation on nothing but what the ones before it left.
    pub(crate) fn push(&mut self, operator: &str) {
        self.with(operator, &[]);
    }

    /// An operation on something that the resources have under this name.
    pub(crate) fn name(&mut self, operator: &str, name: &str) {
        self.with(operator, &[name.into()]);
    }

    /// An operation on numbers.
    pub(crate) fn numbers(&mut self, operator: &str, numbers: &[f64]) {
        let numbers = numbers.iter().map(|number| number::rounded(*number, PLACES));
        self.with(operator, &numbers.collect::<Vec<_>>());
    }

    /// Any operation.
    pub(crate) fn with(&mut self, operator: &str, operands: &[Object]) {
        for operand in operands {
            if Writer::write_object(&mut self.written, operand).is_err() {
                self.missing = Some(Error::Encode);
            }
            self.written.push(b' ');
        }
        self.written.extend_from_slice(operator.as_bytes());
        self.written.push(b'\n');
    }
}
