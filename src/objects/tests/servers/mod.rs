//! Servers for tests: a store that answers, and a proxy that does not.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::needs::{Need, skip};

/// A running S3 server, which ends when this is dropped.
pub struct Moto {
    server: Child,
    pub port: u16,
}

impl Moto {
    /// Starts the server; returns `None` if moto is not installed.
    pub fn start() -> Option<Self> {
        let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
        let mut programs = above.map(|folder| folder.join("target/sites/venv/bin/moto_server"));
        let Some(program) = programs.find(|program| program.is_file()) else {
            skip(Need::Moto, "moto is not installed");
            return None;
        };
        // The port is free now; the server fails if it is taken meanwhile.
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let server = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let moto = Moto { server, port };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                started.elapsed() < Duration::from_secs(60),
                "moto does not start"
            );
            thread::sleep(Duration::from_millis(50));
        }
        put(port, "/bucket", "");
        Some(moto)
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Puts an object, or a bucket, by a plain HTTP request.
pub fn put(port: u16, path: &str, body: &str) {
    let length = body.len();
    let request = format!(
        "PUT {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// How a proxy fails a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Answers with this status.
    Status(u16),
    /// Closes the connection.
    Disconnect,
    /// Never answers.
    Hang,
}

/// A proxy in front of the store: some requests pass, the later ones meet a fault.
pub struct Proxy {
    pub port: u16,
    /// Number of requests that met the fault.
    pub failed: Arc<AtomicUsize>,
}

impl Proxy {
    /// Starts a proxy. Of the requests for which `concerns` returns true, the first `passing` pass,
    /// and the others meet the fault. All other requests pass.
    pub fn start(store: u16, passing: usize, fault: Fault, concerns: fn(&str) -> bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let failed = Arc::new(AtomicUsize::new(0));
        let (seen, counted) = (Arc::new(AtomicUsize::new(0)), failed.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, counted) = (seen.clone(), counted.clone());
                thread::spawn(move || {
                    let Some((head, body)) = read_request(&stream) else {
                        return;
                    };
                    let is_faulty =
                        concerns(&head) && seen.fetch_add(1, Ordering::SeqCst) >= passing;
                    if is_faulty {
                        counted.fetch_add(1, Ordering::SeqCst);
                        fail(stream, fault);
                    } else {
                        forward(stream, store, &head, &body);
                    }
                });
            }
        });
        Proxy { port, failed }
    }
}

/// Reads the head and the body of one request.
fn read_request(mut stream: &TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 65_536];
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        match stream.read(&mut chunk).ok()? {
            0 => return None,
            count => bytes.extend(&chunk[..count]),
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let mut body = bytes[end..].to_vec();
    let length = head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        let is_length = key.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse::<usize>().ok())?
    });
    while body.len() < length.unwrap_or(0) {
        match stream.read(&mut chunk).ok()? {
            0 => return None,
            count => body.extend(&chunk[..count]),
        }
    }
    Some((head, body))
}

fn fail(mut stream: TcpStream, fault: Fault) {
    match fault {
        Fault::Disconnect => {}
        Fault::Hang => {
            // Waits until the client gives up.
            let _ = stream.read(&mut [0]);
        }
        Fault::Status(status) => {
            let answer =
                format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes());
        }
    }
}

fn forward(mut stream: TcpStream, store: u16, head: &str, body: &[u8]) {
    let mut upstream = TcpStream::connect(("127.0.0.1", store)).unwrap();
    let head = head.replacen("\r\n", "\r\nconnection: close\r\n", 1);
    upstream.write_all(head.as_bytes()).unwrap();
    upstream.write_all(body).unwrap();
    let mut answer = Vec::new();
    upstream.read_to_end(&mut answer).unwrap();
    let _ = stream.write_all(&answer);
}

/// Returns the environment variables by which an S3 client finds the server.
pub fn variables(endpoint: &str) -> [(&'static str, String); 5] {
    [
        ("AWS_ENDPOINT", endpoint.to_owned()),
        ("AWS_ALLOW_HTTP", "true".to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
    ]
}

/// Returns the URL of a server without TLS.
pub fn endpoint(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// Runs a test of this program in a process of its own, with the environment variables of the
/// store, which always apply to a whole process.
pub fn in_process(test: &str, port: u16) {
    in_process_at(test, &endpoint(port));
}

pub fn in_process_at(test: &str, endpoint: &str) {
    let program = std::env::current_exe().unwrap();
    let output = Command::new(program)
        .args(["--exact", test, "--ignored", "--nocapture"])
        .envs(variables(endpoint))
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{out}{err}");
    assert!(out.contains("1 passed"), "{out}{err}");
}
