//! The chart over time of a cluster: seen as bars, expected as a line, the cluster's span shaded. Works out positions only.

use super::map::{px, to_f64};
use super::words::{is_year_start, short_day};
use anlan_intake::satscan::dates::Day;
use anlan_intake::satscan::results::{Cluster, Interval};
use std::fmt::Write as _;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 210.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 8.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 30.0;

/// Bars that can still be told apart; more intervals are added up.
const BARS_MAX: usize = 120;

/// One bar.
pub(super) struct Bar {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) width: String,
    pub(super) height: String,
    pub(super) kind: &'static str,
    pub(super) title: String,
}

/// A mark on an axis.
pub(super) struct Tick {
    pub(super) at: String,
    pub(super) text: String,
    pub(super) anchor: &'static str,
}

/// The whole chart.
pub(super) struct Chart {
    pub(super) number: usize,
    pub(super) width: String,
    pub(super) height: String,
    pub(super) left: String,
    pub(super) right: String,
    pub(super) base: String,
    pub(super) top: String,
    pub(super) depth: String,
    pub(super) span_x: String,
    pub(super) span_width: String,
    pub(super) bars: Vec<Bar>,
    pub(super) expected: String,
    pub(super) ticks_x: Vec<Tick>,
    pub(super) ticks_y: Vec<Tick>,
    pub(super) text_y: String,
    /// How many intervals one bar stands for.
    pub(super) together: usize,
}

/// Intervals added up.
struct Bin {
    days: (Day, Day),
    seen: f64,
    expected: f64,
}

fn bins(intervals: &[Interval], index: usize, is_all_places: bool) -> (Vec<Bin>, usize) {
    let together = intervals.len().div_ceil(BARS_MAX).max(1);
    // Whole groups counted from the end, which is where a cluster that is still going on lies.
    let rest = intervals.len() % together;
    let (first, others) = intervals.split_at_checked(rest).unwrap_or((intervals, &[]));
    let groups = std::iter::once(first)
        .filter(|group| !group.is_empty())
        .chain(others.chunks(together));
    let bins = groups.filter_map(|group| {
        let (start, end) = (group.first()?, group.last()?);
        let mut bin = Bin {
            days: (start.days.0, end.days.1),
            seen: 0.0,
            expected: 0.0,
        };
        for interval in group {
            let inside = interval.inside.get(index).filter(|_| !is_all_places);
            let (seen, expected) = inside.copied().unwrap_or((interval.observed, interval.expected));
            bin.seen += u32::try_from(seen).map_or(f64::from(u32::MAX), f64::from);
            bin.expected += expected;
        }
        Some(bin)
    });
    (bins.collect(), together)
}

/// A cluster's chart; `index` is its place in the list of clusters.
pub(super) fn chart(
    intervals: &[Interval],
    cluster: &Cluster,
    index: usize,
    is_generic: bool,
) -> Option<Chart> {
    let (bins, together) = bins(intervals, index, cluster.is_all_places);
    if bins.len() < 2 {
        return None;
    }
    let most = bins
        .iter()
        .fold(1.0_f64, |most, bin| most.max(bin.seen).max(bin.expected));
    let top = nice(most);
    let step = (WIDTH - LEFT - RIGHT) / to_f64(bins.len());
    let base = HEIGHT - BOTTOM;
    let x = |index: usize| LEFT + step * to_f64(index);
    let y = |value: f64| base - (base - TOP) * value / top;
    let is_inside = |bin: &Bin| bin.days.0 <= cluster.days.1 && bin.days.1 >= cluster.days.0;
    let mut expected = String::new();
    let mut bars = Vec::with_capacity(bins.len());
    for (index, bin) in bins.iter().enumerate() {
        let gap = (step * 0.15).min(2.0);
        bars.push(Bar {
            x: px(x(index) + gap / 2.0),
            y: px(y(bin.seen)),
            width: px((step - gap).max(0.5)),
            height: px(base - y(bin.seen)),
            kind: if is_inside(bin) { "in" } else { "out" },
            title: format!(
                "{} – {}: {} / {:.1}",
                short_day(bin.days.0, is_generic),
                short_day(bin.days.1, is_generic),
                bin.seen,
                bin.expected
            ),
        });
        let letter = if index == 0 { 'M' } else { 'L' };
        let _ = write!(
            expected,
            "{letter}{} {}L{} {}",
            px(x(index)),
            px(y(bin.expected)),
            px(x(index + 1)),
            px(y(bin.expected))
        );
    }
    let first = bins.iter().position(is_inside)?;
    let last = bins.iter().rposition(is_inside)?;
    Some(Chart {
        number: index + 1,
        width: px(WIDTH),
        height: px(HEIGHT),
        left: px(LEFT),
        right: px(WIDTH - RIGHT),
        base: px(base),
        top: px(TOP),
        depth: px(base - TOP),
        span_x: px(x(first)),
        span_width: px(x(last + 1) - x(first)),
        bars,
        expected,
        ticks_x: ticks_x(&bins, &x, is_generic),
        ticks_y: [0.0, top / 2.0, top]
            .into_iter()
            .map(|value| Tick {
                at: px(y(value)),
                text: format!("{value}"),
                anchor: "end",
            })
            .collect(),
        text_y: px(HEIGHT - 8.0),
        together,
    })
}

/// The least round number that is not below.
fn nice(most: f64) -> f64 {
    let power = 10_f64.powf(most.log10().floor());
    let steps = [1.0, 2.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    steps
        .into_iter()
        .map(|step| step * power)
        .find(|top| *top >= most)
        .unwrap_or(most)
        .max(2.0)
}

/// Marks at the ends and at beginnings of years between, as many as have room.
fn ticks_x(bins: &[Bin], x: &dyn Fn(usize) -> f64, is_generic: bool) -> Vec<Tick> {
    let mut ticks = Vec::new();
    if let (Some(first), Some(last)) = (bins.first(), bins.last()) {
        ticks.push(Tick {
            at: px(x(0)),
            text: short_day(first.days.0, is_generic),
            anchor: "start",
        });
        ticks.push(Tick {
            at: px(x(bins.len())),
            text: short_day(last.days.1, is_generic),
            anchor: "end",
        });
    }
    if is_generic {
        return ticks;
    }
    let years: Vec<(usize, Day)> = bins
        .iter()
        .enumerate()
        .filter(|(_, bin)| (bin.days.0..=bin.days.1).any(is_year_start) || is_year_start(bin.days.0))
        .map(|(index, bin)| (index, bin.days.1))
        .collect();
    let every = years.len().div_ceil(5).max(1);
    for (index, day) in years.into_iter().skip(every / 2).step_by(every) {
        let at = x(index);
        if at > LEFT + 110.0 && at < WIDTH - RIGHT - 110.0 {
            ticks.push(Tick {
                at: px(at),
                text: anlan_intake::satscan::dates::date_of(day).year().to_string(),
                anchor: "middle",
            });
        }
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_intervals_are_added_up_from_the_end() {
        let intervals: Vec<Interval> = (0..365)
            .map(|day| Interval {
                days: (day, day),
                observed: 1,
                expected: 0.5,
                inside: vec![(2, 1.0)],
            })
            .collect();
        let (bins, together) = bins(&intervals, 0, false);
        assert_eq!((together, bins.len()), (4, 92));
        assert!((bins.iter().map(|bin| bin.seen).sum::<f64>() - 730.0).abs() < 1e-9);
        assert_eq!(bins.last().map(|bin| bin.days), Some((361, 364)));
    }

    #[test]
    fn axes_end_at_round_numbers() {
        for (most, top) in [(1.0, 2.0), (3.2, 4.0), (9.0, 10.0), (41.0, 50.0), (120.0, 200.0)] {
            assert!((nice(most) - top).abs() < 1e-9, "{most}");
        }
    }
}
