//! The settings at the end of the main results, section by section, as SaTScan prints them. Prints only.

use super::settings_closing as closing;
use super::{Page, stem};
use crate::satscan::choices::{Analysis, Model, SizeMax, SpanMax};
use crate::satscan::numbers::general;
use std::fmt::Write as _;

/// A section in the making: labels and values.
#[derive(Default)]
pub(super) struct Section {
    lines: Vec<(String, String)>,
}

impl Section {
    pub(super) fn add(&mut self, label: &str, value: impl Into<String>) {
        self.lines.push((label.to_owned(), value.into()));
    }

    pub(super) fn flag(&mut self, label: &str, is_yes: bool) {
        self.add(label, if is_yes { "Yes" } else { "No" });
    }

    fn print(&self, title: &str, text: &mut String) {
        if self.lines.is_empty() {
            return;
        }
        let _ = writeln!(text, "\n{title}\n{}", "-".repeat(title.len()));
        let width = self
            .lines
            .iter()
            .map(|(label, _)| label.len())
            .max()
            .unwrap_or_default();
        for (label, value) in &self.lines {
            let _ = writeln!(text, "  {label:width$} : {value}");
        }
    }
}

/// Every section that this analysis has.
pub(super) fn print(page: &Page<'_>) -> String {
    let mut text = String::new();
    input(page).print("Input", &mut text);
    analysis(page).print("Analysis", &mut text);
    output(page).print("Output", &mut text);
    checks(page).print("Data Checking", &mut text);
    if page.analysis().is_spatial() {
        neighbours(page).print("Spatial Neighbors", &mut text);
        network(page).print("Locations Network", &mut text);
        spatial_window(page).print("Spatial Window", &mut text);
    }
    if page.analysis().is_temporal() {
        temporal_window(page).print("Temporal Window", &mut text);
    }
    closing::restrictions(page).print("Cluster Restrictions", &mut text);
    closing::adjustments(page).print("Space And Time Adjustments", &mut text);
    closing::inference(page).print("Inference", &mut text);
    if page.analysis().is_spatial() {
        closing::drilldown(page).print("Drilldown", &mut text);
    }
    closing::miscellaneous(page).print("Miscellaneous Analysis", &mut text);
    if page.analysis().is_spatial() {
        closing::spatial_output(page).print("Spatial Output", &mut text);
    }
    if page.analysis().is_temporal() {
        let mut graphs = Section::default();
        graphs.flag("Produce Temporal Graphs", page.is_yes("OutputTemporalGraphHTML"));
        graphs.print("Temporal Graphs", &mut text);
    }
    closing::other_output(page).print("Other Output", &mut text);
    closing::ellipses(page).print("Elliptic Scan", &mut text);
    closing::notifications(page).print("Notifications", &mut text);
    closing::run_options(page).print("Run Options", &mut text);
    let mut system = Section::default();
    system.add("Parameters Version", page.project.parameters.text("Version"));
    system.print("System", &mut text);
    text
}

fn input(page: &Page<'_>) -> Section {
    let mut section = Section::default();
    let text = |key: &str| page.project.parameters.text(key).to_owned();
    section.add("Case File", text("CaseFile"));
    if page.has_population() {
        section.add("Population File", text("PopulationFile"));
    }
    if page.model() == Model::Bernoulli {
        section.add("Control File", text("ControlFile"));
    }
    section.add("Time Precision", page.project.settings.precision.name());
    section.add("Start Date", text("StartDate"));
    section.add("End Date", text("EndDate"));
    if page.has_coordinates() {
        section.add("Coordinates File", text("CoordinatesFile"));
        if page.is_yes("UseGridFile") {
            section.add("Grid File", text("GridFile"));
        }
        let is_lat_long = page.project.settings.is_lat_long;
        section.add(
            "Coordinates",
            if is_lat_long {
                "Latitude/Longitude"
            } else {
                "Cartesian"
            },
        );
    }
    section
}

fn analysis(page: &Page<'_>) -> Section {
    let settings = &page.project.settings;
    let mut section = Section::default();
    section.add("Type of Analysis", settings.analysis.name());
    section.add("Probability Model", settings.model.name());
    section.add("Scan For Areas With", settings.rates.name());
    if settings.analysis.is_temporal() {
        section.add("Time Aggregation Units", settings.unit.name());
        section.add("Time Aggregation Length", settings.unit_length.to_string());
    }
    section
}

fn output(page: &Page<'_>) -> Section {
    let mut section = Section::default();
    let results = page.project.parameters.text("ResultsFile");
    let base = results.rsplit(['/', '\\']).next().unwrap_or(results);
    section.add(
        "Main Results File",
        if base.is_empty() {
            format!("{}.txt", stem(results))
        } else {
            base.to_owned()
        },
    );
    section.flag("HTML file for Google Map", page.is_yes("OutputGoogleMaps"));
    section.flag("KML file for Google Earth", page.is_yes("OutputGoogleEarthKML"));
    section.flag("Shapefile for GIS software", page.is_yes("OutputShapefiles"));
    section.flag("HTML file for Cartesian map", page.is_yes("OutputCartesianGraph"));
    let word = |is_yes: bool| if is_yes { "Yes" } else { "No" };
    let simulated = if page.model() == Model::Permutation {
        "Simulated Test Statistics"
    } else {
        "Simulated Log Likelihood Ratios"
    };
    let is_spatial = page.analysis().is_spatial();
    for (label, key) in [
        ("Cluster Information", "MostLikelyClusterEachCentroid"),
        (
            "Stratified Cluster Information",
            "MostLikelyClusterCaseInfoEachCentroid",
        ),
        ("Location Information", "CensusAreasReportedClusters"),
        (
            "Risk Estimates for Each Location",
            "IncludeRelativeRisksCensusAreas",
        ),
        (simulated, "SaveSimLLRs"),
    ] {
        let is_known = is_spatial || key != "IncludeRelativeRisksCensusAreas";
        let ascii = word(is_known && page.is_yes(&format!("{key}ASCII")));
        let dbase = word(is_known && page.is_yes(&format!("{key}DBase")));
        section.add(label, format!("{ascii} (ASCII), {dbase} (dBase)"));
    }
    section
}

fn checks(page: &Page<'_>) -> Section {
    let mut section = Section::default();
    let is_relaxed = |key: &str| page.project.parameters.whole(key) == 1;
    section.add(
        "Temporal Data Check",
        if is_relaxed("StudyPeriodCheckType") {
            "Ignore cases and controls that are outside the specified temporal study period."
        } else {
            "Check to ensure that all cases and controls are within the specified temporal study period."
        },
    );
    if page.analysis().is_spatial() {
        section.add(
            "Geographical Data Check",
            if is_relaxed("GeographicalCoordinatesCheckType") {
                "Ignore observations that are outside the specified geographical area."
            } else {
                "Check to ensure that all observations (cases, controls and populations) are within the specified geographical area."
            },
        );
    }
    section
}

fn neighbours(page: &Page<'_>) -> Section {
    let mut section = Section::default();
    let is_used = page.is_yes("UseNeighborsFile");
    section.flag(
        "Specify neighbors through a non-Euclidean neighbors file",
        is_used,
    );
    if is_used {
        section.add(
            "Non-Euclidean Neighbors File",
            page.project.parameters.text("NeighborsFilename"),
        );
    }
    section.flag(
        "Specify a meta location file",
        page.is_yes("UseMetaLocationsFile"),
    );
    if !is_used {
        section.add(
            "Observations with Multiple Locations",
            "One location per observation.",
        );
    }
    section
}

fn network(page: &Page<'_>) -> Section {
    let mut section = Section::default();
    let is_used = page.is_yes("UseLocationsNetworkFile");
    section.flag("Use Locations Network File", is_used);
    if is_used {
        section.add(
            "Locations Network File",
            page.project.parameters.text("LocationsNetworkFilename"),
        );
    }
    section
}

pub(super) fn sizes(page: &Page<'_>, size: SizeMax) -> Vec<String> {
    let mut sizes = vec![format!(
        "{} percent of population at risk",
        general(size.population_percent)
    )];
    if let Some(percent) = size.file_percent {
        sizes.push(format!(
            "{} percent of population defined in max circle file",
            general(percent)
        ));
    }
    if let Some(distance) = size.distance {
        let unit = if page.project.settings.is_lat_long {
            "km"
        } else {
            "Cartesian units"
        };
        sizes.push(format!("{} {unit}", general(distance)));
    }
    sizes
}

fn spatial_window(page: &Page<'_>) -> Section {
    let settings = &page.project.settings;
    let mut section = Section::default();
    for size in sizes(page, settings.size_max) {
        section.add("Maximum Spatial Cluster Size", size);
    }
    if settings.size_max.file_percent.is_some() {
        section.add(
            "Max Circle Size File",
            page.project.parameters.text("MaxCirclePopulationFile"),
        );
    }
    let is_pure_known = settings.analysis.is_space_time() && settings.model != Model::Permutation;
    if is_pure_known {
        section.flag(
            "Include Purely Temporal Clusters",
            page.is_yes("IncludePurelyTemporal"),
        );
    }
    if page.has_coordinates() {
        section.add(
            "Window Shape",
            if page.is_elliptic() {
                "Elliptic"
            } else {
                "Circular"
            },
        );
    }
    if page.is_elliptic() {
        section.add(
            "Non-Compactness Penalty",
            match page.project.parameters.whole("NonCompactnessPenalty") {
                0 => "None",
                1 => "Medium",
                _ => "Strong",
            },
        );
    }
    if settings.analysis == Analysis::PurelySpatial {
        section.flag(
            "Isotonic Scan",
            page.project.parameters.whole("IsotonicScan") == 1,
        );
    }
    section
}

fn temporal_window(page: &Page<'_>) -> Section {
    let settings = &page.project.settings;
    let units = |count: f64| {
        let plural = if (count - 1.0).abs() < f64::EPSILON {
            ""
        } else {
            "s"
        };
        format!("{} {}{plural}", general(count), settings.unit.name())
    };
    let mut section = Section::default();
    section.add(
        "Minimum Temporal Cluster Size",
        units(f64::from(settings.span_min)),
    );
    section.add(
        "Maximum Temporal Cluster Size",
        match settings.span_max {
            SpanMax::Percent(percent) => format!("{} percent of study period", general(percent)),
            SpanMax::Units(count) => units(count),
        },
    );
    if settings.analysis.is_space_time() && settings.model != Model::Permutation {
        section.flag(
            "Include Purely Spatial Clusters",
            page.is_yes("IncludePurelySpatial"),
        );
    }
    if settings.is_alive_only && !settings.analysis.is_prospective() {
        section.add("Clusters to Include", "Only those including the study end date");
    }
    section
}
