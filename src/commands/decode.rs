//! `decode`, which is hidden: this program as a worker of another one.

use std::fs::File;
use std::io::{stdin, stdout};
use std::os::fd::AsFd;

use anyhow::Result;

use planche::internal::isolation::{Isolated, serve};

use crate::exit::Exit;

/// Serves requests on the standard streams.
pub fn decode() -> Result<Exit> {
    // Not buffered: messages are read and written in large pieces.
    let mut input = File::from(stdin().as_fd().try_clone_to_owned()?);
    let mut output = File::from(stdout().as_fd().try_clone_to_owned()?);
    serve(&mut input, &mut output)?;
    Ok(Exit::Done)
}

/// The decoder of every command: risky formats in workers, which run this command.
pub fn isolated() -> Result<Isolated> {
    Ok(Isolated::with_own_program(&["decode"])?)
}
