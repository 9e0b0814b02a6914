//! The document: a diagram for the eye, and the table of every state and every command.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use domain::Refusal;
use domain::audit::Action;
use domain::copy::State;

use crate::commands::{Answer, COMMANDS, Command};
use crate::places::{self, Place};

const HEAD: &str = "\
# States of a copy

Generated from `domain` by giving every command to a copy in every state; do not edit.

";

const TABLE: &str = "
A cell says what becomes of a copy and which event it leaves. \u{201c}stays\u{201d} alone changes nothing and leaves no event.
A name in *italics* is a refusal, by its [code](errors.md); \u{2013} is a refusal too: the copy is in the *wrong_state*.
A copy that was discarded is STAGING by name and can be seen by nobody. A lock has *lapsed* when its time is over and
nobody has tidied it up: whoever comes next does that first, in the same transaction. Unless the command says
otherwise it is given by the one who may: the owner of the lock with its token, an administrator, the worker.

";

pub(crate) fn write() -> String {
    let places = places::all();
    let mut text = HEAD.to_owned();
    diagram(&mut text, &places);
    text.push_str(TABLE);
    table(&mut text, &places);
    text
}

/// One arrow for each two states, with the events that go along it.
fn diagram(text: &mut String, places: &[Place]) {
    let mut arrows: BTreeMap<(usize, usize), Vec<Action>> = BTreeMap::new();
    let mut nodes: Vec<String> = places.iter().map(node).collect();
    nodes.dedup();
    let position = |place: &Place| nodes.iter().position(|known| *known == node(place));
    for place in places {
        for command in COMMANDS {
            let (to, action) = match (command.give)(place.copy.clone(), place.now) {
                Answer::Becomes(copy, action) => (
                    Place {
                        copy: *copy,
                        now: place.now,
                    },
                    action,
                ),
                Answer::Stays(Some(action)) => (place.clone(), action),
                Answer::Stays(None) | Answer::Refuses(_) => continue,
            };
            let arrow = (position(place).unwrap(), position(&to).unwrap());
            arrows.entry(arrow).or_default().push(action);
        }
    }
    text.push_str("```mermaid\nstateDiagram-v2\n    [*] --> STAGING\n");
    for ((from, to), mut actions) in arrows {
        actions.sort_unstable();
        actions.dedup();
        let actions: Vec<&str> = actions.into_iter().map(Action::as_str).collect();
        let (from, to) = (nodes.get(from).unwrap(), nodes.get(to).unwrap());
        writeln!(text, "    {from} --> {to} : {}", actions.join(", ")).unwrap();
    }
    text.push_str("```\n");
}

/// The state by which a place stands in the diagram.
fn node(place: &Place) -> String {
    match place.copy.state {
        State::Discarded(_) => "discarded".to_owned(),
        State::Staging(_)
        | State::Ready { .. }
        | State::Locked { .. }
        | State::GradingInProgress { .. }
        | State::Graded { .. }
        | State::GradingFailed { .. } => place.copy.state.status().to_string(),
    }
}

fn table(text: &mut String, places: &[Place]) {
    let names: Vec<String> = places.iter().map(Place::name).collect();
    writeln!(text, "| command | {} |", names.join(" | ")).unwrap();
    writeln!(text, "|---|{}", "---|".repeat(names.len())).unwrap();
    for command in COMMANDS {
        let cells: Vec<String> = places.iter().map(|place| cell(place, command)).collect();
        writeln!(text, "| {} | {} |", command.says, cells.join(" | ")).unwrap();
    }
}

fn cell(place: &Place, command: &Command) -> String {
    match (command.give)(place.copy.clone(), place.now) {
        Answer::Becomes(copy, action) => {
            let after = Place {
                copy: *copy,
                now: place.now,
            };
            if after.name() == place.name() {
                format!("stays, {action}")
            } else {
                format!("**{}**, {action}", after.name())
            }
        }
        Answer::Stays(Some(action)) => format!("stays, {action}"),
        Answer::Stays(None) => "stays".to_owned(),
        Answer::Refuses(Refusal::WrongState(_)) => "\u{2013}".to_owned(),
        Answer::Refuses(refusal) => format!("*{}*", code(refusal)),
    }
}

/// The name of a refusal as its code is written.
fn code(refusal: Refusal) -> String {
    let shown = format!("{refusal:?}");
    let name = shown.chars().take_while(char::is_ascii_alphanumeric);
    let mut code = String::new();
    for letter in name {
        if letter.is_ascii_uppercase() && !code.is_empty() {
            code.push('_');
        }
        code.push(letter.to_ascii_lowercase());
    }
    code
}
