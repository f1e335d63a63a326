//! One worker process: its start, an exchange of messages, and its end.

use std::io::{self, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{OFlags, fcntl_setfl};
use rustix::process::Signal;
use rustix::time::Timespec;

use super::message::{self, Answer, Request};

#[derive(Debug)]
pub(super) struct Worker {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    errors: ChildStderr,
}

/// The reason why a worker gave no answer.
#[derive(Debug)]
pub(super) struct End {
    pub reason: String,
    pub is_out_of_time: bool,
    /// Whether the system gave it no memory: that of the machine, or of its limits.
    pub is_out_of_memory: bool,
}

impl Worker {
    pub fn start(program: &Path, arguments: &[String]) -> io::Result<Self> {
        let mut child = Command::new(program)
            .arg0("planche")
            .args(arguments)
            // Otherwise, glibc reserves 64 MiB for a thread's own arena, which would count toward
            // the limit of memory.
            .env("MALLOC_ARENA_MAX", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // In a process group of its own: the signals of a terminal then reach only the program,
            // which ends its workers itself.
            .process_group(0)
            .spawn()?;
        let streams = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), Some(errors)) = streams else {
            return Err(io::Error::other("it has no streams"));
        };
        // Non-blocking, so that a worker that does not read cannot hold up the program.
        fcntl_setfl(&input, OFlags::NONBLOCK)?;
        Ok(Worker {
            child,
            input,
            output,
            errors,
        })
    }

    /// Sends a request with its file and waits for the answer, with at most `most` bytes.
    pub fn ask(
        &mut self,
        request: &Request,
        file: &[u8],
        most: u64,
    ) -> io::Result<(Answer, Vec<u8>)> {
        let mut exchange = Exchange {
            worker: self,
            deadline: Instant::now()
                + PATIENCE * u32::try_from(request.bounds.seconds).unwrap_or(1),
        };
        message::write(&mut exchange, request, file)?;
        let answer = message::read(&mut exchange, most)?;
        answer.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    /// Ends a worker after a failed exchange, and returns the reason.
    pub fn end(mut self, error: &io::Error) -> End {
        /// How often to look whether a worker has ended. If its pipe is closed, it is about to end
        /// by itself, with the reason in its status.
        const TRIES: u32 = 100;
        let has_left = matches!(
            error.kind(),
            io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe
        );
        for _ in 0..TRIES {
            if !has_left || matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let status = self.child.wait();
        let signal = status.as_ref().ok().and_then(ExitStatusExt::signal);
        let is_out_of_time =
            error.kind() == io::ErrorKind::TimedOut || signal == Some(Signal::XCPU.as_raw());
        let mut is_out_of_memory = error.kind() == io::ErrorKind::OutOfMemory;
        let reason = if is_out_of_time {
            "decoding takes too long".to_owned()
        } else if has_left {
            let message = first_line(&mut self.errors);
            // As the standard library writes it before it aborts.
            is_out_of_memory = message
                .as_ref()
                .is_some_and(|message| message.starts_with("memory allocation of "));
            let message = message.or_else(|| Some(status.ok()?.to_string()));
            let message = message.unwrap_or_else(|| "for an unknown reason".to_owned());
            format!("the decoder crashed: {message}")
        } else {
            format!("the process that decodes it cannot be used: {error}")
        };
        End {
            reason,
            is_out_of_time,
            is_out_of_memory,
        }
    }
}

/// The wall-clock time for each second of CPU time that a worker may take: the machine may be busy.
/// Only a worker that waits for something reaches this bound.
const PATIENCE: Duration = Duration::from_secs(10);

/// The streams of a worker, with a deadline.
struct Exchange<'w> {
    worker: &'w mut Worker,
    deadline: Instant,
}

impl Exchange<'_> {
    /// Waits until one of the streams is ready. Returns whether there is something to read.
    fn wait(&self, has_to_write: bool) -> io::Result<bool> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).map_err(io::Error::other)?;
        let output = PollFd::new(&self.worker.output, PollFlags::IN);
        let input = PollFd::new(&self.worker.input, PollFlags::OUT);
        let mut streams = [output, input];
        let count = if has_to_write { 2 } else { 1 };
        match poll(&mut streams[..count], Some(&timeout)) {
            Ok(0) => Err(io::ErrorKind::TimedOut.into()),
            Ok(_) => Ok(!streams[0].revents().is_empty()),
            Err(error) => Err(error.into()),
        }
    }
}

impl Write for Exchange<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.wait(true)? {
            // The worker has ended, or answers before it was asked.
            let has_ended = self.worker.output.read(&mut [0])? == 0;
            return Err(if has_ended {
                io::ErrorKind::BrokenPipe.into()
            } else {
                io::Error::new(io::ErrorKind::InvalidData, "it answered before a request")
            });
        }
        match self.worker.input.write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                Err(io::ErrorKind::Interrupted.into())
            }
            result => result,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Exchange<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.wait(false)?;
        self.worker.output.read(bytes)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // The worker has nothing to finish, and must not outlive this value.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the first line that a worker which has ended wrote to its standard error.
fn first_line(errors: &mut impl Read) -> Option<String> {
    const MOST: u64 = 4096;
    let mut bytes = Vec::new();
    let _ = errors.take(MOST).read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes);
    let line = text.lines().find(|line| !line.trim().is_empty())?;
    Some(line.trim().to_owned())
}
