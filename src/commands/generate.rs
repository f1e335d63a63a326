//! The commands `schema`, `completions` and `man`: print files generated from the program itself.

use anyhow::{Context, Result};
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, Command};

use planche::internal::config::Config;
use planche::internal::flow::{CleanReport, VerifyReport};
use planche::internal::language::Language;
use planche::internal::preset::Preset;
use planche::internal::watch::Event;
use planche::internal::{report, settings};

use super::output::print_data;
use crate::cli::{self, CompletionsArgs, ManArgs, SchemaArgs, SchemaOf};
use crate::exit::Exit;

pub fn schema(args: &SchemaArgs) -> Result<Exit> {
    let mut text = match args.of {
        SchemaOf::Config => serde_json::to_string_pretty(&settings::schema::<Config>())?,
        SchemaOf::Preset => serde_json::to_string_pretty(&settings::schema::<Preset>())?,
        SchemaOf::Report => serde_json::to_string_pretty(&report::schema())?,
        SchemaOf::Clean => serde_json::to_string_pretty(&CleanReport::schema())?,
        SchemaOf::Verify => serde_json::to_string_pretty(&VerifyReport::schema())?,
        SchemaOf::Watch => serde_json::to_string_pretty(&report::schema_of::<Event>())?,
    };
    text.push('\n');
    print_data(text.as_bytes())?;
    Ok(Exit::Done)
}

pub fn completions(args: &CompletionsArgs, language: Language) -> Result<Exit> {
    let mut command = cli::command(language);
    if language != Language::English {
        command = with_values(command, language);
    }
    // `clap_complete` panics if the pipe is closed, so the script is generated in memory first.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "planche", &mut script);
    print_data(&script)?;
    Ok(Exit::Done)
}

/// Translates the help of the possible values of a command's arguments. The result is only for
/// completion scripts, not for parsing, because the values are then parsed as strings.
fn with_values(command: Command, language: Language) -> Command {
    let translated = |value: &PossibleValue| match value.get_help().map(ToString::to_string) {
        Some(help) => value.clone().help(language.text(&help).into_owned()),
        None => value.clone(),
    };
    let translate = |arg: Arg| match arg.get_possible_values() {
        values if values.is_empty() || !arg.get_action().takes_values() => arg,
        values => arg.value_parser(PossibleValuesParser::new(values.iter().map(translated))),
    };
    command
        .mut_args(translate)
        .mut_subcommands(|command| with_values(command, language))
}

pub fn man(args: &ManArgs, language: Language) -> Result<Exit> {
    let mut root = cli::command(language);
    root.build();
    let command = match &args.command {
        None => root,
        Some(name) => {
            // `build` above has set its full name, such as `planche-check`.
            let found = root.find_subcommand(name).cloned();
            let found = found.with_context(|| format!("no command is named `{name}`"))?;
            found.version(env!("CARGO_PKG_VERSION"))
        }
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    let page = with_headings(&String::from_utf8(page)?, language);
    print_data(page.as_bytes())?;
    Ok(Exit::Done)
}

/// Translates the headings of a manual page, and sets them in capitals. The only text that
/// clap_mangen puts below `EXTRA` is about exit codes, so that heading becomes `EXIT STATUS`.
fn with_headings(page: &str, language: Language) -> String {
    const HEADINGS: [(&str, &str); 5] = [
        ("NAME", "NAME"),
        ("DESCRIPTION", "DESCRIPTION"),
        ("SUBCOMMANDS", "COMMANDS"),
        ("EXTRA", "EXIT STATUS"),
        ("VERSION", "VERSION"),
    ];
    let mut text = String::with_capacity(page.len());
    for line in page.split_inclusive('\n') {
        let Some(heading) = line.strip_prefix(".SH ") else {
            text.push_str(line);
            continue;
        };
        // Headings of option groups end with a space in French, because a colon follows them in the
        // help.
        let heading = heading.trim().trim_matches('"').trim();
        let known = HEADINGS.iter().find(|(known, _)| heading == *known);
        let heading = match known {
            Some((_, heading)) => language.phrase(heading).to_owned(),
            None => heading.to_uppercase(),
        };
        text.push_str(&format!(".SH \"{heading}\"\n"));
    }
    text
}
