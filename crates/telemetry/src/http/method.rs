//! The methods of HTTP that this system speaks.

closed! {
    /// A method. What a client invents is `_OTHER`.
    Method {
        /// Read.
        Get = "GET",
        /// Read without a body.
        Head = "HEAD",
        /// Create, start.
        Post = "POST",
        /// Replace.
        Put = "PUT",
        /// Change.
        Patch = "PATCH",
        /// Remove.
        Delete = "DELETE",
        /// Ask what is possible.
        Options = "OPTIONS",
        /// Anything else.
        Other = "_OTHER",
    }
}

impl Method {
    /// The method of a request line.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self::ALL
            .iter()
            .copied()
            .find(|method| method.as_str() == text)
            .unwrap_or(Self::Other)
    }
}
