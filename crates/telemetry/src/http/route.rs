//! Routes by their templates. The path that a client sent is never a label, a span name or a log field.

use super::Method;
use crate::loggable::{Loggable, Value, sealed};

/// The template of a route, `/api/v1/copies/{id}`, with the methods that it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Route {
    template: &'static str,
    methods: &'static [Method],
}

impl Route {
    /// What every path without a route is called.
    pub const UNMATCHED: Self = Self::new("_unmatched", &[]);

    /// The route with this template, which takes these methods.
    #[must_use]
    pub const fn new(template: &'static str, methods: &'static [Method]) -> Self {
        Self { template, methods }
    }

    /// The template.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.template
    }

    /// As what metrics count a request. Strangers choose method and path: whatever is no method of a route is
    /// one and the same, so that they make no series. A HEAD is a GET.
    pub(crate) fn counted(self, method: Method) -> (Method, Self) {
        match method {
            _ if !self.methods.contains(&method) => (Method::Other, Self::UNMATCHED),
            Method::Head => (Method::Get, self),
            Method::Get
            | Method::Post
            | Method::Put
            | Method::Patch
            | Method::Delete
            | Method::Options
            | Method::Other => (method, self),
        }
    }
}

impl sealed::Sealed for Route {}
impl Loggable for Route {
    fn value(&self) -> Option<Value> {
        Some(Value::Name(self.template))
    }
}

/// All routes that a gateway has.
#[derive(Debug, Clone, Copy)]
pub struct Routes(&'static [Route]);

impl Routes {
    /// The routes of this list.
    #[must_use]
    pub const fn new(routes: &'static [Route]) -> Self {
        Self(routes)
    }

    /// The route of a template that the framework matched, or [`Route::UNMATCHED`].
    #[must_use]
    pub fn find(self, template: Option<&str>) -> Route {
        let mut routes = self.0.iter();
        routes
            .find(|route| Some(route.template) == template)
            .copied()
            .unwrap_or(Route::UNMATCHED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_methods_that_a_route_takes_are_counted_under_their_names() {
        let route = Route::new("/copies/{id}", &[Method::Get, Method::Head]);
        assert_eq!(route.counted(Method::Get), (Method::Get, route));
        assert_eq!(route.counted(Method::Head), (Method::Get, route));
        for other in [Method::Put, Method::Options, Method::Other] {
            assert_eq!(route.counted(other), (Method::Other, Route::UNMATCHED));
        }
        let stream = Route::new("/events", &[Method::Get]);
        assert_eq!(stream.counted(Method::Head), (Method::Other, Route::UNMATCHED));
    }
}
