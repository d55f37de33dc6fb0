//! What a project asks for, typed: analysis, model, windows, inference, output. Judges keys together; reads no data file.

use super::choices::{Analysis, Frequency, Model, PValue, Rates, SizeMax, SpanMax};
use super::dates::{self, Day, Precision, Unreadable};
use super::faults::{Fault, Faults};
use super::parameters::Parameters;

/// A project's settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Kind of analysis.
    pub analysis: Analysis,
    /// Probability model.
    pub model: Model,
    /// Which rates are looked for.
    pub rates: Rates,
    /// How exact times in the case file are.
    pub precision: Precision,
    /// First and last day of the study.
    pub study: (Day, Day),
    /// Unit of the time aggregation.
    pub unit: Precision,
    /// How many units one interval has.
    pub unit_length: u32,
    /// Latitude and longitude rather than x and y.
    pub is_lat_long: bool,
    /// Limits on windows.
    pub size_max: SizeMax,
    /// Limits on windows that are reported, where they are smaller.
    pub reported_max: Option<SizeMax>,
    /// The shortest span, in units.
    pub span_min: u32,
    /// The longest span.
    pub span_max: SpanMax,
    /// Whether only spans that reach the end of the study are looked at.
    pub is_alive_only: bool,
    /// First day of the intervals for which earlier looks were made.
    pub prospective_start: Day,
    /// How often one looks.
    pub frequency: Frequency,
    /// So many of those.
    pub frequency_length: u32,
    /// How the p-value is arrived at.
    pub p_value: PValue,
    /// Replications.
    pub replications: u32,
}

impl Settings {
    /// Reads them from checked parameters.
    pub fn read(parameters: &Parameters, faults: &mut Faults) -> Option<Self> {
        let (analysis, model) = (analysis(parameters, faults), model(parameters, faults));
        let precision = precision(parameters.whole("PrecisionCaseTimes"));
        let unit = precision_of_unit(parameters);
        let study = study(parameters, precision, unit, faults);
        let (analysis, model, study) = (analysis?, model?, study?);
        let settings = Self {
            analysis,
            model,
            rates: match parameters.whole("ScanAreas") {
                2 => Rates::Low,
                3 => Rates::Both,
                _ => Rates::High,
            },
            precision,
            study,
            unit,
            unit_length: small(parameters, "TimeAggregationLength"),
            is_lat_long: parameters.whole("CoordinatesType") == 1,
            size_max: size_max(parameters, ""),
            reported_max: parameters
                .is_yes("UseReportOnlySmallerClusters")
                .then(|| size_max(parameters, "_Reported")),
            span_min: small(parameters, "MinimumTemporalClusterSize"),
            span_max: if parameters.whole("MaxTemporalSizeInterpretation") == 1 {
                SpanMax::Units(parameters.number("MaxTemporalSize"))
            } else {
                SpanMax::Percent(parameters.number("MaxTemporalSize"))
            },
            is_alive_only: analysis.is_prospective() || parameters.whole("IncludeClusters") == 1,
            prospective_start: prospective_start(parameters, unit, study, faults),
            frequency: frequency(parameters.whole("ProspectiveFrequencyType")),
            frequency_length: small(parameters, "ProspectiveFrequency"),
            p_value: match parameters.whole("PValueReportType") {
                1 => PValue::MonteCarlo,
                2 => PValue::Sequential,
                3 => PValue::Gumbel,
                _ => PValue::Default,
            },
            replications: small(parameters, "MonteCarloReps"),
        };
        settings.judge(parameters, faults);
        Some(settings)
    }

    /// What keys must say together.
    fn judge(&self, parameters: &Parameters, faults: &mut Faults) {
        let is_temporal = self.analysis.is_temporal();
        if is_temporal && self.precision == Precision::None {
            faults.add(parameters.fault(
                "PrecisionCaseTimes",
                "parameter.together",
                "The case file has no times, and the analysis needs them.",
                "Set PrecisionCaseTimes to 1 (year), 2 (month), 3 (day) or 4 (generic), or AnalysisType=1.",
            ));
        }
        if is_temporal && self.unit == Precision::None {
            faults.add(parameters.fault(
                "TimeAggregationUnits",
                "parameter.together",
                "The analysis needs a unit of time.",
                "Set TimeAggregationUnits to 1 (year), 2 (month), 3 (day) or 4 (generic).",
            ));
        }
        let is_finer = |unit: Precision| self.precision < unit && self.precision != Precision::None;
        if is_temporal
            && (is_finer(self.unit)
                || (self.precision == Precision::Generic) != (self.unit == Precision::Generic))
        {
            faults.add(parameters.fault(
                "TimeAggregationUnits",
                "parameter.together",
                format!(
                    "Times are exact to the {}, so they cannot be counted by the {}.",
                    self.precision.name().to_lowercase(),
                    self.unit.name().to_lowercase()
                ),
                "Set TimeAggregationUnits to the precision of the case times or to a coarser unit.",
            ));
        }
        if self.model == Model::Permutation && !self.analysis.is_space_time() {
            faults.add(parameters.fault(
                "AnalysisType",
                "parameter.together",
                "The space-time permutation model needs places and times.",
                "Set AnalysisType to 3 (retrospective) or 4 (prospective space-time).",
            ));
        }
        let most = match self.span_max {
            SpanMax::Percent(percent) => percent <= 90.0 && percent > 0.0,
            SpanMax::Units(units) => units >= 1.0 && units.fract() == 0.0,
        };
        if is_temporal && !most {
            faults.add(parameters.fault(
                "MaxTemporalSize",
                "parameter.value",
                "The longest span is out of range.",
                "Write a percentage above 0 and up to 90, or a whole number of units from 1.",
            ));
        }
        if self.analysis.is_spatial() && self.size_max.population_percent <= 0.0 {
            faults.add(parameters.fault(
                "MaxSpatialSizeInPopulationAtRisk",
                "parameter.value",
                "The largest window is no window.",
                "Write a percentage above 0 and up to 50.",
            ));
        }
        self.judge_replications(parameters, faults);
    }

    fn judge_replications(&self, parameters: &Parameters, faults: &mut Faults) {
        if self.replications != 0 && self.replications % 10 != 9 {
            faults.add(parameters.fault(
                "MonteCarloReps",
                "parameter.value",
                "With this number of replications a p-value is not a round figure, and SaTScan refuses it.",
                "Write 0, 9 or a number that ends in 99 or 999, such as 999 or 9999.",
            ).as_warning());
        }
    }
}

fn small(parameters: &Parameters, name: &str) -> u32 {
    u32::try_from(parameters.whole(name)).unwrap_or(0)
}

fn analysis(parameters: &Parameters, faults: &mut Faults) -> Option<Analysis> {
    let refused = match parameters.whole("AnalysisType") {
        1 => return Some(Analysis::PurelySpatial),
        2 => return Some(Analysis::PurelyTemporal),
        3 => return Some(Analysis::SpaceTime),
        4 => return Some(Analysis::ProspectiveSpaceTime),
        6 => return Some(Analysis::ProspectivePurelyTemporal),
        5 => "Spatial variation in temporal trends",
        _ => "The seasonal scan",
    };
    faults.add(parameters.fault(
        "AnalysisType",
        "parameter.unsupported",
        format!("{refused} is not supported."),
        "Supported are 1 purely spatial, 2 and 6 purely temporal, 3 and 4 space-time.",
    ));
    None
}

fn model(parameters: &Parameters, faults: &mut Faults) -> Option<Model> {
    let refused = match parameters.whole("ModelType") {
        0 => return Some(Model::Poisson),
        1 => return Some(Model::Bernoulli),
        2 => return Some(Model::Permutation),
        3 => "ordinal",
        4 => "exponential",
        5 => "normal",
        6 => "continuous Poisson",
        7 => "multinomial",
        8 => "rank",
        9 => "uniform time",
        _ => "batched",
    };
    faults.add(parameters.fault(
        "ModelType",
        "parameter.unsupported",
        format!("The {refused} model is not supported."),
        "Supported are 0 discrete Poisson, 1 Bernoulli and 2 space-time permutation.",
    ));
    None
}

fn precision(number: i64) -> Precision {
    match number {
        1 => Precision::Year,
        2 => Precision::Month,
        3 => Precision::Day,
        4 => Precision::Generic,
        _ => Precision::None,
    }
}

fn precision_of_unit(parameters: &Parameters) -> Precision {
    precision(parameters.whole("TimeAggregationUnits"))
}

fn frequency(number: i64) -> Frequency {
    match number {
        1 => Frequency::Daily,
        2 => Frequency::Weekly,
        3 => Frequency::Monthly,
        4 => Frequency::Quarterly,
        5 => Frequency::Yearly,
        _ => Frequency::SameAsAggregation,
    }
}

fn size_max(parameters: &Parameters, ending: &str) -> SizeMax {
    let key = |name: &str| format!("{name}{ending}");
    let in_file = if ending.is_empty() {
        "MaxSpatialSizeInMaxCirclePopulationFile"
    } else {
        "MaxSizeInMaxCirclePopulationFile"
    };
    SizeMax {
        population_percent: parameters.number(&key("MaxSpatialSizeInPopulationAtRisk")),
        file_percent: parameters
            .is_yes(&key("UseMaxCirclePopulationFileOption"))
            .then(|| parameters.number(&key(in_file))),
        distance: parameters
            .is_yes(&key("UseDistanceFromCenterOption"))
            .then(|| parameters.number(&key("MaxSpatialSizeInDistanceFromCenter"))),
    }
}

/// One time of the parameter file: its first and its last day.
pub(crate) fn time(
    parameters: &Parameters,
    name: &str,
    text: &str,
    is_generic: bool,
    faults: &mut Faults,
) -> Option<(Day, Day)> {
    let written = if is_generic {
        dates::read_generic(text)
    } else {
        dates::read(text, None)
    };
    match written {
        Ok(written) => Some((written.first(), written.last())),
        Err(reason) => {
            faults.add(parameters.fault(name, "date.form", said(reason, is_generic), cure(is_generic)));
            None
        }
    }
}

/// What is wrong with a time.
pub(crate) fn said(reason: Unreadable, is_generic: bool) -> &'static str {
    match reason {
        Unreadable::Form if is_generic => {
            "That is no whole number, and the project counts time in units of its own."
        }
        Unreadable::Form => "That is no date.",
        Unreadable::NoSuchDay => "There is no such day.",
        Unreadable::Century => "The century of a year with two digits cannot be told here.",
    }
}

/// How a time is written.
pub(crate) fn cure(is_generic: bool) -> &'static str {
    if is_generic {
        "Write a whole number."
    } else {
        "Write year/month/day, year/month or year, such as 2024/2/9."
    }
}

fn study(
    parameters: &Parameters,
    precision: Precision,
    unit: Precision,
    faults: &mut Faults,
) -> Option<(Day, Day)> {
    let is_generic =
        precision == Precision::Generic || (precision == Precision::None && unit == Precision::Generic);
    let start = time(
        parameters,
        "StartDate",
        parameters.text("StartDate"),
        is_generic,
        faults,
    );
    let end = time(
        parameters,
        "EndDate",
        parameters.text("EndDate"),
        is_generic,
        faults,
    );
    let (start, end) = (start?.0, end?.1);
    if start > end {
        faults.add(parameters.fault(
            "EndDate",
            "date.order",
            format!(
                "The study ends before it begins, which is {}.",
                parameters.text("StartDate")
            ),
            "Write an EndDate that is not before StartDate.",
        ));
        return None;
    }
    Some((start, end))
}

fn prospective_start(
    parameters: &Parameters,
    unit: Precision,
    study: (Day, Day),
    faults: &mut Faults,
) -> Day {
    if !parameters.is_yes("AdjustForEarlierAnalyses") {
        return study.1;
    }
    let text = parameters.text("ProspectiveStartDate");
    let day = time(
        parameters,
        "ProspectiveStartDate",
        text,
        unit == Precision::Generic,
        faults,
    );
    let day = day.map_or(study.1, |(first, _)| first);
    if day < study.0 || day > study.1 {
        faults.add(parameters.fault(
            "ProspectiveStartDate",
            "date.outside",
            "Surveillance begins outside the study period.",
            "Write a date from StartDate to EndDate.",
        ));
    }
    day
}

impl Fault {
    /// A fault of a time in a data file.
    pub(crate) fn of_time(file: &str, line: u64, text: &str, reason: Unreadable, is_generic: bool) -> Self {
        Self::new(file, "date.form", said(reason, is_generic), cure(is_generic))
            .at(line)
            .in_field("time", text)
    }
}
