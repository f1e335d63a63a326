//! For people: findings a line each, then what was done.

use std::io;

use super::{Forecast, Report, Summary, Told};
use crate::finding::{Finding, Severity};
use crate::picture::units::ByteSize;
use crate::printable::Printable;

/// Whether escape codes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    Never,
    Always,
}

/// How much is told.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    pub colour: Colour,
    /// Only findings, and of those no notices.
    pub is_quiet: bool,
}

impl Terminal {
    /// A text in a colour, by its escape code.
    pub fn paint(self, code: &str, text: &str) -> String {
        match self.colour {
            Colour::Never => text.to_owned(),
            Colour::Always => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }

    /// A finding as one line.
    pub fn finding(self, finding: &Finding) -> String {
        let (name, colour) = match finding.severity() {
            Severity::Error => ("error", "31"),
            Severity::Warning => ("warning", "33"),
            Severity::Notice => ("notice", "36"),
        };
        let tag = self.paint(colour, &format!("[{name} {}]", finding.code));
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
                    "would write rungs between {lowest} and {highest} pixels, chosen by the sizes of both"
                )?;
            }
        }
        for article in &forecast.articles {
            if article.diff.is_empty() {
                writeln!(out, "would rewrite {}", Printable::new(&article.path))?;
            } else {
                self.diff(&article.diff, out)?;
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
        told: Told,
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
            match summary.manifest.as_ref() {
                Some(manifest) if manifest.is_changed && manifest.diff.is_empty() => {
                    writeln!(out, "would rewrite {}", Printable::new(&manifest.path))?;
                }
                Some(manifest) => self.diff(&manifest.diff, out)?,
                None => {}
            }
        }
        if self.is_quiet {
            return Ok(());
        }
        writeln!(err, "{}", sentence(summary, told))
    }
}

/// What was done, in one sentence.
fn sentence(summary: &Summary, told: Told) -> String {
    let Summary {
        articles,
        originals,
        variants,
        ..
    } = summary;
    let read = plural(articles.read, "article");
    let changed = plural(articles.changed, "article");
    let built = |wrote: &str, size: &str, rewrote: &str| {
        let pictures = plural(originals.used, "picture");
        let written = plural(variants.written, "variant");
        let fresh = variants.fresh;
        format!(
            "{read} with {pictures}: {wrote} {written}{size}, {fresh} fresh; {rewrote} {changed}"
        )
    };
    let mut sentence = match told {
        Told::Built if variants.written > 0 => built(
            "wrote",
            &format!(" ({})", ByteSize(variants.bytes)),
            "rewrote",
        ),
        Told::Built => built("wrote", "", "rewrote"),
        Told::WouldBuild => built("would write", "", "would rewrite"),
        Told::Stripped => format!("{read}: stripped {changed}"),
        Told::WouldStrip => format!("{read}: would strip {changed}"),
    };
    if let Some(manifest) = summary
        .manifest
        .as_ref()
        .filter(|manifest| manifest.is_changed)
    {
        let verb = match told {
            Told::Built => "wrote",
            Told::WouldBuild => "would write",
            Told::Stripped => "removed",
            Told::WouldStrip => "would remove",
        };
        sentence.push_str(&format!("; {verb} {}", Printable::new(&manifest.path)));
    }
    let errors = summary.count(Severity::Error);
    let warnings = summary.count(Severity::Warning);
    if errors > 0 {
        sentence.push_str(&format!("; {}", plural(errors, "error")));
    }
    if warnings > 0 {
        sentence.push_str(&format!("; {}", plural(warnings, "warning")));
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
        };
        let terminal = Terminal {
            colour: Colour::Never,
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
            manifest: None,
            forecast: None,
        };
        let terminal = Terminal {
            colour: Colour::Never,
            is_quiet: false,
        };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        terminal
            .report(&summary, Told::Built, &mut out, &mut err)
            .unwrap();
        assert!(out.is_empty());
        assert_eq!(
            String::from_utf8(err).unwrap(),
            "_posts/a.md:12:9: missing upload `/uploads/Foto.JPG` – hint: `/uploads/foto.jpg` exists (case differs) \
             [warning missing-upload]\n\
             9 articles with 7 pictures: wrote 34 variants (2.1 MiB), 2 fresh; rewrote 1 article; 1 warning – 1.2 s\n"
        );
    }
}
