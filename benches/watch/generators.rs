//! Runs the servers of site generators, each on a site of the same articles and images: a page per
//! article, a list of all articles, and uploads copied unchanged. The servers print a line when a
//! rebuild is finished.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use super::{Edit, Layout};

/// Timeout for a server's answer.
const PATIENCE: Duration = Duration::from_secs(120);
/// Time without output after which a server counts as idle. Hugo collects changes for half a
/// second.
const SILENCE: Duration = Duration::from_millis(800);

/// A site generator with a server that rebuilds what has changed.
pub struct Generator {
    pub command: &'static str,
    program: &'static str,
    /// The environment variable for the program's path, if the program is not in `PATH`.
    variable: &'static str,
    version: &'static str,
    arguments: &'static [&'static str],
    layout: Layout,
    files: &'static [(&'static str, &'static str)],
    /// The output folder.
    destination: &'static str,
    /// Text that the server prints when it is ready, and text that it prints after each rebuild.
    ready: &'static str,
    finished: &'static str,
}

pub const GENERATORS: [Generator; 2] = [
    Generator {
        command: "hugo server",
        program: "hugo",
        variable: "HUGO",
        version: "version",
        arguments: &["server"],
        layout: Layout {
            articles: "content/posts",
            uploads: "static/uploads",
        },
        files: &[
            ("hugo.toml", "title = \"bench\"\n"),
            (
                "layouts/_default/single.html",
                "<!doctype html><title>{{ .Title }}</title><img src=\"{{ .Params.image }}\">\
                 <img src=\"{{ .Params.photo }}\">{{ .Content }}\n",
            ),
            (
                "layouts/_default/list.html",
                "<!doctype html>{{ range .RegularPages }}<a href=\"{{ .RelPermalink }}\">{{ .Title }}</a>{{ end }}\n",
            ),
        ],
        destination: "public",
        ready: "Web Server is available",
        finished: "Total in ",
    },
    Generator {
        command: "eleventy --serve",
        program: "eleventy",
        variable: "ELEVENTY",
        version: "--version",
        arguments: &["--serve", "--quiet"],
        layout: Layout {
            articles: "posts",
            uploads: "uploads",
        },
        files: &[
            (
                "eleventy.config.mjs",
                "export default (config) => { config.addPassthroughCopy(\"uploads\"); };\n",
            ),
            (
                "posts/posts.json",
                "{ \"layout\": \"post.liquid\", \"tags\": \"posts\" }\n",
            ),
            (
                "_includes/post.liquid",
                "<!doctype html><title>{{ title }}</title><img src=\"{{ image }}\">\
                 <img src=\"{{ photo }}\">{{ content }}\n",
            ),
            (
                "index.liquid",
                "<!doctype html>{% for post in collections.posts %}\
                 <a href=\"{{ post.url }}\">{{ post.data.title }}</a>{% endfor %}\n",
            ),
        ],
        destination: "_site",
        ready: "Watching",
        finished: " files in ",
    },
];

/// The program of a generator, as found on this machine.
pub struct Program {
    path: OsString,
    pub version: String,
}

impl Generator {
    /// Finds the program.
    ///
    /// # Errors
    ///
    /// Returns the reason why the program cannot be run.
    pub fn find(&self) -> Result<Program, String> {
        let path = env::var_os(self.variable).unwrap_or_else(|| self.program.into());
        let output = Command::new(&path).arg(self.version).output();
        let output = output.map_err(|error| {
            format!(
                "cannot run `{}`: {error} – hint: put it into `PATH`, or set `{}`",
                path.display(),
                self.variable
            )
        })?;
        let said = String::from_utf8_lossy(&output.stdout);
        let is_version = |word: &&str| {
            let digits = word.trim_start_matches('v');
            digits.starts_with(|c: char| c.is_ascii_digit())
        };
        let last = said.lines().last().unwrap_or_default();
        let version = last.split([' ', '-']).find(is_version);
        let version = version.ok_or_else(|| format!("no version in `{}`", last.trim()))?;
        Ok(Program {
            path,
            version: version.to_owned(),
        })
    }
}

/// A site that a generator is serving.
pub struct Served<'g> {
    generator: &'g Generator,
    site: tempfile::TempDir,
    server: Child,
    lines: Receiver<(Instant, String)>,
}

impl<'g> Served<'g> {
    /// Serves a site with this number of articles. Returns once the site was built and is watched.
    ///
    /// # Errors
    ///
    /// If the server does not start.
    pub fn start(
        generator: &'g Generator,
        program: &Program,
        articles: usize,
    ) -> Result<Self, String> {
        let site = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in generator.files {
            let path = site.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        generator.layout.fill(site.path(), articles);
        let mut server = Command::new(&program.path)
            .args(generator.arguments)
            .arg(format!("--port={}", free_port()))
            .current_dir(site.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|error| error.to_string())?;
        let out = BufReader::new(server.stdout.take().expect("a pipe"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                // Sending fails once the receiver was dropped at the end.
                let _ = sender.send((Instant::now(), line));
            }
        });
        let served = Served {
            generator,
            site,
            server,
            lines,
        };
        served.line(generator.ready, Instant::now())?;
        served.settle();
        Ok(served)
    }

    /// Returns the milliseconds from the end of an edit to the end of the rebuild that shows it,
    /// and those that the server reports for that rebuild.
    ///
    /// # Errors
    ///
    /// If the edit does not appear in the output.
    pub fn rebuild(&self, edit: Edit, index: usize, photo: &[u8]) -> Result<(f64, f64), String> {
        // Edits are spread over the polling interval of servers that poll.
        std::thread::sleep(Duration::from_millis((index * 137 % 500) as u64));
        let folder = self.site.path();
        let mark = edit.apply(folder, self.generator.layout, index, photo);
        let since = Instant::now();
        let page = format!("posts/2024-01-01-{index}/index.html");
        let destination = folder.join(self.generator.destination);
        loop {
            let (at, line) = self.line(self.generator.finished, since)?;
            if shows(&destination, &page, &mark, edit, photo) {
                let own = own_milliseconds(&line, self.generator.finished);
                let own = own.ok_or_else(|| format!("no time in `{line}`"))?;
                self.settle();
                return Ok(((at - since).as_secs_f64() * 1e3, own));
            }
        }
    }

    /// Waits for a line that contains `words`.
    fn line(&self, words: &str, since: Instant) -> Result<(Instant, String), String> {
        loop {
            let left = PATIENCE.saturating_sub(since.elapsed());
            let received = self.lines.recv_timeout(left);
            let (at, line) =
                received.map_err(|error| format!("no line with `{words}`: {error}"))?;
            if line.contains(words) {
                return Ok((at, line));
            }
        }
    }

    /// Waits until the server is idle.
    fn settle(&self) {
        while self.lines.recv_timeout(SILENCE).is_ok() {}
    }
}

impl Drop for Served<'_> {
    fn drop(&mut self) {
        // The server may have ended by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Whether the published page contains the edit, and the new photo is published.
fn shows(destination: &Path, page: &str, mark: &str, edit: Edit, photo: &[u8]) -> bool {
    let text = fs::read_to_string(destination.join(page)).unwrap_or_default();
    let is_published = || {
        let file = destination.join(mark.trim_start_matches('/'));
        fs::metadata(file).is_ok_and(|file| file.len() > photo.len() as u64)
    };
    text.contains(mark) && (edit != Edit::Picture || is_published())
}

/// Returns the time in a line such as `Total in 11 ms` or `Wrote 101 files in 0.30 seconds`.
fn own_milliseconds(line: &str, words: &str) -> Option<f64> {
    let mut time = line.split_once(words)?.1.split_whitespace();
    let number: f64 = time.next()?.parse().ok()?;
    match time.next()? {
        "ms" => Some(number),
        "s" | "seconds" => Some(number * 1e3),
        _ => None,
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
