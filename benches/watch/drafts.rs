//! Measures a site with a preview: how long the draft of a new photo takes, and whether it delays
//! the run.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use planche::internal::preview::{Preview, Settings};

use super::Edit;
use super::watched::Watched;

/// A watched site, and the times at which a connected page received drafts.
pub struct Previewed {
    watched: Watched,
    drafts: Receiver<Instant>,
}

impl Previewed {
    pub fn start(articles: usize) -> Self {
        let mut url = String::new();
        let watched = Watched::with(articles, |root| {
            let settings = Settings {
                root: root.to_owned(),
                config: None,
                port: None,
                decoder: None,
            };
            let preview = Preview::start(settings).expect("a port");
            preview.url().clone_into(&mut url);
            Some(preview)
        });
        let drafts = listen(&url);
        Previewed { watched, drafts }
    }

    /// Returns the milliseconds from the end of writing a photo to its draft in the page, and to
    /// the end of the run.
    pub fn milliseconds(&self, index: usize, photo: &[u8]) -> (f64, f64) {
        let (since, run) = self.watched.timed(Edit::Picture, index, photo);
        let draft = self.drafts.recv().expect("a draft");
        let milliseconds = draft.saturating_duration_since(since).as_secs_f64() * 1e3;
        (milliseconds, run)
    }
}

/// Connects to the stream of events as a page does. Returns the times at which drafts arrive.
fn listen(url: &str) -> Receiver<Instant> {
    let (address, query) = url.split_once("/?").expect("an address with a token");
    let host = address.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&host).expect("the preview listens");
    write!(
        stream,
        "GET /events?{query} HTTP/1.1\r\nHost: {host}\r\n\r\n"
    )
    .expect("a connection");
    let (sender, drafts) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if line == "event: draft" {
                // Sending fails once the receiver was dropped at the end.
                let _ = sender.send(Instant::now());
            }
        }
    });
    drafts
}
