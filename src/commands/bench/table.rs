//! The figures as tables for people.

use std::fmt::{self, Write};

use planche::timings::Stage;
use planche::units::ByteSize;

use super::compare::Compared;
use super::figures::{Figures, Kind, Subject};

/// The figures as text.
pub fn text(figures: &Figures) -> String {
    let mut text = String::new();
    let written = put(figures, &mut text);
    written.expect("a string takes all that is written");
    text
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Subject {
            name,
            articles,
            originals,
            variants,
            failed,
        } = self;
        write!(
            f,
            "{name}: {articles} articles, {originals} originals, {variants} variants"
        )?;
        if *failed > 0 {
            write!(f, ", {failed} failed")?;
        }
        Ok(())
    }
}

fn put(figures: &Figures, out: &mut String) -> fmt::Result {
    let Figures {
        machine, subject, ..
    } = figures;
    writeln!(
        out,
        "planche {}; {}, {} processors; {} threads; medians of {}",
        figures.planche,
        machine.cpu,
        machine.processors,
        figures.threads,
        counted(figures.runs, "run")
    )?;
    writeln!(out, "{subject}\n")?;
    writeln!(
        out,
        "{:<8} {:>10} {:>10} {:>13} {:>12}   written",
        "run", "CPU", "wall", "CPU / encode", "peak memory"
    )?;
    for (kind, run) in &figures.kinds {
        let ratio = run.cpu_by_encode.map(|ratio| format!("{ratio:.3}"));
        let peak = run.peak_bytes.map(|bytes| ByteSize(bytes).to_string());
        writeln!(
            out,
            "{:<8} {:>10} {:>10} {:>13} {:>12}   {}, {}",
            kind.name(),
            time(run.cpu_seconds),
            time(run.wall_seconds),
            ratio.as_deref().unwrap_or("–"),
            peak.as_deref().unwrap_or("–"),
            counted(run.variants_written, "variant"),
            counted(run.articles_rewritten, "article")
        )?;
    }
    for kind in figures.kinds.keys() {
        put_stages(figures, *kind, out)?;
    }
    writeln!(
        out,
        "\n{:<8} {:>10} {:>10} {:>13}   ({} run)",
        "threads",
        "wall",
        "CPU",
        "efficiency",
        figures.scaling.kind.name()
    )?;
    for point in &figures.scaling.points {
        writeln!(
            out,
            "{:<8} {:>10} {:>10} {:>12.1} %",
            point.threads,
            time(point.wall_seconds),
            time(point.cpu_seconds),
            point.efficiency * 100.0
        )?;
    }
    let ledger = figures.ledger;
    writeln!(
        out,
        "\nledger: {}, loaded in {} of CPU, saved in {}",
        ByteSize(ledger.bytes),
        time(ledger.load_cpu_seconds),
        time(ledger.save_cpu_seconds)
    )?;
    match &figures.compared {
        Some(compared) => put_compared(compared, out),
        None => Ok(()),
    }
}

fn put_stages(figures: &Figures, kind: Kind, out: &mut String) -> fmt::Result {
    let run = &figures.kinds[&kind];
    writeln!(
        out,
        "\n{:<8} {:>10} {:>8} {:>10} {:>8} {:>8} {:>8}",
        kind.name(),
        "CPU",
        "share",
        "wall",
        "times",
        "Mpx/s",
        "MB/s"
    )?;
    let share = |seconds: f64| seconds / run.cpu_seconds.max(f64::MIN_POSITIVE) * 100.0;
    let rate = |rate: Option<f64>| rate.map_or_else(|| "–".to_owned(), |rate| format!("{rate:.1}"));
    for (stage, row) in &run.stages {
        let seconds = row.figures.cpu_seconds;
        writeln!(
            out,
            "{:<8} {:>10} {:>6.1} % {:>10} {:>8} {:>8} {:>8}",
            stage.name(),
            time(seconds),
            share(seconds),
            time(row.figures.wall_seconds),
            row.figures.count,
            rate(row.megapixels_per_second),
            rate(row.megabytes_per_second)
        )?;
    }
    let other = run.other_seconds();
    writeln!(
        out,
        "{:<8} {:>10} {:>6.1} %",
        "other",
        time(other),
        share(other)
    )
}

fn put_compared(compared: &Compared, out: &mut String) -> fmt::Result {
    writeln!(
        out,
        "\nagainst {} (planche {}): 1 is as it was, more is worse",
        compared.file, compared.planche
    )?;
    for doubt in &compared.doubts {
        writeln!(out, "not the same: {doubt}")?;
    }
    let shown =
        |ratio: Option<f64>| ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2} ×"));
    for (kind, ratios) in &compared.kinds {
        write!(
            out,
            "{:<8} CPU {}, wall {}, memory {}",
            kind.name(),
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

fn counted(count: usize, what: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {what}{s}")
}

/// Seconds, in the unit that suits them.
pub fn time(seconds: f64) -> String {
    if seconds >= 10.0 {
        format!("{seconds:.1} s")
    } else if seconds >= 1.0 {
        format!("{seconds:.2} s")
    } else {
        format!("{:.1} ms", seconds * 1e3)
    }
}
