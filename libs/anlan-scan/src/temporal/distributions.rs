//! The few distributions the detectors need, accurate far into the tails and for counts up to billions: normal,
//! Student's t, Poisson, negative binomial. Error functions come from `libm`; it knows no series and no model.
//!
//! Point probabilities go through Loader's saddle-point form (C. Loader, *Fast and accurate computation of binomial
//! probabilities*, 2000), so that no difference of two large log-gammas is ever taken; tails multiply that point by a
//! continued fraction (Gautschi; NIST DLMF 8.9.2 and 8.17.22), which keeps their **relative** error near 1e-13.

use std::f64::consts::{PI, SQRT_2};

/// Largest number of terms of a continued fraction or a series; more are needed only above [`LARGE`].
const TERMS_MAX: u32 = 100_000;
/// From here on tails come from uniform asymptotic expansions instead.
const LARGE: f64 = 1e6;
const TINY: f64 = 1e-300;

/// P(Z ≤ z) of the standard normal.
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / SQRT_2)
}

/// P(Z > z) of the standard normal, accurate in the upper tail.
pub fn normal_upper(z: f64) -> f64 {
    0.5 * libm::erfc(z / SQRT_2)
}

/// The value z with P(Z ≤ z) = `p` of the standard normal; NaN outside 0..1.
///
/// Newton's correction (Halley's form) of a rational start (Abramowitz & Stegun 26.2.23), until it stands still.
pub fn normal_quantile(p: f64) -> f64 {
    if p.is_nan() || !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p == 0.0 {
        return f64::NEG_INFINITY;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    if p > 0.5 {
        return -lower_normal_quantile(1.0 - p);
    }
    lower_normal_quantile(p)
}

fn lower_normal_quantile(p: f64) -> f64 {
    let t = (-2.0 * p.ln()).sqrt();
    let top = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let bottom = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let mut z = -(t - top / bottom);
    for _ in 0..8 {
        let density = (-0.5 * z * z).exp() / (2.0 * PI).sqrt();
        let step = (normal_cdf(z) - p) / density;
        let move_by = step / (1.0 + 0.5 * z * step);
        z -= move_by;
        if move_by.abs() <= 1e-16 * z.abs().max(1e-3) {
            break;
        }
    }
    z
}

/// P(T > t) of Student's t with `df` degrees of freedom.
pub fn t_upper(t: f64, df: f64) -> f64 {
    if t.is_nan() || df.is_nan() || df <= 0.0 {
        return f64::NAN;
    }
    if t.is_infinite() {
        return if t > 0.0 { 0.0 } else { 1.0 };
    }
    let square = t * t;
    let tail = 0.5 * incomplete_beta(0.5 * df, 0.5, df / (df + square), square / (df + square));
    if t >= 0.0 { tail } else { 1.0 - tail }
}

/// The value t with P(T ≤ t) = `p` of Student's t with `df` degrees of freedom, by bisection to the last bit that
/// matters (relative 1e-14).
pub fn t_quantile(p: f64, df: f64) -> f64 {
    if p.is_nan() || !(0.0..=1.0).contains(&p) || df.is_nan() || df <= 0.0 {
        return f64::NAN;
    }
    let (tail, sign) = if p < 0.5 { (p, -1.0) } else { (1.0 - p, 1.0) };
    if tail == 0.0 {
        return sign * f64::INFINITY;
    }
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    while t_upper(high, df) > tail && high < 1e300 {
        low = high;
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if t_upper(middle, df) > tail {
            low = middle;
        } else {
            high = middle;
        }
        if high - low <= 1e-15 * high {
            break;
        }
    }
    sign * 0.5 * (low + high)
}

/// P(X ≥ `count`) of the Poisson distribution with mean `mean` ≥ 0; `count` is a whole number as `f64`.
pub fn poisson_upper(count: f64, mean: f64) -> f64 {
    if count <= 0.0 {
        return 1.0;
    }
    poisson_sides(count, mean).0
}

/// P(X ≤ `count`) of the Poisson distribution.
pub fn poisson_cdf(count: f64, mean: f64) -> f64 {
    if count < 0.0 {
        return 0.0;
    }
    poisson_sides(count.floor() + 1.0, mean).1
}

/// P(X ≥ count) and P(X < count): the regularised incomplete gamma functions P(count, mean) and Q(count, mean).
fn poisson_sides(count: f64, mean: f64) -> (f64, f64) {
    if mean.is_nan() || mean < 0.0 {
        return (f64::NAN, f64::NAN);
    }
    if mean == 0.0 {
        return (0.0, 1.0);
    }
    if count > LARGE && mean > LARGE {
        return gamma_of_large(count, mean);
    }
    if mean < count + 1.0 {
        let at = poisson_point(count, mean);
        let (mut sum, mut term, mut next) = (1.0, 1.0, count);
        for _ in 0..TERMS_MAX {
            next += 1.0;
            term *= mean / next;
            sum += term;
            if term <= 1e-17 * sum {
                break;
            }
        }
        let upper = (at * sum).min(1.0);
        return (upper, 1.0 - upper);
    }
    let lower = (poisson_point(count, mean) * count * gamma_fraction(count, mean)).min(1.0);
    (1.0 - lower, lower)
}

/// P(a, x) and Q(a, x) for large a by Temme's uniform expansion (DLMF 8.12.3–8.12.9), first term: relative error 1/a of a
/// correction that is itself 1/√a.
fn gamma_of_large(a: f64, x: f64) -> (f64, f64) {
    let half = deviance_half(a, x);
    let eta = (x - a).signum() * (2.0 * half / a).sqrt();
    let first = if eta.abs() < 1e-4 {
        -1.0 / 3.0 + eta / 12.0
    } else {
        a / (x - a) - 1.0 / eta
    };
    let correction = (-half).exp() / (2.0 * PI * a).sqrt() * first;
    let z = eta.signum() * half.sqrt();
    (
        0.5 * libm::erfc(-z) - correction,
        0.5 * libm::erfc(z) + correction,
    )
}

/// `I_x(a, b)` for large a and b, likewise (DLMF 8.18.9).
#[expect(clippy::many_single_char_names, reason = "the letters of the cited formula")]
fn beta_of_large(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    let half = deviance_half(a, n * x) + deviance_half(b, n * y);
    let (x0, y0) = (a / n, b / n);
    let away = if x < y { x - x0 } else { y0 - y };
    let eta = away.signum() * (2.0 * half / n).sqrt();
    let first = if eta.abs() < 1e-5 {
        (y0 - x0) / (3.0 * (x0 * y0).sqrt())
    } else {
        1.0 / eta - (x0 * y0).sqrt() / away
    };
    let z = eta.signum() * half.sqrt();
    0.5 * libm::erfc(-z) + (-half).exp() / (2.0 * PI * n).sqrt() * first
}

/// The continued fraction of Γ(a, x) / (x^a e^-x) (DLMF 8.9.2), by Lentz's method.
#[expect(clippy::many_single_char_names, reason = "the letters of the cited formula")]
fn gamma_fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut product = d;
    for step in 1..TERMS_MAX {
        let step = f64::from(step);
        let numerator = -step * (step - a);
        b += 2.0;
        d = 1.0 / away_from_zero(numerator * d + b);
        c = away_from_zero(b + numerator / c);
        let factor = c * d;
        product *= factor;
        if (factor - 1.0).abs() < 1e-14 {
            break;
        }
    }
    product
}

fn away_from_zero(value: f64) -> f64 {
    if value.abs() < TINY { TINY } else { value }
}

/// P(X = `count`) of the Poisson distribution.
pub fn poisson_point(count: f64, mean: f64) -> f64 {
    if mean == 0.0 {
        return if count == 0.0 { 1.0 } else { 0.0 };
    }
    if count == 0.0 {
        return (-mean).exp();
    }
    (-stirling_error(count) - deviance_half(count, mean)).exp() / (2.0 * PI * count).sqrt()
}

/// ln Γ(n + 1) less its Stirling approximation √(2πn) nⁿ e⁻ⁿ.
fn stirling_error(n: f64) -> f64 {
    if n < 16.0 {
        return libm::lgamma(n + 1.0) - (n + 0.5) * n.ln() + n - 0.5 * (2.0 * PI).ln();
    }
    let square = n * n;
    (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - (1.0 / 1680.0) / square) / square) / square) / n
}

/// x ln(x/m) + m − x without cancellation (Loader's `bd0`).
fn deviance_half(x: f64, m: f64) -> f64 {
    if (x - m).abs() >= 0.1 * (x + m) {
        return x * (x / m).ln() + m - x;
    }
    let v = (x - m) / (x + m);
    let mut sum = (x - m) * v;
    let mut term = 2.0 * x * v;
    let square = v * v;
    for j in 1..1000 {
        term *= square;
        let next = sum + term / f64::from(2 * j + 1);
        if next.to_bits() == sum.to_bits() {
            break;
        }
        sum = next;
    }
    sum
}

/// The least whole number x with P(X ≤ x) ≥ `p` of the Poisson distribution; infinite for `p` = 1.
pub fn poisson_quantile(p: f64, mean: f64) -> f64 {
    discrete_quantile(p, mean, mean, |x| poisson_cdf(x, mean))
}

/// P(X ≥ `count`) of the negative binomial with `size` successes of probability `prob`
/// (mean `size`·(1−`prob`)/`prob`, variance mean/`prob`).
pub fn negative_binomial_upper(count: f64, size: f64, prob: f64) -> f64 {
    if count <= 0.0 {
        return 1.0;
    }
    incomplete_beta(count, size, 1.0 - prob, prob)
}

/// P(X ≤ `count`) of the negative binomial.
pub fn negative_binomial_cdf(count: f64, size: f64, prob: f64) -> f64 {
    if count < 0.0 {
        return 0.0;
    }
    incomplete_beta(size, count.floor() + 1.0, prob, 1.0 - prob)
}

/// The least whole number x with P(X ≤ x) ≥ `p` of the negative binomial; infinite for `p` = 1, 0 for `size` = 0.
pub fn negative_binomial_quantile(p: f64, size: f64, prob: f64) -> f64 {
    if size == 0.0 {
        return 0.0;
    }
    let mean = size * (1.0 - prob) / prob;
    discrete_quantile(p, mean, mean / prob, |x| negative_binomial_cdf(x, size, prob))
}

/// Start from the normal approximation, bracket by doubling steps, close in by halving. As in R, `p` is lowered by
/// 64 units in the last place so that a probability which is a point of the distribution finds that point.
fn discrete_quantile(p: f64, mean: f64, variance: f64, cdf: impl Fn(f64) -> f64) -> f64 {
    if !(0.0..=1.0).contains(&p) || !mean.is_finite() || !variance.is_finite() {
        return f64::NAN;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    let wanted = p * (1.0 - 64.0 * f64::EPSILON);
    let sigma = variance.sqrt();
    let start = (mean + normal_quantile(p).max(-40.0) * sigma).floor().max(0.0);
    let mut step = (0.1 * sigma).floor().max(1.0);
    let (mut low, mut high) = (start - 1.0, start);
    while cdf(high) < wanted && high < 1e300 {
        low = high;
        high += step;
        step *= 2.0;
    }
    step = (0.1 * sigma).floor().max(1.0);
    while low >= 0.0 && cdf(low) >= wanted {
        high = low;
        low -= step;
        step *= 2.0;
    }
    low = low.max(-1.0);
    while high - low > 1.0 {
        let middle = (0.5 * (low + high)).floor();
        if middle <= low || middle >= high {
            break;
        }
        if cdf(middle) >= wanted {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

/// The regularised incomplete beta function `I_x(a, b)` with `y` = 1 − x given separately, so that neither tail of x
/// loses digits (DLMF 8.17.22, modified Lentz).
pub(crate) fn incomplete_beta(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if [a, b, x, y].iter().any(|v| v.is_nan()) || a <= 0.0 || b <= 0.0 {
        return f64::NAN;
    }
    if x <= 0.0 {
        return 0.0;
    }
    if y <= 0.0 {
        return 1.0;
    }
    if a > LARGE && b > LARGE {
        return beta_of_large(a, b, x, y);
    }
    let direct = || (beta_front(a, b, x, y) * beta_fraction(a, b, x) / a).min(1.0);
    if x <= (a + 1.0) / (a + b + 2.0) {
        return direct();
    }
    let other = beta_front(b, a, y, x) * beta_fraction(b, a, y) / b;
    // Close to 1 the difference would have no digits left; the slower fraction has them.
    if other > 0.9 { direct() } else { 1.0 - other }
}

/// x^a y^b / B(a, b), from saddle-point terms: a·b/(a+b) times the binomial probability of a among a + b, continued.
#[expect(clippy::many_single_char_names, reason = "the letters of the cited formula")]
fn beta_front(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    let error = stirling_error(n) - stirling_error(a) - stirling_error(b);
    let deviance = deviance_half(a, n * x) + deviance_half(b, n * y);
    (error - deviance).exp() * (a * b / (2.0 * PI * n)).sqrt()
}

#[expect(clippy::many_single_char_names, reason = "the letters of the cited formula")]
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut product = d;
    for step in 1..TERMS_MAX {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        product *= c * d;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        let factor = c * d;
        product *= factor;
        if (factor - 1.0).abs() < 1e-14 {
            break;
        }
    }
    product
}

/// ψ(x), the derivative of ln Γ, for x > 0: recurrence up to 12, then the asymptotic series (DLMF 5.11.2).
pub(crate) fn digamma(x: f64) -> f64 {
    let (mut x, mut shift) = (x, 0.0);
    while x < 12.0 {
        shift -= 1.0 / x;
        x += 1.0;
    }
    let s = 1.0 / (x * x);
    let series =
        s * (1.0 / 12.0 - s * (1.0 / 120.0 - s * (1.0 / 252.0 - s * (1.0 / 240.0 - s * (1.0 / 132.0)))));
    shift + x.ln() - 0.5 / x - series
}

/// ψ′(x) for x > 0, likewise (DLMF 5.15.8).
pub(crate) fn trigamma(x: f64) -> f64 {
    let (mut x, mut shift) = (x, 0.0);
    while x < 12.0 {
        shift += 1.0 / (x * x);
        x += 1.0;
    }
    let s = 1.0 / (x * x);
    let series = s * (1.0 / 6.0 - s * (1.0 / 30.0 - s * (1.0 / 42.0 - s * (1.0 / 30.0 - s * (5.0 / 66.0)))));
    shift + 1.0 / x + 0.5 * s + series / x
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, wanted: f64, relative: f64) {
        assert!(
            (found - wanted).abs() <= relative * wanted.abs(),
            "{found:e} is not {wanted:e}"
        );
    }

    /// Sums of exact points, in the direction that loses nothing.
    fn negative_binomial_tail_by_summing(count: u32, size: f64, prob: f64) -> f64 {
        let mut sum = 0.0;
        for x in (count..count + 20_000).rev() {
            let x = f64::from(x);
            let log = libm::lgamma(x + size) - libm::lgamma(size) - libm::lgamma(x + 1.0);
            sum += (log + size * prob.ln() + x * (1.0 - prob).ln()).exp();
        }
        sum
    }

    #[test]
    fn known_values() {
        close(normal_quantile(0.975), 1.959_963_984_540_054, 1e-15);
        close(normal_quantile(0.999), 3.090_232_306_167_813, 1e-14);
        close(normal_quantile(1e-20), -9.262_340_089_798_408, 1e-14);
        close(normal_upper(10.0), 7.619_853_024_160_527e-24, 1e-13);
        close(t_quantile(0.99, 6.0), 3.142_668_403_290_985, 1e-12);
        close(t_upper(12.706_204_736_174_698, 1.0), 0.025, 1e-12);
        close(t_upper(1.0, 1.0), 0.25, 1e-13);
        close(poisson_upper(10.0, 1.0), 1.114_254_783_387_207e-7, 1e-13);
        close(poisson_cdf(0.0, 3.0), (-3.0_f64).exp(), 1e-14);
        close(digamma(1.0), -0.577_215_664_901_532_9, 1e-14);
        close(trigamma(1.0), PI * PI / 6.0, 1e-14);
    }

    #[test]
    fn tails_agree_with_sums_of_points() {
        for (count, size, prob) in [(40, 3.0, 0.3), (90, 0.7, 0.2), (3, 12.0, 0.9), (400, 2.5, 0.05)] {
            let wanted = negative_binomial_tail_by_summing(count, size, prob);
            close(
                negative_binomial_upper(f64::from(count), size, prob),
                wanted,
                1e-11,
            );
        }
        // A mean of next to nothing: one case or more has probability size·ln(1/prob).
        let size = 7e-15;
        close(
            negative_binomial_upper(1.0, size, 0.18),
            -size * 0.18_f64.ln(),
            1e-12,
        );
        let mut sum = 0.0;
        for x in (60..400).rev() {
            sum += poisson_point(f64::from(x), 21.5);
        }
        close(poisson_upper(60.0, 21.5), sum, 1e-12);
    }

    fn gamma_by_summing(a: f64, x: f64) -> f64 {
        let (mut sum, mut term, mut next) = (1.0, 1.0, a);
        while term > 1e-17 * sum {
            next += 1.0;
            term *= x / next;
            sum += term;
        }
        poisson_point(a, x) * sum
    }

    /// The expansions for large counts meet the fractions where both hold.
    #[test]
    fn large_counts_agree_with_fractions() {
        let large = 3e6;
        for z in [-6.0, -2.0, -1e-3, 0.0, 0.5, 3.0, 7.0] {
            let mean = large + z * f64::sqrt(large);
            let (lower, upper) = gamma_of_large(large, mean);
            if mean < large + 1.0 {
                close(lower, gamma_by_summing(large, mean), 1e-8);
            } else {
                let wanted = poisson_point(large, mean) * large * gamma_fraction(large, mean);
                close(upper, wanted, 1e-8);
            }
            let other = 2.0 * large;
            let share = (large + z * (large * 2.0 / 3.0).sqrt()) / (3.0 * large);
            let wanted = if z <= 0.0 {
                beta_front(large, other, share, 1.0 - share) * beta_fraction(large, other, share) / large
            } else {
                1.0 - beta_front(other, large, 1.0 - share, share) * beta_fraction(other, large, 1.0 - share)
                    / other
            };
            close(beta_of_large(large, other, share, 1.0 - share), wanted, 1e-7);
        }
    }

    fn is_least(quantile: f64, p: f64, cdf: impl Fn(f64) -> f64) -> bool {
        cdf(quantile) >= p * (1.0 - 1e-12) && (quantile == 0.0 || cdf(quantile - 1.0) < p)
    }

    #[test]
    fn quantiles_are_the_least_that_reach_the_probability() {
        for (mean, p) in [0.01, 0.9, 7.3, 1234.5, 1e9]
            .into_iter()
            .flat_map(|mean| [1e-9, 0.01, 0.5, 0.975, 0.999_999].map(|p| (mean, p)))
        {
            let x = poisson_quantile(p, mean);
            assert!(is_least(x, p, |x| poisson_cdf(x, mean)), "{mean} {p} {x}");
            for phi in [1.01, 1.9, 40.0] {
                let (size, prob) = (mean / (phi - 1.0), 1.0 / phi);
                let x = negative_binomial_quantile(p, size, prob);
                assert!(
                    is_least(x, p, |x| negative_binomial_cdf(x, size, prob)),
                    "{mean} {phi} {p} {x}"
                );
            }
        }
    }
}
