//! Axes: from values to pixels, and the ticks that have room.

use super::canvas::text_width;
use super::theme::Type;
use crate::format::fixed;

/// Least distance between two tick labels, in pixels.
const LABEL_GAP: f64 = 9.0;

/// How values run along an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
enum AxisScale {
    Linear,
    Log,
}

/// An axis from one pixel to another. Its values are finite and its ends differ, whatever it was made from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ChartAxis {
    scale: AxisScale,
    low: f64,
    high: f64,
    from: f64,
    to: f64,
    /// Whether its values are whole numbers, so that no tick is between two of them.
    is_whole: bool,
}

/// A value on an axis that has a label.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    pub(crate) value: f64,
    /// What to write there.
    pub(crate) label: String,
}

impl ChartAxis {
    /// Values from `low` to `high` evenly between the pixels `from` and `to`. Ends that are equal are moved apart, and
    /// ends that are not numbers become 0 and 1.
    pub(crate) fn linear(low: f64, high: f64, from: f64, to: f64) -> ChartAxis {
        let (low, high) = match (low, high) {
            _ if !(high - low).is_finite() => (0.0, 1.0),
            _ if high > low => (low, high),
            _ => (low - (low.abs() * 0.05).max(0.5), low + (low.abs() * 0.05).max(0.5)),
        };
        ChartAxis { scale: AxisScale::Linear, low, high, from, to, is_whole: false }
    }

    /// The logarithms of values evenly between the pixels; linear if `low` is not above 0.
    pub(crate) fn log(low: f64, high: f64, from: f64, to: f64) -> ChartAxis {
        if low > 0.0 && high > low && high.is_finite() {
            ChartAxis { scale: AxisScale::Log, low, high, from, to, is_whole: false }
        } else {
            ChartAxis::linear(low, high, from, to)
        }
    }

    /// The same axis for counts, ranks and numbers of categories.
    pub(crate) fn of_whole_numbers(self) -> ChartAxis {
        ChartAxis { is_whole: true, ..self }
    }

    /// The pixel of a value; values beyond the ends are put at the ends, and what is no number where the axis begins.
    pub(crate) fn px(&self, value: f64) -> f64 {
        let part = match self.scale {
            AxisScale::Linear => (value - self.low) / (self.high - self.low),
            AxisScale::Log => (value / self.low).ln() / (self.high / self.low).ln(),
        };
        let part = if part.is_nan() { 0.0 } else { part.clamp(0.0, 1.0) };
        self.from + (self.to - self.from) * part
    }

    /// Whether `value` lies on the axis.
    pub(crate) fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// At most `most` round values.
    pub(crate) fn ticks(&self, most: usize) -> Vec<Tick> {
        let (values, step) = round_values(self.low, self.high, most, self.is_whole);
        let largest = values.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
        values.into_iter().map(|value| Tick { value, label: tick_label(value, step, largest) }).collect()
    }

    /// As many ticks as fit side by side along a horizontal axis, and no more than `most`.
    pub(crate) fn ticks_that_fit(&self, kind: Type, most: usize) -> Vec<Tick> {
        self.relabelled_ticks_that_fit(kind, most, |tick| tick)
    }

    /// The same with labels that `relabel` writes.
    pub(crate) fn relabelled_ticks_that_fit(
        &self,
        kind: Type,
        most: usize,
        relabel: impl Fn(Tick) -> Tick,
    ) -> Vec<Tick> {
        let logarithmic = match self.scale {
            AxisScale::Log => self.log_choices(),
            AxisScale::Linear => Vec::new(),
        };
        let linear = (2..=most).rev().map(|count| self.ticks(count));
        let choices = logarithmic.into_iter().filter(|ticks| ticks.len() > 1).chain(linear);
        let mut choices = choices.map(|ticks| ticks.into_iter().map(&relabel).collect::<Vec<Tick>>());
        choices.find(|ticks| self.have_room(ticks, kind)).unwrap_or_default()
    }

    /// Where short marks show that the axis is logarithmic: the multiples of every power of ten, or, where these would crowd,
    /// the powers alone. None on a linear axis.
    pub(crate) fn log_marks(&self) -> Vec<f64> {
        match self.scale {
            AxisScale::Log if self.high / self.low > 1e3 => self.log_values(&[1.0]),
            AxisScale::Log => self.log_values(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]),
            AxisScale::Linear => Vec::new(),
        }
    }

    /// Ticks of a logarithmic axis, from many to few: parts of each power of ten, every power, every second, …
    fn log_choices(&self) -> Vec<Vec<Tick>> {
        let parts = [&[1.0, 2.0, 5.0][..], &[1.0, 3.0]].map(|steps| self.log_ticks(steps));
        let powers = (1..=5).map(|nth| self.log_ticks(&[1.0]).into_iter().step_by(nth).collect());
        parts.into_iter().chain(powers).collect()
    }

    fn log_ticks(&self, steps: &[f64]) -> Vec<Tick> {
        let tick = |value: f64| Tick { value, label: tick_label(value, value, value) };
        self.log_values(steps).into_iter().map(tick).collect()
    }

    fn log_values(&self, steps: &[f64]) -> Vec<f64> {
        let powers = self.low.log10().floor() as i32..=self.high.log10().ceil() as i32;
        let values = powers.flat_map(|power| steps.iter().map(move |step| step * 10f64.powi(power)));
        values.filter(|value| self.holds(*value) && (!self.is_whole || value.fract() == 0.0)).collect()
    }

    fn have_room(&self, ticks: &[Tick], kind: Type) -> bool {
        let places: Vec<f64> = ticks.iter().map(|tick| self.px(tick.value)).collect();
        let labels: Vec<&str> = ticks.iter().map(|tick| tick.label.as_str()).collect();
        labels_have_room(&places, &labels, kind)
    }
}

/// Whether labels centred at ascending places do not overlap.
pub(crate) fn labels_have_room(places: &[f64], labels: &[&str], kind: Type) -> bool {
    let half = |label: &str| text_width(label, kind) / 2.0;
    (1..places.len()).all(|i| places[i] - places[i - 1] >= half(labels[i]) + half(labels[i - 1]) + LABEL_GAP)
}

/// Which of `labels`, centred at evenly ascending `places`, to show: every first, every second, … until they have room.
pub(crate) fn every_nth_that_fits(places: &[f64], labels: &[String], kind: Type) -> usize {
    let fits = |nth: &usize| {
        let shown_places: Vec<f64> = places.iter().copied().step_by(*nth).collect();
        let shown: Vec<&str> = labels.iter().map(String::as_str).step_by(*nth).collect();
        labels_have_room(&shown_places, &shown, kind)
    };
    (1..=labels.len()).find(fits).unwrap_or(1)
}

/// Multiples of 1, 2 or 5 times a power of ten in a range, at most `most`, and their step, which is 1 at least for whole numbers.
fn round_values(low: f64, high: f64, most: usize, is_whole: bool) -> (Vec<f64>, f64) {
    let rough = (high - low) / most.max(1) as f64;
    let power = 10f64.powf(rough.log10().floor());
    let power = if is_whole { power.max(1.0) } else { power };
    let steps = [1.0, 2.0, 5.0, 10.0, 20.0].map(|multiple| multiple * power);
    for step in steps {
        // A little slack, so that an end which is a round value but for its last bit keeps its tick.
        let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
        if last - first < most as f64 {
            let count = (last - first).max(-1.0) as i64;
            return ((0..=count).map(|index| (first + index as f64) * step).collect(), step);
        }
    }
    (Vec::new(), 1.0)
}

/// A label of a tick on an axis of this step and largest value, short however large or small those are: `8,000`, `800k`,
/// `8M`, `8e12`.
fn tick_label(value: f64, step: f64, largest: f64) -> String {
    let scaled = |unit: f64, suffix: &str| match value == 0.0 {
        true => "0".to_owned(),
        false => fixed(value / unit, decimals(step / unit)) + suffix,
    };
    match largest {
        _ if !(0.0009..1e9).contains(&largest) => {
            let power = if largest > 0.0 { largest.log10().floor().clamp(-300.0, 300.0) } else { 0.0 };
            scaled(10f64.powf(power), &format!("e{}", fixed(power, 0)))
        }
        _ if largest >= 1e6 => scaled(1e6, "M"),
        _ if largest >= 1e5 => scaled(1e3, "k"),
        _ => fixed(value, decimals(step)),
    }
}

/// Decimals that a multiple of `step` needs.
fn decimals(step: f64) -> usize {
    (-step.log10() + 1e-9).floor().max(0.0) as usize + usize::from(step < 1.0 && step.log10().fract().abs() > 1e-9)
}

/// A share in per cent: `36 %`, with a space that does not break.
pub(crate) fn percent(share: f64, decimals: usize) -> String {
    format!("{}\u{a0}%", fixed(share * 100.0, decimals))
}

#[cfg(test)]
mod tests {
    use super::super::theme::TICK;
    use super::*;

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(
            labels(&ChartAxis::linear(0.0, 1.0, 0.0, 200.0).ticks(6)),
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(labels(&ChartAxis::linear(-31.0, 2.0, 0.0, 200.0).ticks(4)), ["−30", "−20", "−10", "0"]);
        assert_eq!(
            labels(&ChartAxis::linear(0.0, 4321.0, 0.0, 200.0).ticks(5)),
            ["0", "1,000", "2,000", "3,000", "4,000"]
        );
        assert_eq!(
            labels(&ChartAxis::linear(0.0, 432_100.0, 0.0, 200.0).ticks(5)),
            ["0", "100k", "200k", "300k", "400k"]
        );
        assert_eq!(
            labels(&ChartAxis::linear(-2.1e6, 0.0, 0.0, 200.0).ticks(5)),
            ["−2.0M", "−1.5M", "−1.0M", "−0.5M", "0"]
        );
        assert_eq!(labels(&ChartAxis::linear(0.0, 4.4e-6, 0.0, 200.0).ticks(3)), ["0", "2e−6", "4e−6"]);
        assert_eq!(labels(&ChartAxis::linear(3.81, 3.99, 0.0, 200.0).ticks(4)), ["3.85", "3.90", "3.95"]);
    }

    #[test]
    fn whole_numbers_have_no_ticks_between_them() {
        let axis = ChartAxis::linear(4.9, 7.1, 0.0, 200.0);
        assert_eq!(labels(&axis.ticks(6)), ["5.0", "5.5", "6.0", "6.5", "7.0"]);
        assert_eq!(labels(&axis.of_whole_numbers().ticks(6)), ["5", "6", "7"]);
        assert_eq!(
            labels(&ChartAxis::linear(0.0, 1.0, 0.0, 200.0).of_whole_numbers().ticks_that_fit(TICK, 6)),
            ["0", "1"]
        );
        let counts = ChartAxis::log(0.5, 20.0, 0.0, 250.0).of_whole_numbers();
        assert_eq!(labels(&counts.ticks_that_fit(TICK, 6)), ["1", "2", "5", "10", "20"]);
    }

    #[test]
    fn log_ticks_thin_out_until_they_fit() {
        let ticks = |width| ChartAxis::log(0.8, 25.0, 0.0, width).ticks_that_fit(TICK, 6);
        assert_eq!(labels(&ticks(60.0)), ["1", "3", "10"]);
        assert_eq!(labels(&ticks(250.0)), ["1", "2", "5", "10", "20"]);
        assert_eq!(labels(&ticks(45.0)), ["1", "10"]);
        let small = ChartAxis::log(1e-6, 1.0, 0.0, 255.0).ticks_that_fit(TICK, 6);
        assert_eq!(labels(&small), ["1e−6", "1e−5", "1e−4", "0.001", "0.01", "0.1", "1"]);
        let wide = ChartAxis::log(1e-9, 1e9, 0.0, 255.0).ticks_that_fit(TICK, 6);
        assert_eq!(labels(&wide), ["1e−9", "1e−6", "0.001", "1", "1,000", "1M", "1e9"]);
    }

    #[test]
    fn a_narrow_axis_shows_fewer_ticks() {
        let axis = ChartAxis::linear(100_000.0, 900_000.0, 0.0, 130.0);
        let ticks = axis.ticks_that_fit(TICK, 8);
        assert!(!ticks.is_empty() && axis.have_room(&ticks, TICK) && ticks.len() < 4, "{ticks:?}");
    }

    #[test]
    fn no_range_is_too_odd_for_an_axis() {
        let odd = [
            (f64::NAN, 1.0),
            (1.0, f64::INFINITY),
            (3.0, 3.0),
            (0.0, 0.0),
            (5.0, -5.0),
            (-1e308, 1e308),
            (1e-300, 2e-300),
        ];
        for (low, high) in odd {
            for axis in [ChartAxis::linear(low, high, 10.0, 20.0), ChartAxis::log(low, high, 10.0, 20.0)] {
                assert!((10.0..=20.0).contains(&axis.px(low.clamp(-1e300, 1e300))) || low.is_nan());
                assert!(axis.ticks(5).len() <= 5);
                axis.ticks_that_fit(TICK, 5);
                axis.log_marks();
            }
        }
    }

    #[test]
    fn numbers_are_set_as_in_print() {
        assert_eq!(fixed(-0.408, 2), "−0.41");
        assert_eq!(fixed(-0.001, 2), "0.00");
        assert_eq!(fixed(1234567.8, 1), "1,234,567.8");
        assert_eq!(fixed(f64::NAN, 2), "–");
        assert_eq!(percent(0.364, 0), "36\u{a0}%");
    }
}
