//! Routes by their templates. The path that a client sent is never a label, a span name or a log field.

use super::Method;
use crate::loggable::{Loggable, Value, sealed};

/// The template of a route: `/api/v1/copies/{id}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Route(&'static str);

impl Route {
    /// What every path without a route is called.
    pub const UNMATCHED: Self = Self("_unmatched");

    /// The route with this template.
    #[must_use]
    pub const fn of(template: &'static str) -> Self {
        Self(template)
    }

    /// The template.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl sealed::Sealed for Route {}
impl Loggable for Route {
    fn value(&self) -> Option<Value> {
        Some(Value::Name(self.0))
    }
}

/// All routes that a gateway has.
#[derive(Debug, Clone, Copy)]
pub struct Routes(&'static [(Method, &'static str)]);

impl Routes {
    /// The routes of this list.
    #[must_use]
    pub const fn new(routes: &'static [(Method, &'static str)]) -> Self {
        Self(routes)
    }

    /// The route of a template that the framework matched, or [`Route::UNMATCHED`].
    #[must_use]
    pub fn find(self, template: Option<&str>) -> Route {
        let known = |template: &str| self.0.iter().find(|(_, known)| *known == template);
        template
            .and_then(known)
            .map_or(Route::UNMATCHED, |(_, template)| Route(template))
    }

    /// The list.
    pub fn iter(self) -> impl Iterator<Item = (Method, Route)> {
        self.0.iter().map(|(method, template)| (*method, Route(template)))
    }
}
