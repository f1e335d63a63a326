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
        let is_closed = |cause: &(dyn std::error::Error + 'static)| {
            let io = cause.downcast_ref::<std::io::Error>();
            io.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
        };
        if error.chain().any(is_closed) {
            return Exit::Done;
        }
        eprintln!("planche: {error:#}");
        Exit::Failed
    });
    exit.into()
}
