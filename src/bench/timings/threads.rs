//! Draws the timeline of the threads, as an SVG within the page.

use std::fmt::Write;
use std::time::Duration;

use super::{Interval, Timings};
use crate::bench::Stage;
use crate::bench::text::{escaped, time};

/// Width of the timeline in SVG units.
const WIDTH: f64 = 1200.0;
/// Height of the lane of one thread, in SVG units.
const LANE: f64 = 30.0;
/// Intervals narrower than this, in SVG units, are merged with the preceding interval of the same
/// stage.
const NARROW: f64 = 0.5;

/// Appends a heading and a timeline of all threads to a page.
pub(super) fn write_threads(timings: &Timings, page: &mut String) {
    let threads = timings.threads();
    let height = LANE * threads as f64 + 24.0;
    let wall = timings.wall.as_secs_f64().max(1e-9);
    let at = |time: Duration| time.as_secs_f64() / wall * WIDTH;
    page.push_str(
        "<h2 id=\"threads\">Threads</h2>\n\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"threads\">\n",
    );
    let _ = writeln!(
        page,
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"Work of each thread over time\">"
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
        let intervals = timings
            .intervals
            .iter()
            .filter(|interval| interval.thread == thread);
        for block in blocks(intervals, &at) {
            let _ = writeln!(
                page,
                "<rect x=\"{:.2}\" y=\"{top}\" width=\"{:.2}\" height=\"{}\" fill=\"{}\"><title>{}</title></rect>",
                block.start,
                (block.end - block.start).max(0.3),
                LANE - 4.0,
                block.stage.hex(),
                escaped(&block.title),
            );
        }
    }
    page.push_str("</svg>\n</div>\n");
}

/// One rectangle in the lane of a thread.
struct Block {
    start: f64,
    end: f64,
    stage: Stage,
    title: String,
}

/// Returns the rectangles for one thread's intervals, which are sorted by start. Nested intervals
/// follow the outer ones, so that they are drawn over them.
fn blocks<'i>(
    intervals: impl Iterator<Item = &'i Interval>,
    at: &dyn Fn(Duration) -> f64,
) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for interval in intervals {
        let (start, end) = (at(interval.start), at(interval.start + interval.wall));
        if let Some(last) = blocks.last_mut()
            && last.stage == interval.stage
            && end - start < NARROW
            && start - last.end < NARROW
        {
            last.end = last.end.max(end);
            continue;
        }
        let mut title = interval.stage.name().to_owned();
        if !interval.file.is_empty() {
            let _ = write!(title, " {}", interval.file);
        }
        if let Some(width) = interval.width {
            let _ = write!(title, " at {width} px");
        }
        let _ = write!(title, ": {}", time(interval.wall.as_secs_f64()));
        blocks.push(Block {
            start,
            end,
            stage: interval.stage,
            title,
        });
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::timings::tests::interval;

    #[test]
    fn narrow_intervals_of_one_stage_are_merged() {
        let all = [
            interval(Stage::Read, "a", 0, 0, 1),
            interval(Stage::Read, "b", 0, 1, 1),
            interval(Stage::Probe, "c", 0, 2, 1),
            interval(Stage::Probe, "d", 0, 3, 900),
        ];
        let at = |time: Duration| time.as_secs_f64() * 10.0;
        let blocks = blocks(all.iter(), &at);
        let stages: Vec<Stage> = blocks.iter().map(|block| block.stage).collect();
        assert_eq!(stages, [Stage::Read, Stage::Probe, Stage::Probe]);
        assert!((blocks[0].end - 0.02).abs() < 1e-9);
    }
}
