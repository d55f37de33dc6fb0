//! What an analysis found, and SaTScan's result files printed from it: the same layout, widths and digits.
//! Prints; computes nothing but what a figure looks like.

mod cluster_file;
mod cluster_text;
mod columns;
mod location_file;
mod main_text;
mod settings_closing;
mod settings_text;

use super::Project;
use super::choices::{Analysis, Model, PValue, Rates};
use super::dates::Day;
use jiff::civil::DateTime;

/// The fewest replications from which a p-value is printed, as in SaTScan.
pub const REPLICATIONS_MIN: u32 = 99;

/// Observed and expected cases of one place, over the study or within a cluster.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// Index of the place.
    pub place: usize,
    /// Cases seen.
    pub observed: u64,
    /// Cases expected under the null hypothesis.
    pub expected: f64,
    /// Risk inside against risk outside; nothing where it has no bound.
    pub relative_risk: Option<f64>,
    /// Population, where the model has one.
    pub population: Option<f64>,
}

impl Figures {
    /// Observed over expected; zero where nothing is expected.
    pub fn ratio(&self) -> f64 {
        if self.expected > 0.0 {
            to_f64(self.observed) / self.expected
        } else {
            0.0
        }
    }
}

/// An elliptic window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ellipse {
    /// Half of the short axis.
    pub minor: f64,
    /// Long axis over short axis.
    pub shape: f64,
    /// Angle of the long axis in degrees, from the first coordinate axis.
    pub angle: f64,
}

/// A p-value from the Gumbel distribution, or the least that can be told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Gumbel {
    /// The value.
    Is(f64),
    /// Below this.
    Below(f64),
}

impl Gumbel {
    /// The value, or the bound.
    pub fn value(self) -> f64 {
        match self {
            Self::Is(value) | Self::Below(value) => value,
        }
    }
}

/// One cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// Its places, nearest to the centre first; empty for a cluster in time alone.
    pub members: Vec<Figures>,
    /// Where the window is centred; nothing for a cluster in time alone or from a neighbours file.
    pub centre: Option<Vec<f64>>,
    /// Radius in kilometres or in units of the coordinates.
    pub radius: Option<f64>,
    /// Greatest distance between two of its places, in the same unit.
    pub span: Option<f64>,
    /// The ellipse, where the window is one.
    pub ellipse: Option<Ellipse>,
    /// First and last day.
    pub days: (Day, Day),
    /// Whether it is in time alone, over all places.
    pub is_all_places: bool,
    /// Its totals; `place` is that of its centre.
    pub figures: Figures,
    /// Cases a year per 100,000, where the model has populations.
    pub annual_rate: Option<f64>,
    /// Log likelihood ratio.
    pub ratio: f64,
    /// What it is ranked by: the ratio, or the ratio times the penalty for a narrow ellipse.
    pub statistic: f64,
    /// Its rank among the maxima of the replications, from 1.
    pub rank: u32,
    /// The Monte Carlo p-value.
    pub p_value: Option<f64>,
    /// The p-value from the Gumbel distribution.
    pub gumbel: Option<Gumbel>,
    /// How many days pass on average between such clusters by chance; prospective analyses only.
    pub recurrence_days: Option<f64>,
}

impl Cluster {
    /// The p-value that is reported for this project.
    pub fn reported_p(&self, p_value: PValue) -> Option<f64> {
        match p_value {
            PValue::Gumbel => self.gumbel.map(Gumbel::value),
            PValue::Default if self.rank < 10 && self.gumbel.is_some() => self.gumbel.map(Gumbel::value),
            _ => self.p_value,
        }
    }
}

/// How the replications ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// All were made.
    Whole,
    /// Enough were made to tell (sequential Monte Carlo).
    Early,
    /// Somebody stopped the run.
    Stopped,
}

/// Totals of the study.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Totals {
    /// Locations.
    pub places: usize,
    /// Cases.
    pub cases: u64,
    /// Population: averaged over time, or cases and controls together.
    pub population: Option<f64>,
    /// Cases a year per 100,000.
    pub annual_rate: Option<f64>,
}

/// What an analysis found.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Clusters, the most likely first.
    pub clusters: Vec<Cluster>,
    /// The maximum of each replication that was made, in order.
    pub simulated: Vec<f64>,
    /// How the replications ended.
    pub ended: Ended,
    /// Totals.
    pub totals: Totals,
    /// Each place over the whole study.
    pub places: Vec<Figures>,
    /// Cases seen and expected in each time interval, with its first day; empty without times.
    pub intervals: Vec<Interval>,
}

/// One interval of time over all places.
#[derive(Debug, Clone, PartialEq)]
pub struct Interval {
    /// First and last day.
    pub days: (Day, Day),
    /// Cases seen.
    pub observed: u64,
    /// Cases expected.
    pub expected: f64,
    /// Cases seen and expected within each cluster's places, in the order of the clusters.
    pub inside: Vec<(u64, f64)>,
}

/// When and how a run was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// When it began, local time.
    pub began: DateTime,
    /// When it ended, local time.
    pub ended: DateTime,
    /// Whole seconds it took.
    pub seconds: u64,
    /// Threads it used.
    pub threads: usize,
}

/// One file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// What stands after the stem: `.txt`, `.col.txt` and so on.
    pub ending: &'static str,
    /// What it holds.
    pub text: String,
}

/// Every file that the project asks for, the main results first.
pub fn print(project: &Project, outcome: &Outcome, run: &Run) -> Vec<File> {
    let page = Page { project, outcome };
    let asked = |key: &str| project.parameters.is_yes(key);
    let mut files = vec![File {
        ending: ".txt",
        text: main_text::print(&page, run),
    }];
    if asked("MostLikelyClusterEachCentroidASCII") {
        files.push(File {
            ending: ".col.txt",
            text: cluster_file::print(&page),
        });
    }
    if asked("CensusAreasReportedClustersASCII") {
        files.push(File {
            ending: ".gis.txt",
            text: location_file::print(&page),
        });
    }
    if page.has_risks() {
        files.push(File {
            ending: ".rr.txt",
            text: location_file::risks(&page),
        });
    }
    if asked("SaveSimLLRsASCII") {
        files.push(File {
            ending: ".llr.txt",
            text: location_file::ratios(&page),
        });
    }
    files
}

/// The name without the ending that a results file has, e.g. `ss` of `ss.txt`.
pub fn stem(name: &str) -> &str {
    let start = name.rfind(['/', '\\']).map_or(0, |at| at + 1);
    let base = name.get(start..).unwrap_or(name);
    match base.rfind('.') {
        Some(at) if at > 0 => name.get(..start + at).unwrap_or(name),
        _ => name,
    }
}

/// A project and what was found in it.
struct Page<'a> {
    project: &'a Project,
    outcome: &'a Outcome,
}

impl Page<'_> {
    fn analysis(&self) -> Analysis {
        self.project.settings.analysis
    }

    fn model(&self) -> Model {
        self.project.settings.model
    }

    fn is_yes(&self, key: &str) -> bool {
        self.project.parameters.is_yes(key)
    }

    /// Whether there is a population file.
    fn has_population(&self) -> bool {
        self.model() == Model::Poisson && !self.project.parameters.text("PopulationFile").is_empty()
    }

    /// Whether windows have coordinates.
    fn has_coordinates(&self) -> bool {
        self.analysis().is_spatial() && !self.is_yes("UseNeighborsFile")
    }

    fn is_elliptic(&self) -> bool {
        self.has_coordinates() && self.project.parameters.whole("SpatialWindowShapeType") == 1
    }

    /// Whether the file of risks is written: not where places play no part.
    fn has_risks(&self) -> bool {
        self.is_yes("IncludeRelativeRisksCensusAreasASCII") && self.analysis().is_spatial()
    }

    /// Whether relative risks are told.
    fn has_relative_risk(&self) -> bool {
        self.model() != Model::Permutation
    }

    /// Whether Gumbel p-values stand beside the others; there are none where both high and low rates are looked for.
    fn has_gumbel_column(&self) -> bool {
        let settings = &self.project.settings;
        matches!(settings.p_value, PValue::MonteCarlo | PValue::Sequential)
            && self.is_yes("ReportGumbel")
            && settings.rates != Rates::Both
    }

    /// How many replications were made.
    fn replications(&self) -> u32 {
        u32::try_from(self.outcome.simulated.len()).unwrap_or(u32::MAX)
    }

    fn has_p_values(&self) -> bool {
        self.replications() >= REPLICATIONS_MIN
    }
}

/// A count as a number with a fraction; counts here are far below 2^53.
pub(crate) fn to_f64(count: u64) -> f64 {
    const HALF: f64 = 4_294_967_296.0;
    let high = u32::try_from(count >> 32).unwrap_or(u32::MAX);
    let low = u32::try_from(count & 0xFFFF_FFFF).unwrap_or(u32::MAX);
    f64::from(high) * HALF + f64::from(low)
}

/// A rank as an index.
pub(crate) fn to_usize(rank: u32) -> usize {
    usize::try_from(rank).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_are_what_stands_before_the_last_point() {
        for (name, wanted) in [
            ("ss.txt", "ss"),
            ("out/a.b.txt", "out/a.b"),
            ("c:\\x.y\\results", "c:\\x.y\\results"),
            (".hidden", ".hidden"),
        ] {
            assert_eq!(stem(name), wanted);
        }
        assert!((to_f64(5_000_000_000) - 5e9).abs() < 1e-3);
    }
}
