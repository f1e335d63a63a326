//! Draws bytes against scores as an SVG chart.

use plotters::prelude::{ChartBuilder, IntoDrawingArea, LineSeries, SVGBackend};
use plotters::style::{Color as _, RGBColor, WHITE};

use crate::targets::Way;

const FIXED: RGBColor = RGBColor(176, 64, 32);
const TARGET: RGBColor = RGBColor(24, 96, 168);

/// Draws the worst score over the total bytes, for fixed qualities and for target scores.
pub fn curves(fixed: &[Way], targets: &[Way]) -> String {
    let mut svg = String::new();
    draw(&mut svg, fixed, targets).expect("drawing into a string");
    svg
}

fn draw(
    svg: &mut String,
    fixed: &[Way],
    targets: &[Way],
) -> Result<(), Box<dyn std::error::Error>> {
    let points = |ways: &[Way]| -> Vec<(f64, f64)> {
        ways.iter()
            .map(|way| (way.bytes / 1e6, way.worst))
            .collect()
    };
    let (fixed, targets) = (points(fixed), points(targets));
    let all = || fixed.iter().chain(&targets);
    let most = all().map(|point| point.0).fold(0.0, f64::max);
    let least = all().map(|point| point.1).fold(100.0, f64::min);
    let area = SVGBackend::with_string(svg, (720, 420)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(48)
        .build_cartesian_2d(0.0..most * 1.03, (least - 4.0)..92.0)?;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .x_desc("megabytes of all variants")
        .y_desc("score of the worst one")
        .draw()?;
    for (name, color, points) in [
        ("one quality for all", FIXED, fixed),
        ("a target", TARGET, targets),
    ] {
        chart
            .draw_series(LineSeries::new(points, color.stroke_width(2)).point_size(3))?
            .label(name)
            .legend(move |(x, y)| {
                plotters::element::PathElement::new([(x, y), (x + 20, y)], color.stroke_width(2))
            });
    }
    chart
        .configure_series_labels()
        .position(plotters::chart::SeriesLabelPosition::LowerRight)
        .border_style(plotters::style::BLACK.mix(0.3))
        .background_style(WHITE)
        .draw()?;
    area.present()?;
    Ok(())
}
