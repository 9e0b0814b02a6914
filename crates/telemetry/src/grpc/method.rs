//! RPC methods by their full names, out of the list that the contract has.

use crate::loggable::{Loggable, Value, sealed};

/// A method: `korrigo.grading.v1.Grading/RegisterCopy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RpcMethod(&'static str);

impl RpcMethod {
    /// What every path without a method is called.
    pub const UNKNOWN: Self = Self("_OTHER");

    /// The full name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl sealed::Sealed for RpcMethod {}
impl Loggable for RpcMethod {
    fn value(&self) -> Option<Value> {
        Some(Value::Name(self.0))
    }
}

/// All methods of a contract, by their full names without a leading slash.
#[derive(Debug, Clone, Copy)]
pub struct RpcMethods(&'static [&'static str]);

impl RpcMethods {
    /// The methods of this list.
    #[must_use]
    pub const fn new(names: &'static [&'static str]) -> Self {
        Self(names)
    }

    /// The method that a request path names, or [`RpcMethod::UNKNOWN`].
    #[must_use]
    pub fn find(self, path: &str) -> RpcMethod {
        let name = path.strip_prefix('/').unwrap_or(path);
        self.0
            .iter()
            .find(|known| **known == name)
            .map_or(RpcMethod::UNKNOWN, |name| RpcMethod(name))
    }

    /// The list.
    pub fn iter(self) -> impl Iterator<Item = RpcMethod> {
        self.0.iter().map(|name| RpcMethod(name))
    }
}
