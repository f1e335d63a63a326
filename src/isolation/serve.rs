//! The worker's side of the protocol: reads requests, decodes, answers.

use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;
use std::{panic, process, thread};

use rustix::process::{Pid, Resource, Rlimit, getppid, getrlimit, setrlimit, test_kill_process};
use rustix::time::{ClockId, clock_gettime};

use super::confine::confine;
use super::message::{self, Answer, Bounds, Request, Task};
use crate::picture::decoder::{Decode, InProcess};
use crate::picture::pixels::Decoded;

/// Serves requests until the stream ends, and then ends the process, even if it is decoding: the
/// program that asked is gone, however it ended. First drops all rights that the process does not
/// need for that: it cannot open, change or remove a file, open a socket, or send a signal, as far
/// as the system can deny these. Every request has bounds of memory and time.
///
/// A decoder that panics, aborts or exceeds the bounds ends the process; the first line on standard
/// error tells why.
///
/// # Errors
///
/// If a stream cannot be read or written, or a message is not one of the protocol.
pub fn serve(input: impl Read + Send + 'static, output: &mut impl Write) -> io::Result<()> {
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
    // After the rights are dropped, because some are those of a thread.
    let requests = requests(input)?;
    while let Ok(request) = requests.recv() {
        let (request, file) = request?;
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

/// Bytes of the stack of the thread that reads requests.
const STACK: usize = 256 << 10;

/// Requests with their files, as they are read.
type Requests = Receiver<io::Result<(Request, Vec<u8>)>>;

/// Reads requests in a thread of its own, which sees the end of the stream while another request is
/// being answered. It ends the process then.
fn requests(mut input: impl Read + Send + 'static) -> io::Result<Requests> {
    let (sender, requests) = sync_channel(0);
    let read = move || loop {
        let request = match message::read::<Request>(&mut input, u64::MAX) {
            Ok(Some(request)) => Ok(request),
            Ok(None) => process::exit(0),
            Err(error) => Err(error),
        };
        let is_last = request.is_err();
        if sender.send(request).is_err() || is_last {
            return;
        }
    };
    // Its stack counts toward the limit of memory.
    thread::Builder::new().stack_size(STACK).spawn(read)?;
    Ok(requests)
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

/// Limits the address space of this process to its current size, plus `bytes`, plus what every
/// program needs besides its pixels. Processes that it starts may raise the limit.
pub fn limit_memory(bytes: u64) {
    let beside = Bounds::of_headers(&[]).memory;
    let bytes = virtual_bytes().saturating_add(bytes).saturating_add(beside);
    set_limit(Resource::As, bytes);
}

/// Sets the soft limit of a resource, as far as the system allows.
fn set_limit(resource: Resource, wanted: u64) {
    let maximum = getrlimit(resource).maximum;
    let current = Some(maximum.map_or(wanted, |maximum| wanted.min(maximum)));
    let _ = setrlimit(resource, Rlimit { current, maximum });
}

/// Sets the limits for the next request.
fn limit(bounds: Bounds, idle: u64) {
    set_limit(Resource::As, idle.saturating_add(bounds.memory));
    let used = clock_gettime(ClockId::ProcessCPUTime).tv_sec;
    let used = u64::try_from(used).unwrap_or(0);
    set_limit(Resource::Cpu, used + 1 + bounds.seconds);
}

/// Returns the size of this process's address space in bytes (proc(5)), or a guess.
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
    } else if file.ends_with(b"planche-test: hang") {
        thread::sleep(Duration::from_secs(3600));
    } else if file.ends_with(b"planche-test: memory") {
        std::hint::black_box(vec![1u8; 1 << 40]);
    } else if let Some(at) = file.windows(ESCAPE.len()).rposition(|part| part == ESCAPE) {
        panic!(
            "{}",
            escapes(&String::from_utf8_lossy(&file[at + ESCAPE.len()..]))
        );
    }
}

/// For tests: the path of a folder follows this text.
const ESCAPE: &[u8] = b"planche-test: escape ";

/// Returns what this process can do to a folder with the files `read` and `remove`, and to its
/// parent process.
fn escapes(folder: &str) -> String {
    use std::fs;
    use std::net::{TcpListener, UdpSocket};

    let path = |name: &str| std::path::Path::new(folder).join(name);
    let parent: Option<Pid> = getppid();
    let tried = [
        ("read", fs::read(path("read")).is_ok()),
        ("list", fs::read_dir(folder).is_ok()),
        ("write", fs::write(path("written"), "").is_ok()),
        ("make a folder", fs::create_dir(path("made")).is_ok()),
        (
            "link",
            std::os::unix::fs::symlink("read", path("link")).is_ok(),
        ),
        ("rename", fs::rename(path("read"), path("renamed")).is_ok()),
        ("remove", fs::remove_file(path("remove")).is_ok()),
        ("listen", TcpListener::bind("127.0.0.1:0").is_ok()),
        ("send", UdpSocket::bind("127.0.0.1:0").is_ok()),
        (
            "signal",
            parent.is_some_and(|parent| test_kill_process(parent).is_ok()),
        ),
    ];
    let done: Vec<&str> = tried
        .iter()
        .filter(|(_, is_done)| *is_done)
        .map(|(name, _)| *name)
        .collect();
    format!("it can: [{}]", done.join(", "))
}
