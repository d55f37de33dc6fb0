//! From a predicted mean and its uncertainty to the largest usual count, the probability of a count as high as the
//! observed one, and the exceedance score. Numbers only; the models that predict are elsewhere.

use super::distributions::{
    negative_binomial_quantile, negative_binomial_upper, normal_quantile, normal_upper, poisson_quantile,
    poisson_upper,
};

/// The power of counts on which the predictive distribution is taken as normal (Farrington et al. 1996, section 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Power {
    /// Counts as they are; for large counts.
    One,
    /// Square root: stabilises the variance.
    Half,
    /// Two thirds: removes the skewness; the paper's choice for rare events.
    #[default]
    TwoThirds,
}

impl Power {
    pub(super) fn exponent(self) -> f64 {
        match self {
            Self::One => 1.0,
            Self::Half => 0.5,
            Self::TwoThirds => 2.0 / 3.0,
        }
    }

    /// Standard deviation of count^power less mean^power (Farrington et al. 1996, equation 5), from the mean, the
    /// dispersion and the standard error of the mean.
    pub(super) fn deviation(self, mean: f64, dispersion: f64, error: f64) -> f64 {
        let tau = dispersion + error * error / mean;
        match self {
            Self::One => (mean * tau).sqrt(),
            Self::Half => (0.25 * tau).sqrt(),
            Self::TwoThirds => (4.0 / 9.0 * mean.cbrt() * tau).sqrt(),
        }
    }

    /// The count that lies `z` deviations above the mean on the scale of this power.
    pub(super) fn bound(self, mean: f64, deviation: f64, z: f64) -> f64 {
        let exponent = self.exponent();
        (mean.powf(exponent) + z * deviation).powf(1.0 / exponent)
    }
}

/// How the upper bound follows from the fitted mean (Noufaily et al. 2013, section 4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    /// Normal prediction on the scale of a power of the counts, with the error of the estimated mean.
    Delta(Power),
    /// Quantile of the negative binomial (Poisson where the dispersion is 1) with the estimated mean plugged in.
    NegativeBinomialPlugin,
    /// The same with an upper quantile of the estimated mean instead of the estimate ("muan").
    UpperMean,
}

/// What a prediction says of one count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Judged {
    pub(super) upper: Option<f64>,
    pub(super) p: Option<f64>,
    pub(super) score: Option<f64>,
    /// The mean the bound was taken from, as the reference reports it.
    pub(super) quoted_mean: f64,
}

/// A prediction: linear predictor, its standard error, dispersion ≥ 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Prediction {
    pub(super) eta: f64,
    pub(super) error: f64,
    pub(super) dispersion: f64,
}

impl Threshold {
    pub(super) fn judge(self, prediction: Prediction, alpha: f64, observed: f64) -> Judged {
        match self {
            Self::Delta(power) => delta(power, prediction, alpha, observed),
            Self::NegativeBinomialPlugin => plugin(prediction, prediction.eta.exp(), alpha, observed),
            Self::UpperMean => {
                let eta = prediction.eta + normal_quantile(1.0 - alpha) * prediction.error;
                plugin(prediction, eta.exp(), alpha, observed)
            }
        }
    }
}

fn delta(power: Power, prediction: Prediction, alpha: f64, observed: f64) -> Judged {
    let mean = prediction.eta.exp().max(f64::EPSILON);
    let error = prediction.error * mean;
    let deviation = power.deviation(mean, prediction.dispersion, error);
    let z = normal_quantile(1.0 - alpha);
    let upper = power.bound(mean, deviation, z);
    let exponent = power.exponent();
    let p = normal_upper((observed.powf(exponent) - mean.powf(exponent)) / deviation);
    Judged {
        upper: number(upper),
        p: number(p),
        score: number((observed - mean) / (upper - mean)),
        quoted_mean: (mean + z * error).exp(),
    }
}

/// The reference's score is taken on mixed scales here: counts against the **linear predictor**, not the mean. It is
/// followed, because alarms are score > 1 and agree with count > bound.
fn plugin(prediction: Prediction, mean: f64, alpha: f64, observed: f64) -> Judged {
    if !mean.is_finite() {
        return Judged {
            upper: None,
            p: None,
            score: None,
            quoted_mean: mean,
        };
    }
    let phi = prediction.dispersion;
    let (upper, p) = if phi > 1.0 {
        let (size, prob) = (mean / (phi - 1.0), 1.0 / phi);
        let upper = negative_binomial_quantile(1.0 - alpha, size, prob);
        (upper, negative_binomial_upper(observed.ceil(), size, prob))
    } else {
        (
            poisson_quantile(1.0 - alpha, mean),
            poisson_upper(observed.ceil(), mean),
        )
    };
    Judged {
        upper: number(upper),
        p: number(p),
        score: number((observed - prediction.eta) / (upper - prediction.eta)),
        quoted_mean: mean,
    }
}

pub(super) fn number(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
