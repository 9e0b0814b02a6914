//! Who was administrator, by the table of people as a dump has it.
//!
//! A restore is recorded in somebody's name. Who that is has to be known before anything is touched, and there is no
//! database to ask yet.

use domain::{Login, Role, UserId};

/// What comes before the rows.
const BEGIN: &str = "COPY grading.users (";
/// What comes after the names of the columns.
const ROWS: &str = ") FROM stdin;";
/// What comes after the rows.
const END: &str = "\\.";

/// Looks for one person among the lines that `pg_restore` writes.
pub(super) struct People {
    login: String,
    columns: Vec<String>,
    /// The person, once found, if they were administrator and not locked out.
    pub(super) administrator: Option<UserId>,
}

impl People {
    /// Looks for who has this login.
    pub(super) fn named(login: &Login) -> Self {
        Self {
            // As the rows have it: there are no control characters in a login.
            login: login.normalized().replace('\\', "\\\\"),
            columns: Vec::new(),
            administrator: None,
        }
    }

    /// Takes the next line.
    pub(super) fn read(&mut self, line: &str) {
        let columns = line.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(ROWS));
        if let Some(columns) = columns {
            self.columns = columns.split(", ").map(str::to_owned).collect();
        } else if line == END {
            self.columns.clear();
        } else if !self.columns.is_empty() {
            let fields: Vec<&str> = line.split('\t').collect();
            self.administrator = self.administrator.or_else(|| self.matched(&fields));
        }
    }

    fn matched(&self, fields: &[&str]) -> Option<UserId> {
        let field = |name: &str| {
            let place = self.columns.iter().position(|column| column == name)?;
            fields.get(place).copied()
        };
        let is_administrator = field("login_normalized")? == self.login
            && field("role")? == Role::Admin.as_str()
            && field("disabled")? == "f";
        if is_administrator {
            field("id")?.parse().ok()
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUMP: &str = "-- PostgreSQL database dump
SET standard_conforming_strings = on;
COPY grading.users (id, login_normalized, login, display_name, role, password_hash, disabled) FROM stdin;
0198c5a0-0000-7000-8000-000000000001\thead@school.example\tHead@school.example\tThe head\tADMIN\t\\N\tf
0198c5a0-0000-7000-8000-000000000002\tschool\\\\deputy\tSCHOOL\\\\Deputy\tThe deputy\tADMIN\thash\tf
0198c5a0-0000-7000-8000-000000000003\tgone@school.example\tgone@school.example\tADMIN\tADMIN\thash\tt
0198c5a0-0000-7000-8000-000000000004\tteacher@school.example\tteacher@school.example\tADMIN\tTEACHER\thash\tf
\\.
0198c5a0-0000-7000-8000-000000000005\tlater@school.example\tlater@school.example\tNobody\tADMIN\thash\tf
";

    fn found(login: &str) -> Option<String> {
        let mut people = People::named(&Login::new(login).unwrap());
        DUMP.lines().for_each(|line| people.read(line));
        Some(people.administrator?.to_string())
    }

    #[test]
    fn an_administrator_is_found_by_the_login_and_nobody_else_is() {
        for (login, end) in [("HEAD@school.example", "1"), ("school\\Deputy", "2")] {
            assert!(found(login).unwrap().ends_with(end), "{login}");
        }
        for login in [
            "gone@school.example",
            "teacher@school.example",
            "later@school.example",
            "nobody@school.example",
            "The head",
        ] {
            assert_eq!(found(login), None, "{login}");
        }
    }
}
