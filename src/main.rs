//! The command line: parse, run, return an exit code.

mod cli;
mod commands;
mod exit;

use clap::Parser;

use cli::Cli;
use exit::Exit;

fn main() -> std::process::ExitCode {
    let cli = Cli::parse();
    let exit = commands::run(cli).unwrap_or_else(|error| {
        // A closed pipe is no failure: the reader has seen enough.
        if error
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
        {
            return Exit::Done;
        }
        eprintln!("planche: {error:#}");
        Exit::Failed
    });
    exit.into()
}
