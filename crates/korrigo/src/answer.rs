//! What came of a command: once in words for people, once as JSON for programs. There is one way to tell it, and one place
//! that does: [`commands`](crate::commands).

use serde_json::Value;

use crate::table::table;
use crate::terminal;

/// In which form a command tells what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Sentences and tables.
    Words,
    /// One JSON value.
    Json,
}

impl Form {
    /// The one that `--json` asks for.
    #[must_use]
    pub const fn of(json: bool) -> Self {
        if json { Self::Json } else { Self::Words }
    }
}

/// What came of a command.
#[derive(Debug, Clone)]
#[must_use = "what is not handed back is told to nobody"]
pub struct Answer {
    words: String,
    json: Value,
    exit: u8,
}

impl Answer {
    /// The same in words and as JSON. What a command did is one object: whose id is what is called `…_id`, what was not done is
    /// `refused`, and where the grading service did it, `request_id` is what its log lines carry.
    pub fn new(words: impl Into<String>, json: Value) -> Self {
        Self {
            words: words.into(),
            json,
            exit: 0,
        }
    }

    /// What people read as JSON, too.
    pub fn of_json(json: Value) -> Self {
        Self::new(json.to_string(), json)
    }

    /// A list: a table for people, an array for programs.
    pub fn list<const N: usize>(heads: [&str; N], rows: &[[String; N]], items: Value) -> Self {
        Self::new(table(heads, rows), items)
    }

    /// The same, with another exit code than that of a command with which all is well.
    pub fn ending(self, exit: u8) -> Self {
        Self { exit, ..self }
    }

    /// How the command ends.
    #[must_use]
    pub const fn exit(&self) -> u8 {
        self.exit
    }

    /// Prints it. Whoever says nothing in words prints nothing.
    pub fn print(&self, form: Form) {
        match form {
            Form::Json => terminal::result(&self.json),
            Form::Words if self.words.is_empty() => {}
            Form::Words => terminal::result(&self.words),
        }
    }
}
