//! Problems over gRPC: the code as a status, the rest in its details.

use prost::Message as _;
use tonic::Status;

use crate::code::Code;
use crate::grading as pb;
use crate::problem::{FieldProblem, Problem};

impl From<Problem> for Status {
    fn from(problem: Problem) -> Self {
        let wire = pb::Problem {
            code: problem.code.as_str().to_owned(),
            errors: problem.errors.into_iter().map(Into::into).collect(),
            extra: problem
                .extra
                .into_iter()
                .map(|(name, value)| (name.into_owned(), value))
                .collect(),
        };
        Self::with_details(
            problem.code.grpc(),
            problem.code.as_str(),
            wire.encode_to_vec().into(),
        )
    }
}

impl From<&Status> for Problem {
    /// A status without our details comes from the transport, and only its class is believed.
    fn from(status: &Status) -> Self {
        let wire = pb::Problem::decode(status.details()).ok();
        let known = wire.and_then(|wire| Some((Code::parse(&wire.code)?, wire)));
        let Some((code, wire)) = known else {
            return Self::of(Code::of_bare_status(status.code()));
        };
        Self {
            code,
            errors: wire.errors.into_iter().map(Into::into).collect(),
            extra: wire
                .extra
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect(),
        }
    }
}

impl From<FieldProblem> for pb::FieldProblem {
    fn from(field: FieldProblem) -> Self {
        Self {
            pointer: field.pointer.into_owned(),
            code: field.code.into_owned(),
        }
    }
}

impl From<pb::FieldProblem> for FieldProblem {
    fn from(field: pb::FieldProblem) -> Self {
        Self {
            pointer: field.pointer.into(),
            code: field.code.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::FieldCode;

    #[test]
    fn every_problem_survives_the_way_over_grpc() {
        for code in Code::ALL {
            let mut problem =
                Problem::field("/name", FieldCode::Required).with("expires_at", "soon".to_owned());
            problem.code = *code;
            let status = Status::from(problem.clone());
            assert_eq!(status.code(), code.grpc());
            assert_eq!(Problem::from(&status), problem);
        }
    }

    #[test]
    fn a_status_of_the_transport_is_only_classified() {
        for (bare, expected) in [
            (tonic::Code::Unavailable, Code::Unavailable),
            (tonic::Code::DeadlineExceeded, Code::Timeout),
            (tonic::Code::Unknown, Code::Internal),
        ] {
            let status = Status::with_details(bare, "connection to 10.0.0.7 refused", vec![1, 2, 3].into());
            assert_eq!(Problem::from(&status), Problem::of(expected));
        }
    }
}
