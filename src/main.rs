//! The command line: parse the arguments, run the command, return an exit code.

#[cfg(not(unix))]
compile_error!("planche needs a Unix system (Linux or macOS); on Windows, use it inside WSL");

mod cli;
mod commands;
mod exit;

use std::io::{Error, ErrorKind};
use std::process::ExitCode;

use exit::Exit;
use planche::internal::picture::contained;

fn main() -> ExitCode {
    contained::silence(file!());
    commands::signals::survive_file_limit();
    let arguments: Vec<_> = std::env::args_os().collect();
    let language = cli::chosen(&arguments);
    commands::output::set_language(language);
    commands::output::set_command(&arguments);
    let cli = cli::parse(arguments, language);
    let exit = commands::run(cli).unwrap_or_else(|error| {
        // A closed pipe is not an error: its reader does not need more output.
        let is_closed = error.chain().any(|cause| {
            let error = cause.downcast_ref::<Error>();
            error.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
        });
        if is_closed {
            return Exit::Done;
        }
        if error.is::<commands::Reported>() {
            return Exit::Failed;
        }
        commands::output::write_error(&commands::error_text::of(&error));
        Exit::Failed
    });
    exit.into()
}
