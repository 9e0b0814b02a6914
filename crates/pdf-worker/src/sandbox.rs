//! The parent's side of the sandbox: every document is opened by a child process that can lose nothing.
//!
//! The worker's own binary runs again as `korrigo-pdf-worker child` with an empty environment, in a directory of
//! its own that holds the document, and for a corrected one what correctors gave it. The child confines itself (see
//! [`crate::child`]), writes image files and one line of JSON per page, or the booklets of a scan, or a corrected
//! document, and ends. The parent
//! holds the wall timer and watches how much room the files take.
//!
//! The child is not trusted, for the document may have taken it over: its lines are bounded and checked, file names
//! are not taken from it, and image files are opened without following links and looked at before use.
//!
//! | what happened | code of the job |
//! |---|---|
//! | the child reported a fault of the document | that code |
//! | the engine panicked on the document | `invalid_pdf` |
//! | wall timer or processor time used up | `timeout` |
//! | out of memory, or files beyond a limit | `page_too_large` |
//! | stack used up, killed by a signal, forbidden system call, broken protocol, no child at all | `unknown` |
//!
//! Who wrote a copy is read by a program that is not ours: the child gives up its rights and becomes it (see
//! [`crate::child`]). Its failures have codes of their own: `ocr_unavailable`, `ocr_timeout`, `ocr_failed`.
//!
//! What this module does not do: logging, metrics, blobs. It returns, and the job decides.

mod cause;
mod config;
mod directory;
mod document_file;
mod image_file;
pub(crate) mod protocol;
mod report;
mod run;
mod trial;

pub use cause::{Cause, ChildError};
pub use config::SandboxConfig;
pub use directory::JobDirectory;
pub use document_file::{BookletFile, DocumentFile, Pieces};
pub use image_file::{ImageFile, PageFile};
pub use protocol::{Confinement, Layer};
pub use run::{CorrectedFiles, Done, Sandbox, TakenApart, Text};
