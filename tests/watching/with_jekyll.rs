use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use super::*;
use crate::needs::{Need, skip};

/// What Jekyll takes for one change: files that are written within a quarter of a second.
const ONE_CHANGE: Duration = Duration::from_millis(200);

/// How long nothing must be rebuilt to call it silence.
const SILENCE: Duration = Duration::from_secs(2);

/// `jekyll serve`, and a message for each time that it builds the site again.
struct Jekyll {
    child: Child,
    rebuilds: Receiver<String>,
}

impl Jekyll {
    /// Serves a site. Returns once Jekyll watches the folder, or `None` if Jekyll is not installed.
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

    /// The output of each rebuild, until there is no more output.
    fn rebuilds(&self) -> Vec<String> {
        let mut rebuilds = Vec::new();
        while let Ok(line) = self.rebuilds.recv_timeout(SILENCE) {
            rebuilds.push(line);
        }
        rebuilds
    }

    #[track_caller]
    fn expect_rebuild(&self) -> String {
        let rebuilt = self.rebuilds.recv_timeout(DEADLINE);
        rebuilt.expect("Jekyll builds the site again")
    }
}

impl Drop for Jekyll {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Edits a site. Returns how often Jekyll then builds it. Retries if the disk is so slow that
/// Jekyll sees the watcher's files one by one, which proves nothing.
fn rebuilds_of(
    watched: &mut Watched,
    jekyll: &Jekyll,
    edit: &dyn Fn(&Scratch, usize),
) -> Vec<String> {
    for round in 0..10 {
        let before = traces(&watched.site);
        edit(&watched.site, round);
        watched.until_told(
            "the record",
            |event| matches!(event, Event::Done(done) if !done.rewritten.is_empty()),
        );
        let mut rebuilds = vec![jekyll.expect_rebuild()];
        rebuilds.extend(jekyll.rebuilds());
        let after = traces(&watched.site);
        let is_ours = |name: &String| {
            name.starts_with("uploads/variants/")
                || name.starts_with("_posts/")
                || name.contains(".planche/")
        };
        let times = after
            .iter()
            .filter(|(name, trace)| is_ours(name) && before.get(*name) != Some(*trace))
            .map(|(_, trace)| trace.changed);
        let milliseconds = |(seconds, nanoseconds)| seconds * 1_000 + nanoseconds / 1_000_000;
        let (first, last) = (times.clone().min().unwrap(), times.max().unwrap());
        let span = milliseconds(last) - milliseconds(first);
        if u128::try_from(span).unwrap() < ONE_CHANGE.as_millis() {
            return rebuilds;
        }
    }
    skip(
        Need::Speed,
        "the disk never finished a run within one rebuild",
    );
    Vec::new()
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
        skip(Need::Jekyll, "`jekyll` is not installed");
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
    assert_eq!(jekyll.rebuilds(), [""; 0], "a text");

    // The image, and the watcher's output: variants and the article.
    let replace = |site: &Scratch, round| site.write(&upload(0), picture(10 + round));
    let rebuilds = rebuilds_of(&mut watched, &jekyll, &replace);
    assert!(rebuilds.len() <= 2, "a picture: {rebuilds:#?}");

    // Another image in its place, without variants so far.
    let exchange = |site: &Scratch, round: usize| {
        let upload = format!("uploads/other-{round}.png");
        site.write(&upload, picture(30 + round));
        site.write(post, format!("---\nimage: /{upload}\n---\n"));
    };
    let rebuilds = rebuilds_of(&mut watched, &jekyll, &exchange);
    assert!(rebuilds.len() <= 2, "a reference: {rebuilds:#?}");
    watched.stop();
    let site = &watched.site;
    let run = site.planche(&["--format", "json"]).exits(0);
    assert_eq!(
        run.count("/variants/written") + run.count("/articles/changed"),
        0
    );
}
