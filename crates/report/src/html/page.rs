//! Blocks of a part, from the registries of charts and tables.

use super::{Figure, SectionBlock, SectionPart};
use crate::charts::picture::Picture;
use crate::charts::{Chart, ChartEntry, CHARTS};
use crate::registry::PagePart;
use crate::tables::Display;
use crate::write::RenderedReport;

/// The report that is laid out, and how many figures were numbered so far.
pub(super) struct PageLayout<'a> {
    pub(super) rendered: &'a RenderedReport<'a>,
    numbered: usize,
}

impl<'a> PageLayout<'a> {
    pub(super) fn of(rendered: &'a RenderedReport<'a>) -> PageLayout<'a> {
        PageLayout { rendered, numbered: 0 }
    }

    /// The charts of a part, numbered in the order in which parts call this.
    pub(super) fn figures(&mut self, part: PagePart) -> Vec<SectionBlock<'a>> {
        let entries = CHARTS.iter().filter(|entry| entry.part == part);
        let of = |entry: &'static ChartEntry| {
            self.rendered.charts.iter().find(|chart| chart.name == entry.name).zip(Some(entry))
        };
        let charts: Vec<_> = entries.filter_map(of).collect();
        charts.into_iter().map(|(chart, entry)| self.figure(chart, entry)).collect()
    }

    fn figure(&mut self, chart: &Chart, entry: &ChartEntry) -> SectionBlock<'a> {
        self.numbered += 1;
        let tables = entry.tables.iter().copied().filter(|name| self.rendered.tables.has_file(name));
        figure(chart, self.numbered, tables)
    }

    /// The open tables of a part.
    pub(super) fn tables(&self, part: PagePart) -> impl Iterator<Item = SectionBlock<'a>> {
        self.rendered.tables.of_part(part, Display::Shown).map(SectionBlock::Table)
    }

    /// The folded tables of a part below one heading, if it has any.
    pub(super) fn folded(&self, part: PagePart, title: &'static str) -> Option<SectionBlock<'a>> {
        let tables: Vec<_> = self.rendered.tables.of_part(part, Display::Folded).collect();
        (!tables.is_empty()).then_some(SectionBlock::Folded(title, tables))
    }
}

/// A chart as the figure of this number, whose values the files of `tables` have.
pub(crate) fn figure<'a>(chart: &Chart, number: usize, tables: impl Iterator<Item = &'static str>) -> SectionBlock<'a> {
    let tables: Vec<&str> = tables.collect();
    let words =
        |name: &str| if tables.len() == 1 { "CSV".to_owned() } else { format!("CSV ({})", name.replace('_', " ")) };
    let parts = &chart.parts;
    let is_fluid = parts.narrow.is_some() || parts.pictures.len() > 1 || chart.width <= SHRUNK;
    SectionBlock::Figure(Figure {
        number,
        name: chart.name.clone(),
        title: chart.title.clone(),
        subtitle: parts.subtitle.clone(),
        caption: chart.caption.clone(),
        alt: chart.alt.clone(),
        legend: parts.legend.iter().map(|(mark, words)| (mark.element(), words.clone())).collect(),
        pictures: parts.pictures.iter().map(Picture::element).collect(),
        columns: parts.columns,
        narrow: parts.narrow.as_ref().map(Picture::element),
        values: tables.iter().map(|name| (*name, words(name))).collect(),
        width: chart.width,
        legible_width: if is_fluid { 0 } else { chart.width * LEGIBLE.0 / LEGIBLE.1 },
    })
}

/// Greatest width of a chart that is shrunk to any screen rather than scrolled.
const SHRUNK: u32 = 600;

/// Part of its width to which a chart is shrunk at most before it is scrolled: charts are plotted with type of 11 to 13 pixels, and at
/// three quarters of that it can still be read.
const LEGIBLE: (u32, u32) = (3, 4);

/// A part of these blocks.
pub(crate) fn part<'a>(id: &'static str, title: &'static str, blocks: Vec<SectionBlock<'a>>) -> SectionPart<'a> {
    SectionPart { id, title, is_technical: false, blocks }
}

/// A part that is folded away below its title.
pub(crate) fn technical(part: SectionPart) -> SectionPart {
    SectionPart { is_technical: true, ..part }
}

/// A part that begins with sentences; none where there is nothing to show.
pub(super) fn part_with_lead<'a>(
    id: &'static str,
    title: &'static str,
    lead: &[String],
    blocks: impl IntoIterator<Item = SectionBlock<'a>>,
) -> Option<SectionPart<'a>> {
    let lead = (!lead.is_empty()).then(|| SectionBlock::Paragraph(lead.to_vec()));
    let blocks: Vec<SectionBlock> = lead.into_iter().chain(blocks).collect();
    (!blocks.is_empty()).then(|| part(id, title, blocks))
}
