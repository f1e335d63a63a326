use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use super::*;

/// How long nothing must be rebuilt to call it silence.
const SILENCE: Duration = Duration::from_secs(2);

/// `jekyll serve`, and a message for each time that it builds the site again.
struct Jekyll {
    child: Child,
    rebuilds: Receiver<String>,
}

impl Jekyll {
    /// Serves a site; returns when it watches the folder. None where there is no Jekyll.
    fn serve(site: &Scratch) -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
        let port = port.unwrap().port().to_string();
        let mut child = Command::new("jekyll")
            .args(["serve", "--host", "127.0.0.1", "--port", &port])
            .current_dir(site.folder())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .ok()?;
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let is_ready = |line: &String| line.contains("Server running");
        lines
            .by_ref()
            .map(Result::unwrap)
            .find(is_ready)
            .expect("Jekyll serves the site");
        let (sender, rebuilds) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if line.contains("Regenerating:") {
                    // The test may be over.
                    let _ = sender.send(line);
                }
            }
        });
        Some(Jekyll { child, rebuilds })
    }

    /// How often the site is built again until there is silence.
    fn rebuilds(&self) -> usize {
        let mut count = 0;
        while self.rebuilds.recv_timeout(SILENCE).is_ok() {
            count += 1;
        }
        count
    }

    #[track_caller]
    fn expect_rebuild(&self) {
        let rebuilt = self.rebuilds.recv_timeout(DEADLINE);
        rebuilt.expect("Jekyll builds the site again");
    }
}

impl Drop for Jekyll {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn jekyll_builds_once_for_a_text_and_at_most_twice_for_a_picture() {
    let site = Scratch::empty();
    site.write("_config.yml", "title: A site\n");
    site.write(
        "presets/card.yml",
        "widths: [16, 32, 64]\nsizes: 100vw\neffort: 0\n",
    );
    let post = "_posts/2024-01-01-a.md";
    for index in 0..2 {
        site.write(&upload(index), picture(index));
    }
    site.write(post, article(0, "Text.\n"));
    site.planche(&[]).exits(0);
    let Some(jekyll) = Jekyll::serve(&site) else {
        eprintln!("skipped: no `jekyll` here (Debian: apt-get install jekyll)");
        return;
    };
    let start = Start {
        site: Some(site.folder().to_owned()),
        ..Start::default()
    };
    let mut watched = Watched::unready(site, start);
    watched.until_told("watching", |event| matches!(event, Event::Watching { .. }));
    jekyll.rebuilds();

    let text = watched.site.text(post);
    watched.site.write(post, format!("{text}One more line.\n"));
    watched.until_told("the text", |event| names(event, post));
    jekyll.expect_rebuild();
    assert_eq!(1 + jekyll.rebuilds(), 1, "a text");

    // The picture, and what the watcher makes of it: variants and the article.
    watched.site.write(&upload(0), picture(7));
    watched.until("the record", |site| {
        site.text(post) != format!("{text}One more line.\n")
    });
    jekyll.expect_rebuild();
    let rebuilds = 1 + jekyll.rebuilds();
    assert!(rebuilds <= 2, "a picture: {rebuilds}");

    // Another picture in its place.
    let text = watched.site.text(post);
    watched
        .site
        .write(post, text.replace(&upload(0), &upload(1)));
    watched.until("the record", |site| shows(site, post, 1));
    jekyll.expect_rebuild();
    let rebuilds = 1 + jekyll.rebuilds();
    assert!(rebuilds <= 2, "a reference: {rebuilds}");
    watched.stop();
    let site = &watched.site;
    let run = site.planche(&["--format", "json"]).exits(0);
    assert_eq!(
        run.count("/variants/written") + run.count("/articles/changed"),
        0
    );
}
