//! Implements [`Outcome`] for [`Summary`]: formats its sentence, and the plan of a dry run as
//! lines.

use std::io;

use textwrap::core::display_width;

use super::words::plural;
use super::{
    Forecast, ForecastArticle, ForecastImage, Gain, Json, Outcome, RunKind, Summary, Terminal,
    Variants,
};
use crate::finding::{Code, Finding, Severity};
use crate::language::Language;
use crate::picture::units::ByteSize;
use crate::printable::Printable;

/// Maximum number of articles and images that are named, unless the user wants all.
const NAMED: usize = 10;
/// Maximum number of diffs that are shown, unless the user wants all.
const DIFFS: usize = 3;

impl Outcome for Summary {
    fn command(&self) -> &'static str {
        match self.kind {
            RunKind::Build | RunKind::Stopped => "build",
            RunKind::Check => "check",
            RunKind::Strip => "strip",
            RunKind::Html => "html",
        }
    }

    fn findings(&self) -> &[Finding] {
        &self.findings
    }

    fn sentence(&self) -> String {
        let sentence = match (self.kind, &self.forecast) {
            (RunKind::Strip, _) if !self.is_stopped() => self.stripped(),
            (_, forecast) if self.is_stopped() => match forecast {
                Some(_) => "a build would write nothing: the configuration has errors".to_owned(),
                None => "nothing was written: the configuration has errors".to_owned(),
            },
            (_, None) => self.done(),
            (_, Some(forecast)) if forecast.is_empty() => self.up_to_date(),
            (RunKind::Check, Some(forecast)) => self.out_of_date(forecast),
            (_, Some(forecast)) => self.planned(forecast),
        };
        match self.baselined {
            0 => sentence,
            count => format!("{sentence}; {} in the baseline", plural(count, "finding")),
        }
    }

    fn seconds(&self) -> Option<f64> {
        Some(self.seconds)
    }

    fn gain(&self) -> Option<&Gain> {
        self.gain.as_ref()
    }

    fn write_details(&self, terminal: Terminal, out: &mut dyn io::Write) -> io::Result<()> {
        match &self.forecast {
            Some(_) if self.is_stopped() => Ok(()),
            // A dry run is made for these details; `check` is made for its exit code, so `--quiet`
            // hides them.
            Some(forecast) if !terminal.is_quiet || self.is_asked_not_to_write() => {
                forecast.write(&self.command_for_all(terminal), terminal, out)
            }
            _ => Ok(()),
        }
    }

    fn is_asked_not_to_write(&self) -> bool {
        self.forecast.is_some() && self.kind != RunKind::Check
    }

    fn begins_with_sentence(&self) -> bool {
        self.is_asked_not_to_write()
    }

    fn write_json(&self, out: &mut dyn io::Write) -> io::Result<()> {
        Json::write(self, out)
    }
}

impl Summary {
    fn up_to_date(&self) -> String {
        let counts = [
            plural(self.articles.read, self.noun()),
            plural(self.originals.used, "image"),
            plural(self.variants.fresh, "variant"),
        ];
        let [read, used, fresh] = counts;
        // With an error, something may be out of date that a run cannot update.
        let said = match (self.has_errors(), &self.forecast) {
            (false, _) => "up to date",
            (true, None) => "nothing written",
            (true, Some(_)) => "nothing to write",
        };
        format!("{said}: {read}, {used}, {fresh}")
    }

    /// Whether the configuration has an error, in which case nothing is written.
    fn is_stopped(&self) -> bool {
        let is_error = |finding: &Finding| {
            finding.code == Code::Configuration && finding.severity() == Severity::Error
        };
        match self.kind {
            RunKind::Stopped => true,
            // `strip` needs only a configuration that can be read.
            RunKind::Strip => self.articles.read == 0 && self.findings.iter().any(is_error),
            RunKind::Build | RunKind::Check | RunKind::Html => self.findings.iter().any(is_error),
        }
    }

    /// Returns the noun for what `articles` counts.
    fn noun(&self) -> &'static str {
        match self.kind {
            RunKind::Html => "page",
            RunKind::Build | RunKind::Check | RunKind::Stopped | RunKind::Strip => "article",
        }
    }

    /// Formats a count of articles, such as `14 of 18 articles`.
    fn of_articles(&self, count: usize) -> String {
        let read = self.articles.read;
        format!("{count} of {}", plural(read, self.noun()))
    }

    fn done(&self) -> String {
        let mut parts = Vec::new();
        let Variants {
            written,
            from_cache,
            bytes,
            ..
        } = self.variants;
        if written > 0 {
            let cached = match from_cache {
                0 => String::new(),
                count => format!(", {count} from the cache"),
            };
            parts.push(format!(
                "wrote {} ({}{cached})",
                plural(written, "variant"),
                ByteSize(bytes)
            ));
        }
        if self.articles.changed > 0 {
            parts.push(format!(
                "updated {}",
                self.of_articles(self.articles.changed)
            ));
        }
        if let Some(manifest) = self
            .manifest
            .as_ref()
            .filter(|manifest| manifest.is_changed)
        {
            parts.push(format!("wrote {}", Printable::new(&manifest.path)));
        }
        match parts.is_empty() {
            true => self.up_to_date(),
            false => parts.join(", "),
        }
    }

    fn planned(&self, forecast: &Forecast) -> String {
        let mut parts = Vec::new();
        if !forecast.variants.is_empty() {
            let variants = plural(forecast.variants.len(), "variant");
            parts.push(format!(
                "write {variants} of {}",
                plural(forecast.originals(), "image")
            ));
        }
        if !forecast.articles.is_empty() {
            parts.push(format!(
                "update {}",
                self.of_articles(forecast.articles.len())
            ));
        }
        if let Some(manifest) = &forecast.manifest {
            let verb = manifest.change.verb();
            parts.push(format!("{verb} {}", Printable::new(&manifest.path)));
        }
        format!("would {}", parts.join(", "))
    }

    fn out_of_date(&self, forecast: &Forecast) -> String {
        let mut parts = Vec::new();
        if !forecast.variants.is_empty() {
            parts.push(format!(
                "{} missing",
                plural(forecast.variants.len(), "variant")
            ));
        }
        if !forecast.articles.is_empty() {
            parts.push(format!(
                "{} to update",
                self.of_articles(forecast.articles.len())
            ));
        }
        if let Some(manifest) = &forecast.manifest {
            let verb = manifest.change.verb();
            parts.push(format!("{} to {verb}", Printable::new(&manifest.path)));
        }
        format!("out of date: {} (run `planche build`)", parts.join(", "))
    }

    fn stripped(&self) -> String {
        let (verb, changed) = match &self.forecast {
            Some(forecast) => ("would strip", forecast.articles.len()),
            None => ("stripped", self.articles.changed),
        };
        let mut sentence = format!("{verb} {}", self.of_articles(changed));
        let removed = match &self.forecast {
            Some(forecast) => forecast.manifest.as_ref().map(|text| &text.path),
            None => {
                let manifest = self.manifest.as_ref();
                let removed = manifest.filter(|manifest| manifest.is_changed);
                removed.map(|manifest| &manifest.path)
            }
        };
        if let Some(path) = removed {
            let verb = match self.forecast {
                Some(_) => "would remove",
                None => "removed",
            };
            sentence.push_str(&format!(", {verb} {}", Printable::new(path)));
        }
        sentence
    }
}

impl Forecast {
    /// Returns the number of uploads that have variants to write.
    fn originals(&self) -> usize {
        let mut originals: Vec<&str> = self.images.iter().map(|image| &*image.original).collect();
        originals.sort_unstable();
        originals.dedup();
        originals.len()
    }

    /// Writes one line per image, then the names of files whose diff is unknown, then the first
    /// diffs. `more` is the command that shows all of them.
    fn write(&self, more: &str, terminal: Terminal, out: &mut dyn io::Write) -> io::Result<()> {
        let limit = |most: usize| if terminal.shows_all { usize::MAX } else { most };
        let rest = |count: usize, noun: &str, out: &mut dyn io::Write| match count {
            0 => Ok(()),
            count => {
                let line = format!("… and {}: `{more}`", plural(count, noun));
                terminal.write_wrapped(&terminal.say(&line), out)
            }
        };
        let texts: Vec<&ForecastArticle> = self.articles.iter().chain(&self.manifest).collect();
        let shows_diffs = self.has_diff();
        let named = match shows_diffs {
            true => limit(usize::MAX),
            false => limit(NAMED),
        };
        let path = self
            .images
            .iter()
            .map(|image| display_width(&image.original));
        let path = path.filter(|width| *width <= 40).max().unwrap_or_default();
        for image in self.images.iter().take(named) {
            terminal.write_wrapped(&image.line(path, terminal.language), out)?;
        }
        rest(self.images.len().saturating_sub(named), "more image", out)?;
        let (with_diff, others): (Vec<_>, Vec<_>) =
            texts.into_iter().partition(|text| !text.diff.is_empty());
        for text in others.iter().take(limit(NAMED)) {
            let line = format!("would {} {}", text.change.verb(), text.path);
            terminal.write_wrapped(&terminal.say(&line), out)?;
        }
        rest(others.len().saturating_sub(limit(NAMED)), "more file", out)?;
        for text in with_diff.iter().take(limit(DIFFS)) {
            terminal.write_diff(&text.diff, out)?;
        }
        rest(
            with_diff.len().saturating_sub(limit(DIFFS)),
            "more diff",
            out,
        )
    }
}

impl ForecastImage {
    /// Formats `PATH  1280×720, 262 KiB → 320 480 640 webp  PRESET`, with the path padded to `path`
    /// columns.
    fn line(&self, path: usize, language: Language) -> String {
        let original = Printable::new(&self.original).to_string();
        let padding = " ".repeat(path.saturating_sub(display_width(&original)));
        let widths: Vec<String> = self.widths.iter().map(u32::to_string).collect();
        let mut line = format!(
            "{original}{padding}  {}×{}, {} → {} {}  {}",
            self.width,
            self.height,
            language.text(&ByteSize(self.bytes).to_string()),
            widths.join(" "),
            self.formats.join("+"),
            Printable::new(&self.preset)
        );
        if let Some([lowest, highest]) = self.open {
            let between = format!(
                ", and variants between {lowest} and {highest} pixels wide, chosen by the sizes of both"
            );
            line.push_str(&language.text(&between));
        }
        line
    }
}
