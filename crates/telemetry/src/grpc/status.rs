//! The status of a call.

closed! {
    /// A gRPC status code, by its name.
    RpcStatus {
        /// Done.
        Ok = "OK",
        /// Given up by the caller.
        Cancelled = "CANCELLED",
        /// Unknown error.
        Unknown = "UNKNOWN",
        /// Bad input.
        InvalidArgument = "INVALID_ARGUMENT",
        /// Too late.
        DeadlineExceeded = "DEADLINE_EXCEEDED",
        /// Not there.
        NotFound = "NOT_FOUND",
        /// Already there.
        AlreadyExists = "ALREADY_EXISTS",
        /// Not allowed.
        PermissionDenied = "PERMISSION_DENIED",
        /// Too much.
        ResourceExhausted = "RESOURCE_EXHAUSTED",
        /// Not in this state.
        FailedPrecondition = "FAILED_PRECONDITION",
        /// Somebody else was first.
        Aborted = "ABORTED",
        /// Outside the range.
        OutOfRange = "OUT_OF_RANGE",
        /// No such method.
        Unimplemented = "UNIMPLEMENTED",
        /// A fault of the server.
        Internal = "INTERNAL",
        /// Not now.
        Unavailable = "UNAVAILABLE",
        /// Data is lost.
        DataLoss = "DATA_LOSS",
        /// Who is asking?
        Unauthenticated = "UNAUTHENTICATED",
    }
}

impl RpcStatus {
    /// The status of a `grpc-status` header or trailer.
    #[must_use]
    pub fn of_header(text: &str) -> Self {
        let number: Option<usize> = text.parse().ok();
        number
            .and_then(|number| Self::ALL.get(number))
            .copied()
            .unwrap_or(Self::Unknown)
    }

    /// Whether the server is to blame. A caller that is refused, or comes second, is not an error.
    #[must_use]
    pub fn is_server_fault(self) -> bool {
        match self {
            Self::Unknown
            | Self::DeadlineExceeded
            | Self::Unimplemented
            | Self::Internal
            | Self::Unavailable
            | Self::DataLoss => true,
            Self::Ok
            | Self::Cancelled
            | Self::InvalidArgument
            | Self::NotFound
            | Self::AlreadyExists
            | Self::PermissionDenied
            | Self::ResourceExhausted
            | Self::FailedPrecondition
            | Self::Aborted
            | Self::OutOfRange
            | Self::Unauthenticated => false,
        }
    }
}
