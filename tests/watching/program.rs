use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::Value;

use super::*;
use crate::reports;
use crate::scratch::objects;

/// What a process holds of the system.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    pub resident_kib: u64,
    pub descriptors: usize,
}

/// The program, watching a site, and the objects that it prints.
pub struct Program {
    pub site: Scratch,
    child: Child,
    lines: Receiver<Value>,
    told: Vec<Value>,
    sentinels: usize,
}

impl Program {
    /// Starts the program. Returns once it reports that the folders are watched.
    pub fn start(site: Scratch, arguments: &[&str]) -> Self {
        write_sentinels(&site);
        let mut child = site
            .command(&["watch", "--format", "json"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let lines = objects(&mut child);
        let mut program = Program {
            site,
            child,
            lines,
            told: Vec::new(),
            sentinels: 0,
        };
        program.until_told("watching", |line| line["event"] == "watching");
        program
    }

    #[track_caller]
    pub fn until_told(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let line = self.next(what, deadline);
            if is_it(line) {
                return;
            }
        }
    }

    #[track_caller]
    pub fn until(&mut self, what: &str, holds: impl Fn(&Scratch) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !holds(&self.site) {
            self.next(what, deadline);
        }
    }

    #[track_caller]
    fn next(&mut self, what: &str, deadline: Instant) -> &Value {
        let left = deadline.saturating_duration_since(Instant::now());
        match self.lines.recv_timeout(left) {
            Ok(line) => self.told.push(line),
            Err(error) => panic!("not seen: {what} ({error}); told: {:#?}", self.told),
        }
        self.told.last().unwrap()
    }

    /// Waits until all changes of articles before this were dealt with.
    #[track_caller]
    pub fn barrier(&mut self) {
        self.pass(ARTICLE_SENTINEL);
    }

    /// Waits until all changes before this were dealt with, by a look at the whole site at the end.
    #[track_caller]
    pub fn whole_barrier(&mut self) {
        // A look at all folders takes its time: what changed in one that was looked at already is
        // seen by the next.
        for sentinel in [ARTICLE_SENTINEL, UPLOAD_SENTINEL] {
            self.pass(sentinel);
            self.pass(sentinel);
        }
    }

    #[track_caller]
    fn pass(&mut self, sentinel: &str) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            self.sentinels += 1;
            let text = sentinel_text(self.sentinels);
            overwrite(&self.site.path(sentinel), &text);
            let patience = Instant::now() + Duration::from_secs(1);
            while let Ok(line) = self
                .lines
                .recv_timeout(patience.saturating_duration_since(Instant::now()))
            {
                let files = line["files"].as_array();
                let is_sentinel = |files: &Vec<Value>| files.iter().any(|f| f == sentinel);
                let is_it = line["event"] == "done" && files.is_some_and(is_sentinel);
                self.told.push(line);
                if is_it {
                    return;
                }
            }
            assert!(
                Instant::now() < deadline,
                "not seen: {sentinel}; told: {:#?}",
                self.told
            );
        }
    }

    /// Discards the output so far.
    pub fn forget_told(&mut self) {
        self.told.clear();
        while self.lines.try_recv().is_ok() {}
    }

    /// The resources that it uses now, or `None` if the system does not report them (proc(5)).
    pub fn usage(&self) -> Option<Usage> {
        let about = format!("/proc/{}", self.child.id());
        let status = fs::read_to_string(format!("{about}/status")).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        // Folders are open for a moment while they are polled.
        let looks = (0..20).map(|_| {
            std::thread::sleep(Duration::from_millis(7));
            fs::read_dir(format!("{about}/fd")).unwrap().count()
        });
        Some(Usage {
            resident_kib: line.trim().strip_suffix(" kB")?.parse().ok()?,
            descriptors: looks.min()?,
        })
    }

    /// Stops the program like a system that goes to sleep. Returns once it is stopped.
    pub fn suspend(&self) {
        self.signal("STOP");
        let stat = format!("/proc/{}/stat", self.child.id());
        let deadline = Instant::now() + DEADLINE;
        // Where the system does not tell, it is taken at its word.
        while fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") T ")) {
            assert!(Instant::now() < deadline, "it does not stand still");
        }
    }

    pub fn resume(&self) {
        self.signal("CONT");
    }

    pub fn signal(&self, name: &str) {
        let script = format!("kill -{name} {}", self.child.id());
        let status = Command::new("sh").args(["-c", &script]).status().unwrap();
        assert!(status.success());
    }

    /// Interrupts it, and checks what is there.
    pub fn finish(mut self) {
        self.signal("INT");
        assert_eq!(self.child.wait().unwrap().code(), Some(130));
        check_like_built(&self.site);
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended where the test came to its end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn events_are_objects_a_line_each() {
    for (arguments, backend) in [
        (&[][..], Value::from("native")),
        (
            &["--poll=30"],
            serde_json::json!({ "polling": { "interval_ms": 30 } }),
        ),
    ] {
        let mut program = Program::start(site(), arguments);
        let watching = program.told.iter().find(|line| line["event"] == "watching");
        assert_eq!(watching.unwrap()["backend"], backend);
        program.barrier();
        program.told.clear();
        program.site.write("articles/a.md", article(1, "Text.\n"));
        program.until_told("done", |line| {
            line["event"] == "done" && line["variants"] == RUNGS
        });
        let done = program.told.last().unwrap();
        assert_eq!(done["files"], serde_json::json!(["articles/a.md"]));
        assert_eq!(done["rewritten"], done["files"]);
        assert!(done["bytes"].as_u64().unwrap() > 0 && done["seconds"].is_f64());
        assert_eq!(program.told[0]["event"], "begun");

        program
            .site
            .write("articles/a.md", "---\nimage: /uploads/none.png\n---\n");
        program.until_told("a finding", |line| line["event"] == "finding");
        let finding = program.told.last().unwrap().clone();
        assert_eq!(finding["code"], "missing-upload");
        assert_eq!(
            (&finding["line"], &finding["column"]),
            (&2.into(), &8.into())
        );
        program.site.write("articles/a.md", article(1, "Text.\n"));
        program.until_told("resolved", |line| line["event"] == "resolved");
        assert_eq!(program.told.last().unwrap()["message"], finding["message"]);
        program.finish();
    }
}

#[test]
fn a_signal_ends_it_at_any_time_and_nothing_is_left_half_done() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let mut program = Program::start(site(), &[]);
        program.barrier();
        // In the middle of a run that makes many variants.
        let widths: Vec<String> = (1..30).map(|step| (step * 16).to_string()).collect();
        let preset = format!("widths: [{}]\nsizes: 100vw\n", widths.join(", "));
        program.site.write("presets/card.yml", preset);
        program.site.write("uploads/big.jpg", jpeg(700, 500, 1));
        program
            .site
            .write("articles/b.md", "---\nimage: /uploads/big.jpg\n---\n");
        while program.site.variants().len() < RUNGS + 3 {
            std::thread::sleep(Duration::from_millis(1));
        }
        program.signal(name);
        assert_eq!(program.child.wait().unwrap().code(), Some(code));
        check_records(&program.site);
        let names = program.site.names();
        let mut temporary = names.iter().filter(|name| name.contains(".planche-"));
        assert_eq!(temporary.next(), None);
        program.site.planche(&[]).exits(0);
        check_like_built(&program.site);
    }
}

#[test]
fn a_command_runs_after_what_changed_something_and_only_then() {
    let folder = Scratch::empty();
    let log = folder.path("log");
    fs::write(&log, "").unwrap();
    let command = format!("echo run >> '{}'", log.display());
    let runs = || fs::read_to_string(&log).unwrap().lines().count();
    let mut program = Program::start(site(), &["--exec", &command]);
    program.barrier();
    // The first build made variants.
    assert_eq!(runs(), 1);
    let text = program.site.text("articles/a.md");
    program
        .site
        .write("articles/a.md", format!("{text}More.\n"));
    program.barrier();
    assert_eq!(runs(), 1);
    program.site.write("articles/a.md", article(1, "Text.\n"));
    program.until("the record", |site| shows(site, "articles/a.md", 1));
    program.barrier();
    assert_eq!(runs(), 2);
    program.finish();
}

#[test]
fn other_runs_find_the_lock_free_between_its_runs() {
    let mut program = Program::start(site(), &[]);
    program.barrier();
    let run = program.site.planche(&["--format", "json"]).exits(0);
    assert_eq!(run.count("/variants/written"), 0);
    // Another run that waited for this one's lock would have taken ten seconds, and failed.
    fs::remove_file(program.site.path("articles/a.md")).unwrap();
    program.site.planche(&["clean"]).exits(0);
    program.site.write("articles/a.md", article(2, "Text.\n"));
    program.until("the record", |site| shows(site, "articles/a.md", 2));
    program.finish();
}

#[test]
fn a_run_waits_for_another_programs_and_goes_on_after_it() {
    let mut program = Program::start(site(), &[]);
    program.barrier();
    let lock = fs::File::open(program.site.path(".planche/lock")).unwrap();
    lock.try_lock().unwrap();
    program.site.write("articles/a.md", article(2, "Text.\n"));
    program.until_told("begun", |line| line["event"] == "begun");
    assert!(!shows(&program.site, "articles/a.md", 2));
    drop(lock);
    program.until("the record", |site| shows(site, "articles/a.md", 2));
    program.finish();
}

/// A `watch` whose text for people is read.
struct Terminal {
    child: Child,
    lines: Lines<BufReader<ChildStderr>>,
}

impl Terminal {
    fn watch(site: &Scratch) -> Self {
        let mut child = site
            .command(&["watch"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        Terminal { child, lines }
    }

    /// Returns the next lines up to one that contains a text.
    fn until(&mut self, text: &str) -> Vec<String> {
        let mut seen = Vec::new();
        loop {
            seen.push(self.lines.next().expect(text).unwrap());
            if seen.last().unwrap().contains(text) {
                return seen;
            }
        }
    }

    fn end(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
fn the_terminal_shows_a_line_per_change() {
    let site = site();
    site.write(ARTICLE_SENTINEL, sentinel_text(0));
    let mut terminal = Terminal::watch(&site);
    let mut looks = 0;
    let mut line = |start: &str| {
        let seen = terminal.until(start);
        let of_site = seen
            .iter()
            .filter(|line| line.contains(" the whole site  "));
        looks += of_site.count();
        seen.last().unwrap().clone()
    };
    assert!(line(" the whole site  ").contains("  3 variants, "));
    assert!(line("watching ").contains(" folders"));
    // By then it has looked at what changed between the first look and the watch.
    overwrite(&site.path(ARTICLE_SENTINEL), &sentinel_text(1));
    line(ARTICLE_SENTINEL);
    site.write("articles/a.md", "---\nimage: /uploads/none.png\n---\n");
    assert!(line("missing upload").contains("articles/a.md:2:8: "));
    site.write("articles/a.md", article(1, "Text.\n"));
    assert!(line("resolved[missing-upload] articles/a.md:").contains("missing upload"));
    let done = line("  3 variants, ");
    assert!(
        done.contains(" articles/a.md  3 variants, ") && done.contains(", updated, "),
        "{done}"
    );
    let clock = done.split(' ').next().unwrap();
    let numbers: Vec<u32> = clock.split(':').map(|part| part.parse().unwrap()).collect();
    assert!(
        matches!(numbers[..], [0..24, 0..60, 0..61]),
        "a time of day: {done}"
    );
    let text = site.text("articles/a.md");
    site.write("articles/a.md", format!("{text}More.\n"));
    assert!(line("up to date, ").contains(" articles/a.md  "));
    // A run that only covers newly watched folders is not reported.
    assert_eq!(looks, 1);
    terminal.end();
}

#[test]
fn the_findings_at_the_start_are_grouped_and_later_ones_are_lines() {
    let site = site();
    for n in 0..5 {
        site.write_article(
            &format!("articles/gone-{n}.md"),
            &format!("/uploads/{n}.png"),
        );
    }
    let mut terminal = Terminal::watch(&site);
    let seen = terminal.until("watching ");
    let headlines: Vec<&String> = seen
        .iter()
        .filter(|line| line.contains("[missing-upload]"))
        .collect();
    let [headline] = headlines[..] else {
        panic!("one headline: {seen:#?}");
    };
    assert!(headline.ends_with("(5 places)"), "{headline}");
    let hint = seen.iter().find(|line| line.contains("shows every place"));
    assert!(hint.unwrap().contains("`planche check --all`"), "{seen:#?}");
    site.write_article("articles/gone-5.md", "/uploads/5.png");
    let seen = terminal.until("articles/gone-5.md:");
    assert!(
        seen.last().unwrap().contains("[missing-upload]"),
        "{seen:#?}"
    );
    terminal.end();
}

#[test]
fn the_terminal_says_what_was_deleted_and_why_nothing_is_built() {
    let site = site();
    site.write(ARTICLE_SENTINEL, sentinel_text(0));
    let mut terminal = Terminal::watch(&site);
    let mut until = |text: &str| terminal.until(text);
    until("watching ");
    overwrite(&site.path(ARTICLE_SENTINEL), &sentinel_text(1));
    until(ARTICLE_SENTINEL);
    site.write("articles/b.md", article(1, "Text.\n"));
    until(" articles/b.md  3 variants, ");
    fs::remove_file(site.path("articles/b.md")).unwrap();
    until(" articles/b.md  deleted, ");
    let picture = fs::read(site.path(&upload(0))).unwrap();
    fs::remove_file(site.path(&upload(0))).unwrap();
    until("missing upload `/uploads/picture-0.png`");
    until(" uploads/picture-0.png  deleted, ");
    site.write(&upload(0), picture);
    until(" uploads/picture-0.png  up to date, ");

    let config = site.text("planche.yml");
    site.write("planche.yml", format!("{config}contnet: []\n"));
    until("error[configuration] planche.yml:4:1: ");
    until(" waiting: nothing is built until `planche.yml` is repaired");
    site.write("articles/a.md", article(1, "Text.\n"));
    until(" articles/a.md  nothing written, ");
    fs::write(site.path("articles/c.md"), article(2, "Text.\n")).unwrap();
    until(" articles/c.md  nothing written, ");
    fs::remove_file(site.path("articles/c.md")).unwrap();
    until(" articles/c.md  deleted, nothing written, ");
    site.write("planche.yml", &config);
    let seen = until(" planche.yml  updated articles/a.md, ");
    let resolved = "resolved[configuration] planche.yml:4:1: ";
    assert!(seen.iter().any(|line| line.contains(resolved)), "{seen:#?}");
    // A change that has no effect is a change too.
    site.write("planche.yml", format!("{config}\n"));
    until(" planche.yml  up to date, ");

    // A preset with an error is an error of the settings as well.
    let preset = site.text("presets/card.yml");
    site.write("presets/card.yml", format!("{preset}qualty: 1\n"));
    until(" waiting: nothing is built until `presets/card.yml` is repaired");
    until(" presets/card.yml  nothing written, ");
    site.write("articles/a.md", article(0, "Text.\n"));
    until(" articles/a.md  nothing written, ");
    site.write("presets/card.yml", preset);
    until(" presets/card.yml  updated articles/a.md, ");
    terminal.end();
}

#[test]
fn each_line_is_valid_by_the_published_schema() {
    if reports::validators().is_none() {
        return;
    }
    let mut program = Program::start(Scratch::site(), &[]);
    program
        .site
        .write_article("articles/a.md", "/uploads/no.png");
    program.until_told("a finding", |line| line["event"] == "finding");
    let article = program.site.path("articles/a.md");
    overwrite(&article, "---\ntitle: a\n---\n");
    program.until_told("its end", |line| line["event"] == "resolved");
    let lines: Vec<String> = program.told.iter().map(Value::to_string).collect();
    let schema = reports::published("watch");
    let text = lines.join("\n");
    assert!(
        reports::validates(reports::JSON_LINES, &schema, &text),
        "{text}"
    );
    let wrong = text.replace("\"event\":\"resolved\"", "\"event\":\"other\"");
    assert!(!reports::validates(reports::JSON_LINES, &schema, &wrong));
}
