//! Closed sets of names, as enumerations in the OpenAPI document.
//!
//! Answers carry the names as grading sent them; these types only tell readers which there are.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

macro_rules! enumerations {
    ($($(#[$doc:meta])* $name:ident of $set:ty;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let names = <$set>::ALL.iter().map(|value| value.as_str());
                ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).into()
            }
        }

        impl ToSchema for $name {}
    )*};
}

enumerations! {
    /// What audit events tell of.
    Action of domain::audit::Action;
    /// What an annotation is.
    AnnotationKind of domain::AnnotationKind;
    /// What can be odd about a scan.
    AnomalyKind of domain::batch::AnomalyKind;
    /// Where a batch stands.
    BatchStatus of domain::batch::BatchStatus;
    /// Where a copy stands.
    CopyStatus of domain::Status;
    /// Why a job failed.
    FailureCode of domain::FailureCode;
    /// How it was found out whose copy it is.
    IdentityMethod of domain::audit::IdentityMethod;
    /// What a job does.
    JobKind of domain::JobKind;
    /// Where a job stands.
    JobState of domain::JobState;
    /// What is on a page of a scan: a page, two pages side by side, or a side of a sheet that was folded.
    Layout of domain::Layout;
    /// Why a line of a list of pupils was not taken.
    LineError of domain::roster::LineError;
    /// How much of a page.
    Part of domain::batch::Part;
    /// Why somebody steps in.
    Reason of domain::Reason;
    /// What a person is.
    Role of domain::Role;
    /// On which pages the identity zone is.
    ZonePages of domain::exam::ZonePages;
}

/// The bytes of an image or a document.
pub(crate) struct Binary;

impl PartialSchema for Binary {
    fn schema() -> RefOr<Schema> {
        let format = utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Binary);
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(format))
            .into()
    }
}

impl ToSchema for Binary {}
