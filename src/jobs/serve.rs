//! The loop of a worker process: reads job lines, and writes a result line for each.

use std::io::{self, BufRead, Read, Write};

use super::{Answer, Fault, Worker};
use crate::printable::json;

/// The length of the longest line that is read, in bytes. A line with every width of every preset
/// is far shorter.
pub const LONGEST_LINE: u64 = 16 << 20;

/// Answers each line with a line, in the same order, until the input ends. Empty lines have no
/// answer.
///
/// # Errors
///
/// If a stream cannot be read or written. An error about a line is in its answer.
pub fn serve(
    input: &mut impl BufRead,
    output: &mut impl Write,
    worker: &Worker<'_>,
) -> io::Result<()> {
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        number += 1;
        if input.take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let answer = if line.len() as u64 == LONGEST_LINE && line.last() != Some(&b'\n') {
            input.skip_until(b'\n')?;
            let fault = Fault::new("invalid-job", "this line is longer than any job");
            Answer::unreadable(number, &[], fault)
        } else if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        } else {
            worker.answer(number, &line)
        };
        writeln!(output, "{}", json(&answer)?)?;
        output.flush()?;
    }
}
