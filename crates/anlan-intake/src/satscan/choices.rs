//! What a project may choose between, and the words SaTScan has for it. Reads nothing.

/// Kind of analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Analysis {
    /// Places only.
    PurelySpatial,
    /// Times only, any span.
    PurelyTemporal,
    /// Places and any span.
    SpaceTime,
    /// Places and spans that reach the end.
    ProspectiveSpaceTime,
    /// Times only, spans that reach the end.
    ProspectivePurelyTemporal,
}

impl Analysis {
    /// The words SaTScan prints.
    pub fn name(self) -> &'static str {
        match self {
            Self::PurelySpatial => "Purely Spatial",
            Self::PurelyTemporal => "Retrospective Purely Temporal",
            Self::SpaceTime => "Retrospective Space-Time",
            Self::ProspectiveSpaceTime => "Prospective Space-Time",
            Self::ProspectivePurelyTemporal => "Prospective Purely Temporal",
        }
    }

    /// Whether time plays a part.
    pub fn is_temporal(self) -> bool {
        self != Self::PurelySpatial
    }

    /// Whether places play a part.
    pub fn is_spatial(self) -> bool {
        !matches!(self, Self::PurelyTemporal | Self::ProspectivePurelyTemporal)
    }

    /// Whether both do.
    pub fn is_space_time(self) -> bool {
        self.is_spatial() && self.is_temporal()
    }

    /// Whether only spans that reach the end are looked at.
    pub fn is_prospective(self) -> bool {
        matches!(self, Self::ProspectiveSpaceTime | Self::ProspectivePurelyTemporal)
    }
}

/// Probability model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// Cases against population.
    Poisson,
    /// Cases against controls.
    Bernoulli,
    /// Cases alone, times permuted.
    Permutation,
}

impl Model {
    /// The words SaTScan prints.
    pub fn name(self) -> &'static str {
        match self {
            Self::Poisson => "Discrete Poisson",
            Self::Bernoulli => "Bernoulli",
            Self::Permutation => "Space-Time Permutation",
        }
    }
}

/// Which rates are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rates {
    /// More cases than expected.
    High,
    /// Fewer.
    Low,
    /// Either.
    Both,
}

impl Rates {
    /// The words SaTScan prints.
    pub fn name(self) -> &'static str {
        match self {
            Self::High => "High Rates",
            Self::Low => "Low Rates",
            Self::Both => "High or Low Rates",
        }
    }
}

/// How the p-value is arrived at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PValue {
    /// Gumbel for small ones, Monte Carlo for the others.
    Default,
    /// Monte Carlo with all replications.
    MonteCarlo,
    /// Monte Carlo that stops once the answer is plain.
    Sequential,
    /// Gumbel.
    Gumbel,
}

/// How often a prospective analysis is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frequency {
    /// Every time aggregation.
    SameAsAggregation,
    /// Every so many days.
    Daily,
    /// Every so many weeks.
    Weekly,
    /// Every so many months.
    Monthly,
    /// Every so many quarters.
    Quarterly,
    /// Every so many years.
    Yearly,
}

/// The largest span.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SpanMax {
    /// Percent of the study period.
    Percent(f64),
    /// So many units of the time aggregation.
    Units(f64),
}

/// Limits on a window's size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SizeMax {
    /// Percent of the population at risk.
    pub population_percent: f64,
    /// Percent of the population in the file of its own.
    pub file_percent: Option<f64>,
    /// Kilometres, or units of the coordinates.
    pub distance: Option<f64>,
}
