//! The timings as one HTML page that needs nothing else.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use super::{Stage, StageFigures, Stretch, Timings, cpu_of};
use crate::units::ByteSize;

/// Files that have a row: more are no longer read by anybody, and make the page slow.
const MAX_FILES: usize = 500;
/// Width of the picture of the threads, in its own units.
const WIDTH: f64 = 1200.0;
/// Height of one thread in it.
const LANE: f64 = 30.0;
/// Stretches that are narrower than this are drawn together with what follows of the same stage.
const NARROW: f64 = 0.5;

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1f2937;--dim:#6b7280;--line:#e5e7eb;--ground:#fff;--lane:#f6f7f9}
@media(prefers-color-scheme:dark){:root{--ink:#e5e7eb;--dim:#9ca3af;--line:#374151;--ground:#111827;--lane:#1f2937}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground);max-width:76rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{margin:.3rem 0;color:var(--dim)}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th{color:var(--dim);font-weight:500}th:first-child,td:first-child,.l{text-align:left}
td.about{text-align:left;color:var(--dim);white-space:normal}td.file{white-space:normal;overflow-wrap:anywhere}
.key{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin-right:.5em}
.bar{display:flex;height:1em;border-radius:2px;overflow:hidden}.bar i{display:block;height:100%}
svg{width:100%;height:auto;display:block}svg text{font-size:12px;fill:var(--dim)}svg .lane{fill:var(--lane)}svg .tick{stroke:var(--line)}
";

impl Timings {
    /// The timings as HTML: a table of the stages, what each thread did, a row for each file.
    pub fn page(&self) -> String {
        let mut page =
            String::from("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n");
        page.push_str("<meta name=\"viewport\" content=\"width=device-width\">\n");
        page.push_str("<title>planche: timings</title>\n<style>\n");
        page.push_str(STYLE);
        page.push_str("</style>\n<h1>Timings of one run</h1>\n");
        let peak = self
            .peak_bytes
            .map(|bytes| format!(", {} of memory at most", ByteSize(bytes)));
        let total = format!(
            "<p>planche {}: {} of wall time, {} of CPU time on {} threads{}.</p>\n",
            env!("CARGO_PKG_VERSION"),
            time(self.wall.as_secs_f64()),
            time(self.cpu.as_secs_f64()),
            self.threads(),
            peak.unwrap_or_default(),
        );
        page.push_str(&total);
        self.put_stages(&mut page);
        self.put_threads(&mut page);
        self.put_files(&mut page);
        page.push_str("</html>\n");
        page
    }

    fn put_stages(&self, page: &mut String) {
        let stages = self.by_stage();
        let total = self.cpu.as_secs_f64();
        page.push_str(
            "<h2>Stages</h2>\n<table>\n<tr><th>stage<th>CPU<th>share<th>wall, all threads\
             <th>times<th>Mpx/s<th>MB/s<th class=\"l\">what</tr>\n",
        );
        for (stage, figures) in &stages {
            row(page, Some(*stage), figures, total, stage.about());
        }
        let rest = StageFigures {
            cpu_seconds: (total - cpu_of(&stages)).max(0.0),
            ..StageFigures::default()
        };
        row(
            page,
            None,
            &rest,
            total,
            "start, settings, threads, and what lies between stages",
        );
        page.push_str("</table>\n<p>Rates are by CPU time. What lies in one stage within another counts for the inner one alone.</p>\n");
    }

    /// What each thread did, on one line of time.
    fn put_threads(&self, page: &mut String) {
        let threads = self.threads();
        let height = LANE * threads as f64 + 24.0;
        let wall = self.wall.as_secs_f64().max(1e-9);
        let at = |time: Duration| time.as_secs_f64() / wall * WIDTH;
        page.push_str("<h2>Threads</h2>\n");
        let _ = writeln!(
            page,
            "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"what each thread did\">"
        );
        for thread in 0..threads {
            let top = LANE * thread as f64 + 2.0;
            let _ = writeln!(
                page,
                "<rect class=\"lane\" x=\"0\" y=\"{top}\" width=\"{WIDTH}\" height=\"{}\"/>",
                LANE - 4.0
            );
        }
        for tenth in 0..=10 {
            let x = WIDTH / 10.0 * f64::from(tenth);
            let anchor = match tenth {
                0 => "start",
                10 => "end",
                _ => "middle",
            };
            let bottom = LANE * threads as f64;
            let _ = writeln!(
                page,
                "<line class=\"tick\" x1=\"{x}\" x2=\"{x}\" y1=\"0\" y2=\"{bottom}\"/>\
                 <text x=\"{x}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
                bottom + 16.0,
                time(wall * f64::from(tenth) / 10.0)
            );
        }
        for thread in 0..threads {
            let top = LANE * thread as f64 + 2.0;
            for drawn in drawn(
                self.stretches
                    .iter()
                    .filter(|stretch| stretch.thread == thread),
                &at,
            ) {
                let _ = writeln!(
                    page,
                    "<rect x=\"{:.2}\" y=\"{top}\" width=\"{:.2}\" height=\"{}\" fill=\"{}\"><title>{}</title></rect>",
                    drawn.begin,
                    (drawn.end - drawn.begin).max(0.3),
                    LANE - 4.0,
                    drawn.stage.hex(),
                    escaped(&drawn.title),
                );
            }
        }
        page.push_str("</svg>\n");
    }

    fn put_files(&self, page: &mut String) {
        let files = self.by_file();
        let Some(largest) = files.first().map(|(_, stages)| cpu_of(stages)) else {
            return;
        };
        page.push_str(
            "<h2>Files</h2>\n<table>\n<tr><th>file<th>CPU<th>decode<th>colour<th>resize<th>encode<th class=\"l\">all its stages</tr>\n",
        );
        for (file, stages) in files.iter().take(MAX_FILES) {
            let _ = write!(
                page,
                "<tr><td class=\"file\">{}<td>{}",
                escaped(file),
                time(cpu_of(stages))
            );
            for stage in [Stage::Decode, Stage::Colour, Stage::Resize, Stage::Encode] {
                let seconds = stages.get(&stage).map(|figures| time(figures.cpu_seconds));
                let _ = write!(page, "<td>{}", seconds.unwrap_or_default());
            }
            page.push_str("<td class=\"l\" style=\"width:30%\">");
            bar(page, stages, largest);
            page.push_str("</tr>\n");
        }
        page.push_str("</table>\n");
        if files.len() > MAX_FILES {
            let _ = writeln!(
                page,
                "<p>The {MAX_FILES} costliest of {} files.</p>",
                files.len()
            );
        }
    }
}

/// One rectangle of a thread.
struct Drawn {
    begin: f64,
    end: f64,
    stage: Stage,
    title: String,
}

/// What is drawn of one thread's stretches, which come in the order in which they began: those
/// within others after them, so that they lie above.
fn drawn<'s>(
    stretches: impl Iterator<Item = &'s Stretch>,
    at: &dyn Fn(Duration) -> f64,
) -> Vec<Drawn> {
    let mut all: Vec<Drawn> = Vec::new();
    for stretch in stretches {
        let (begin, end) = (at(stretch.begin), at(stretch.begin + stretch.wall));
        if let Some(last) = all.last_mut()
            && last.stage == stretch.stage
            && end - begin < NARROW
            && begin - last.end < NARROW
        {
            last.end = last.end.max(end);
            continue;
        }
        let mut title = stretch.stage.name().to_owned();
        if !stretch.file.is_empty() {
            let _ = write!(title, " {}", stretch.file);
        }
        if let Some(width) = stretch.width {
            let _ = write!(title, " at {width} px");
        }
        let _ = write!(title, ": {}", time(stretch.wall.as_secs_f64()));
        all.push(Drawn {
            begin,
            end,
            stage: stretch.stage,
            title,
        });
    }
    all
}

fn row(page: &mut String, stage: Option<Stage>, figures: &StageFigures, total: f64, about: &str) {
    let (name, colour) = match stage {
        Some(stage) => (stage.name(), stage.hex()),
        None => ("other", "transparent".to_owned()),
    };
    let rate = |amount: u64| {
        let rate = amount as f64 / 1e6 / figures.cpu_seconds;
        if amount > 0 && rate.is_finite() {
            format!("{rate:.1}")
        } else {
            String::new()
        }
    };
    let times = match figures.count {
        0 => String::new(),
        count => count.to_string(),
    };
    let wall = stage.map(|_| time(figures.wall_seconds));
    let _ = writeln!(
        page,
        "<tr><td><span class=\"key\" style=\"background:{colour}\"></span>{name}<td>{}<td>{:.1} %<td>{}<td>{times}<td>{}<td>{}<td class=\"about\">{about}</tr>",
        time(figures.cpu_seconds),
        figures.cpu_seconds / total.max(1e-9) * 100.0,
        wall.unwrap_or_default(),
        rate(figures.pixels),
        rate(figures.bytes),
    );
}

fn bar(page: &mut String, stages: &BTreeMap<Stage, StageFigures>, largest: f64) {
    page.push_str("<span class=\"bar\">");
    for (stage, figures) in stages {
        let percent = figures.cpu_seconds / largest.max(1e-9) * 100.0;
        let _ = write!(
            page,
            "<i style=\"width:{percent:.2}%;background:{}\" title=\"{} {}\"></i>",
            stage.hex(),
            stage.name(),
            time(figures.cpu_seconds)
        );
    }
    page.push_str("</span>");
}

/// Seconds, in the unit that suits them.
fn time(seconds: f64) -> String {
    if seconds >= 1.0 {
        format!("{seconds:.2} s")
    } else {
        format!("{:.1} ms", seconds * 1e3)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timings::tests::stretch;

    #[test]
    fn names_of_files_are_text_in_the_page() {
        let timings = Timings {
            wall: Duration::from_millis(10),
            cpu: Duration::from_millis(8),
            stretches: vec![stretch(Stage::Encode, "<script>&\"", 0, 0, 5)],
            ..Timings::default()
        };
        let page = timings.page();
        assert!(page.contains("&lt;script&gt;&amp;&quot;") && !page.contains("<script>"));
        assert!(page.contains("other<td>3.0 ms<td>37.5 %"), "{page}");
    }

    #[test]
    fn narrow_stretches_of_one_stage_are_drawn_together() {
        let all = [
            stretch(Stage::Read, "a", 0, 0, 1),
            stretch(Stage::Read, "b", 0, 1, 1),
            stretch(Stage::Probe, "c", 0, 2, 1),
            stretch(Stage::Probe, "d", 0, 3, 900),
        ];
        let at = |time: Duration| time.as_secs_f64() * 10.0;
        let drawn = drawn(all.iter(), &at);
        let stages: Vec<Stage> = drawn.iter().map(|drawn| drawn.stage).collect();
        assert_eq!(stages, [Stage::Read, Stage::Probe, Stage::Probe]);
        assert!((drawn[0].end - 0.02).abs() < 1e-9);
    }
}
