//! Mutual information of each feature with the label, beside that by chance.

use super::bars::{self, Bar};
use super::layout::{ChartPlan, Mark, PAGE_WIDTH};
use super::theme::{ACCENT, IDLE, INK};
use super::{Chart, ChartEntry};
use crate::format::{capitalise, fixed, list};
use crate::registry::{ContentSource, PagePart};
use hitflop_core::error::Result;
use hitflop_data::explore::mutual_information::{Estimate, MutualInformation};
use hitflop_data::explore::summary::Summary;

pub(super) const CHART: ChartEntry = ChartEntry {
    name: "mutual_information",
    part: PagePart::MutualInformation,
    tables: &["mutual_information"],
    source: ContentSource::Report(|findings| {
        Some(mutual_information(&findings.report.mutual_information, &findings.report.summary))
    }),
};

/// Bars of the mixed variant, in which categories are counted, greatest first; each with its null's 95th percentile.
pub(super) fn mutual_information(information: &MutualInformation, summary: &Summary) -> Result<Chart> {
    let mut estimates = information.mixed.clone();
    estimates.sort_by(|a, b| b.nats.total_cmp(&a.nats));
    let informative = (Mark::Block(ACCENT), "above chance".to_owned());
    let idle = (Mark::Hollow(IDLE), "not above chance".to_owned());
    let null = (Mark::Upright(INK), null_label(information));
    let plan = ChartPlan {
        name: CHART.name,
        title: title(&estimates),
        subtitle: format!("Mutual information with the label{}", whole(summary)),
        legend: vec![informative, idle, null],
        caption: caption(information),
        description: description(&estimates),
        width: PAGE_WIDTH,
        height: bars::height(estimates.len()),
    };
    let rows: Vec<Bar> = estimates.iter().map(bar).collect();
    plan.draw_also_narrow(bars::height(estimates.len()), |canvas, body| {
        bars::draw(canvas, body, &rows, "mutual information with the label (nats)", |tick| tick)
    })
}

fn null_label(information: &MutualInformation) -> String {
    match information.bins {
        None => format!("95th percentile of {} permutations", information.permutations),
        Some(_) => "95th percentile by chance".to_owned(),
    }
}

fn caption(information: &MutualInformation) -> String {
    match information.bins {
        None => format!(
            "Mutual information with the label: plug-in estimate for categories, {} nearest neighbours (Ross 2014) \
             for other features, mean of {} repetitions of the tie-breaking noise. The vertical line is the 95th \
             percentile under {} permutations of the label. A hollow bar is not above chance (p > 0.05).",
            information.neighbours, information.draws, information.permutations
        ),
        Some(bins) => format!(
            "Mutual information with the label: plug-in estimate for categories, and over at most {bins} bins, less its \
             bias, for other features. The vertical line is the 95th percentile by chance (chi-squared distribution). A \
             hollow bar is not above chance (p > 0.05)."
        ),
    }
}

fn bar(estimate: &Estimate) -> Bar {
    let idle = !estimate.is_informative();
    Bar {
        name: estimate.feature.name().to_owned(),
        value: estimate.nats,
        text: fixed(estimate.nats, 3),
        mark: Some(estimate.null_q95),
        colour: if idle { IDLE } else { ACCENT },
        hollow: idle,
    }
}

/// The greatest possible mutual information: the entropy of the label.
fn whole(summary: &Summary) -> String {
    let rows: Vec<f64> = summary.by_label.iter().map(|group| group.rows as f64).filter(|rows| *rows > 0.0).collect();
    let all: f64 = rows.iter().sum();
    let entropy: f64 = rows.iter().map(|rows| -(rows / all) * (rows / all).ln()).sum();
    match entropy > 0.0 {
        true => format!(". The entropy of the label is {} nats", fixed(entropy, 3)),
        false => String::new(),
    }
}

fn title(estimates: &[Estimate]) -> String {
    let (informative, idle): (Vec<&Estimate>, Vec<&Estimate>) =
        estimates.iter().partition(|estimate| estimate.is_informative());
    let Some(best) = informative.first() else {
        return "No feature has mutual information above chance".to_owned();
    };
    let best = format!(
        "{} has the highest mutual information with the label: {} nats",
        capitalise(best.feature.name()),
        fixed(best.nats, 2)
    );
    let idle: Vec<&str> = idle.iter().map(|estimate| estimate.feature.name()).collect();
    match idle.len() {
        0 => format!("{best}; every feature is above chance"),
        1 => format!("{best}; {} not above chance", idle[0]),
        2 | 3 => format!("{best}; {} not above chance", list(&idle)),
        many => format!("{best}; {many} features are not above chance"),
    }
}

fn description(estimates: &[Estimate]) -> String {
    let each = estimates.iter().map(|estimate| {
        let verdict = if estimate.is_informative() { "" } else { " (not above chance)" };
        format!("{} {}{verdict}", estimate.feature, fixed(estimate.nats, 3))
    });
    format!("Bar chart, in nats: {}.", each.collect::<Vec<_>>().join(", "))
}
