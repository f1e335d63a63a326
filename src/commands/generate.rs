//! `schema`, `completions` and `man`: generated files about the program itself.

use std::io::Write;

use anyhow::{Context, Result};
use clap::CommandFactory;

use planche::internal::config::Config;
use planche::internal::flow::{CleanReport, VerifyReport};
use planche::internal::preset::Preset;
use planche::internal::watch::Event;
use planche::internal::{report, settings};

use crate::cli::{Cli, CompletionsArgs, ManArgs, SchemaArgs, SchemaOf};
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
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(Exit::Done)
}

pub fn completions(args: &CompletionsArgs) -> Result<Exit> {
    // Into memory first: `clap_complete` panics if the pipe is closed.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "planche", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(Exit::Done)
}

pub fn man(args: &ManArgs) -> Result<Exit> {
    let mut root = Cli::command();
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
    std::io::stdout().write_all(&page)?;
    Ok(Exit::Done)
}
