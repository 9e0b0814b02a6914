//! `docs/configuration.md`, generated from the commands.

use std::fmt::Write as _;

use clap::{Arg, Command};

/// The settings of these commands as tables: those that all have first, then each command's own.
#[must_use]
pub fn markdown(commands: &[Command]) -> String {
    let mut text = String::from(
        "# Configuration\n\n\
         Generated from the code. Every setting is a flag and an environment variable; the flag wins.\n\
         Secrets are never given on the command line: set the variable, or put the secret into a file and \
         name it by the `_FILE` variable or the `-file` flag.\n\
         `--check-config` says whether a configuration is good: exit code 0, or 2 and one line that names the \
         setting. `--help` and `--version` do what they say.\n",
    );
    let tables: Vec<Vec<String>> = commands
        .iter()
        .map(|command| command.get_arguments().filter_map(row).collect())
        .collect();
    let shared: Vec<&String> = match tables.split_first() {
        Some((first, others)) if !others.is_empty() => first
            .iter()
            .filter(|row| others.iter().all(|table| table.contains(row)))
            .collect(),
        Some(_) | None => Vec::new(),
    };
    if !shared.is_empty() {
        table(&mut text, "All services", &shared);
    }
    for (command, rows) in commands.iter().zip(&tables) {
        let own: Vec<&String> = rows.iter().filter(|row| !shared.contains(row)).collect();
        table(&mut text, command.get_name(), &own);
    }
    text
}

fn table(text: &mut String, title: &str, rows: &[&String]) {
    // Writing to a string cannot fail.
    _ = writeln!(
        text,
        "\n## {title}\n\n| flag | variable | default | secret | meaning |\n|---|---|---|---|---|"
    );
    for row in rows {
        text.push_str(row);
    }
}

fn row(argument: &Arg) -> Option<String> {
    let long = argument
        .get_long()
        .filter(|long| !matches!(*long, "help" | "version"))?;
    let variable = argument.get_env().and_then(std::ffi::OsStr::to_str);
    let secret = argument.is_hide_env_values_set();
    let flag = if secret {
        format!("`--{long}-file`")
    } else {
        format!("`--{long}`")
    };
    let variable = match variable {
        None => String::new(),
        Some(name) if secret => format!("`{name}` or `{name}_FILE`"),
        Some(name) => format!("`{name}`"),
    };
    let default = argument
        .get_default_values()
        .first()
        .and_then(|value| value.to_str())
        .map_or_else(
            || {
                if argument.is_required_set() {
                    "required".to_owned()
                } else {
                    String::new()
                }
            },
            |value| format!("`{value}`"),
        );
    let meaning = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let meaning = meaning.replace('|', "\\|").replace('\n', " ");
    let secret = if secret { "yes" } else { "" };
    Some(format!(
        "| {flag} | {variable} | {default} | {secret} | {meaning} |\n"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(long: &'static str, variable: &'static str) -> Arg {
        Arg::new(long).long(long).env(variable).help("What it means.")
    }

    #[test]
    fn shared_settings_come_once_and_secrets_by_their_files() {
        let token = setting("token", "KORRIGO_TOKEN")
            .hide_env_values(true)
            .required(true);
        let commands = [
            Command::new("korrigo-one")
                .arg(setting("port", "KORRIGO_PORT").default_value("80"))
                .arg(token),
            Command::new("korrigo-two").arg(setting("port", "KORRIGO_PORT").default_value("80")),
        ];
        let text = markdown(&commands);
        assert_eq!(
            text.matches("| `--port` | `KORRIGO_PORT` | `80` |  | What it means. |")
                .count(),
            1,
            "{text}"
        );
        let row =
            "| `--token-file` | `KORRIGO_TOKEN` or `KORRIGO_TOKEN_FILE` | required | yes | What it means. |";
        assert!(text.contains(row), "{text}");
        assert!(
            text.find("## All services") < text.find("## korrigo-one"),
            "{text}"
        );
    }
}
