//! Draws the figures as an SVG chart: the share of each stage in each scenario, and the speedup by
//! number of threads.

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;

use super::Stage;
use super::figures::{Figures, ScenarioFigures};
use super::text::time;

const SIZE: (u32, u32) = (1120, 520);
/// Width in pixels of the left chart, which has the bars.
const BARS: u32 = 640;
const INK: RGBColor = RGBColor(55, 65, 81);
const DIM: RGBColor = RGBColor(160, 166, 176);
const OTHER: RGBColor = RGBColor(229, 231, 235);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

impl Figures {
    /// Draws the figures as an SVG document.
    ///
    /// # Errors
    ///
    /// If `plotters` cannot draw the chart.
    pub fn svg(&self) -> Result<String> {
        let mut svg = String::new();
        draw(self, &mut svg).map_err(|error| anyhow!("cannot draw the chart: {error}"))?;
        Ok(svg)
    }
}

fn draw(figures: &Figures, svg: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let area = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let title = format!("planche {}, {}", figures.planche, figures.subject);
    let area = area.titled(&title, ("sans-serif", 18).into_font().color(&INK))?;
    let (bars, line) = area.split_horizontally(BARS);
    draw_bars(figures, &bars)?;
    draw_scaling(figures, &line)?;
    area.present()?;
    Ok(())
}

/// Draws one bar per scenario. All bars have the same height, so that a run of a millisecond is
/// readable next to one of a minute.
fn draw_bars(figures: &Figures, area: &Area<'_>) -> Result<(), Box<dyn std::error::Error>> {
    let names: Vec<String> = figures
        .scenarios
        .iter()
        .map(|(scenario, row)| format!("{}: {}", scenario.name(), time(row.cpu_seconds)))
        .collect();
    let count = names.len().max(1) as f64;
    let mut chart = ChartBuilder::on(area)
        .margin(16)
        .margin_right(110)
        .caption(
            "CPU time by stage, %",
            ("sans-serif", 15).into_font().color(&INK),
        )
        .x_label_area_size(30)
        .y_label_area_size(40)
        .build_cartesian_2d(0.0..count, 0.0..100.0)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .disable_x_axis()
        .light_line_style(WHITE)
        .bold_line_style(OTHER)
        .axis_style(DIM)
        .label_style(("sans-serif", 12).into_font().color(&INK))
        .draw()?;
    let style = ("sans-serif", 13).into_font().color(&INK);
    for ((index, row), name) in figures.scenarios.values().enumerate().zip(&names) {
        let left = index as f64;
        let mut bottom = 0.0;
        for (color, seconds) in segments(row) {
            let top = bottom + seconds / row.cpu_seconds.max(f64::MIN_POSITIVE) * 100.0;
            let corners = [(left + 0.2, bottom), (left + 0.8, top.min(100.0))];
            chart.draw_series([Rectangle::new(corners, color.filled())])?;
            bottom = top;
        }
        let at = chart.backend_coord(&(left + 0.2, 0.0));
        area.draw(&Text::new(
            name.clone(),
            relative(area, (at.0, at.1 + 8)),
            style.clone(),
        ))?;
    }
    draw_legend(figures, area)
}

/// Draws the legend: the stages in the order of the bars, from the top down.
fn draw_legend(figures: &Figures, area: &Area<'_>) -> Result<(), Box<dyn std::error::Error>> {
    let style = ("sans-serif", 12).into_font().color(&INK);
    let is_shown = |stage: &Stage| {
        figures
            .scenarios
            .values()
            .any(|row| row.stages.contains_key(stage))
    };
    let mut stages: Vec<(&str, RGBColor)> = Stage::ALL
        .into_iter()
        .filter(is_shown)
        .map(|stage| (stage.name(), color(stage)))
        .collect();
    stages.push(("other", OTHER));
    let (left, mut top) = (i32::try_from(BARS).unwrap_or(i32::MAX) - 100, 48);
    for (name, color) in stages.into_iter().rev() {
        area.draw(&Rectangle::new(
            [(left, top), (left + 12, top + 12)],
            color.filled(),
        ))?;
        area.draw(&Text::new(name, (left + 20, top + 1), style.clone()))?;
        top += 22;
    }
    Ok(())
}

/// Returns the color and CPU seconds of each segment of a bar, from the bottom up.
fn segments(row: &ScenarioFigures) -> Vec<(RGBColor, f64)> {
    let mut segments: Vec<(RGBColor, f64)> = row
        .stages
        .iter()
        .map(|(stage, row)| (color(*stage), row.figures.cpu_seconds))
        .collect();
    segments.push((OTHER, row.other_seconds()));
    segments
}

/// Draws the speedup over one thread, with a line for the ideal speedup.
fn draw_scaling(figures: &Figures, area: &Area<'_>) -> Result<(), Box<dyn std::error::Error>> {
    let scaling = &figures.scaling;
    let threads = scaling.points.iter().map(|point| point.threads);
    let most = threads.max().unwrap_or(1) as f64;
    let caption = format!("Speedup over one thread ({})", scaling.scenario.name());
    let mut chart = ChartBuilder::on(area)
        .margin(16)
        .caption(caption, ("sans-serif", 15).into_font().color(&INK))
        .x_label_area_size(36)
        .y_label_area_size(40)
        .build_cartesian_2d(0.0..most + 0.5, 0.0..most + 0.5)?;
    chart
        .configure_mesh()
        .x_desc("threads")
        .light_line_style(WHITE)
        .bold_line_style(OTHER)
        .axis_style(DIM)
        .label_style(("sans-serif", 12).into_font().color(&INK))
        .draw()?;
    let ideal = vec![(0.0, 0.0), (most, most)];
    chart.draw_series([PathElement::new(ideal, DIM.stroke_width(1))])?;
    let measured: Vec<(f64, f64)> = scaling
        .points
        .iter()
        .map(|point| {
            let threads = point.threads as f64;
            (threads, point.efficiency * threads)
        })
        .collect();
    let encode = color(Stage::Encode);
    chart.draw_series([PathElement::new(measured.clone(), encode.stroke_width(3))])?;
    chart.draw_series(
        measured
            .into_iter()
            .map(|point| Circle::new(point, 4, encode.filled())),
    )?;
    Ok(())
}

fn color(stage: Stage) -> RGBColor {
    let (red, green, blue) = stage.rgb();
    RGBColor(red, green, blue)
}

/// Converts coordinates of the whole drawing to coordinates of one of its areas.
fn relative(area: &Area<'_>, (x, y): (i32, i32)) -> (i32, i32) {
    let (left, top) = area.get_base_pixel();
    (x - left, y - top)
}
