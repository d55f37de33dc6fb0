//! Every key of a SaTScan 10.3 parameter file: section, default, what it may hold, and what is done with it.
//! Data; reads nothing.

/// What a value may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// `y` or `n`.
    YesNo,
    /// A whole number from one of these.
    Choice(&'static [i64]),
    /// A whole number in a range.
    Whole(i64, i64),
    /// A number in a range.
    Number(f64, f64),
    /// A date, or a number where the project counts in units of its own.
    Time,
    /// Two times, a comma between.
    Times,
    /// Numbers, commas between.
    Numbers,
    /// Anything.
    Text,
}

/// What is done with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// What it asks for is done.
    Honoured,
    /// It changes nothing that a run computes or writes here.
    Idle,
    /// A value other than the default asks for an extra that is not made: a warning with this reason and cure.
    Extra(&'static str),
    /// A value other than the default changes the analysis in a way that is not made: an error with this reason and cure.
    Refused(&'static str),
}

/// One key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    pub(crate) section: &'static str,
    pub(crate) name: &'static str,
    pub(crate) default: &'static str,
    pub(crate) kind: Kind,
    pub(crate) usage: Use,
}

const fn key(
    section: &'static str,
    name: &'static str,
    default: &'static str,
    kind: Kind,
    usage: Use,
) -> Key {
    Key {
        section,
        name,
        default,
        kind,
        usage,
    }
}

use Kind::{Choice, Number, Numbers, Text, Time, Times, Whole, YesNo};
use Use::{Extra, Honoured, Idle, Refused};

const MAP: &str = "That map is not written; `--geojson` and `--html` write maps of their own.";
const DBASE: &str = "dBase files are not written; ask for the ASCII file of the same name.";
const MAIL: &str = "No mail is sent; let the caller send the files.";
const POWER: &str = "Power is not evaluated; set PerformPowerEvaluation=n.";
const DRILLDOWN: &str =
    "Detected clusters are not analysed again on their own; run a project on their locations.";
const GINI: &str = "The Gini-optimised collection is not made; hierarchical clusters are reported.";
const GRAPH: &str = "That graph is not written; `--html` holds a chart over time.";
const SIMULATED: &str = "Simulated data are neither read from nor written to files; set SimulatedDataMethodType=0 and PrintSimulatedDataToFile=n.";

/// The keys in the order in which SaTScan writes them.
#[rustfmt::skip]
pub(crate) const KEYS: &[Key] = &[
    key("Input", "CaseFile", "", Text, Honoured),
    key("Input", "ControlFile", "", Text, Honoured),
    key("Input", "PrecisionCaseTimes", "1", Choice(&[0, 1, 2, 3, 4]), Honoured),
    key("Input", "StartDate", "2000/1/1", Time, Honoured),
    key("Input", "EndDate", "2000/12/31", Time, Honoured),
    key("Input", "PopulationFile", "", Text, Honoured),
    key("Input", "CoordinatesFile", "", Text, Honoured),
    key("Input", "UseGridFile", "n", YesNo, Honoured),
    key("Input", "GridFile", "", Text, Honoured),
    key("Input", "CoordinatesType", "1", Choice(&[0, 1]), Honoured),
    key("Analysis", "AnalysisType", "1", Choice(&[1, 2, 3, 4, 5, 6, 7]), Honoured),
    key("Analysis", "ModelType", "0", Whole(0, 12), Honoured),
    key("Analysis", "ScanAreas", "1", Choice(&[1, 2, 3]), Honoured),
    key("Analysis", "TimeAggregationUnits", "1", Choice(&[0, 1, 2, 3, 4]), Honoured),
    key("Analysis", "TimeAggregationLength", "1", Whole(1, 1_000_000), Honoured),
    key("Output", "ResultsFile", "", Text, Honoured),
    key("Output", "OutputGoogleEarthKML", "n", YesNo, Extra(MAP)),
    key("Output", "OutputShapefiles", "n", YesNo, Extra(MAP)),
    key("Output", "OutputCartesianGraph", "n", YesNo, Extra(MAP)),
    key("Output", "MostLikelyClusterEachCentroidASCII", "n", YesNo, Honoured),
    key("Output", "MostLikelyClusterEachCentroidDBase", "n", YesNo, Extra(DBASE)),
    key("Output", "MostLikelyClusterCaseInfoEachCentroidASCII", "n", YesNo, Extra("The stratified cluster file is not written; with one data set it repeats the cluster file.")),
    key("Output", "MostLikelyClusterCaseInfoEachCentroidDBase", "n", YesNo, Extra(DBASE)),
    key("Output", "CensusAreasReportedClustersASCII", "n", YesNo, Honoured),
    key("Output", "CensusAreasReportedClustersDBase", "n", YesNo, Extra(DBASE)),
    key("Output", "IncludeRelativeRisksCensusAreasASCII", "n", YesNo, Honoured),
    key("Output", "IncludeRelativeRisksCensusAreasDBase", "n", YesNo, Extra(DBASE)),
    key("Output", "SaveSimLLRsASCII", "n", YesNo, Honoured),
    key("Output", "SaveSimLLRsDBase", "n", YesNo, Extra(DBASE)),
    key("Output", "OutputGoogleMaps", "n", YesNo, Extra(MAP)),
    key("Multiple Data Sets", "MultipleDataSetsPurposeType", "0", Choice(&[0, 1]), Idle),
    key("Multiple Data Sets", "DataSet1-Name", "Data Set #1", Text, Idle),
    key("Data Checking", "StudyPeriodCheckType", "0", Choice(&[0, 1]), Honoured),
    key("Data Checking", "GeographicalCoordinatesCheckType", "0", Choice(&[0, 1]), Honoured),
    key("Locations Network", "LocationsNetworkFilename", "", Text, Honoured),
    key("Locations Network", "UseLocationsNetworkFile", "n", YesNo, Honoured),
    key("Spatial Neighbors", "UseNeighborsFile", "n", YesNo, Honoured),
    key("Spatial Neighbors", "NeighborsFilename", "", Text, Honoured),
    key("Spatial Neighbors", "UseMetaLocationsFile", "n", YesNo, Refused( "Meta locations are not supported; write their members into the files and set UseMetaLocationsFile=n.")),
    key("Spatial Neighbors", "MetaLocationsFilename", "", Text, Idle),
    key("Spatial Neighbors", "MultipleCoordinatesType", "0", Choice(&[0, 1, 2]), Refused("A location has one pair of coordinates here; set MultipleCoordinatesType=0.")),
    key("Spatial Neighbors", "MultipleLocationsFile", "", Text, Idle),
    key("Spatial Window", "MaxSpatialSizeInPopulationAtRisk", "50", Number(0.0, 50.0), Honoured),
    key("Spatial Window", "UseMaxCirclePopulationFileOption", "n", YesNo, Honoured),
    key("Spatial Window", "MaxSpatialSizeInMaxCirclePopulationFile", "50", Number(0.0, 50.0), Honoured),
    key("Spatial Window", "MaxCirclePopulationFile", "", Text, Honoured),
    key("Spatial Window", "UseDistanceFromCenterOption", "n", YesNo, Honoured),
    key("Spatial Window", "MaxSpatialSizeInDistanceFromCenter", "1", Number(0.0, 1e12), Honoured),
    key("Spatial Window", "IncludePurelyTemporal", "n", YesNo, Honoured),
    key("Spatial Window", "SpatialWindowShapeType", "0", Choice(&[0, 1]), Honoured),
    key("Spatial Window", "NonCompactnessPenalty", "1", Choice(&[0, 1, 2]), Honoured),
    key("Spatial Window", "IsotonicScan", "0", Choice(&[0, 1]), Refused("The isotonic scan is not made; set IsotonicScan=0.")),
    key("Temporal Window", "MinimumTemporalClusterSize", "1", Whole(1, 1_000_000), Honoured),
    key("Temporal Window", "MaxTemporalSizeInterpretation", "0", Choice(&[0, 1]), Honoured),
    key("Temporal Window", "MaxTemporalSize", "50", Number(0.0, 1e9), Honoured),
    key("Temporal Window", "IncludePurelySpatial", "n", YesNo, Honoured),
    key("Temporal Window", "IncludeClusters", "0", Choice(&[0, 1, 2]), Honoured),
    key("Temporal Window", "IntervalStartRange", "2000/1/1,2000/12/31", Times, Honoured),
    key("Temporal Window", "IntervalEndRange", "2000/1/1,2000/12/31", Times, Honoured),
    key("Cluster Restrictions", "RiskLimitHighClusters", "n", YesNo, Honoured),
    key("Cluster Restrictions", "RiskThresholdHighClusters", "1", Number(0.0, 1e9), Honoured),
    key("Cluster Restrictions", "RiskLimitLowClusters", "n", YesNo, Honoured),
    key("Cluster Restrictions", "RiskThresholdLowClusters", "1", Number(0.0, 1e9), Honoured),
    key("Cluster Restrictions", "MinimumCasesInLowRateClusters", "0", Whole(0, 1_000_000_000), Honoured),
    key("Cluster Restrictions", "MinimumCasesInHighRateClusters", "2", Whole(0, 1_000_000_000), Honoured),
    key("Space and Time Adjustments", "TimeTrendAdjustmentType", "0", Whole(0, 6), Honoured),
    key("Space and Time Adjustments", "TimeTrendPercentage", "0", Number(-100.0, 1e6), Honoured),
    key("Space and Time Adjustments", "TimeStratifiedAdjLength", "1", Whole(1, 1_000_000), Idle),
    key("Space and Time Adjustments", "TimeTrendType", "0", Choice(&[0, 1]), Idle),
    key("Space and Time Adjustments", "AdjustForWeeklyTrends", "n", YesNo, Honoured),
    key("Space and Time Adjustments", "SpatialAdjustmentType", "0", Choice(&[0, 1, 2]), Honoured),
    key("Space and Time Adjustments", "UseAdjustmentsByRRFile", "n", YesNo, Honoured),
    key("Space and Time Adjustments", "AdjustmentsByKnownRelativeRisksFilename", "", Text, Honoured),
    key("Inference", "PValueReportType", "0", Choice(&[0, 1, 2, 3]), Honoured),
    key("Inference", "EarlyTerminationThreshold", "50", Whole(1, 1_000_000), Honoured),
    key("Inference", "ReportGumbel", "n", YesNo, Honoured),
    key("Inference", "MonteCarloReps", "999", Whole(0, 999_999), Honoured),
    key("Inference", "AdjustForEarlierAnalyses", "n", YesNo, Honoured),
    key("Inference", "ProspectiveStartDate", "2000/12/31", Time, Honoured),
    key("Inference", "IterativeScan", "n", YesNo, Honoured),
    key("Inference", "IterativeScanMaxIterations", "10", Whole(1, 32_000), Honoured),
    key("Inference", "IterativeScanMaxPValue", "0.05", Number(0.0, 1.0), Honoured),
    key("Cluster Drilldown", "PerformStandardDrilldown", "n", YesNo, Extra(DRILLDOWN)),
    key("Cluster Drilldown", "PerformBernoulliDrilldown", "n", YesNo, Extra(DRILLDOWN)),
    key("Cluster Drilldown", "DrilldownMinimumClusterLocations", "2", Whole(0, 1_000_000), Idle),
    key("Cluster Drilldown", "DrilldownMinimumClusterCases", "10", Whole(0, 1_000_000_000), Idle),
    key("Cluster Drilldown", "DrilldownClusterCutoff", "0.05", Number(0.0, 1e9), Idle),
    key("Miscellaneous Analysis", "CalculateOliveira", "n", YesNo, Extra("Oliveira's F is not calculated.")),
    key("Miscellaneous Analysis", "NumBootstrapReplications", "1000", Whole(0, 1_000_000), Idle),
    key("Miscellaneous Analysis", "OliveiraPvalueCutoff", "0.05", Number(0.0, 1.0), Idle),
    key("Miscellaneous Analysis", "ProspectiveFrequencyType", "0", Choice(&[0, 1, 2, 3, 4, 5]), Honoured),
    key("Miscellaneous Analysis", "ProspectiveFrequency", "1", Whole(1, 1_000_000), Honoured),
    key("Power Evaluation", "PerformPowerEvaluation", "n", YesNo, Refused(POWER)),
    key("Power Evaluation", "PowerEvaluationsMethod", "0", Choice(&[0, 1, 2]), Idle),
    key("Power Evaluation", "PowerEvaluationTotalCases", "600", Whole(0, 1_000_000_000), Idle),
    key("Power Evaluation", "CriticalValueType", "0", Choice(&[0, 1, 2]), Idle),
    key("Power Evaluation", "CriticalValue05", "0", Number(0.0, 1e9), Idle),
    key("Power Evaluation", "CriticalValue01", "0", Number(0.0, 1e9), Idle),
    key("Power Evaluation", "CriticalValue001", "0", Number(0.0, 1e9), Idle),
    key("Power Evaluation", "PowerEstimationType", "0", Choice(&[0, 1]), Idle),
    key("Power Evaluation", "NumberPowerReplications", "1000", Whole(0, 1_000_000), Idle),
    key("Power Evaluation", "AlternativeHypothesisFilename", "", Text, Idle),
    key("Power Evaluation", "PowerEvaluationsSimulationMethod", "0", Choice(&[0, 1, 2]), Idle),
    key("Power Evaluation", "PowerEvaluationsSimulationSourceFilename", "", Text, Idle),
    key("Power Evaluation", "ReportPowerEvaluationSimulationData", "n", YesNo, Idle),
    key("Power Evaluation", "PowerEvaluationsSimulationOutputFilename", "", Text, Idle),
    key("Spatial Output", "LaunchMapViewer", "y", YesNo, Idle),
    key("Spatial Output", "CompressKMLtoKMZ", "n", YesNo, Idle),
    key("Spatial Output", "IncludeClusterLocationsKML", "y", YesNo, Idle),
    key("Spatial Output", "ThresholdLocationsSeparateKML", "1000", Whole(0, 1_000_000_000), Idle),
    key("Spatial Output", "ReportHierarchicalClusters", "y", YesNo, Refused("Hierarchical clusters are what is reported; set ReportHierarchicalClusters=y.")),
    key("Spatial Output", "CriteriaForReportingSecondaryClusters", "0", Whole(0, 5), Honoured),
    key("Spatial Output", "ReportGiniClusters", "n", YesNo, Extra(GINI)),
    key("Spatial Output", "GiniIndexClusterReportingType", "0", Choice(&[0, 1]), Idle),
    key("Spatial Output", "SpatialMaxima", "1,2,3,4,5,6,8,10,12,15,20,25,30,40,50", Numbers, Idle),
    key("Spatial Output", "GiniIndexClustersPValueCutOff", "0.05", Number(0.0, 1.0), Idle),
    key("Spatial Output", "ReportGiniIndexCoefficents", "n", YesNo, Idle),
    key("Spatial Output", "UseReportOnlySmallerClusters", "n", YesNo, Honoured),
    key("Spatial Output", "MaxSpatialSizeInPopulationAtRisk_Reported", "50", Number(0.0, 50.0), Honoured),
    key("Spatial Output", "UseMaxCirclePopulationFileOption_Reported", "n", YesNo, Honoured),
    key("Spatial Output", "MaxSizeInMaxCirclePopulationFile_Reported", "50", Number(0.0, 50.0), Honoured),
    key("Spatial Output", "UseDistanceFromCenterOption_Reported", "n", YesNo, Honoured),
    key("Spatial Output", "MaxSpatialSizeInDistanceFromCenter_Reported", "1", Number(0.0, 1e12), Honoured),
    key("Temporal Output", "OutputTemporalGraphHTML", "n", YesNo, Extra(GRAPH)),
    key("Temporal Output", "TemporalGraphReportType", "0", Choice(&[0, 1, 2]), Idle),
    key("Temporal Output", "TemporalGraphMostMLC", "1", Whole(1, 1_000_000), Idle),
    key("Temporal Output", "TemporalGraphSignificanceCutoff", "0.05", Number(0.0, 1e9), Idle),
    key("Other Output", "CriticalValue", "n", YesNo, Honoured),
    key("Other Output", "ReportClusterRank", "n", YesNo, Honoured),
    key("Other Output", "PrintAsciiColumnHeaders", "n", YesNo, Honoured),
    key("Other Output", "ResultsTitle", "", Text, Honoured),
    key("Other Output", "CutoffClusterLinelistCSV", "0.05", Number(0.0, 1e9), Idle),
    key("Line List", "LineListIndividualCache", "", Text, Idle),
    key("Notifications", "EmailAlwaysSummary", "n", YesNo, Extra(MAIL)),
    key("Notifications", "EmailAlwaysRecipients", "", Text, Idle),
    key("Notifications", "EmailCutoffSummary", "n", YesNo, Extra(MAIL)),
    key("Notifications", "EmailCutoffRecipients", "", Text, Idle),
    key("Notifications", "EmailCutoffValue", "0.05", Number(0.0, 1e9), Idle),
    key("Notifications", "EmailAttachResults", "n", YesNo, Idle),
    key("Notifications", "EmailIncludeResults", "n", YesNo, Idle),
    key("Notifications", "CustomEmail", "n", YesNo, Idle),
    key("Notifications", "CustomEmailSubjectLine", "", Text, Idle),
    key("Notifications", "CustomEmailMessageBody", "", Text, Idle),
    key("Elliptic Scan", "EllipseShapes", "1.5,2,3,4,5", Numbers, Honoured),
    key("Elliptic Scan", "EllipseAngles", "4,6,9,12,15", Numbers, Honoured),
    key("Power Simulations", "SimulatedDataMethodType", "0", Choice(&[0, 1, 2]), Refused(SIMULATED)),
    key("Power Simulations", "SimulatedDataInputFilename", "", Text, Idle),
    key("Power Simulations", "PrintSimulatedDataToFile", "n", YesNo, Extra(SIMULATED)),
    key("Power Simulations", "SimulatedDataOutputFilename", "", Text, Idle),
    key("Run Options", "NumberParallelProcesses", "0", Whole(0, 1_000), Honoured),
    key("Run Options", "SuppressWarnings", "n", YesNo, Honoured),
    key("Run Options", "LogRunToHistoryFile", "n", YesNo, Idle),
    key("Run Options", "ExecutionType", "0", Choice(&[0, 1, 2]), Idle),
    key("System", "Version", "10.3.1", Text, Honoured),
];

/// The files that may have a layout of their own, stated in keys such as `CaseFile-SourceDelimiter`.
pub(crate) const FILES: &[&str] = &[
    "CaseFile",
    "ControlFile",
    "PopulationFile",
    "CoordinatesFile",
    "GridFile",
    "NeighborsFilename",
    "MaxCirclePopulationFile",
    "AdjustmentsByKnownRelativeRisksFilename",
    "LocationsNetworkFilename",
];

/// What a file's layout is stated in: the ending of the key, and its default.
pub(crate) const LAYOUT_KEYS: &[(&str, &str)] = &[
    ("SourceType", "0"),
    ("SourceFieldMap", ""),
    ("SourceDelimiter", ""),
    ("SourceGrouper", "\""),
    ("SourceSkip", "0"),
    ("SourceFirstRowHeader", "n"),
    ("SourceLinelistFieldMap", ""),
];

/// The key of this name, whatever its case.
pub(crate) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name.eq_ignore_ascii_case(name))
}

/// The known key nearest in spelling, where one is near.
pub(crate) fn nearest(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    KEYS.iter()
        .map(|key| (distance(&name, &key.name.to_ascii_lowercase()), key.name))
        .min()
        .filter(|(distance, known)| *distance * 4 <= known.len())
        .map(|(_, known)| known)
}

/// How many letters have to be put in, left out or changed (Levenshtein 1966).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (letter, start) in one.chars().zip(1..) {
        let mut left = start;
        let mut above_left = row.first().copied().unwrap_or_default();
        if let Some(first) = row.first_mut() {
            *first = start;
        }
        for (cell, wanted) in row.iter_mut().skip(1).zip(other.chars()) {
            let here = (*cell + 1)
                .min(left + 1)
                .min(above_left + usize::from(letter != wanted));
            above_left = *cell;
            *cell = here;
            left = here;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_guessed() {
        assert_eq!(find("montecarloREPS").map(|key| key.name), Some("MonteCarloReps"));
        assert_eq!(nearest("MonteCarloRep"), Some("MonteCarloReps"));
        assert_eq!(nearest("NothingOfTheKind"), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn no_name_stands_twice() {
        let mut names: Vec<String> = KEYS.iter().map(|key| key.name.to_lowercase()).collect();
        names.sort();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
