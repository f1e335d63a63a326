//! Renders the timings as one HTML page without external resources.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::threads::write_threads;
use super::{StageFigures, Timings, total_cpu};
use crate::bench::Stage;
use crate::bench::text::{escaped, time};
use crate::picture::units::ByteSize;
use crate::sheet;

/// Maximum number of rows in the table of files. More rows make the page slow.
const MAX_FILES: usize = 500;

/// CSS of this page, in addition to the style sheet that it shares with the contact sheet.
const STYLE: &str = "\
main{max-width:76rem;margin:2rem auto;padding:0 1rem}h2{margin:2rem 0 .5rem}p{margin:.3rem 0;color:var(--dim)}
th,td{white-space:nowrap}tbody th{color:var(--ink);font-weight:400}
td.about{text-align:left;color:var(--dim);white-space:normal}th.file{white-space:normal;overflow-wrap:anywhere}
.bar{display:flex;height:1em;border-radius:2px;overflow:hidden}.bar i{display:block;height:100%}
svg{min-width:40rem;width:100%;height:auto;display:block}svg text{font-size:12px;fill:var(--dim)}svg .lane{fill:var(--film)}svg .tick{stroke:var(--line)}
";

impl Timings {
    /// Renders an HTML document: a table of the stages, the timeline of each thread, and a table of
    /// the files.
    pub fn page(&self) -> String {
        let mut page = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>planche: timings</title>\n<style>\n{}{STYLE}</style>\n</head>\n<body>\n\
             <main>\n<h1>Timings</h1>\n",
            sheet::STYLE
        );
        let peak = self
            .peak_bytes
            .map(|bytes| format!(", peak memory {}", ByteSize(bytes)));
        let total = format!(
            "<p>planche {}: wall time {}, CPU time {} on {} threads{}.</p>\n",
            env!("CARGO_PKG_VERSION"),
            time(self.wall.as_secs_f64()),
            time(self.cpu.as_secs_f64()),
            self.threads(),
            peak.unwrap_or_default(),
        );
        page.push_str(&total);
        self.write_stages(&mut page);
        write_threads(self, &mut page);
        self.write_files(&mut page);
        page.push_str("</main>\n</body>\n</html>\n");
        page
    }

    fn write_stages(&self, page: &mut String) {
        let stages = self.by_stage();
        let total = self.cpu.as_secs_f64();
        page.push_str(
            "<h2 id=\"stages\">Stages</h2>\n\
             <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"stages\">\n<table>\n\
             <caption>Time of each stage. Rates are per second of CPU time; nested work counts for the \
             inner stage only.</caption>\n\
             <thead><tr><th scope=\"col\">stage<th scope=\"col\">CPU<th scope=\"col\">share\
             <th scope=\"col\">wall, all threads<th scope=\"col\">count<th scope=\"col\">Mpx/s\
             <th scope=\"col\">MB/s<th scope=\"col\" class=\"l\">work</tr></thead>\n<tbody>\n",
        );
        for (stage, figures) in &stages {
            row(page, Some(*stage), figures, total, stage.work());
        }
        let rest = StageFigures {
            cpu_seconds: (total - total_cpu(&stages)).max(0.0),
            ..StageFigures::default()
        };
        row(
            page,
            None,
            &rest,
            total,
            "startup, settings, threads, and work between stages",
        );
        page.push_str("</tbody>\n</table>\n</div>\n");
    }

    fn write_files(&self, page: &mut String) {
        let files = self.by_file();
        let Some(largest) = files.first().map(|(_, stages)| total_cpu(stages)) else {
            return;
        };
        page.push_str(
            "<h2 id=\"files\">Files</h2>\n\
             <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"files\">\n<table>\n\
             <caption>CPU time of each file, the most first. The bars show the parts of the stages, in \
             the colors of the table above.</caption>\n\
             <thead><tr><th scope=\"col\">file<th scope=\"col\">CPU<th scope=\"col\">decode\
             <th scope=\"col\">color<th scope=\"col\">resize<th scope=\"col\">encode\
             <th scope=\"col\" class=\"l\">all stages</tr></thead>\n<tbody>\n",
        );
        for (file, stages) in files.iter().take(MAX_FILES) {
            let _ = write!(
                page,
                "<tr><th scope=\"row\" class=\"file\">{}<td>{}",
                escaped(file),
                time(total_cpu(stages))
            );
            for stage in [Stage::Decode, Stage::Color, Stage::Resize, Stage::Encode] {
                let seconds = stages.get(&stage).map(|figures| time(figures.cpu_seconds));
                let _ = write!(page, "<td>{}", seconds.unwrap_or_default());
            }
            page.push_str("<td class=\"l\" style=\"width:30%\">");
            bar(page, stages, largest);
            page.push_str("</tr>\n");
        }
        page.push_str("</tbody>\n</table>\n</div>\n");
        if files.len() > MAX_FILES {
            let _ = writeln!(
                page,
                "<p>The {MAX_FILES} files with the most CPU time, of {}.</p>",
                files.len()
            );
        }
    }
}

/// Writes a row of the table of stages; `None` is for the work outside all stages.
fn row(page: &mut String, stage: Option<Stage>, figures: &StageFigures, total: f64, work: &str) {
    let (name, color) = match stage {
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
    let count = match figures.count {
        0 => String::new(),
        count => count.to_string(),
    };
    let wall = stage.map(|_| time(figures.wall_seconds));
    let _ = writeln!(
        page,
        "<tr><th scope=\"row\"><span class=\"key\" style=\"background:{color}\"></span>{name}<td>{}<td>{:.1}%<td>{}<td>{count}<td>{}<td>{}<td class=\"about\">{work}</tr>",
        time(figures.cpu_seconds),
        figures.cpu_seconds / total.max(1e-9) * 100.0,
        wall.unwrap_or_default(),
        rate(figures.pixels),
        rate(figures.bytes),
    );
}

/// Writes a bar whose full width is `largest` CPU seconds.
fn bar(page: &mut String, stages: &BTreeMap<Stage, StageFigures>, largest: f64) {
    page.push_str("<span class=\"bar\" aria-hidden=\"true\">");
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::timings::tests::interval;
    use std::time::Duration;

    #[test]
    fn file_names_are_escaped() {
        let timings = Timings {
            wall: Duration::from_millis(10),
            cpu: Duration::from_millis(8),
            intervals: vec![interval(Stage::Encode, "<script>&\"", 0, 0, 5)],
            ..Timings::default()
        };
        let page = timings.page();
        assert!(page.contains("&lt;script&gt;&amp;&quot;") && !page.contains("<script>"));
        assert!(page.contains("other<td>3.0 ms<td>37.5%"), "{page}");
    }
}
