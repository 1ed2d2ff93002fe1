//! The ratios of a report as a picture: a cell for each workload, a bar for each contender, and the floor as the line
//! at which all bars begin. Whoever is cheaper than bare tokio goes to the left of it, whoever is dearer to the right.

mod axis;
mod svg;

use std::io;

use crate::chart::axis::{Axis, Place, TICKS};
use crate::chart::svg::{Anchor, Svg};
use crate::contender::{BEAM, OURS};
use crate::recorded::{Report, Row};
use crate::row::Unit;
use crate::runtime::RuntimeKind;

const WIDTH: f64 = 920.0;
const MARGIN: f64 = 28.0;
const COLUMNS: usize = 2;
/// Between two columns.
const GUTTER: f64 = 36.0;
/// For the names of the contenders, at the left of a column.
const NAMES: f64 = 78.0;
/// For a figure at the end of a bar that is as long as its side of the axis, on both sides.
const FIGURE: f64 = 38.0;

/// From one bar to the next, and the bar itself.
const STEP: f64 = 12.0;
const BAR: f64 = 8.0;
/// A bar is seen even where it has no length.
const LEAST_BAR: f64 = 1.5;

/// The heading of the picture, that of a runtime with its axis, that of a cell, and the space below a cell.
const HEADING: f64 = 96.0;
const PANEL: f64 = 44.0;
const CELL: f64 = 22.0;
const BELOW: f64 = 14.0;

/// Colours on a ground of its own, so that it looks the same on a bright page and on a dark one.
const STYLE: &str = "\
  text { font-family: -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2328; }
  .ground { fill: #ffffff; stroke: #d1d9e0; rx: 10px; }
  .title { font-size: 20px; font-weight: 600; }
  .lead { font-size: 12.5px; fill: #59636e; }
  .panel { font-size: 13px; font-weight: 600; }
  .workload { font-size: 12.5px; font-weight: 600; }
  .floor-cost, .tick { font-size: 10.5px; fill: #818b98; }
  .name, .figure { font-size: 10px; fill: #59636e; }
  .name-ours, .figure-ours { font-size: 10px; font-weight: 700; fill: #0b57b7; }
  .grid { stroke: #eef1f4; }
  .floor { stroke: #1f2328; stroke-width: 1.2; }
  .bar-ours { fill: #1f6feb; }
  .bar-peer { fill: #b6bfc9; }
  .bar-beam { fill: #7d8792; }
";

/// Draws the report's figures on these runtimes.
///
/// # Errors
///
/// Fails when there are none.
pub(crate) fn draw(report: &Report, runtimes: &[RuntimeKind]) -> io::Result<String> {
    let panels: Vec<_> = runtimes
        .iter()
        .map(|&runtime| (runtime, report.rows_on(runtime)))
        .filter(|(_, rows)| !rows.is_empty())
        .collect();
    if panels.is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "it has no time on the runtimes asked for: expected a row of ct or mt",
        ));
    }
    let contenders = report.contenders();
    let panels: Vec<_> = panels
        .into_iter()
        .map(|(runtime, rows)| (runtime, columns(&rows)))
        .collect();
    let tall =
        |columns: &[Vec<&Row>]| PANEL + columns.iter().map(|rows| height(rows)).fold(0.0, f64::max);
    let panels_height: f64 = panels.iter().map(|(_, columns)| tall(columns)).sum();
    let height = HEADING + panels_height + MARGIN;

    let mut svg = Svg::default();
    svg.rect("ground", (0.5, 0.5), (WIDTH - 1.0, height - 1.0));
    heading(&mut svg, report, &contenders);
    let mut top = HEADING;
    for (runtime, columns) in &panels {
        panel_heading(&mut svg, *runtime, top);
        for (index, rows) in columns.iter().enumerate() {
            let mut y = top + PANEL;
            for row in rows {
                draw_cell(&mut svg, row, axis(index), y);
                y += cell(row);
            }
        }
        top += tall(columns);
    }
    Ok(svg.finish(
        (WIDTH, height),
        STYLE,
        "What otp-core costs beside bare tokio",
    ))
}

/// How tall the cell of a row is: as many bars as contenders take part in it.
fn cell(row: &Row) -> f64 {
    CELL + row.ratios.len() as f64 * STEP + BELOW
}

fn height(rows: &[&Row]) -> f64 {
    rows.iter().map(|row| cell(row)).sum()
}

/// Shares rows out among columns that are about as tall as each other: down the first one, then down the second.
fn columns<'a>(rows: &[&'a Row]) -> Vec<Vec<&'a Row>> {
    let part = height(rows) / COLUMNS as f64;
    let mut columns = vec![Vec::new(); COLUMNS];
    let mut above = 0.0;
    for &row in rows {
        columns[((above / part) as usize).min(COLUMNS - 1)].push(row);
        above += cell(row);
    }
    columns
}

/// The axis of a column.
fn axis(column: usize) -> Axis {
    let width = (WIDTH - 2.0 * MARGIN - GUTTER) / COLUMNS as f64;
    let left = MARGIN + column as f64 * (width + GUTTER);
    Axis {
        start: left + NAMES + FIGURE,
        length: width - NAMES - 2.0 * FIGURE,
    }
}

fn heading(svg: &mut Svg, report: &Report, contenders: &[&str]) {
    svg.text(
        "title",
        (MARGIN, 40.0),
        Anchor::Start,
        "Cost beside bare tokio",
    );
    let lead = "To the left of the line: cheaper than an unbounded channel and a oneshot per call, with nothing else. \
                Logarithmic.";
    svg.text("lead", (MARGIN, 62.0), Anchor::Start, lead);
    let rounds = report.rounds;
    let processor = report.processor.as_deref();
    let lead = format!(
        "Medians of {rounds} interleaved rounds, each sample in a process of its own, on {}.",
        processor.unwrap_or("a processor that the report does not name")
    );
    svg.text("lead", (MARGIN, 80.0), Anchor::Start, &lead);
    let mut legend = vec![(OURS.name, "bar-ours")];
    if contenders.iter().any(|contender| is_peer(contender)) {
        legend.push(("other libraries", "bar-peer"));
    }
    if contenders.contains(&BEAM) {
        legend.push((BEAM, "bar-beam"));
    }
    let mut right = WIDTH - MARGIN;
    for (name, class) in legend.into_iter().rev() {
        // Nobody can ask how wide a text will be: this is what its letters take, and a little more.
        right -= name.len() as f64 * 6.4 + 6.0;
        svg.text("lead", (right, 40.0), Anchor::Start, name);
        right -= 15.0;
        svg.rect(class, (right, 31.0), (10.0, 10.0));
        right -= 14.0;
    }
}

/// Says which runtime it is, and names the ticks of its columns.
fn panel_heading(svg: &mut Svg, runtime: RuntimeKind, top: f64) {
    let name = match runtime {
        RuntimeKind::CurrentThread => "One thread (current_thread)",
        RuntimeKind::MultiThread => "Two workers (multi_thread)",
    };
    svg.text("panel", (MARGIN, top + 14.0), Anchor::Start, name);
    for column in 0..COLUMNS {
        let axis = axis(column);
        for (ratio, label) in TICKS {
            let x = axis.place(ratio).position();
            svg.text("tick", (x, top + PANEL - 9.0), Anchor::Middle, label);
        }
    }
}

fn draw_cell(svg: &mut Svg, row: &Row, axis: Axis, top: f64) {
    let left = axis.start - FIGURE - NAMES;
    svg.text("workload", (left, top + 12.0), Anchor::Start, &row.workload);
    let floor = format!("tokio: {}", amount(row));
    let right = axis.start + axis.length + FIGURE;
    svg.text("floor-cost", (right, top + 12.0), Anchor::End, &floor);
    for (ratio, _) in TICKS {
        let class = if ratio == 1.0 { "floor" } else { "grid" };
        let (x, length) = (axis.place(ratio).position(), row.ratios.len() as f64 * STEP);
        svg.line(class, (x, top + CELL - 3.0), length + 2.0);
    }
    for (index, &(ref contender, ratio)) in row.ratios.iter().enumerate() {
        let y = top + CELL + index as f64 * STEP;
        let (bar, name, figure) = classes(contender);
        svg.text(name, (left + NAMES - 4.0, y + BAR), Anchor::End, contender);
        let place = axis.place(ratio);
        let (from, to) = (
            axis.floor().min(place.position()),
            axis.floor().max(place.position()),
        );
        svg.rect(bar, (from, y), ((to - from).max(LEAST_BAR), BAR));
        let (x, anchor) = if ratio < 1.0 {
            (from - 4.0, Anchor::End)
        } else {
            (to + 4.0, Anchor::Start)
        };
        svg.text(figure, (x, y + BAR), anchor, &label(ratio, place));
    }
}

/// What a row costs the floor.
fn amount(row: &Row) -> String {
    let (floor, unit) = (row.floor, &row.unit);
    if *unit == Unit::Nanoseconds.to_string() && floor >= 1_000.0 {
        format!("{:.2} µs", floor / 1_000.0)
    } else {
        format!("{floor:.0} {unit}")
    }
}

/// A bar that goes on beyond the axis says so.
fn label(ratio: f64, place: Place) -> String {
    let digits = if ratio < 10.0 { 2 } else { 0 };
    match place {
        Place::At(_) => format!("{ratio:.digits$}"),
        Place::Beyond(_) if ratio < 1.0 => format!("‹ {ratio:.digits$}"),
        Place::Beyond(_) => format!("{ratio:.digits$} ›"),
    }
}

fn is_peer(contender: &str) -> bool {
    ![OURS.name, BEAM].contains(&contender)
}

/// The looks of a contender's bar, name and figure.
fn classes(contender: &str) -> (&'static str, &'static str, &'static str) {
    if contender == OURS.name {
        ("bar-ours", "name-ours", "figure-ours")
    } else if contender == BEAM {
        ("bar-beam", "name", "figure")
    } else {
        ("bar-peer", "name", "figure")
    }
}

#[cfg(test)]
mod tests {
    use super::{Report, columns, draw};
    use crate::cli::Runtimes;
    use crate::runtime::RuntimeKind;

    fn report(rows: &str) -> Report {
        Report::parse(&format!(r#"{{"rounds": 7, "rows": [{rows}]}}"#)).unwrap()
    }

    const CALL: &str = r#"{
        "workload": "call", "runtime": "mt", "unit": "ns", "limited": "ours", "goal": 1, "line": 1, "contenders": [
            {"contender": "floor", "amount": {"median": 300.0}, "ratio": {"median": 1.0}},
            {"contender": "otp-core", "amount": {"median": 290.0}, "ratio": {"median": 0.97}},
            {"contender": "peer", "amount": {"median": 9000.0}, "ratio": {"median": 30.0}}
        ]
    }"#;

    #[test]
    fn every_contender_has_a_name_a_bar_and_a_figure() {
        let picture = draw(&report(CALL), Runtimes::Both.kinds()).unwrap();
        for shown in ["call", "tokio: 300 ns", "otp-core", "0.97", "peer", "30 ›"] {
            assert!(
                picture.contains(&format!(">{shown}</text>")),
                "{shown}: {picture}"
            );
        }
        assert_eq!(picture.matches(r#"<rect class="bar-ours""#).count(), 2);
        assert!(
            !picture.contains("One thread"),
            "nothing was measured on it"
        );
    }

    #[test]
    fn columns_are_about_as_tall_as_each_other() {
        let report = report(&[CALL; 4].join(","));
        let drawn = report.rows_on(RuntimeKind::MultiThread);
        let lengths: Vec<_> = columns(&drawn).iter().map(Vec::len).collect();
        assert_eq!(lengths, [2, 2]);
        assert_eq!(columns(&drawn[..1])[0].len(), 1);
    }

    #[test]
    fn a_report_without_the_runtime_cannot_be_drawn() {
        let error = draw(&report(CALL), Runtimes::Ct.kinds()).unwrap_err();
        assert!(
            error.to_string().starts_with("it has no time on"),
            "{error}"
        );
    }
}
