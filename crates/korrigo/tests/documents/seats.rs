//! Each seat of an operator has what commands may ask for, and nothing else.

use std::collections::BTreeSet;

use clap::{Command, CommandFactory as _};
use korrigo::commands::Cli;
use korrigo::fences::{self, Said};

use crate::said::read;

/// Commands that are not typed in a seat: they are of developers, or come before there is a seat.
const ELSEWHERE: [&str; 4] = ["dev", "drill", "completions", "bootstrap"];
/// What commands may be told, and not by their seat.
const NOT_BY_THE_SEAT: [(&str, &str); 7] = [
    ("KORRIGO_OPERATOR", "it is who sits there"),
    ("KORRIGO_PASSWORD", "it is of the person who is added"),
    ("KORRIGO_INVITATION_LIFETIME", "it is meant for one invitation"),
    (
        "KORRIGO_DATABASE_NAME",
        "it is the one of `migrate bootstrap` nearly everywhere",
    ),
    ("KORRIGO_POSTGRES_BIN", "PostgreSQL's programs are found"),
    ("KORRIGO_LOOK_WITHIN", "its default is right nearly everywhere"),
    ("KORRIGO_STUCK_AFTER", "its default is right nearly everywhere"),
];
/// What seats have for no command: where logs are, for people.
const FOR_PEOPLE: &str = "KORRIGO_LOG_DIR";

/// The variables of a seat. Of a secret, the name without `_FILE`.
struct Seat {
    name: &'static str,
    variables: BTreeSet<String>,
}

fn seats() -> [Seat; 3] {
    let compose = read("deploy/compose/compose.yaml");
    let block = |head: &str| {
        let (_, rest) = compose.split_once(head).unwrap();
        rest.split("\n\n").next().unwrap()
    };
    let own = [block("\n  operator:\n"), block("\nx-bucket: &bucket\n")].join("\n");
    let compose = [&own, &read("deploy/compose/certificates.yaml")]
        .map(String::as_str)
        .join("\n");
    let of_cluster = [
        "operator.yaml",
        "bucket/kustomization.yaml",
        "certificates/kustomization.yaml",
    ];
    let of_cluster = of_cluster
        .map(|file| read(&format!("deploy/kubernetes/{file}")))
        .concat();
    // Of what all services have, the settings of processes are none of an operator's.
    let shared = read("deploy/kubernetes/settings.yaml");
    let known = known();
    let shared = names(&shared).into_iter().filter(|name| known.contains(name));
    [
        Seat {
            name: "systemd",
            variables: names(&read("deploy/systemd/operator.env")),
        },
        Seat {
            name: "containers",
            variables: names(&compose),
        },
        Seat {
            name: "Kubernetes",
            variables: names(&of_cluster).into_iter().chain(shared).collect(),
        },
    ]
}

/// The variables that lines set, or could.
fn names(text: &str) -> BTreeSet<String> {
    let lines = text
        .lines()
        .map(|line| line.trim_start_matches(['#', '-', '{', ' ']));
    let named = lines.filter_map(|line| {
        let line = line.strip_prefix("name: ").unwrap_or(line);
        let rest = line.strip_prefix("KORRIGO_")?;
        let end = rest.find(|c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit() && c != '_');
        let name = &line[.."KORRIGO_".len() + end.unwrap_or(rest.len())];
        Some(name.strip_suffix("_FILE").unwrap_or(name).to_owned())
    });
    named.collect()
}

/// The variables of a command and all below it.
fn variables(command: &Command, elsewhere: &[&str]) -> BTreeSet<String> {
    let own = command.get_arguments().filter_map(|argument| argument.get_env());
    let mut all: BTreeSet<String> = own.map(|name| name.to_str().unwrap().to_owned()).collect();
    for below in command.get_subcommands() {
        if !elsewhere.contains(&below.get_name()) {
            all.extend(variables(below, elsewhere));
        }
    }
    all
}

fn known() -> BTreeSet<String> {
    variables(&Cli::command(), &[])
}

#[test]
fn each_seat_has_what_any_command_asks_for_and_nothing_that_none_knows() {
    let mut needed = variables(&Cli::command(), &ELSEWHERE);
    for (name, why) in NOT_BY_THE_SEAT {
        assert!(needed.remove(name), "no command asks for {name} any more: {why}");
    }
    let mut known = known();
    known.insert(FOR_PEOPLE.to_owned());
    for Seat { name, variables } in seats() {
        let missing: Vec<_> = needed.difference(&variables).collect();
        assert!(missing.is_empty(), "{name} lacks {missing:?}");
        let unknown: Vec<_> = variables.difference(&known).collect();
        assert!(unknown.is_empty(), "{name} has {unknown:?}");
    }
}

#[test]
fn what_the_playbook_types_with_a_variable_of_ours_each_seat_has() {
    let seats = seats();
    for said in fences::read(&read("docs/playbook.md")) {
        let Said::Fenced { line, .. } = said else {
            continue;
        };
        for part in line.split('$').skip(1) {
            for used in names(part) {
                for seat in &seats {
                    // In a cluster a command asks for the output of all pods instead.
                    let elsewhere = seat.name == "Kubernetes" && used == FOR_PEOPLE;
                    assert!(
                        elsewhere || seat.variables.contains(&used),
                        "{}: {line}",
                        seat.name
                    );
                }
            }
        }
    }
}
