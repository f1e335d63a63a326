//! The hidden command `decode`: runs this program as a worker process that decodes for another
//! planche process.

use std::fs::File;
use std::io::{stdin, stdout};
use std::os::fd::AsFd;

use anyhow::Result;

use planche::internal::isolation::{Isolated, serve};

use crate::exit::Exit;

/// Serves decoding requests from standard input, and answers on standard output.
pub fn decode() -> Result<Exit> {
    // Unbuffered, because messages are read and written in large pieces.
    let input = File::from(stdin().as_fd().try_clone_to_owned()?);
    let mut output = File::from(stdout().as_fd().try_clone_to_owned()?);
    serve(input, &mut output)?;
    Ok(Exit::Done)
}

/// Returns the decoder that every command uses: it decodes risky formats in worker processes, which
/// run `planche decode`.
pub fn isolated() -> Isolated {
    Isolated::with_own_program(&["decode"])
}
