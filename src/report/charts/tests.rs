//! What holds for every chart, on usual and on odd reports. Text is measured by usvg, which lays it out in the shipped font.

use resvg::usvg::{Group, Node, Rect};

use super::fixture::{report, usual};
use super::*;
use crate::explore::density::View;
use crate::learn::evaluation::Confusion;
use crate::track::Label;

/// Reports that real data never gives, yet some data might.
fn odd_reports() -> Vec<(&'static str, Report)> {
    let mut constant = usual();
    let groups =
        [&mut constant.summary.by_decade, &mut constant.summary.by_label, &mut constant.summary.by_decade_and_label];
    for mean in groups.into_iter().flatten().flat_map(|group| &mut group.means) {
        (mean.mean, mean.std, mean.half_width) = (0.5, 0.0, 0.0);
    }
    for density in &mut constant.densities {
        density.by_label.iter_mut().chain(&mut density.by_decade).for_each(|curve| curve.values.fill(f64::NAN));
    }
    let mut no_numbers = usual();
    for mean in no_numbers.summary.by_decade_and_label.iter_mut().step_by(3).flat_map(|group| &mut group.means) {
        (mean.mean, mean.std, mean.half_width) = (f64::NAN, f64::NAN, f64::NAN);
    }
    no_numbers.pearson.values.iter_mut().chain(&mut no_numbers.spearman.values).for_each(|row| row.fill(f64::NAN));
    for estimate in &mut no_numbers.mutual_information.mixed {
        (estimate.nats, estimate.null_q95) = (f64::NAN, f64::NAN);
    }
    let mut poor_model = usual();
    if let Some(evaluation) = &mut poor_model.evaluation {
        evaluation.scores.roc_auc = f64::NAN;
        evaluation.roc.iter_mut().for_each(|point| point.false_positive_rate = f64::NAN);
        evaluation.confusion =
            Confusion { true_negatives: 0, false_positives: 0, false_negatives: 0, true_positives: 0 };
        evaluation.importances.iter_mut().for_each(|importance| importance.share = 0.0);
    }
    let mut long_names = usual();
    long_names.pearson.names.iter_mut().for_each(|name| *name = name.repeat(9) + " <&\"'>");
    if let Some(evaluation) = &mut long_names.evaluation {
        evaluation.model = "gradient boosting & a rather long description <of what it is>, depth 3".to_owned();
    }
    let mut extreme = usual();
    for density in &mut extreme.densities {
        if let View::Linear { low, high, .. } = &mut density.view {
            (*low, *high) = (*low * 1e7, *high * 1e7);
        }
        density.grid.iter_mut().for_each(|value| *value *= 1e7);
    }
    for mean in extreme.summary.by_decade_and_label.iter_mut().flat_map(|group| &mut group.means) {
        mean.mean *= 1e6;
    }
    let mut empty = report(&[], &[]);
    empty.densities.iter_mut().for_each(|density| density.grid.clear());
    empty.pearson.names.clear();
    empty.mutual_information.mixed.clear();
    vec![
        ("constant", constant),
        ("not a number", no_numbers),
        ("poor model", poor_model),
        ("long names", long_names),
        ("extreme", extreme),
        ("empty", empty),
        ("one decade", report(&[1980], &Label::BOTH)),
        ("one label", report(&[1980, 1990], &[Label::Hit])),
        ("every decade", report(&[1930, 1940, 1950, 1960, 1970, 1980, 1990, 2000, 2010, 2020], &Label::BOTH)),
    ]
}

fn every_chart() -> Vec<(String, Chart)> {
    let reports = odd_reports().into_iter().chain([("usual", usual())]);
    let charts = reports.map(|(kind, report)| (kind, all(&report).expect("a chart is drawn")));
    charts
        .flat_map(|(kind, charts)| charts.into_iter().map(move |chart| (format!("{kind}, {}", chart.name), chart)))
        .collect()
}

/// The words and the box of every text, in pixels of the chart.
fn texts(chart: &Chart) -> Vec<(String, Rect)> {
    fn collect(group: &Group, found: &mut Vec<(String, Rect)>) {
        for node in group.children() {
            match node {
                Node::Group(group) => collect(group, found),
                Node::Text(text) => {
                    let words = text.chunks().iter().map(|chunk| chunk.text()).collect();
                    found.push((words, text.abs_bounding_box()));
                }
                _ => {}
            }
        }
    }
    let tree = raster::parse(&chart.svg).expect("the SVG is well formed");
    let mut found = Vec::new();
    collect(tree.root(), &mut found);
    found
}

#[test]
fn there_are_nine_charts_and_six_without_a_model() {
    let mut report = usual();
    let names: Vec<String> = all(&report).expect("a chart is drawn").into_iter().map(|chart| chart.name).collect();
    assert_eq!(names.len(), 9);
    report.evaluation = None;
    let without: Vec<String> = all(&report).expect("a chart is drawn").into_iter().map(|chart| chart.name).collect();
    assert_eq!(without, names[..6]);
}

#[test]
fn every_svg_scales_and_speaks_and_keeps_its_text() {
    for (kind, chart) in every_chart() {
        let head = chart.svg.lines().next().unwrap_or_default();
        assert!(
            head.contains(&format!("viewBox=\"0 0 {} {}\"", chart.width * 10, chart.height * 10)),
            "{kind}: {head}"
        );
        assert!(head.contains("role=\"img\"") && head.contains(theme::FONT_FAMILY), "{kind}: {head}");
        assert!(
            chart.svg.contains("<title>") && chart.svg.contains("<desc>") && chart.svg.contains("<text "),
            "{kind}"
        );
        assert_eq!(chart.svg.matches("font-family").count(), 1, "{kind}");
        let words: String = texts(&chart).into_iter().map(|(words, _)| words + " ").collect();
        assert!(words.contains(chart.title.split(' ').next().unwrap_or_default()), "{kind}: {words}");
        assert!(!chart.caption.is_empty() && chart.alt.starts_with(chart.title.trim_end_matches('.')), "{kind}");
    }
}

#[test]
fn every_text_is_within_its_chart() {
    for (kind, chart) in every_chart() {
        for (words, place) in texts(&chart) {
            let (width, height) = (chart.width as f32, chart.height as f32);
            let within =
                place.left() >= 0.0 && place.top() >= 0.0 && place.right() <= width && place.bottom() <= height;
            assert!(within, "{kind}: {words:?} at {place:?} of {width} x {height}");
        }
    }
}

#[test]
fn no_text_overlaps_another() {
    for (kind, chart) in every_chart() {
        let texts = texts(&chart);
        for (index, (words, place)) in texts.iter().enumerate() {
            for (other, beside) in &texts[index + 1..] {
                let across = place.right().min(beside.right()) - place.left().max(beside.left());
                let down = place.bottom().min(beside.bottom()) - place.top().max(beside.top());
                assert!(across <= 0.5 || down <= 0.5, "{kind}: {words:?} {place:?} and {other:?} {beside:?}");
            }
        }
    }
}

#[test]
fn our_measure_of_text_is_the_renderers() {
    for chart in all(&usual()).expect("a chart is drawn") {
        let title = texts(&chart).into_iter().find(|(words, _)| chart.title.starts_with(words.as_str()));
        let (words, place) = title.expect("the title is drawn");
        let ours = canvas::text_width(&words, theme::TITLE);
        assert!((ours - f64::from(place.width())).abs() < 0.03 * ours, "{words}: {ours} and {}", place.width());
    }
}

#[test]
fn a_png_has_twice_the_pixels_and_starts_white() {
    for (kind, chart) in every_chart() {
        let bytes = chart.png().expect("the PNG is encoded");
        let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().expect("a PNG");
        assert_eq!((reader.info().width, reader.info().height), (chart.width * 2, chart.height * 2), "{kind}");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
        reader.next_frame(&mut pixels).expect("pixels");
        assert_eq!(pixels[..3], [255, 255, 255], "{kind}");
        assert!(pixels.iter().any(|channel| *channel < 64), "{kind}: nothing is drawn");
    }
}

#[test]
fn the_same_report_gives_the_same_bytes_at_any_number_of_threads() {
    let report = usual();
    let render = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| {
            let charts = all(&report).expect("a chart is drawn");
            let pngs: Vec<Vec<u8>> = charts.iter().map(|chart| chart.png().expect("the PNG is encoded")).collect();
            (charts, pngs)
        })
    };
    assert_eq!(render(1), render(4));
}

#[test]
fn a_report_stays_small() {
    let charts = all(&usual()).expect("a chart is drawn");
    let svg: usize = charts.iter().map(|chart| chart.svg.len()).sum();
    assert!(svg < 1_000_000, "{svg} bytes of SVG");
    for chart in charts {
        let png = chart.png().expect("the PNG is encoded").len();
        assert!(png < 500_000, "{}: {png} bytes", chart.name);
    }
}

#[test]
fn titles_say_what_the_numbers_say() {
    let mut report = usual();
    for (group, (danceability, loudness)) in report.summary.by_label.iter_mut().zip([(0.4, -8.0), (0.6, -11.0)]) {
        for mean in &mut group.means {
            (mean.mean, mean.std) = match mean.feature.name() {
                "danceability" => (danceability, 0.2),
                "loudness" => (loudness, 5.0),
                _ => (1.0, 1.0),
            };
        }
    }
    let title = density_by_label(&report.densities, &report.summary).expect("a chart is drawn").title;
    assert_eq!(title, "Hits are more danceable and quieter than flops");
    let title = class_balance(&report.summary).expect("a chart is drawn").title;
    assert!(title.starts_with("Every decade holds as many hits as flops"), "{title}");
    report.summary.by_decade_and_label[0].rows = 1;
    let title = class_balance(&report.summary).expect("a chart is drawn").title;
    assert!(title.starts_with("50\u{a0}% of the tracks are hits; the 1970s hold the most tracks, 6,000"), "{title}");
    let (closest, names) = (&mut report.pearson.values, &report.pearson.names);
    closest.iter_mut().for_each(|row| row.fill(0.1));
    closest[3][1] = -0.7;
    closest[16][5] = 0.4;
    let expected = format!(
        "Closest pair: {} and {} (r\u{a0}=\u{a0}−0.70); closest to the label: {} (r\u{a0}=\u{a0}0.40)",
        names[1], names[3], names[5]
    );
    assert_eq!(correlation(&report.pearson, &report.spearman).expect("a chart is drawn").title, expected);
}

#[test]
fn numbers_in_words_are_those_of_the_report() {
    let mut report = usual();
    for group in &mut report.summary.by_label {
        let is_hit = group.label == Some(Label::Hit);
        group.means[3].mean = if is_hit { -8.25 } else { -11.75 };
    }
    let alt = density_by_label(&report.densities, &report.summary).expect("a chart is drawn").alt;
    let (flops, hits) = alt.split_once(". Hits: ").expect("both labels are told");
    assert!(flops.contains("loudness −11.8 dB") && hits.contains("loudness −8.2 dB"), "{alt}");

    let key = report.densities.iter_mut().find(|density| density.feature.name() == "key").expect("key is drawn");
    for curve in &mut key.by_decade {
        let names_d = key.grid.iter().map(|class| if *class == 2.0 { 0.25 } else { 0.05 });
        curve.values = names_d.collect();
    }
    let alt = density_by_decade(&report.densities, &report.summary).expect("a chart is drawn").alt;
    assert_eq!(alt.matches("key D (25.0 %)").count(), 2, "{alt}");
    assert!(alt.contains("1960s: ") && alt.contains("2010s: ") && !alt.contains("1980s"), "{alt}");

    let evaluation = report.evaluation.as_mut().expect("the usual report has a model");
    evaluation.confusion.true_positives = 3_456;
    for (importance, share) in evaluation.importances.iter_mut().zip([0.9995, 0.0004, 0.0]) {
        importance.share = share;
    }
    let names: Vec<&str> = evaluation.importances[1..3].iter().map(|importance| importance.feature.name()).collect();
    let alt = importances(evaluation).expect("a chart is drawn").alt;
    assert!(alt.contains(&format!("{} under 0.1\u{a0}%", names[0])), "{alt}");
    assert!(alt.contains(&format!("{} not used", names[1])), "{alt}");
    assert!(confusion(evaluation).expect("a chart is drawn").alt.contains("3,456 called hits"));
}

#[test]
fn bars_show_their_count_or_an_axis() {
    let texts_of = |report: &Report| -> Vec<String> {
        texts(&class_balance(&report.summary).expect("a chart is drawn")).into_iter().map(|(words, _)| words).collect()
    };
    let mut report = usual();
    let words = texts_of(&report);
    assert_eq!(words.iter().filter(|words| *words == "3,000").count(), 12, "{words:?}");
    assert!(!words.iter().any(|words| words == "1,000"), "{words:?}");
    report.summary.by_decade_and_label[0].rows = 3_000_000_000_000_000;
    assert!(texts_of(&report).iter().any(|words| words == "tracks"));
}

#[test]
fn captions_name_what_was_done_to_a_density() {
    let mut report = usual();
    report.densities.retain(|density| ["instrumentalness", "tempo"].contains(&density.feature.name()));
    report.densities[0].view = View::Log { low: 1e-6, high: 1.0 };
    report.densities[1].view = View::Linear { low: 60.0, high: 200.0, cut: Some(0.995), reflected: false };
    let chart = density_by_label(&report.densities, &report.summary).expect("a chart is drawn");
    assert!(
        chart.caption.contains("In instrumentalness tracks with exactly 0 stand at the left end"),
        "{}",
        chart.caption
    );
    assert!(chart.caption.contains("Tails of tempo are cut"), "{}", chart.caption);
    assert!(chart.caption.contains("instrumentalness are corrected by reflection"), "{}", chart.caption);
    let words: Vec<String> = texts(&chart).into_iter().map(|(words, _)| words).collect();
    for expected in ["density per tenfold", "exactly 0 at the left end, smoothed"] {
        assert!(words.iter().any(|words| words == expected), "{expected} in {words:?}");
    }
}
