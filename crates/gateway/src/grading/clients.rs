//! The clients of the services that grading has, each over a channel.

use contracts::MAX_MESSAGE;
use contracts::grading::annotations_client::AnnotationsClient;
use contracts::grading::audit_client::AuditClient;
use contracts::grading::batches_client::BatchesClient;
use contracts::grading::copies_client::CopiesClient;
use contracts::grading::drafts_client::DraftsClient;
use contracts::grading::exams_client::ExamsClient;
use contracts::grading::identities_client::IdentitiesClient;
use contracts::grading::jobs_client::JobsClient;
use contracts::grading::locks_client::LocksClient;
use contracts::grading::marks_client::MarksClient;
use contracts::grading::results_client::ResultsClient;
use contracts::grading::retention_client::RetentionClient;
use contracts::grading::sessions_client::SessionsClient;
use contracts::grading::students_client::StudentsClient;
use contracts::grading::users_client::UsersClient;

use super::Transport;

/// Says how to make a client.
macro_rules! client {
    ($name:ident, $client:ident) => {
        pub(crate) fn $name(transport: Transport) -> $client<Transport> {
            $client::new(transport).max_decoding_message_size(MAX_MESSAGE)
        }
    };
}

client!(annotations, AnnotationsClient);
client!(audit, AuditClient);
client!(batches, BatchesClient);
client!(copies, CopiesClient);
client!(drafts, DraftsClient);
client!(exams, ExamsClient);
client!(identities, IdentitiesClient);
client!(jobs, JobsClient);
client!(locks, LocksClient);
client!(marks, MarksClient);
client!(retention, RetentionClient);
client!(results, ResultsClient);
client!(sessions, SessionsClient);
client!(students, StudentsClient);
client!(users, UsersClient);
