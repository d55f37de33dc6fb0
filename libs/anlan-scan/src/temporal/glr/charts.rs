//! The statistics of the likelihood-ratio charts, from a start to its first alarm. Slices in, numbers out; it estimates no mean.

use super::{Change, Direction, GlrSettings, Report};

/// One run of a chart over counts and their in-control means.
pub(super) struct Chart<'a> {
    settings: &'a GlrSettings,
    x: &'a [f64],
    mu: &'a [f64],
    alpha: f64,
    /// The count before the first.
    before: f64,
    limit: f64,
    sign: f64,
}

/// Values up to and including the first alarm, or to the end.
pub(super) struct Run {
    pub(super) values: Vec<f64>,
    pub(super) alarm: bool,
}

impl<'a> Chart<'a> {
    pub(super) fn new(
        settings: &'a GlrSettings,
        x: &'a [f64],
        mu: &'a [f64],
        (alpha, before): (f64, f64),
    ) -> Self {
        let sign = if settings.direction == Direction::Increase {
            1.0
        } else {
            -1.0
        };
        Self {
            settings,
            x,
            mu,
            alpha,
            before,
            limit: settings.limit,
            sign,
        }
    }

    pub(super) fn run(&self) -> Run {
        if let Change::Known(kappa) = self.settings.change {
            return self.run_known(kappa);
        }
        let is_poisson = self.alpha == 0.0;
        let is_window_of_poisson =
            is_poisson && self.settings.change == Change::Intercept && self.settings.window.is_some();
        let first = if is_window_of_poisson {
            self.settings.least
        } else {
            self.settings.least - 1
        };
        let mut values = vec![0.0; first.min(self.x.len())];
        for n in first..self.x.len() {
            let from = self.settings.window.map_or(0, |window| n.saturating_sub(window));
            let statistic = match (self.settings.change, is_poisson) {
                (Change::Epidemic, true) => self.epidemic(from, n),
                (Change::Epidemic, false) => self.negative_binomial(from, n, true),
                (_, true) => self.poisson(from, n, self.x.get(n).copied().unwrap_or(0.0)),
                (_, false) => self.negative_binomial(from, n, false),
            };
            let is_strict = self.settings.change == Change::Epidemic && is_poisson;
            let alarm = if is_strict {
                statistic > self.limit
            } else {
                statistic >= self.limit
            };
            values.push(match self.settings.report {
                Report::Statistic => statistic,
                Report::Cases => self.cases(from, n),
            });
            if alarm {
                return Run { values, alarm };
            }
        }
        Run { values, alarm: false }
    }

    /// A sum of log likelihood ratios for a known change (Höhle & Paul 2008, equation 4).
    fn run_known(&self, kappa: f64) -> Run {
        let mut values = Vec::with_capacity(self.x.len());
        let mut sum = 0.0;
        for (x, mu) in self.x.iter().zip(self.mu) {
            let (slope, constant) = if self.alpha == 0.0 {
                (kappa, (1.0 - kappa.exp()) * mu)
            } else {
                let log = ((1.0 + self.alpha * mu) / (1.0 + self.alpha * mu * kappa.exp())).ln();
                (kappa + log, log / self.alpha)
            };
            let before = sum;
            sum = f64::max(0.0, before + slope * x + constant);
            values.push(match self.settings.report {
                Report::Statistic => sum,
                Report::Cases => (self.limit - before - constant) / slope,
            });
            if sum > self.limit {
                return Run { values, alarm: true };
            }
        }
        Run { values, alarm: false }
    }

    /// Poisson, unknown factor: closed form for each k, summed backwards. `last` stands for the count at n.
    fn poisson(&self, from: usize, n: usize, last: f64) -> f64 {
        let to = self
            .settings
            .window
            .map_or(n, |_| n.saturating_sub(self.settings.least));
        let (mut x, mut mu, mut best) = (0.0, 0.0, -1e99);
        for k in (from..=n).rev() {
            x += if k == n {
                last
            } else {
                self.x.get(k).copied().unwrap_or(0.0)
            };
            mu += self.mu.get(k).copied().unwrap_or(0.0);
            if k > to {
                continue;
            }
            let kappa = self.sign * f64::max(0.0, self.sign * (x / mu).ln());
            let ratio = kappa * x + (1.0 - kappa.exp()) * mu;
            if ratio > best {
                best = ratio;
            }
        }
        best
    }

    /// The least count at n whose statistic reaches the limit, found by doubling and halving; the reference counts up.
    fn cases(&self, from: usize, n: usize) -> f64 {
        let reaches = |count: f64| self.poisson(from, n, count) >= self.limit;
        let (mut low, mut high) = (-1.0, 1.0);
        while !reaches(high) && high < 1e15 {
            low = high;
            high *= 2.0;
        }
        while high - low > 1.0 {
            let middle: f64 = (0.5_f64 * (low + high)).floor();
            if reaches(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        high
    }

    /// Counts k..=n with their means.
    fn pairs(&self, k: usize, n: usize) -> impl Iterator<Item = (f64, f64)> {
        let x = self.x.get(k..=n).unwrap_or_default();
        let mu = self.mu.get(k..=n).unwrap_or_default();
        x.iter().copied().zip(mu.iter().copied())
    }

    /// Counts k..=n with their means and the counts before them.
    fn triples(&self, k: usize, n: usize) -> impl Iterator<Item = (f64, f64, f64)> {
        let earlier = (k..=n).map(|i| {
            i.checked_sub(1)
                .and_then(|i| self.x.get(i))
                .copied()
                .unwrap_or(self.before)
        });
        self.pairs(k, n)
            .zip(earlier)
            .map(|((x, mu), before)| (x, mu, before))
    }

    /// Negative binomial, unknown factor by Newton's method for each k, each started where the last one ended.
    fn negative_binomial(&self, from: usize, n: usize, is_epidemic: bool) -> f64 {
        let to = (n + 1).saturating_sub(self.settings.least);
        let (mut best, mut kept) = (-1e99, 0.5);
        for k in from..=to {
            let (mut old, mut kappa): (f64, f64) = (0.4, kept);
            let mut steps = 0;
            while steps < 1000 && kappa > -18.0 && f64::abs(kappa - old) > 1e-6 {
                old = kappa;
                kappa += self.newton_step(k, n, old);
                steps += 1;
            }
            let ratio = if is_epidemic {
                kept = kappa;
                self.epidemic_ratio(k, n, kappa.exp())
            } else {
                kept = self.sign * f64::max(0.0, self.sign * kappa);
                self.intercept_ratio(k, n, kept)
            };
            if ratio > best {
                best = ratio;
            }
        }
        best
    }

    /// Score over information of κ.
    fn newton_step(&self, k: usize, n: usize, kappa: f64) -> f64 {
        let factor = kappa.exp();
        let (mut score, mut information) = (0.0, 0.0);
        for (x, mu) in self.pairs(k, n) {
            let scale = 1.0 + self.alpha * factor * mu;
            score += (x - factor * mu) / scale;
            information += mu * (self.alpha * x + 1.0) / (scale * scale);
        }
        score / (factor * information)
    }

    fn intercept_ratio(&self, k: usize, n: usize, kappa: f64) -> f64 {
        let factor = kappa.exp();
        let mut sum = 0.0;
        for (x, mu) in self.pairs(k, n) {
            let log = ((1.0 + self.alpha * mu) / (1.0 + self.alpha * mu * factor)).ln();
            sum += kappa * x + (x + 1.0 / self.alpha) * log;
        }
        sum
    }

    fn epidemic_ratio(&self, k: usize, n: usize, lambda: f64) -> f64 {
        let mut sum = 0.0;
        for (x, mu, before) in self.triples(k, n) {
            let after = mu + lambda * before;
            let log = (1.0 + self.alpha * mu).ln() - (1.0 + self.alpha * after).ln();
            sum += x * (after.ln() - mu.ln() + log) + log / self.alpha;
        }
        sum
    }

    /// Poisson with λ times the last count added (Held et al. 2005), λ by Newton's method on its logarithm.
    fn epidemic(&self, from: usize, n: usize) -> f64 {
        let to = (n + 1).saturating_sub(self.settings.least);
        let (mut best, mut lambda) = (-1e99, 0.5_f64);
        for k in from..=to {
            let (mut old, mut phi) = (2.0_f64, lambda.ln());
            let mut steps = 0;
            while steps < 1000 && phi > -18.0 && (phi.exp() - old.exp()).abs() > 1e-6 {
                old = phi;
                phi += self.epidemic_step(k, n, old);
                steps += 1;
            }
            lambda = phi.exp();
            let mut ratio = 0.0;
            for (x, mu, before) in self.triples(k, n) {
                ratio += x * (lambda * before / mu + 1.0).ln() - lambda * before;
            }
            if ratio > best {
                best = ratio;
            }
        }
        best
    }

    fn epidemic_step(&self, k: usize, n: usize, phi: f64) -> f64 {
        let lambda = phi.exp();
        let (mut score, mut curvature) = (0.0, 0.0);
        for (x, mu, before) in self.triples(k, n) {
            let mean = lambda * before + mu;
            score += x * before / mean - before;
            curvature += x * before * before / (mean * mean);
        }
        let score = lambda * score;
        score / (lambda * lambda * curvature - score)
    }
}
