//! The command line in the language of the reader: help, and errors of arguments.

use std::ffi::OsString;
use std::io::{self, Write};

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, CommandFactory, FromArgMatches, ValueEnum};

use planche::Language;
use planche::internal::printable::{Printable, must_be_escaped};

use super::Cli;
use crate::exit::Exit;

/// A language that `--lang` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LanguageArg {
    En,
    Fr,
}

impl From<LanguageArg> for Language {
    fn from(language: LanguageArg) -> Language {
        match language {
            LanguageArg::En => Language::English,
            LanguageArg::Fr => Language::French,
        }
    }
}

/// The language of `--lang`, which is needed before the arguments are parsed; else that of the
/// environment.
pub fn chosen(arguments: &[OsString]) -> Language {
    let mut named = None;
    let mut arguments = arguments.iter().filter_map(|argument| argument.to_str());
    while let Some(argument) = arguments.next() {
        match argument.strip_prefix("--lang") {
            Some("") => named = arguments.next(),
            Some(value) => named = value.strip_prefix('='),
            None if argument == "--" => break,
            None => continue,
        }
    }
    let named = named.and_then(Language::of_locale);
    named.unwrap_or_else(|| Language::of_environment(|name| std::env::var(name).ok()))
}

/// Parses the arguments. Help and errors are printed, and end the process.
pub fn parse(arguments: Vec<OsString>, language: Language) -> Cli {
    let matches =
        command(language).try_get_matches_from(command_first(leading_language_last(arguments)));
    match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) if !error.use_stderr() => error.exit(),
        Err(error) => {
            let text = match language {
                Language::English => error.render().to_string(),
                language => explain(&error, language),
            };
            let is_safe = text.chars().all(|c| c == '\n' || !must_be_escaped(c));
            if is_safe && language == Language::English {
                // In color.
                error.exit();
            }
            // Where the text cannot be printed, the exit code still tells.
            let _ = io::stderr().write_all(escaped(&text).as_bytes());
            Exit::Failed.now()
        }
    }
}

/// Escapes each line of a message, which may contain an argument.
fn escaped(text: &str) -> String {
    let lines = text.lines();
    lines
        .map(|line| format!("{}\n", Printable::new(line)))
        .collect()
}

/// Moves `--lang` from before the command to the end: options of a build come without a command,
/// so clap accepts no other option before one.
fn leading_language_last(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let count = match arguments.get(1).and_then(|argument| argument.to_str()) {
        Some("--lang") => 2,
        Some(argument) if argument.starts_with("--lang=") => 1,
        _ => return arguments,
    };
    if arguments.len() > count + 1 && !arguments.iter().any(|argument| argument == "--") {
        arguments[1..].rotate_left(count);
    }
    arguments
}

/// Moves options from before the command to after it. Those of a build come without a command, so
/// that clap takes what follows them for a site.
fn command_first(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let cli = Cli::command();
    let text = |place: usize| arguments.get(place).and_then(|argument| argument.to_str());
    let is_option = |text: &&str| text.len() > 1 && text.starts_with('-') && *text != "--";
    let mut place = 1;
    while let Some(option) = text(place).filter(is_option) {
        place += if takes_next(&cli, option) { 2 } else { 1 };
    }
    let is_command = text(place).is_some_and(|name| cli.find_subcommand(name).is_some());
    if is_command {
        arguments[1..=place].rotate_right(1);
    }
    arguments
}

/// Whether the argument after an option is its value.
fn takes_next(cli: &Command, option: &str) -> bool {
    let is_of = |arg: &Arg, short: char| arg.get_short() == Some(short);
    let takes = |arg: &Arg| arg.get_action().takes_values() && !arg.is_require_equals_set();
    let mut options = cli.get_arguments().filter(|arg| takes(arg));
    match option.strip_prefix("--") {
        Some(long) => options.any(|arg| arg.get_long() == Some(long)),
        // `-qj 2`: only the last one of them can be followed by its value.
        None => {
            let last = option.chars().next_back().unwrap_or_default();
            let others = option.len() - last.len_utf8();
            let has_value = |short| {
                cli.get_arguments()
                    .any(|arg| takes(arg) && is_of(arg, short))
            };
            options.any(|arg| is_of(arg, last)) && !option[1..others].chars().any(has_value)
        }
    }
}

/// The command line, with its help in a language.
pub fn command(language: Language) -> Command {
    let command = Cli::command();
    if language == Language::English {
        return command;
    }
    let mut command = command;
    command.build();
    translate(command, language)
}

fn translate(command: Command, language: Language) -> Command {
    let text = |styled: Option<&StyledStr>| {
        let text = styled.map(ToString::to_string);
        text.map(|text| language.text(&text).into_owned())
    };
    let (about, long_about) = (text(command.get_about()), text(command.get_long_about()));
    let (after, usage) = (text(command.get_after_help()), language.text("Usage:"));
    let template =
        format!("{{about-with-newline}}\n{usage} {{usage}}\n\n{{all-args}}{{after-help}}");
    let mut command = command
        .subcommand_help_heading(language.phrase("Commands"))
        .subcommand_value_name(language.phrase("COMMAND"))
        .help_template(template)
        .mut_args(|arg| translate_arg(arg, language))
        .mut_subcommands(|command| translate(command, language));
    if let Some(about) = about {
        command = command.about(about);
    }
    if let Some(about) = long_about {
        command = command.long_about(about);
    }
    if let Some(after) = after {
        command = command.after_help(after);
    }
    command
}

/// An argument with its help in a language. What clap adds to it in English, such as the default
/// value, becomes a part of the help.
fn translate_arg(arg: Arg, language: Language) -> Arg {
    let say = |english: &str| language.text(english).into_owned();
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let long = arg.get_long_help().map(ToString::to_string);
    let mut details = Vec::new();
    let defaults = arg.get_default_values().iter();
    let defaults: Vec<&str> = defaults.filter_map(|value| value.to_str()).collect();
    let takes_value = arg.get_action().takes_values();
    if takes_value && !defaults.is_empty() && !arg.is_hide_default_value_set() {
        details.push(say(&format!("[default: {}]", defaults.join(" "))));
    }
    let values = match takes_value {
        true => arg.get_possible_values(),
        false => Vec::new(),
    };
    let mut list = String::new();
    if !values.is_empty() {
        let names: Vec<&str> = values
            .iter()
            .map(clap::builder::PossibleValue::get_name)
            .collect();
        details.push(say(&format!("[possible values: {}]", names.join(", "))));
        list.push_str(&format!("\n\n{}", say("Possible values:")));
        for value in &values {
            let help = value.get_help().map(ToString::to_string);
            let help = help.map(|help| format!("\u{a0}: {}", say(&help)));
            list.push_str(&format!(
                "\n- {}{}",
                value.get_name(),
                help.unwrap_or_default()
            ));
        }
    }
    let with = |text: String, details: &[String]| {
        let parts = [text].into_iter().chain(details.iter().cloned());
        let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
        parts.join(" ")
    };
    let has_list = values.iter().any(|value| value.get_help().is_some());
    let short = with(say(&help), &details);
    let long_text = say(long.as_deref().unwrap_or(&help));
    let long_text = match has_list {
        true => with(long_text, &details[..details.len() - 1]) + &list,
        false => with(long_text, &details),
    };
    let is_long = long.is_some() || has_list;
    let default = match arg.is_positional() {
        true => "Arguments",
        false => "Options",
    };
    let phrase = |english: &str| language.catalogue()?.phrase(english);
    let heading = arg.get_help_heading().unwrap_or(default);
    let heading = phrase(heading).unwrap_or(language.phrase(default));
    // The names of some values, such as `URL`, are the same in all languages.
    let value = arg.get_value_names().and_then(|names| names.first());
    let value = value.and_then(|value| phrase(value.as_str()));
    let mut arg = arg
        .help(short)
        .hide_default_value(true)
        .hide_possible_values(true)
        .help_heading(heading);
    // Under a heading of ours, clap would sort arguments without a name by their ids.
    if let Some(index) = arg.get_index() {
        arg = arg.display_order(index);
    }
    if is_long {
        arg = arg.long_help(long_text);
    }
    match value {
        Some(value) if takes_value => arg.value_name(value),
        _ => arg,
    }
}

/// An error of the arguments in a language, as clap writes it in English.
fn explain(error: &clap::Error, language: Language) -> String {
    let value = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join("`, `"),
        Some(ContextValue::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let argument = value(ContextKind::InvalidArg);
    let given = value(ContextKind::InvalidValue);
    let problem = match error.kind() {
        ErrorKind::UnknownArgument => format!("unexpected argument `{argument}`"),
        ErrorKind::InvalidSubcommand => {
            format!(
                "unknown command `{}`",
                value(ContextKind::InvalidSubcommand)
            )
        }
        ErrorKind::MissingRequiredArgument => format!("missing argument `{argument}`"),
        ErrorKind::ArgumentConflict if value(ContextKind::PriorArg) == argument => {
            format!("the argument `{argument}` is given twice")
        }
        ErrorKind::ArgumentConflict => {
            let other = value(ContextKind::PriorArg);
            format!("the argument `{argument}` cannot be used with `{other}`")
        }
        ErrorKind::InvalidValue if given.is_empty() => {
            format!("the argument `{argument}` needs a value")
        }
        ErrorKind::NoEquals => format!("the argument `{argument}` needs its value after `=`"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            match std::error::Error::source(error) {
                Some(reason) => {
                    format!("invalid value `{given}` for `{argument}`: {reason}")
                }
                None => format!("invalid value `{given}` for `{argument}`"),
            }
        }
        // The others do not happen with these arguments.
        _ => error.to_string(),
    };
    let mut text = language.text(&format!("error: {problem}")).into_owned() + "\n";
    let known = value(ContextKind::ValidValue);
    let suggested = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ];
    let suggested = suggested.map(value).concat();
    if !known.is_empty() {
        let known = format!("`{known}`");
        let hint = format!("possible values: {known}");
        text.push_str(&format!("  {}\n", language.text(&hint)));
    }
    if !suggested.is_empty() {
        let hint = format!("hint: did you mean `{suggested}`?");
        text.push_str(&format!("  {}\n", language.text(&hint)));
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        let usage = usage.trim_start_matches("Usage:").trim();
        text.push_str(&format!("\n{} {usage}\n", language.text("Usage:")));
    }
    text.push_str(&format!(
        "\n{}\n",
        language.text("For more information, try `--help`.")
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All texts of a command and its subcommands.
    fn texts(command: &Command, texts: &mut Vec<String>) {
        let mut add = |text: Option<&StyledStr>| texts.extend(text.map(ToString::to_string));
        add(command.get_about());
        add(command.get_long_about());
        add(command.get_after_help());
        for arg in command.get_arguments() {
            add(arg.get_help());
            add(arg.get_long_help());
            for value in arg.get_possible_values() {
                add(value.get_help());
            }
        }
        for command in command.get_subcommands() {
            self::texts(command, texts);
        }
    }

    #[test]
    fn all_of_the_help_has_a_translation() {
        let mut command = Cli::command();
        command.build();
        let mut all = Vec::new();
        texts(&command, &mut all);
        for language in Language::ALL {
            let Some(catalogue) = language.catalogue() else {
                continue;
            };
            // Names of files, and of shells, are the same in all languages.
            let is_name = |text: &String| !text.contains(' ');
            let missing: Vec<&String> = all
                .iter()
                .filter(|text| catalogue.translate(text).is_none() && !is_name(text))
                .collect();
            assert!(missing.is_empty(), "{missing:#?}");
        }
    }

    #[test]
    fn values_and_groups_have_translated_names() {
        /// Names that are the same in all languages.
        const SAME: [&str; 7] = ["SITE", "URL", "N", "MS", "I/N", "FORMAT", "SHELL"];
        let command = Cli::command();
        let commands = std::iter::once(&command).chain(command.get_subcommands());
        let names: Vec<&str> = commands
            .flat_map(Command::get_arguments)
            .flat_map(|arg| {
                let values = arg.get_value_names().unwrap_or_default().iter();
                let values = values.map(|value| value.as_str());
                let values = values.filter(|_| arg.get_action().takes_values());
                values.chain(arg.get_help_heading())
            })
            .filter(|name| !SAME.contains(name))
            .collect();
        assert!(names.contains(&"CODE|FILE"), "{names:?}");
        for catalogue in Language::ALL.into_iter().filter_map(Language::catalogue) {
            let missing = names.iter().filter(|name| catalogue.phrase(name).is_none());
            let missing: Vec<&&str> = missing.collect();
            assert!(missing.is_empty(), "{missing:?}");
        }
    }

    #[test]
    fn the_language_is_known_before_the_arguments_are_parsed() {
        let chosen = |arguments: &[&str]| {
            let arguments: Vec<OsString> = arguments.iter().map(Into::into).collect();
            (chosen(&arguments), leading_language_last(arguments))
        };
        let (language, arguments) = chosen(&["planche", "--lang", "fr", "check", "--all"]);
        assert_eq!(language, Language::French);
        assert_eq!(arguments, ["planche", "check", "--all", "--lang", "fr"]);
        let (language, arguments) = chosen(&["planche", "check", "--lang=fr"]);
        assert_eq!(language, Language::French);
        assert_eq!(arguments, ["planche", "check", "--lang=fr"]);
    }

    #[test]
    fn options_may_come_before_the_command() {
        for (given, expected) in [
            (&["-q", "build", "site"][..], &["build", "-q", "site"][..]),
            (&["--jobs", "1", "check"], &["check", "--jobs", "1"]),
            (&["--jobs=1", "check"], &["check", "--jobs=1"]),
            (&["-qj", "2", "check", "-q"], &["check", "-qj", "2", "-q"]),
            (&["-j2", "check"], &["check", "-j2"]),
            // A site, and not a command.
            (&["-q", "site", "build"], &["-q", "site", "build"]),
            (&["--report", "build"], &["--report", "build"]),
            (&["--", "build"], &["--", "build"]),
        ] {
            let with_name = |arguments: &[&str]| -> Vec<OsString> {
                let name = std::iter::once(&"planche");
                name.chain(arguments).map(Into::into).collect()
            };
            assert_eq!(command_first(with_name(given)), with_name(expected));
        }
    }

    #[test]
    fn the_french_command_line_is_consistent() {
        command(Language::French).debug_assert();
    }
}
