//! The calls that the gateway makes, by the names that spans and metrics give them.

use telemetry::grpc::RpcMethods;

/// All of them.
pub const METHODS: RpcMethods = RpcMethods::new(&[
    "korrigo.grading.v1.Copies/AuthorizeUpload",
    "korrigo.grading.v1.Copies/Get",
    "korrigo.grading.v1.Copies/GetPageImage",
    "korrigo.grading.v1.Copies/List",
    "korrigo.grading.v1.Copies/ListEvents",
    "korrigo.grading.v1.Copies/Register",
    "korrigo.grading.v1.Copies/Validate",
    "korrigo.grading.v1.Exams/Create",
    "korrigo.grading.v1.Exams/Get",
    "korrigo.grading.v1.Exams/List",
    "korrigo.grading.v1.Jobs/Get",
    "korrigo.grading.v1.Jobs/Watch",
    "korrigo.grading.v1.Sessions/AcceptInvitation",
    "korrigo.grading.v1.Sessions/ChangePassword",
    "korrigo.grading.v1.Sessions/Close",
    "korrigo.grading.v1.Sessions/Current",
    "korrigo.grading.v1.Sessions/Open",
    "korrigo.grading.v1.Users/Create",
    "korrigo.grading.v1.Users/Get",
    "korrigo.grading.v1.Users/Invite",
    "korrigo.grading.v1.Users/List",
    "korrigo.grading.v1.Users/Update",
]);
