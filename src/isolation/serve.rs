//! The worker's side: reads requests, decodes, answers.

use std::io::{self, Read, Write};
use std::panic;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

use super::message::{self, Answer, Bounds, Request, Task};
use crate::picture::decoder::{Decode, InProcess};
use crate::picture::pixels::Decoded;

/// Serves requests until the stream ends. The process keeps nothing that it does not need for that:
/// it cannot open another file or socket, or write a file, and every request has bounds of memory
/// and time.
///
/// A decoder that panics, aborts or exceeds the bounds ends the process; the first line on standard
/// error tells why.
///
/// # Errors
///
/// If a stream cannot be read or written, or a message is not one of the protocol.
pub fn serve(input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    let idle = virtual_bytes();
    confine();
    panic::set_hook(Box::new(|info| {
        let payload = info.payload();
        let message = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("panic");
        let message = message.lines().next().unwrap_or_default();
        let place = info
            .location()
            .map(|at| format!(" ({}:{})", file_name(at.file()), at.line()));
        let _ = writeln!(io::stderr(), "{message}{}", place.unwrap_or_default());
    }));
    while let Some((request, file)) = message::read::<Request>(input, u64::MAX)? {
        limit(request.bounds, idle);
        let decoded = answer(&request.task, &file);
        drop(file);
        match decoded {
            (answer, None) => message::write(output, &answer, &[])?,
            (answer, Some(samples)) => message::write(output, &answer, samples.bytes())?,
        }
    }
    Ok(())
}

/// The samples of an answer.
enum Samples {
    Decoded(Decoded),
    Drawn(Vec<u8>),
}

impl Samples {
    fn bytes(&self) -> &[u8] {
        match self {
            Samples::Decoded(decoded) => decoded.samples.parts().1,
            Samples::Drawn(samples) => samples,
        }
    }
}

fn answer(task: &Task, file: &[u8]) -> (Answer, Option<Samples>) {
    crash_if_asked(file);
    match task {
        Task::Probe { limits } => (Answer::Probed(InProcess.probe(file, limits)), None),
        Task::Decode { raster, scale } => match InProcess.decode(file, raster, *scale) {
            Ok(Some(decoded)) => {
                let (kind, _) = decoded.samples.parts();
                let answer = Answer::Decoded(Ok(Some((kind, decoded.color.clone()))));
                (answer, Some(Samples::Decoded(decoded)))
            }
            Ok(None) => (Answer::Decoded(Ok(None)), None),
            Err(error) => (Answer::Decoded(Err(error)), None),
        },
        Task::Draw { dimensions } => match InProcess.draw(file, *dimensions) {
            Ok(pixels) => (Answer::Drawn(Ok(())), Some(Samples::Drawn(pixels.samples))),
            Err(error) => (Answer::Drawn(Err(error)), None),
        },
    }
}

/// Takes away what decoding does not need. A limit that cannot be set is no reason to stop: the
/// process is still another one.
fn confine() {
    let none = || Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let _ = setrlimit(Resource::Core, none());
    let _ = setrlimit(Resource::Fsize, none());
    let _ = setrlimit(Resource::Nofile, none());
}

/// Bounds the next request.
fn limit(bounds: Bounds, idle: u64) {
    let set = |resource, wanted: u64| {
        let maximum = getrlimit(resource).maximum;
        let current = Some(maximum.map_or(wanted, |maximum| wanted.min(maximum)));
        let _ = setrlimit(resource, Rlimit { current, maximum });
    };
    set(Resource::As, idle.saturating_add(bounds.memory));
    let used = clock_gettime(ClockId::ProcessCPUTime).tv_sec;
    let used = u64::try_from(used).unwrap_or(0);
    set(Resource::Cpu, used + 1 + bounds.seconds);
}

/// Address space of this process (proc(5)), or a guess.
fn virtual_bytes() -> u64 {
    const GUESS: u64 = 1 << 30;
    let statm = std::fs::read_to_string("/proc/self/statm").ok();
    let pages = statm.and_then(|statm| statm.split(' ').next()?.parse::<u64>().ok());
    pages.map_or(GUESS, |pages| pages * rustix::param::page_size() as u64)
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// For tests, in builds with debug assertions: a file that ends in a certain text makes the worker
/// do what a decoder must not do, but might.
fn crash_if_asked(file: &[u8]) {
    if !cfg!(debug_assertions) {
        return;
    }
    if file.ends_with(b"planche-test: abort") {
        std::process::abort();
    } else if file.ends_with(b"planche-test: panic") {
        panic!("index out of bounds");
    } else if file.ends_with(b"planche-test: loop") {
        // One second of CPU time is left.
        limit(
            Bounds {
                memory: 1 << 30,
                seconds: 0,
            },
            virtual_bytes(),
        );
        let mut turns = 0u64;
        while std::hint::black_box(turns) < u64::MAX {
            turns += 1;
        }
    } else if file.ends_with(b"planche-test: memory") {
        std::hint::black_box(vec![1u8; 1 << 40]);
    }
}
