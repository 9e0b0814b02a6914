//! Reading the configuration: flags, then variables, then defaults.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Command, Parser};

use super::Invalid;
use super::secrets::SecretSetting;
use crate::VERSION;

/// What reading the command line led to.
pub(crate) enum Outcome<C> {
    /// Go on with this.
    Run(C, Sources),
    /// Print this and end: help or version.
    Print(String),
}

/// How many settings came from where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sources {
    pub flags: usize,
    pub environment: usize,
    pub defaults: usize,
}

/// Why a command line could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Misread {
    /// A secret where none may be, or none where its file should be.
    #[error(transparent)]
    Secret(#[from] Invalid),
    /// What clap found, which is also how it says that help was asked for. Its words repeat what was typed.
    #[error(transparent)]
    Words(#[from] clap::Error),
}

/// Reads a command line that people type, with commands below it: whoever typed it may see it again.
pub fn command_line<C: Parser>(arguments: impl Iterator<Item = OsString>) -> Result<C, Misread> {
    let command = SecretSetting::with_files(C::command());
    let read = understand(&command, arguments.collect())?;
    Ok(C::from_arg_matches(&read.matches)?)
}

/// Whether these words are a command line that people type, for documents that show some. What comes from variables need not
/// be there.
pub fn check_words(command: Command, words: impl Iterator<Item = OsString>) -> Result<(), clap::Error> {
    let command = SecretSetting::with_files(without_variables(command));
    command.try_get_matches_from(words).map(drop)
}

fn without_variables(command: Command) -> Command {
    command
        .mut_args(|argument| {
            let required = argument.is_required_set() && argument.get_env().is_none();
            argument.required(required)
        })
        .mut_subcommands(without_variables)
}

/// Reads the settings of a service.
pub(crate) fn read<C: Parser>(arguments: impl Iterator<Item = OsString>) -> Result<Outcome<C>, Invalid> {
    let command = SecretSetting::with_files(C::command().version(VERSION));
    let read = understand(&command, arguments.collect()).and_then(|read| {
        let config = C::from_arg_matches(&read.matches)?;
        Ok(Outcome::Run(config, sources(&command, &read)))
    });
    match read {
        Ok(outcome) => Ok(outcome),
        Err(Misread::Secret(invalid)) => Err(invalid),
        Err(Misread::Words(error)) => told(&error, &command),
    }
}

struct Understood {
    matches: ArgMatches,
    /// How many secrets were read from files.
    from_files: usize,
}

fn understand(command: &Command, mut arguments: Vec<OsString>) -> Result<Understood, Misread> {
    // The first look only finds which command it is, and the files that hold its secrets.
    let looked = SecretSetting::relaxed(command.clone()).try_get_matches_from(&arguments);
    let nothing = ArgMatches::default();
    let (chosen, found) = chosen(command, looked.as_ref().unwrap_or(&nothing));
    let mut from_files = 0;
    for secret in SecretSetting::all(chosen) {
        secret.refuse_in(&arguments)?;
        if let Some(argument) = secret.read_file(found)? {
            arguments.push(argument);
            from_files += 1;
        }
    }
    let matches = command.clone().try_get_matches_from(&arguments)?;
    Ok(Understood { matches, from_files })
}

/// The command that was chosen among those below.
fn chosen<'a>(command: &'a Command, matches: &'a ArgMatches) -> (&'a Command, &'a ArgMatches) {
    match matches.subcommand() {
        Some((name, matches)) => command
            .find_subcommand(name)
            .map_or((command, matches), |below| chosen(below, matches)),
        None => (command, matches),
    }
}

/// Help and version are printed; anything else is a mistake.
fn told<C>(error: &clap::Error, command: &Command) -> Result<Outcome<C>, Invalid> {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        Ok(Outcome::Print(error.render().to_string()))
    } else {
        Err(Invalid::of(error, command))
    }
}

fn sources(command: &Command, read: &Understood) -> Sources {
    let mut sources = Sources::default();
    for argument in command.get_arguments() {
        let source = read.matches.value_source(argument.get_id().as_str());
        sources.flags += usize::from(source == Some(ValueSource::CommandLine));
        sources.environment += usize::from(source == Some(ValueSource::EnvVariable));
        sources.defaults += usize::from(source == Some(ValueSource::DefaultValue));
    }
    // Secrets out of files were handed on as if they were flags; their files were counted on their own.
    sources.flags = sources.flags.saturating_sub(read.from_files);
    sources
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Common, Secret, duration, secret};
    use std::time::Duration;

    #[derive(Debug, Parser)]
    #[command(name = "korrigo-example")]
    struct Config {
        #[command(flatten)]
        service: Common,
        /// Where the example is.
        #[arg(long, env = "KORRIGO_EXAMPLE_URL", hide_env_values = true, value_parser = secret)]
        example_url: Secret,
        /// How long to wait.
        #[arg(long, env = "KORRIGO_EXAMPLE_WAIT", default_value = "3s", value_parser = duration)]
        example_wait: Duration,
    }

    fn read_line(line: &[&str]) -> Result<Outcome<Config>, String> {
        let arguments = std::iter::once("korrigo-example")
            .chain(line.iter().copied())
            .map(OsString::from);
        read(arguments).map_err(|invalid| invalid.to_string())
    }

    fn complaint(line: &[&str]) -> String {
        match read_line(line) {
            Err(complaint) => complaint,
            Ok(_) => panic!("accepted: {line:?}"),
        }
    }

    fn secret_file(text: &str) -> (tempfile::TempDir, String) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret");
        std::fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap().to_owned();
        (directory, path)
    }

    #[test]
    fn a_secret_is_read_from_a_file_without_its_newline() {
        let (_directory, path) = secret_file("postgres://example.test\n");
        match read_line(&["--example-url-file", &path, "--example-wait", "1s"]) {
            Ok(Outcome::Run(config, sources)) => {
                assert_eq!(config.example_url.expose(), "postgres://example.test");
                assert_eq!(config.example_wait, Duration::from_secs(1));
                assert_eq!(config.service.drain_timeout, Duration::from_secs(30));
                assert_eq!(sources.flags, 2);
            }
            other => panic!("{:?}", other.err()),
        }
    }

    #[test]
    fn a_secret_on_the_command_line_is_refused_without_repeating_it() {
        for line in [
            ["--example-url", "hunter22"].as_slice(),
            &["--example-url=hunter22"],
        ] {
            let complaint = complaint(line);
            assert!(complaint.starts_with("--example-url: is a secret"), "{complaint}");
            assert!(!complaint.contains("hunter22"), "{complaint}");
        }
    }

    #[test]
    fn a_missing_setting_is_named_with_its_variable() {
        assert_eq!(complaint(&[]), "--example-url (KORRIGO_EXAMPLE_URL): is required");
    }

    #[test]
    fn a_bad_value_is_named_by_its_key_and_not_repeated() {
        let (_directory, path) = secret_file("x");
        assert_eq!(
            complaint(&["--example-url-file", &path, "--example-wait", "hunter22"]),
            "--example-wait (KORRIGO_EXAMPLE_WAIT): expected a number with a unit: 250ms, 5s, 2m, 1h"
        );
        let (_directory, nothing) = secret_file("");
        assert_eq!(
            complaint(&["--example-url-file", &nothing]),
            "--example-url (KORRIGO_EXAMPLE_URL): must not be empty"
        );
        let complaint = complaint(&["--example-url-file", &path, "--admin-listen", "hunter22"]);
        assert!(
            complaint.starts_with("--admin-listen (KORRIGO_ADMIN_LISTEN): "),
            "{complaint}"
        );
        assert!(!complaint.contains("hunter22"), "{complaint}");
    }

    #[test]
    fn an_unknown_flag_and_a_stray_word_are_refused() {
        assert_eq!(
            complaint(&["--frobnicate=hunter22"]),
            "--frobnicate: is not a setting"
        );
        assert_eq!(
            complaint(&["hunter22"]),
            "command line: has a word that is no setting"
        );
    }

    #[test]
    fn what_is_missing_is_named_although_a_secret_comes_from_a_file() {
        #[derive(Debug, Parser)]
        struct Two {
            #[arg(long, hide_env_values = true, env = "KORRIGO_FIRST", value_parser = secret)]
            _first: Secret,
            #[arg(long, env = "KORRIGO_SECOND")]
            _second: String,
        }
        let (_directory, path) = secret_file("x");
        let line = ["two", "--first-file", &path].map(OsString::from);
        let complaint = read::<Two>(line.into_iter())
            .err()
            .map(|invalid| invalid.to_string());
        assert_eq!(
            complaint.as_deref(),
            Some("--second (KORRIGO_SECOND): is required")
        );
    }

    #[test]
    fn a_secret_file_that_is_not_there_is_named_by_its_key() {
        let complaint = complaint(&["--example-url-file", "/nowhere/hunter22"]);
        assert_eq!(
            complaint,
            "--example-url-file (KORRIGO_EXAMPLE_URL_FILE): names a file that cannot be read"
        );
    }

    #[derive(Debug, Parser)]
    enum Commands {
        Look {
            #[arg(long, env = "KORRIGO_LOOKED_AT_URL", hide_env_values = true, value_parser = secret)]
            url: Secret,
        },
        Count {
            #[arg(long, env = "KORRIGO_LOOKED_AT_URL", hide_env_values = true, value_parser = secret)]
            url: Secret,
            what: String,
        },
        Run {
            words: Vec<String>,
        },
    }

    fn command(line: &[&str]) -> Result<Commands, Misread> {
        let arguments = std::iter::once("commands").chain(line.iter().copied());
        command_line(arguments.map(OsString::from))
    }

    #[test]
    fn a_command_below_reads_its_secret_from_a_file_and_not_from_its_line() {
        let (_directory, path) = secret_file("postgres://example.test");
        match command(&["look", "--url-file", &path]) {
            Ok(Commands::Look { url }) => assert_eq!(url.expose(), "postgres://example.test"),
            other => panic!("{other:?}"),
        }
        match command(&["look", "--url", "hunter22"]) {
            Err(Misread::Secret(invalid)) => assert_eq!(invalid.key, "--url"),
            other => panic!("{other:?}"),
        }
        assert!(matches!(command(&["look"]), Err(Misread::Words(_))));
        match command(&["look", "--url", "hunter22", "--at"]) {
            Err(Misread::Words(told)) => assert!(!told.to_string().contains("hunter22")),
            other => panic!("{other:?}"),
        }
        match command(&["count", "--url-file", &path]) {
            Err(Misread::Words(told)) => assert!(told.to_string().contains("<WHAT>"), "{told}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn words_for_another_program_are_its_own() {
        match command(&["run", "--", "--url", "hunter22"]) {
            Ok(Commands::Run { words }) => assert_eq!(words, ["--url", "hunter22"]),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn help_and_version_need_no_settings() {
        for (flag, text) in [("--help", "KORRIGO_EXAMPLE_URL_FILE"), ("--version", VERSION)] {
            match read_line(&[flag]) {
                Ok(Outcome::Print(printed)) => assert!(printed.contains(text), "{printed}"),
                _ => panic!("{flag} was not printed"),
            }
        }
    }
}
