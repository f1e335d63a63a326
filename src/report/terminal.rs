//! The report for people: one finding per line, then a sentence about the run.

use std::io;

use super::{Forecast, Report, RunKind, Summary};
use crate::finding::{Finding, Severity};
use crate::picture::units::ByteSize;
use crate::printable::Printable;

/// Whether text is coloured by escape codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Styling {
    Plain,
    Ansi,
}

/// Lines for a terminal.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    pub styling: Styling,
    /// Whether to print only errors and warnings.
    pub is_quiet: bool,
}

impl Terminal {
    /// `text` in the color of an SGR code (ECMA-48, section 8.3.117), such as `31` for red.
    pub fn paint(self, code: &str, text: &str) -> String {
        match self.styling {
            Styling::Plain => text.to_owned(),
            Styling::Ansi => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }

    /// A finding as one line.
    pub fn finding(self, finding: &Finding) -> String {
        let severity = finding.severity();
        let color = match severity {
            Severity::Error => "31",
            Severity::Warning => "33",
            Severity::Notice => "36",
        };
        let tag = self.paint(color, &format!("[{severity} {}]", finding.code));
        format!("{finding} {tag}")
    }

    fn forecast(self, forecast: &Forecast, out: &mut dyn io::Write) -> io::Result<()> {
        for variant in &forecast.variants {
            let mark = if variant.may_be_left_out {
                " (may be left out of the srcset)"
            } else {
                ""
            };
            writeln!(out, "would write {}{mark}", Printable::new(&variant.path))?;
            if let Some(highest) = variant.open_below {
                let lowest = variant.width;
                writeln!(
                    out,
                    "would write variants between {lowest} and {highest} pixels wide, chosen by the sizes of both"
                )?;
            }
        }
        for text in forecast.articles.iter().chain(&forecast.manifest) {
            if text.diff.is_empty() {
                writeln!(out, "would rewrite {}", Printable::new(&text.path))?;
            } else {
                self.diff(&text.diff, out)?;
            }
        }
        Ok(())
    }

    fn diff(self, diff: &str, out: &mut dyn io::Write) -> io::Result<()> {
        // A carriage return is part of the line.
        for line in diff.split_terminator('\n') {
            let line = Printable::line(line).to_string();
            let painted = match line.as_bytes().first() {
                Some(b'+') => self.paint("32", &line),
                Some(b'-') => self.paint("31", &line),
                Some(b'@') => self.paint("36", &line),
                _ => line,
            };
            writeln!(out, "{painted}")?;
        }
        Ok(())
    }
}

impl Report for Terminal {
    fn report(
        &self,
        summary: &Summary,
        out: &mut dyn io::Write,
        err: &mut dyn io::Write,
    ) -> io::Result<()> {
        for finding in &summary.findings {
            if !self.is_quiet || finding.severity() != Severity::Notice {
                writeln!(err, "{}", self.finding(finding))?;
            }
        }
        if let Some(forecast) = &summary.forecast {
            self.forecast(forecast, out)?;
        }
        if self.is_quiet {
            return Ok(());
        }
        writeln!(err, "{}", sentence(summary))
    }
}

/// What was done, or would be, in one sentence.
fn sentence(summary: &Summary) -> String {
    let Summary {
        articles,
        originals,
        variants,
        forecast,
        ..
    } = summary;
    let (written, changed) = match forecast {
        Some(forecast) => (forecast.variants.len(), forecast.articles.len()),
        None => (variants.written, articles.changed),
    };
    let manifest = match forecast {
        Some(forecast) => forecast.manifest.as_ref().map(|text| &text.path),
        None => {
            let manifest = summary.manifest.as_ref();
            let changed = manifest.filter(|manifest| manifest.is_changed);
            changed.map(|manifest| &manifest.path)
        }
    };
    let noun = match summary.kind {
        RunKind::Html => "page",
        RunKind::Build | RunKind::Stopped | RunKind::Strip => "article",
    };
    let read = plural(articles.read, noun);
    let changed = plural(changed, noun);
    let mut sentence = match summary.kind {
        RunKind::Build | RunKind::Html => {
            let (write, rewrite) = match forecast {
                Some(_) => ("would write", "would rewrite"),
                None => ("wrote", "rewrote"),
            };
            let images = plural(originals.used, "image");
            let size = match variants.bytes {
                0 => String::new(),
                bytes => format!(" ({})", ByteSize(bytes)),
            };
            let written = plural(written, "variant");
            let fresh = variants.fresh;
            format!(
                "{read} with {images}: {write} {written}{size}, {fresh} up to date; {rewrite} {changed}"
            )
        }
        RunKind::Stopped => "nothing was written: the configuration has errors".to_owned(),
        RunKind::Strip if forecast.is_some() => format!("{read}: would strip {changed}"),
        RunKind::Strip => format!("{read}: stripped {changed}"),
    };
    if let Some(path) = manifest {
        let verb = match (summary.kind, forecast) {
            (RunKind::Build | RunKind::Html | RunKind::Stopped, Some(_)) => "would write",
            (RunKind::Build | RunKind::Html | RunKind::Stopped, None) => "wrote",
            (RunKind::Strip, Some(_)) => "would remove",
            (RunKind::Strip, None) => "removed",
        };
        sentence.push_str(&format!("; {verb} {}", Printable::new(path)));
    }
    for (severity, noun) in [(Severity::Error, "error"), (Severity::Warning, "warning")] {
        let count = summary.count(severity);
        if count > 0 {
            sentence.push_str(&format!("; {}", plural(count, noun)));
        }
    }
    sentence.push_str(&format!(" – {:.1} s", summary.seconds));
    sentence
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Code, Position};
    use crate::report::{Articles, Originals, Variants};

    #[test]
    fn a_diff_keeps_the_ends_of_lines() {
        let diff = "--- a/a.md\n+++ b/a.md\n@@ -1 +1,2 @@\n a\r\n+b\r\n";
        let forecast = Forecast {
            variants: Vec::new(),
            articles: vec![crate::report::ForecastArticle {
                path: "a.md".to_owned(),
                diff: diff.to_owned(),
            }],
            manifest: None,
        };
        let terminal = Terminal {
            styling: Styling::Plain,
            is_quiet: false,
        };
        let mut out = Vec::new();
        terminal.forecast(&forecast, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), diff);
    }

    #[test]
    fn a_summary_reads_as_a_sentence() {
        let summary = Summary {
            articles: Articles {
                read: 9,
                changed: 1,
                refused: 0,
            },
            originals: Originals {
                used: 7,
                missing: 1,
                failed: 0,
            },
            variants: Variants {
                written: 34,
                fresh: 2,
                bytes: 2_202_009,
            },
            findings: vec![
                Finding::new(Code::MissingUpload, "missing upload `/uploads/Foto.JPG`")
                    .in_file("_posts/a.md")
                    .at(Position {
                        line: 12,
                        column: 9,
                    })
                    .hint("`/uploads/foto.jpg` exists (case differs)"),
            ],
            seconds: 1.24,
            ..Summary::default()
        };
        let terminal = Terminal {
            styling: Styling::Plain,
            is_quiet: false,
        };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        terminal.report(&summary, &mut out, &mut err).unwrap();
        assert!(out.is_empty());
        assert_eq!(
            String::from_utf8(err).unwrap(),
            "_posts/a.md:12:9: missing upload `/uploads/Foto.JPG` – hint: `/uploads/foto.jpg` exists (case differs) \
             [warning missing-upload]\n\
             9 articles with 7 images: wrote 34 variants (2.1 MiB), 2 up to date; rewrote 1 article; 1 warning – 1.2 s\n"
        );
    }
}
