//! The same done to many copies, each by itself: one that cannot does not hold up the others.

use contracts::{Code, grading as pb};
use domain::copy::Asked;
use domain::{Copy, CopyId, Operation};
use store::{Entry, Tx};

use crate::app::App;
use crate::command::Command;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;

/// What came of it.
#[derive(Default)]
pub(crate) struct Tried {
    /// How many copies it was done to.
    pub(crate) done: u32,
    pub(crate) refused: Vec<pb::RefusedCopy>,
}

/// Does `act` to each of the copies, in a transaction of its own under this name. Fails only if nothing was done yet
/// and the database is away.
pub(crate) async fn each(
    app: &App,
    (session, operation): (&Session, Operation),
    name: &'static str,
    copies: Vec<CopyId>,
    act: impl Fn(&mut Tx<'_>, Copy, Asked) -> Result<Vec<Entry>, Error> + Clone + Send + 'static,
) -> Result<Tried, Error> {
    let mut tried = Tried::default();
    let mut away = None;
    for copy in copies {
        if let Some(code) = away {
            tried.refused.push(refused(copy, code));
            continue;
        }
        let command = Command {
            session: session.clone(),
            operation,
            copy,
            id: app.ids.next(),
        };
        let act = act.clone();
        let outcome = app
            .database
            .transaction(name, move |tx| {
                let (copy, asked) = command.begin(tx)?;
                act(tx, copy, asked)
            })
            .await;
        match outcome {
            Ok(events) => {
                events.into_iter().for_each(recorded::publish);
                tried.done += 1;
            }
            Err(error) => {
                let problem = error.into_problem();
                let code = problem.code;
                let broken = code.http() >= 500 && code != Code::DbContention;
                if broken && tried.done == 0 {
                    return Err(problem.into());
                }
                // What was done is told; the other copies need not wait for the database one by one.
                away = broken.then_some(code);
                tried.refused.push(refused(copy, code));
            }
        }
    }
    Ok(tried)
}

/// That it was not done to a copy, and why.
fn refused(copy: CopyId, code: Code) -> pb::RefusedCopy {
    pb::RefusedCopy {
        copy_id: copy.to_string(),
        code: code.as_str().to_owned(),
    }
}
