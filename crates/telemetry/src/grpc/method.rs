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

    /// The name of the service that has it, without its package: `Grading`.
    #[must_use]
    pub fn service(self) -> &'static str {
        let service = self.0.split_once('/').map_or(self.0, |(service, _)| service);
        service.rsplit_once('.').map_or(service, |(_, name)| name)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_of_the_service_before_the_slash() {
        const METHODS: RpcMethods = RpcMethods::new(&["korrigo.grading.v1.Copies/Get"]);
        assert_eq!(METHODS.find("/korrigo.grading.v1.Copies/Get").service(), "Copies");
        assert_eq!(
            METHODS.find("/korrigo.grading.v1.Copies/Gets").service(),
            "_OTHER"
        );
    }
}
