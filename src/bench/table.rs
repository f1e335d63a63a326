//! Formats the figures as text tables.

use std::fmt::{self, Write};

use super::Stage;
use super::figures::{Comparison, Figures, Scenario, Subject};
use super::text::time;
use crate::picture::units::ByteSize;
use crate::report::plural;

impl fmt::Display for Figures {
    /// Writes tables for a terminal of 80 columns: scenarios, stages, threads, and the comparison.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_scenarios(self, f)?;
        for scenario in self.scenarios.keys() {
            write_stages(self, *scenario, f)?;
        }
        write_scaling(self, f)?;
        let ledger = self.ledger;
        writeln!(
            f,
            "\nledger: {}, {} of CPU time to load, {} to save",
            ByteSize(ledger.bytes),
            time(ledger.load_cpu_seconds),
            time(ledger.save_cpu_seconds)
        )?;
        match &self.compared {
            Some(comparison) => write_comparison(comparison, f),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}, {}, {}",
            self.name,
            plural(self.articles, "article"),
            plural(self.originals, "original"),
            plural(self.variants, "variant")
        )?;
        if self.failed > 0 {
            write!(f, ", {} failed", self.failed)?;
        }
        Ok(())
    }
}

fn write_scenarios(figures: &Figures, out: &mut impl Write) -> fmt::Result {
    let machine = &figures.machine;
    writeln!(
        out,
        "planche {}; {}, {}; {}; median of {}",
        figures.planche,
        machine.cpu,
        plural(machine.cpus, "CPU"),
        plural(figures.threads, "thread"),
        plural(figures.runs, "run")
    )?;
    writeln!(out, "{}\n", figures.subject)?;
    writeln!(
        out,
        "{:<8} {:>10} {:>10} {:>13} {:>12}   written",
        "scenario", "CPU", "wall", "CPU / encode", "peak memory"
    )?;
    for (scenario, row) in &figures.scenarios {
        let ratio = row.cpu_by_encode.map(|ratio| format!("{ratio:.3}"));
        let peak = row.peak_bytes.map(|bytes| ByteSize(bytes).to_string());
        writeln!(
            out,
            "{:<8} {:>10} {:>10} {:>13} {:>12}   {}, {}",
            scenario.name(),
            time(row.cpu_seconds),
            time(row.wall_seconds),
            ratio.as_deref().unwrap_or("–"),
            peak.as_deref().unwrap_or("–"),
            plural(row.variants_written, "variant"),
            plural(row.articles_rewritten, "article")
        )?;
    }
    Ok(())
}

fn write_stages(figures: &Figures, scenario: Scenario, out: &mut impl Write) -> fmt::Result {
    let row = &figures.scenarios[&scenario];
    writeln!(
        out,
        "\n{:<8} {:>10} {:>8} {:>10} {:>8} {:>8} {:>8}",
        scenario.name(),
        "CPU",
        "share",
        "wall",
        "count",
        "Mpx/s",
        "MB/s"
    )?;
    let share = |seconds: f64| seconds / row.cpu_seconds.max(f64::MIN_POSITIVE) * 100.0;
    let rate = |rate: Option<f64>| rate.map_or_else(|| "–".to_owned(), |rate| format!("{rate:.1}"));
    for (stage, row) in &row.stages {
        let seconds = row.figures.cpu_seconds;
        writeln!(
            out,
            "{:<8} {:>10} {:>7.1}% {:>10} {:>8} {:>8} {:>8}",
            stage.name(),
            time(seconds),
            share(seconds),
            time(row.figures.wall_seconds),
            row.figures.count,
            rate(row.megapixels_per_second),
            rate(row.megabytes_per_second)
        )?;
    }
    let other = row.other_seconds();
    writeln!(
        out,
        "{:<8} {:>10} {:>7.1}%",
        "other",
        time(other),
        share(other)
    )
}

fn write_scaling(figures: &Figures, out: &mut impl Write) -> fmt::Result {
    writeln!(
        out,
        "\n{:<8} {:>10} {:>10} {:>13}   ({})",
        "threads",
        "wall",
        "CPU",
        "efficiency",
        figures.scaling.scenario.name()
    )?;
    for point in &figures.scaling.points {
        writeln!(
            out,
            "{:<8} {:>10} {:>10} {:>12.1}%",
            point.threads,
            time(point.wall_seconds),
            time(point.cpu_seconds),
            point.efficiency * 100.0
        )?;
    }
    Ok(())
}

fn write_comparison(comparison: &Comparison, out: &mut impl Write) -> fmt::Result {
    writeln!(
        out,
        "\ncompared with {} (planche {}); below 1 is faster or smaller",
        comparison.file, comparison.planche
    )?;
    for caveat in &comparison.caveats {
        writeln!(out, "warning: {caveat}")?;
    }
    let shown =
        |ratio: Option<f64>| ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2} ×"));
    for (scenario, ratios) in &comparison.scenarios {
        write!(
            out,
            "{:<8} CPU {}, wall {}, memory {}",
            scenario.name(),
            shown(ratios.cpu),
            shown(ratios.wall),
            shown(ratios.peak)
        )?;
        for stage in Stage::ALL {
            if let Some(ratio) = ratios.stages.get(&stage) {
                write!(out, "; {} {}", stage.name(), shown(Some(*ratio)))?;
            }
        }
        writeln!(out)?;
    }
    Ok(())
}
