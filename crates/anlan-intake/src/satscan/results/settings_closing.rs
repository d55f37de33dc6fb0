//! The later sections of the settings: restrictions, adjustments, inference, output, run. Prints only.

use super::Page;
use super::settings_text::{Section, sizes};
use crate::satscan::choices::{Analysis, Model, PValue, Rates};
use crate::satscan::numbers::general;

pub(super) fn restrictions(page: &Page<'_>) -> Section {
    let parameters = &page.project.parameters;
    let mut section = Section::default();
    let rates = page.project.settings.rates;
    if rates != Rates::Low {
        section.add(
            "Minimum Cases in Cluster for High Rates",
            parameters.text("MinimumCasesInHighRateClusters"),
        );
        restriction(page, &mut section, "High");
    }
    if rates == Rates::Low {
        section.add(
            "Minimum Cases in Cluster for Low Rates",
            parameters.text("MinimumCasesInLowRateClusters"),
        );
    }
    if rates != Rates::High {
        restriction(page, &mut section, "Low");
    }
    section
}

fn restriction(page: &Page<'_>, section: &mut Section, which: &str) {
    let is_limited = page.is_yes(&format!("RiskLimit{which}Clusters"));
    section.flag(&format!("Restrict {which} Rate Clusters"), is_limited);
    if is_limited {
        let threshold = page
            .project
            .parameters
            .number(&format!("RiskThreshold{which}Clusters"));
        section.add(
            &format!("{which} Rate Clusters, Relative Risk"),
            general(threshold),
        );
    }
}

pub(super) fn adjustments(page: &Page<'_>) -> Section {
    let parameters = &page.project.parameters;
    let is_poisson = page.model() == Model::Poisson;
    let mut section = Section::default();
    if page.analysis().is_temporal() {
        if is_poisson {
            section.add("Temporal Adjustment", temporal_adjustment(page));
        }
        section.flag(
            "Adjust for Weekly Trends, Nonparametric",
            page.is_yes("AdjustForWeeklyTrends"),
        );
    }
    if page.analysis().is_space_time() && is_poisson {
        section.add(
            "Spatial Adjustment",
            match parameters.whole("SpatialAdjustmentType") {
                0 => "None",
                1 => "Nonparametric",
                _ => "Nonparametric, with spatial stratified randomization",
            },
        );
    }
    if is_poisson {
        let is_used = page.is_yes("UseAdjustmentsByRRFile");
        section.flag("Adjust for Known Relative Risks", is_used);
        if is_used {
            section.add(
                "Adjustments File",
                parameters.text("AdjustmentsByKnownRelativeRisksFilename"),
            );
        }
    }
    section
}

fn temporal_adjustment(page: &Page<'_>) -> String {
    let parameters = &page.project.parameters;
    match parameters.whole("TimeTrendAdjustmentType") {
        0 => "None".to_owned(),
        1 => "Nonparametric".to_owned(),
        2 => format!(
            "Log linear with {}% per year",
            general(parameters.number("TimeTrendPercentage"))
        ),
        3 => "Log linear with automatically calculated trend".to_owned(),
        4 => "Nonparametric, with time stratified randomization".to_owned(),
        _ => "Log quadratic with automatically calculated trend".to_owned(),
    }
}

pub(super) fn inference(page: &Page<'_>) -> Section {
    let settings = &page.project.settings;
    let parameters = &page.project.parameters;
    let mut section = Section::default();
    section.add(
        "P-Value Reporting",
        match settings.p_value {
            PValue::Default => "Default Combination",
            PValue::MonteCarlo => "Standard Monte Carlo",
            PValue::Sequential => "Sequential Monte Carlo",
            PValue::Gumbel => "Gumbel Approximation",
        },
    );
    if settings.p_value == PValue::Sequential {
        section.add("Termination Cutoff", parameters.text("EarlyTerminationThreshold"));
    }
    if matches!(settings.p_value, PValue::MonteCarlo | PValue::Sequential) && settings.rates != Rates::Both {
        section.flag("Report Gumbel Based P-Values", page.is_yes("ReportGumbel"));
    }
    section.add("Number of Replications", settings.replications.to_string());
    if settings.analysis.is_prospective() && page.is_yes("AdjustForEarlierAnalyses") {
        section.flag("Adjusted for Earlier Analyses", true);
        section.add("Prospective Start Date", parameters.text("ProspectiveStartDate"));
    }
    let is_iterative = page.is_yes("IterativeScan");
    section.flag("Adjusting for More Likely Clusters", is_iterative);
    if is_iterative {
        section.add(
            "Maximum number of iterations",
            parameters.text("IterativeScanMaxIterations"),
        );
        section.add(
            "Stop when p-value greater",
            parameters.text("IterativeScanMaxPValue"),
        );
    }
    section
}

pub(super) fn drilldown(page: &Page<'_>) -> Section {
    let mut section = Section::default();
    section.flag(
        "Same Design as Main Analysis",
        page.is_yes("PerformStandardDrilldown"),
    );
    if page.analysis().is_space_time() {
        section.flag(
            "Purely Spatial Bernoulli",
            page.is_yes("PerformBernoulliDrilldown"),
        );
    }
    section
}

pub(super) fn miscellaneous(page: &Page<'_>) -> Section {
    let mut section = Section::default();
    if page.analysis() == Analysis::PurelySpatial && page.model() == Model::Poisson {
        section.flag("Report Oliveira's F", page.is_yes("CalculateOliveira"));
    }
    if page.analysis().is_prospective() {
        let length = page.project.settings.frequency_length;
        section.add(
            "Prospective Analysis Frequency",
            match page.project.parameters.whole("ProspectiveFrequencyType") {
                0 => "Same As Time Aggregation".to_owned(),
                1 => format!("Every {length} Days"),
                2 => format!("Every {length} Weeks"),
                3 => format!("Every {length} Months"),
                4 => format!("Every {length} Quarters"),
                _ => format!("Every {length} Years"),
            },
        );
    }
    section
}

pub(super) fn spatial_output(page: &Page<'_>) -> Section {
    let mut section = Section::default();
    section.flag(
        "Report Hierarchical Clusters",
        page.is_yes("ReportHierarchicalClusters"),
    );
    section.add(
        "Criteria for Reporting Secondary Clusters",
        match page
            .project
            .parameters
            .whole("CriteriaForReportingSecondaryClusters")
        {
            0 => "No Geographical Overlap",
            1 => "No Cluster Centers in Other Clusters",
            2 => "No Cluster Centers in More Likely Clusters",
            3 => "No Cluster Centers in Less Likely Clusters",
            4 => "No Pairs of Centers Both in Each Others Clusters",
            _ => "No Restrictions = Most Likely Cluster for Each Grid Point",
        },
    );
    if page.analysis() == Analysis::PurelySpatial {
        section.flag(
            "Report Gini Optimized Cluster Collection",
            page.is_yes("ReportGiniClusters"),
        );
    }
    let reported = page.project.settings.reported_max;
    section.flag("Restrict Reporting to Smaller Clusters", reported.is_some());
    for size in reported.map(|size| sizes(page, size)).unwrap_or_default() {
        section.add(
            "Reported Clusters",
            format!("Only clusters smaller than {size} reported."),
        );
    }
    section
}

pub(super) fn other_output(page: &Page<'_>) -> Section {
    let mut section = Section::default();
    section.flag("Report Critical Values", page.is_yes("CriticalValue"));
    section.flag("Report Monte Carlo Rank", page.is_yes("ReportClusterRank"));
    section.flag(
        "Print ASCII Column Headers",
        page.is_yes("PrintAsciiColumnHeaders"),
    );
    section.add("User Defined Title", page.project.parameters.text("ResultsTitle"));
    section
}

pub(super) fn ellipses(page: &Page<'_>) -> Section {
    let mut section = Section::default();
    if page.is_elliptic() {
        let list = |key: &str| {
            let numbers: Vec<String> = page
                .project
                .parameters
                .numbers(key)
                .into_iter()
                .map(general)
                .collect();
            numbers.join(", ")
        };
        section.add("Ellipse Shapes", list("EllipseShapes"));
        section.add("Number of Angles for Each Ellipse Shape", list("EllipseAngles"));
    }
    section
}

pub(super) fn notifications(page: &Page<'_>) -> Section {
    let mut section = Section::default();
    section.flag("Always Send Email", page.is_yes("EmailAlwaysSummary"));
    section.flag(
        "Send Email with Results Meeting Cutoff",
        page.is_yes("EmailCutoffSummary"),
    );
    section
}

pub(super) fn run_options(page: &Page<'_>) -> Section {
    let mut section = Section::default();
    let processes = page.project.parameters.whole("NumberParallelProcesses");
    section.add(
        "Processor Usage",
        if processes == 0 {
            "All Available Processors".to_owned()
        } else {
            format!("At Most {processes} Processors")
        },
    );
    section.flag("Suppress Warnings", page.is_yes("SuppressWarnings"));
    section.flag("Logging Analysis", page.is_yes("LogRunToHistoryFile"));
    section
}
