//! The one table of error codes: what each is called, and what it is over gRPC, over HTTP and in words.

use tonic::Code as Grpc;

use crate::language::{Language, Sentence};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $http:literal, $grpc:ident, $en:literal, $fr:literal;)*) => {
        /// Every way in which a call can be refused or fail. The texts are a contract.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as callers see it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The HTTP status.
            #[must_use]
            pub const fn http(self) -> u16 {
                match self { $(Self::$variant => $http,)* }
            }

            /// The gRPC status.
            #[must_use]
            pub const fn grpc(self) -> Grpc {
                match self { $(Self::$variant => Grpc::$grpc,)* }
            }

            /// The code with this text.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$variant),)*
                    _ => None,
                }
            }

            const fn sentence(self) -> Sentence {
                match self { $(Self::$variant => Sentence { en: $en, fr: $fr },)* }
            }
        }
    };
}

codes! {
    /// The body is not JSON, or not of the documented shape.
    InvalidJson = "invalid_json", 400, InvalidArgument,
        "The body is not JSON of the documented shape.",
        "Le corps n'est pas un JSON de la forme documentée.";
    /// The operation needs an `Idempotency-Key`.
    MissingIdempotencyKey = "missing_idempotency_key", 400, InvalidArgument,
        "The Idempotency-Key header is missing or not 1 to 128 plain characters.",
        "L'en-tête Idempotency-Key manque ou n'a pas 1 à 128 caractères simples.";
    /// There is no session, or it has ended.
    Unauthenticated = "unauthenticated", 401, Unauthenticated,
        "Log in first: the session is missing or has ended.",
        "Connectez-vous d'abord : la session manque ou a pris fin.";
    /// Login or password is wrong.
    BadCredentials = "bad_credentials", 401, Unauthenticated,
        "The login or the password is wrong.",
        "L'identifiant ou le mot de passe est incorrect.";
    /// The caller's role does not allow it.
    Forbidden = "forbidden", 403, PermissionDenied,
        "Your role does not allow this.",
        "Votre rôle ne permet pas cette action.";
    /// The lock token is not the lock's.
    TokenMismatch = "token_mismatch", 403, PermissionDenied,
        "The lock token does not belong to this lock.",
        "Le jeton ne correspond pas à ce verrou.";
    /// A browser sent it from another site.
    Csrf = "csrf", 403, PermissionDenied,
        "The request comes from another site.",
        "La requête provient d'un autre site.";
    /// There is no such thing, or not for this caller.
    NotFound = "not_found", 404, NotFound,
        "There is nothing here, or nothing that you may see.",
        "Il n'y a rien ici, ou rien que vous puissiez voir.";
    /// The marking scheme has no such question.
    UnknownQuestion = "unknown_question", 404, NotFound,
        "The marking scheme has no such question.",
        "Le barème n'a pas cette question.";
    /// The path exists, not with this method.
    MethodNotAllowed = "method_not_allowed", 405, Unimplemented,
        "This path does not take that method.",
        "Ce chemin n'accepte pas cette méthode.";
    /// The answer cannot have the form that `Accept` asks for.
    NotAcceptable = "not_acceptable", 406, InvalidArgument,
        "The answer does not exist in the form that was asked for.",
        "La réponse n'existe pas sous la forme demandée.";
    /// The caller stopped sending before the request was complete.
    RequestTimeout = "request_timeout", 408, Cancelled,
        "The request did not arrive in time; nothing was changed. Send it again.",
        "La requête n'est pas arrivée à temps ; rien n'a été modifié. Envoyez-la de nouveau.";
    /// The copy is in another state.
    WrongState = "wrong_state", 409, FailedPrecondition,
        "The copy is not in a state that allows this.",
        "La copie n'est pas dans un état qui le permet.";
    /// Somebody else holds the lock.
    AlreadyLocked = "already_locked", 409, FailedPrecondition,
        "Somebody else is correcting this copy.",
        "Quelqu'un d'autre corrige cette copie.";
    /// The lock has run out.
    Expired = "expired", 409, FailedPrecondition,
        "The lock has expired; nothing was written. Lock the copy again.",
        "Le verrou a expiré ; rien n'a été écrit. Verrouillez de nouveau la copie.";
    /// The copy is not locked.
    LockRequired = "lock_required", 409, FailedPrecondition,
        "Lock the copy first.",
        "Verrouillez d'abord la copie.";
    /// The copy has its final document.
    AlreadyGraded = "already_graded", 409, FailedPrecondition,
        "The copy is already graded.",
        "La copie est déjà notée.";
    /// The copy has no corrected document.
    NotGraded = "not_graded", 409, FailedPrecondition,
        "The copy has no corrected document yet.",
        "La copie n'a pas encore de document corrigé.";
    /// The import has not produced pages.
    NoPages = "no_pages", 409, FailedPrecondition,
        "The copy has no pages: its import is running or has failed.",
        "La copie n'a pas de pages : son import est en cours ou a échoué.";
    /// The copy has fewer pages.
    PageOutOfRange = "page_out_of_range", 409, FailedPrecondition,
        "The copy has no such page.",
        "La copie n'a pas cette page.";
    /// The total is not between zero and the maximum.
    ScoreOutOfRange = "score_out_of_range", 409, FailedPrecondition,
        "The total is not between zero and the maximum of the exam.",
        "Le total n'est pas compris entre zéro et le maximum de l'examen.";
    /// The exam has a copy with these bytes.
    DuplicateSource = "duplicate_source", 409, FailedPrecondition,
        "This exam already has a copy made of exactly this file.",
        "Cet examen a déjà une copie faite exactement de ce fichier.";
    /// The pupil has a copy in this exam.
    StudentHasCopy = "student_has_copy", 409, FailedPrecondition,
        "This pupil already has a copy in this exam.",
        "Cet élève a déjà une copie dans cet examen.";
    /// Scores refer to questions that the change would remove.
    SchemeInUse = "scheme_in_use", 409, FailedPrecondition,
        "Scores refer to questions that this change removes.",
        "Des notes portent sur des questions que ce changement supprime.";
    /// Another client has saved a newer draft.
    NewerDraft = "newer_draft", 409, FailedPrecondition,
        "Another window has saved a newer draft.",
        "Une autre fenêtre a enregistré un brouillon plus récent.";
    /// The first request with this key has not ended.
    InProgress = "in_progress", 409, Aborted,
        "A request with the same Idempotency-Key is still running.",
        "Une requête avec la même Idempotency-Key est encore en cours.";
    /// The `If-Match` version is not the current one.
    StaleVersion = "stale_version", 412, FailedPrecondition,
        "Somebody changed it since you read it; nothing was overwritten.",
        "Quelqu'un l'a modifié depuis votre lecture ; rien n'a été écrasé.";
    /// The body is over the limit.
    TooLarge = "too_large", 413, OutOfRange,
        "The file or body is larger than the limit.",
        "Le fichier ou le corps dépasse la limite.";
    /// The upload does not begin like a PDF.
    NotAPdf = "not_a_pdf", 415, InvalidArgument,
        "The file is not a PDF.",
        "Le fichier n'est pas un PDF.";
    /// The body has another media type than the operation takes.
    UnsupportedMediaType = "unsupported_media_type", 415, InvalidArgument,
        "The body has a media type that this operation does not take.",
        "Le corps a un type de média que cette opération n'accepte pas.";
    /// The part of a file that is asked for is not in it.
    RangeNotSatisfiable = "range_not_satisfiable", 416, OutOfRange,
        "The file ends before the part that was asked for.",
        "Le fichier se termine avant la partie demandée.";
    /// Fields are wrong; the pointers say which.
    Invalid = "invalid", 422, InvalidArgument,
        "Some fields are missing or wrong; the list says which.",
        "Des champs manquent ou sont incorrects ; la liste dit lesquels.";
    /// The key was used with another request.
    IdempotencyMismatch = "idempotency_mismatch", 422, InvalidArgument,
        "This Idempotency-Key was used with another request.",
        "Cette Idempotency-Key a servi pour une autre requête.";
    /// The upload has no bytes.
    EmptyFile = "empty_file", 422, InvalidArgument,
        "The file is empty.",
        "Le fichier est vide.";
    /// The operation needs `If-Match`.
    VersionRequired = "version_required", 428, FailedPrecondition,
        "Send the version that you read in If-Match.",
        "Envoyez dans If-Match la version que vous avez lue.";
    /// Too many requests.
    SlowDown = "slow_down", 429, ResourceExhausted,
        "Too many requests; wait as long as Retry-After says.",
        "Trop de requêtes ; attendez le temps indiqué par Retry-After.";
    /// A bug.
    Internal = "internal", 500, Internal,
        "Something went wrong on our side. Quote the request id when you report it.",
        "Une erreur s'est produite de notre côté. Indiquez l'identifiant de requête pour la signaler.";
    /// A part of the system is down or busy; nothing was changed.
    Unavailable = "unavailable", 503, Unavailable,
        "The service is not available at the moment; nothing was changed. Try again shortly.",
        "Le service n'est pas disponible pour le moment ; rien n'a été modifié. Réessayez bientôt.";
    /// Others are writing the same thing; nothing was changed.
    DbContention = "db_contention", 503, Aborted,
        "Others are writing the same thing; nothing was changed. Try again.",
        "D'autres écrivent la même chose ; rien n'a été modifié. Réessayez.";
    /// It took too long.
    Timeout = "timeout", 504, DeadlineExceeded,
        "It took too long. Ask again what happened before you repeat it.",
        "L'opération a pris trop de temps. Vérifiez son résultat avant de la répéter.";
}

impl Code {
    /// The constant sentence that explains the code to a person.
    #[must_use]
    pub fn detail(self, language: Language) -> &'static str {
        self.sentence().in_language(language)
    }

    /// Whether waiting and repeating the same request may help.
    #[must_use]
    pub fn is_transient(self) -> bool {
        matches!(self.http(), 429 | 503)
    }

    /// The code for a gRPC status that does not carry one of ours: a transport that broke, a deadline.
    #[must_use]
    pub fn of_bare_status(code: Grpc) -> Self {
        match code {
            Grpc::Unavailable | Grpc::Cancelled | Grpc::ResourceExhausted => Self::Unavailable,
            Grpc::DeadlineExceeded => Self::Timeout,
            Grpc::Ok
            | Grpc::Unknown
            | Grpc::InvalidArgument
            | Grpc::NotFound
            | Grpc::AlreadyExists
            | Grpc::PermissionDenied
            | Grpc::FailedPrecondition
            | Grpc::Aborted
            | Grpc::OutOfRange
            | Grpc::Unimplemented
            | Grpc::Internal
            | Grpc::DataLoss
            | Grpc::Unauthenticated => Self::Internal,
        }
    }
}

impl From<Code> for &'static str {
    fn from(code: Code) -> &'static str {
        code.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_from_its_text() {
        for code in Code::ALL {
            assert_eq!(Code::parse(code.as_str()), Some(*code));
        }
        assert_eq!(Code::parse("no_such_code"), None);
    }

    #[test]
    fn every_code_is_an_error_over_grpc_and_over_http() {
        for code in Code::ALL {
            assert!((400..600).contains(&code.http()), "{}", code.as_str());
            assert_ne!(code.grpc(), Grpc::Ok, "{}", code.as_str());
        }
    }

    #[test]
    fn every_code_has_its_sentence_in_both_languages() {
        for code in Code::ALL {
            let (en, fr) = (code.detail(Language::English), code.detail(Language::French));
            assert!(
                en.ends_with('.') && fr.ends_with('.') && en != fr,
                "{}",
                code.as_str()
            );
        }
    }
}
