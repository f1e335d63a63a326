//! `watch --preview`: what the server rejects, sends and writes, and how it ends. Requests are
//! written by hand, so that no HTTP library corrects them.

/// The page in Chromium: live updates, edits by keyboard and mouse, axe.
mod browser;
/// Drafts of new uploads.
mod drafts;
/// Starting and leaving a preview, and opening the browser.
mod life;
/// Requests that are rejected.
mod rejections;
/// Edits, and the resulting articles.
mod writing;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::scratch::{Scratch, objects};

/// How long a test waits for an expected event: far longer than it takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

const ARTICLE: &str = "articles/a.md";
const TEXT: &str = "---\n# a comment\ntitle:   '<img onerror=alert(1)>'\nhero:\n  image: /uploads/photo.png\n  text: Un chat # here\n---\n\nText.\n";

/// Creates a site with one cropped image, whose alt text has a key.
pub fn site() -> Scratch {
    let site = Scratch::site();
    let settings = site.text("planche.yml")
        + "rules: [{ at: hero.image, preset: [square, wide], alt: text }]\n";
    site.write("planche.yml", settings);
    site.write(
        "presets/square.yml",
        "widths: [100, 200]\nsizes: 100vw\neffort: 0\naspect: 1:1\n",
    );
    site.write(
        "presets/wide.yml",
        "widths: [120]\nsizes: 100vw\neffort: 0\naspect: 3:1\n",
    );
    site.copy_upload("prague_schaer_CIO_une800.png", "uploads/photo.png");
    site.write(ARTICLE, TEXT);
    site
}

/// The running program with a preview.
pub struct Previewed {
    pub site: Scratch,
    pub child: Child,
    pub port: u16,
    pub token: String,
    lines: Receiver<Value>,
}

impl Previewed {
    /// Starts the program. Returns once the first run is finished.
    pub fn start(site: Scratch) -> Self {
        Previewed::with(site, &[])
    }

    pub fn with(site: Scratch, arguments: &[&str]) -> Self {
        let mut command = site.command(&["watch", "--preview", "--format", "json"]);
        command.args(arguments);
        Previewed::spawn(site, command)
    }

    fn spawn(site: Scratch, mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = objects(&mut child);
        let mut previewed = Previewed {
            site,
            child,
            port: 0,
            token: String::new(),
            lines,
        };
        let url = previewed.line("preview")["url"]
            .as_str()
            .unwrap()
            .to_owned();
        let (address, token) = url.split_once("/?token=").unwrap();
        let port = address.strip_prefix("http://127.0.0.1:").unwrap();
        previewed.port = port.parse().unwrap();
        previewed.token = token.to_owned();
        previewed.line("watching");
        previewed
    }

    /// Waits for a line with this event on standard output.
    #[track_caller]
    pub fn line(&mut self, event: &str) -> Value {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left);
            let line = line.unwrap_or_else(|error| panic!("no `{event}`: {error}"));
            if line["event"] == event {
                return line;
            }
        }
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream
    }

    /// Returns a request target with the token.
    pub fn target(&self, path: &str) -> String {
        format!("{path}?token={}", self.token)
    }

    /// Sends bytes, and reads the answer until the connection is closed.
    pub fn raw(&self, request: &str) -> Answer {
        let mut stream = self.connect();
        // The server may answer and close the connection before it has read everything.
        let _ = stream.write_all(request.as_bytes());
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        Answer::of(&bytes)
    }

    /// Sends a request with additional headers.
    pub fn request(&self, line: &str, headers: &str, body: &str) -> Answer {
        let port = self.port;
        self.raw(&format!(
            "{line} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{headers}\r\n{body}"
        ))
    }

    pub fn get(&self, path: &str) -> Answer {
        self.request(&format!("GET {}", self.target(path)), "", "")
    }

    /// Posts JSON as the page does.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        let body = body.to_string();
        let headers = format!(
            "Origin: http://127.0.0.1:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
            self.port,
            body.len()
        );
        self.request(&format!("POST {}", self.target(path)), &headers, &body)
    }

    pub fn sheet(&self) -> Value {
        let answer = self.get("/sheet.json");
        assert_eq!(answer.status, 200, "{answer:?}");
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// Returns the id of the first image in front matter.
    pub fn image(&self) -> String {
        let sheet = self.sheet();
        let images = sheet["images"].as_array().unwrap();
        let image = images.iter().find(|image| image["key"] == "hero.image");
        image.unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// Opens the stream of server-sent events.
    pub fn events(&self) -> Events {
        let mut stream = self.connect();
        let (target, port) = (self.target("/events"), self.port);
        write!(
            stream,
            "GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"
        )
        .unwrap();
        Events {
            lines: BufReader::new(stream),
        }
    }

    /// Opens the stream of events, and reads the messages that every page receives first.
    pub fn settled(&self) -> Events {
        let mut events = self.events();
        assert_eq!(events.next("edits"), serde_json::json!([]));
        events.next("drafts");
        events.next("done");
        events
    }

    /// Sends SIGINT, and waits for the end.
    pub fn interrupt(&mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-INT", &pid])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap().code()
    }
}

impl Drop for Previewed {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An HTTP response. The names of its headers are in lower case.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    fn of(bytes: &[u8]) -> Self {
        let split = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        let split = split.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(bytes)));
        let head = String::from_utf8_lossy(&bytes[..split]).into_owned();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_lowercase(), value.to_owned())
        });
        Answer {
            status: status.parse().unwrap(),
            headers: headers.collect(),
            body: bytes[split + 4..].to_vec(),
        }
    }

    pub fn header(&self, name: &str) -> &str {
        let mut headers = self.headers.iter();
        let found = headers.find(|(own, _)| own == name);
        found.map_or("", |(_, value)| value)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A stream of server-sent events, in chunked encoding.
pub struct Events {
    lines: BufReader<TcpStream>,
}

impl Events {
    /// Returns the data of the next event with this name.
    #[track_caller]
    pub fn next(&mut self, name: &str) -> Value {
        let mut is_it = false;
        let deadline = Instant::now() + DEADLINE;
        loop {
            let mut line = String::new();
            let length = self.lines.read_line(&mut line).unwrap();
            assert!(length > 0, "the stream ended before `{name}`");
            // The server sends a comment every few seconds, so reading a line never blocks for
            // long.
            assert!(Instant::now() < deadline, "no `{name}`");
            if let Some(event) = line.trim_end().strip_prefix("event: ") {
                is_it = event == name;
            } else if let Some(data) = line.trim_end().strip_prefix("data: ")
                && is_it
            {
                return serde_json::from_str(data).unwrap();
            }
        }
    }

    /// Waits for the end of a run that an article has caused or that has rewritten it. The latter
    /// is needed because a run over the whole site may include the change.
    #[track_caller]
    pub fn done(&mut self, article: &str) {
        let is_in = |files: &Value| files.as_array().unwrap().iter().any(|file| file == article);
        loop {
            let done = self.next("done");
            if is_in(&done["files"]) || is_in(&done["rewritten"]) {
                return;
            }
        }
    }

    /// Reads until the stream ends.
    pub fn end(mut self) {
        let mut rest = Vec::new();
        // The server may close or reset the connection.
        let _ = self.lines.read_to_end(&mut rest);
    }
}
