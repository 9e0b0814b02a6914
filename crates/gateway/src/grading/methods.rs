//! The calls that the gateway makes, by the names that spans and metrics give them.

use telemetry::grpc::RpcMethods;

/// All of them.
pub const METHODS: RpcMethods = RpcMethods::new(&[
    "korrigo.grading.v1.Annotations/Create",
    "korrigo.grading.v1.Annotations/Delete",
    "korrigo.grading.v1.Annotations/List",
    "korrigo.grading.v1.Annotations/Update",
    "korrigo.grading.v1.Audit/Export",
    "korrigo.grading.v1.Audit/ListCheckpoints",
    "korrigo.grading.v1.Audit/ListEvents",
    "korrigo.grading.v1.Batches/AuthorizeUpload",
    "korrigo.grading.v1.Batches/Discard",
    "korrigo.grading.v1.Batches/Get",
    "korrigo.grading.v1.Batches/List",
    "korrigo.grading.v1.Batches/Register",
    "korrigo.grading.v1.Copies/AuthorizeUpload",
    "korrigo.grading.v1.Copies/Discard",
    "korrigo.grading.v1.Copies/Export",
    "korrigo.grading.v1.Copies/Finalize",
    "korrigo.grading.v1.Copies/Get",
    "korrigo.grading.v1.Copies/GetPageImage",
    "korrigo.grading.v1.Copies/List",
    "korrigo.grading.v1.Copies/ListEvents",
    "korrigo.grading.v1.Copies/Merge",
    "korrigo.grading.v1.Copies/Register",
    "korrigo.grading.v1.Copies/Reorder",
    "korrigo.grading.v1.Copies/Reopen",
    "korrigo.grading.v1.Copies/RetryImport",
    "korrigo.grading.v1.Copies/SetCorrector",
    "korrigo.grading.v1.Copies/Validate",
    "korrigo.grading.v1.Drafts/Delete",
    "korrigo.grading.v1.Drafts/Get",
    "korrigo.grading.v1.Drafts/Put",
    "korrigo.grading.v1.Exams/Create",
    "korrigo.grading.v1.Exams/Dispatch",
    "korrigo.grading.v1.Exams/Get",
    "korrigo.grading.v1.Exams/GetProgress",
    "korrigo.grading.v1.Exams/GetStatistics",
    "korrigo.grading.v1.Exams/List",
    "korrigo.grading.v1.Exams/SetMarkingScheme",
    "korrigo.grading.v1.Exams/Update",
    "korrigo.grading.v1.Exams/ValidateAll",
    "korrigo.grading.v1.Identities/Clear",
    "korrigo.grading.v1.Identities/OrderReading",
    "korrigo.grading.v1.Identities/OrderReadings",
    "korrigo.grading.v1.Identities/Queue",
    "korrigo.grading.v1.Identities/Set",
    "korrigo.grading.v1.Identities/Show",
    "korrigo.grading.v1.Identities/Suggest",
    "korrigo.grading.v1.Jobs/Cancel",
    "korrigo.grading.v1.Jobs/Get",
    "korrigo.grading.v1.Jobs/Watch",
    "korrigo.grading.v1.Locks/Acquire",
    "korrigo.grading.v1.Locks/ForceRelease",
    "korrigo.grading.v1.Locks/Get",
    "korrigo.grading.v1.Locks/Heartbeat",
    "korrigo.grading.v1.Locks/Release",
    "korrigo.grading.v1.Marks/Get",
    "korrigo.grading.v1.Marks/SetAppreciation",
    "korrigo.grading.v1.Marks/SetRemark",
    "korrigo.grading.v1.Marks/SetScore",
    "korrigo.grading.v1.Results/Adjust",
    "korrigo.grading.v1.Results/ExportArchive",
    "korrigo.grading.v1.Results/ExportTable",
    "korrigo.grading.v1.Results/GetArchive",
    "korrigo.grading.v1.Results/GetOwn",
    "korrigo.grading.v1.Results/GetRelease",
    "korrigo.grading.v1.Results/ListChangeSets",
    "korrigo.grading.v1.Results/ListOwn",
    "korrigo.grading.v1.Results/ListReleases",
    "korrigo.grading.v1.Results/OrderArchive",
    "korrigo.grading.v1.Results/Release",
    "korrigo.grading.v1.Results/Withdraw",
    "korrigo.grading.v1.Retention/ErasePupil",
    "korrigo.grading.v1.Sessions/AcceptInvitation",
    "korrigo.grading.v1.Sessions/ChangePassword",
    "korrigo.grading.v1.Sessions/Close",
    "korrigo.grading.v1.Sessions/Current",
    "korrigo.grading.v1.Sessions/Open",
    "korrigo.grading.v1.Students/Get",
    "korrigo.grading.v1.Students/Import",
    "korrigo.grading.v1.Students/Invite",
    "korrigo.grading.v1.Students/List",
    "korrigo.grading.v1.Students/Update",
    "korrigo.grading.v1.Users/Create",
    "korrigo.grading.v1.Users/Get",
    "korrigo.grading.v1.Users/Invite",
    "korrigo.grading.v1.Users/List",
    "korrigo.grading.v1.Users/Update",
]);

#[cfg(test)]
mod tests {
    use super::*;

    /// What only workers and operators call.
    const OF_OTHERS: [&str; 5] = [
        "korrigo.grading.v1.Jobs/DismissLetter",
        "korrigo.grading.v1.Jobs/Retry",
        "korrigo.grading.v1.Retention/Purge",
        "korrigo.grading.v1.Retention/Report",
        "korrigo.grading.v1.Work/",
    ];

    #[test]
    fn every_call_of_the_contract_that_is_not_for_others_has_its_name() {
        let unnamed = contracts::METHODS.iter().filter(|name| {
            let of_others = OF_OTHERS.iter().any(|other| name.starts_with(other));
            !of_others && METHODS.find(name).as_str() != **name
        });
        assert_eq!(unnamed.collect::<Vec<_>>(), [&""; 0]);
    }
}
