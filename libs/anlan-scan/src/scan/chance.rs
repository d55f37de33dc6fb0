//! Replications under the null hypothesis, each from its own number: the same whatever the order or the thread. The
//! draws are exact, and as few as the windows need.

use super::study::{Baseline, Study, by_place, by_step};
use rand_core::Rng;
use rand_distr::{Binomial, Distribution as _, Poisson};
use rand_pcg::Pcg64Mcg;

/// The random numbers of replication `index` (counted from 0) for a seed.
pub(crate) fn numbers(seed: u64, index: u64) -> Pcg64Mcg {
    let high = mix(seed ^ mix(index.wrapping_add(0x9e37_79b9_7f4a_7c15)));
    let low = mix(high ^ index);
    Pcg64Mcg::new((u128::from(high) << 64) | u128::from(low))
}

/// The finaliser of `SplitMix64` (Steele, Lea & Flood 2014).
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A whole number below `bound`, even to 2^-32 of a draw.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the upper half of a 64 bit product is below the bound"
)]
fn below(rng: &mut Pcg64Mcg, bound: usize) -> usize {
    ((u128::from(rng.next_u64()) * bound as u128) >> 64) as usize
}

/// Draws an index in proportion to weights in constant time (Walker 1977, Vose 1991).
#[derive(Debug, Clone)]
struct Alias {
    /// Chance of the index itself in 2^32, and the index drawn otherwise; which is the same where there is no other.
    cells: Vec<(u32, u32)>,
}

impl Alias {
    fn new(weights: &[f64]) -> Self {
        let scale = super::statistic::real(weights.len()) / weights.iter().sum::<f64>();
        let mut shares: Vec<f64> = weights.iter().map(|weight| weight * scale).collect();
        let mut cells: Vec<(u32, u32)> = (0..weights.len()).map(|at| (u32::MAX, index(at))).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..weights.len()).partition(|at| shares.get(*at).is_some_and(|share| *share < 1.0));
        while let (Some(less), Some(more)) = (small.pop(), large.last().copied()) {
            let share = shares.get(less).copied().unwrap_or(1.0);
            if let Some(cell) = cells.get_mut(less) {
                *cell = (chance(share), index(more));
            }
            let Some(rest) = shares.get_mut(more) else { break };
            *rest -= 1.0 - share;
            if *rest < 1.0 {
                large.pop();
                small.push(more);
            }
        }
        Self { cells }
    }

    #[inline]
    fn draw(&self, rng: &mut Pcg64Mcg) -> usize {
        let bits = rng.next_u64();
        let (pick, coin) = (bits >> 32, bits & 0xffff_ffff);
        let at = ((pick * self.cells.len() as u64) >> 32) as usize;
        let Some((own, other)) = self.cells.get(at) else {
            return at;
        };
        // Without a branch, for no processor foresees a coin.
        let is_other = usize::from(coin >= u64::from(*own));
        at ^ ((at ^ *other as usize) & is_other.wrapping_neg())
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "tables have fewer than 2^32 cells"
)]
fn index(at: usize) -> u32 {
    at as u32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share between 0 and 1; the cast keeps to the range"
)]
fn chance(share: f64) -> u32 {
    (share * 4_294_967_296.0) as u32
}

/// How replications are made for one study.
#[derive(Debug, Clone)]
pub(crate) enum Chance {
    /// Cases fall independently into cells with given chances: a multinomial draw.
    Cells(Cells),
    /// The same where cells are few and cases many, or cases among individuals at few places: nearly all of them as a
    /// number per place, the rest one by one.
    Numbers(Numbers),
    /// Some of all individuals are cases.
    Draw(Draw),
    /// The times of the cases are dealt anew among them, in each stratum.
    Deal(Vec<Deal>),
}

#[derive(Debug, Clone)]
pub(crate) struct Cells {
    by_size: Alias,
    steps: usize,
    first: usize,
    cases: u64,
    /// Chance that a case falls into any of the cells at all.
    share: f64,
}

#[derive(Debug, Clone)]
pub(crate) struct Numbers {
    by_place: Vec<Number>,
    by_size: Alias,
    cases: usize,
    /// Individuals at each place, of whom nobody is a case twice; empty where there is no such limit.
    individuals: Vec<u32>,
    /// What was drawn, place by place, each stream by stream; kept so that its memory is.
    drawn: Vec<u32>,
}

/// How the number of cases at one place is drawn.
#[derive(Debug, Clone)]
enum Number {
    /// From a table of its chances.
    Table(Alias),
    /// Where a table would be long.
    Poisson(Poisson<f64>),
    Binomial(Binomial),
}

/// Longest table of chances.
const TABLE_MAX: f64 = 4096.0;

impl Number {
    fn poisson(mean: f64) -> Self {
        match Poisson::new(mean) {
            Ok(number) if mean > TABLE_MAX => Self::Poisson(number),
            _ => Self::Table(Alias::new(&poisson(mean))),
        }
    }

    fn binomial(many: u32, chance: f64) -> Self {
        match Binomial::new(u64::from(many), chance) {
            Ok(number) if f64::from(many) > TABLE_MAX => Self::Binomial(number),
            _ => Self::Table(Alias::new(&binomial(many, chance))),
        }
    }

    #[inline]
    fn draw(&self, rng: &mut Pcg64Mcg) -> u32 {
        match self {
            Self::Table(table) => index(table.draw(rng)),
            Self::Poisson(number) => super::statistic::floor(number.sample(rng)),
            Self::Binomial(number) => u32::try_from(number.sample(rng)).unwrap_or(u32::MAX),
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Draw {
    /// Place and step of every individual.
    individuals: Vec<(u32, u32)>,
    cases: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct Deal {
    /// Place of every case.
    places: Vec<u32>,
    /// Cases of every step from `first` on.
    steps: Vec<u32>,
    first: usize,
}

/// Beyond so many cases per place a Poisson number per place costs less than a draw per case.
const CASES_PER_PLACE: usize = 4;
/// The same for cases among individuals, where a draw per case costs more.
const CASES_PER_PLACE_AMONG: usize = 1;

impl Chance {
    /// `first`: the first step that any window holds; cases before it need no place. `is_spatial`: windows hold all steps.
    pub(crate) fn new(study: &Study, first: usize, is_spatial: bool) -> Self {
        let steps = study.steps;
        match &study.baseline {
            Baseline::Permutation | Baseline::PermutationBy(_) => {
                let strata = study.strata().into_iter();
                Self::Deal(strata.map(|cases| Deal::new(cases, steps, first)).collect())
            }
            Baseline::Bernoulli(_)
                if is_spatial && study.all as usize > CASES_PER_PLACE_AMONG * study.places =>
            {
                let places: Vec<u32> = study
                    .population()
                    .into_iter()
                    .map(super::statistic::floor)
                    .collect();
                Self::Numbers(Numbers::among(places, study.all as usize))
            }
            Baseline::Bernoulli(controls) => {
                let mut individuals = Vec::new();
                for (at, (one, other)) in study.cases.iter().zip(controls).enumerate() {
                    let many = one.saturating_add(*other) as usize;
                    individuals.extend(std::iter::repeat_n((index(at / steps), index(at % steps)), many));
                }
                Self::Draw(Draw {
                    individuals,
                    cases: study.all as usize,
                })
            }
            Baseline::Poisson(measure) if is_spatial => {
                let places: Vec<f64> = measure.chunks(steps).map(|own| own.iter().sum()).collect();
                if study.all as usize > CASES_PER_PLACE * places.len() && places.len() > 1 {
                    return Self::Numbers(Numbers::new(&places, study.all as usize));
                }
                Self::Cells(Cells {
                    by_size: Alias::new(&places),
                    steps: 1,
                    first: 0,
                    cases: u64::from(study.all),
                    share: 1.0,
                })
            }
            Baseline::Poisson(measure) => {
                let recent: Vec<f64> = measure
                    .chunks(steps)
                    .flat_map(|own| own.get(first..).unwrap_or_default())
                    .copied()
                    .collect();
                let share = recent.iter().sum::<f64>() / measure.iter().sum::<f64>();
                Self::Cells(Cells {
                    by_size: Alias::new(&recent),
                    steps: steps - first,
                    first,
                    cases: u64::from(study.all),
                    share,
                })
            }
        }
    }

    /// Where a number is drawn for each place: all of them, place by place, each stream by stream.
    pub(crate) fn rows(&mut self, rngs: &mut [Pcg64Mcg]) -> Option<&[u32]> {
        match self {
            Self::Numbers(numbers) => {
                let mut drawn = std::mem::take(&mut numbers.drawn);
                numbers.draw(rngs, &mut drawn);
                numbers.drawn = drawn;
                Some(&numbers.drawn)
            }
            _ => None,
        }
    }

    /// Draws as many replications as there are streams of numbers: `add(place, step, which, count)` for all that windows
    /// can see.
    pub(crate) fn draw(&mut self, rngs: &mut [Pcg64Mcg], mut add: impl FnMut(usize, usize, usize, u32)) {
        let streams = rngs.len().max(1);
        if let Some(drawn) = self.rows(rngs) {
            for (place, own) in drawn.chunks(streams).enumerate() {
                let seen = own.iter().enumerate().filter(|(_, count)| **count > 0);
                seen.for_each(|(which, count)| add(place, 0, which, *count));
            }
            return;
        }
        for (which, rng) in rngs.iter_mut().enumerate() {
            let mut add = |place, step, count| add(place, step, which, count);
            match self {
                Self::Cells(cells) => cells.draw(rng, &mut add),
                Self::Numbers(_) => {}
                Self::Draw(draw) => draw.draw(rng, &mut add),
                Self::Deal(strata) => strata.iter_mut().for_each(|deal| deal.draw(rng, &mut add)),
            }
        }
    }
}

/// By how many standard deviations the numbers of all places together are short of the cases on the average: so seldom
/// there are too many, and few are missing.
const SHORT: f64 = 2.0;

impl Cells {
    fn draw(&self, rng: &mut Pcg64Mcg, add: &mut impl FnMut(usize, usize, u32)) {
        let many = if self.share < 1.0 {
            let seen = Binomial::new(self.cases, self.share.max(0.0));
            seen.map_or(0, |seen| seen.sample(rng))
        } else {
            self.cases
        };
        for _ in 0..many {
            let cell = self.by_size.draw(rng);
            add(cell / self.steps, self.first + cell % self.steps, 1);
        }
    }
}

impl Numbers {
    /// Poisson numbers with means a little below the expected ones, given that their sum is not above the number of
    /// cases, and the missing cases drawn one by one, are together exactly multinomial.
    fn new(places: &[f64], cases: usize) -> Self {
        let all = super::statistic::real(cases);
        let short = (all - SHORT * all.sqrt()).max(0.0) / places.iter().sum::<f64>();
        Self {
            by_place: places
                .iter()
                .map(|place| Number::poisson(place * short))
                .collect(),
            by_size: Alias::new(places),
            cases,
            individuals: Vec::new(),
            drawn: Vec::new(),
        }
    }

    /// So many cases among individuals. If each is one with a chance a little below the share of cases, then those that
    /// are, given their number, are any of all with the same chance; so are they with the missing ones, drawn one by
    /// one from the others. Together that is exactly multivariate hypergeometric.
    fn among(individuals: Vec<u32>, cases: usize) -> Self {
        let places: Vec<f64> = individuals.iter().map(|many| f64::from(*many)).collect();
        let (many, all) = (super::statistic::real(cases), places.iter().sum::<f64>());
        let rest = 1.0 - many / all;
        let chance = ((many - SHORT * (many * rest).sqrt()) / all).clamp(0.0, 1.0);
        Self {
            by_place: individuals
                .iter()
                .map(|many| Number::binomial(*many, chance))
                .collect(),
            by_size: Alias::new(&places),
            cases,
            individuals,
            drawn: Vec::new(),
        }
    }

    /// One more case, at a place in proportion to those who are none yet.
    fn one_more(&self, drawn: &mut [u32], (which, streams): (usize, usize), rng: &mut Pcg64Mcg) {
        loop {
            let place = self.by_size.draw(rng);
            let Some(count) = drawn.get_mut(place * streams + which) else {
                return;
            };
            let is_taken = self
                .individuals
                .get(place)
                .is_some_and(|many| *count >= *many || below(rng, *many as usize) < *count as usize);
            if !is_taken {
                *count += 1;
                return;
            }
        }
    }

    fn draw(&self, rngs: &mut [Pcg64Mcg], drawn: &mut Vec<u32>) {
        let streams = rngs.len();
        let mut sums = vec![0_usize; streams];
        drawn.clear();
        // Place by place, so that each one's table is at hand for all streams.
        for number in &self.by_place {
            let own = rngs.iter_mut().zip(&mut sums).map(|(rng, sum)| {
                let count = number.draw(rng);
                *sum += count as usize;
                count
            });
            drawn.extend(own);
        }
        for (which, (rng, sum)) in rngs.iter_mut().zip(sums).enumerate() {
            self.complete(drawn, (which, streams), sum, rng);
        }
    }

    /// Draws the missing cases of one stream; all of them anew as long as there are too many.
    fn complete(
        &self,
        drawn: &mut [u32],
        (which, streams): (usize, usize),
        mut sum: usize,
        rng: &mut Pcg64Mcg,
    ) {
        let missing = loop {
            if let Some(missing) = self.cases.checked_sub(sum) {
                break missing;
            }
            sum = 0;
            let own = drawn.iter_mut().skip(which).step_by(streams);
            for (count, number) in own.zip(&self.by_place) {
                *count = number.draw(rng);
                sum += *count as usize;
            }
        };
        for _ in 0..missing {
            self.one_more(drawn, (which, streams), rng);
        }
    }
}

/// The chances of 0 to `many` for a binomial number.
fn binomial(many: u32, chance: f64) -> Vec<f64> {
    let (yes, no) = (chance.ln(), (-chance).ln_1p());
    let mut log = f64::from(many) * no;
    let mut chances = vec![if chance < 1.0 { log.exp() } else { 0.0 }];
    for count in 1..=many {
        log += (f64::from(many - count + 1) / f64::from(count)).ln() + yes - no;
        chances.push(if log.is_finite() { log.exp() } else { 0.0 });
    }
    if chance >= 1.0 {
        chances.pop();
        chances.push(1.0);
    }
    chances
}

/// The chances of 0, 1, 2 … for a Poisson mean, to beyond 10^-16 of the tail.
fn poisson(mean: f64) -> Vec<f64> {
    let most = super::statistic::ceil(mean + 10.0 * mean.sqrt() + 20.0);
    let mut log = -mean;
    let mut chances = vec![log.exp()];
    for count in 1..=most {
        log += (mean / f64::from(count)).ln();
        chances.push(if mean > 0.0 { log.exp() } else { 0.0 });
    }
    chances
}

impl Draw {
    fn draw(&mut self, rng: &mut Pcg64Mcg, add: &mut impl FnMut(usize, usize, u32)) {
        let cases = self.cases.min(self.individuals.len());
        deal(&mut self.individuals, cases, rng, |(place, step)| {
            add(place as usize, step as usize, 1);
        });
    }
}

impl Deal {
    fn new(cases: &[u32], steps: usize, first: usize) -> Self {
        let mut places = Vec::new();
        for (place, count) in by_place(cases, steps).into_iter().enumerate() {
            places.extend(std::iter::repeat_n(index(place), count as usize));
        }
        let steps = by_step(cases, steps).split_off(first.min(steps));
        Self { places, steps, first }
    }

    fn draw(&mut self, rng: &mut Pcg64Mcg, add: &mut impl FnMut(usize, usize, u32)) {
        let steps = (self.first..).zip(&self.steps);
        let mut when = steps.flat_map(|(step, count)| std::iter::repeat_n(step, *count as usize));
        let cases = self.steps.iter().map(|count| *count as usize).sum();
        deal(&mut self.places, cases, rng, |place| {
            if let Some(step) = when.next() {
                add(place as usize, step, 1);
            }
        });
    }
}

/// Draws so many of the cards without putting any back, and then puts all back where they were, so that the next
/// replication does not depend on this one.
fn deal<T: Copy>(cards: &mut [T], draws: usize, rng: &mut Pcg64Mcg, mut take: impl FnMut(T)) {
    let all = cards.len();
    let mut swaps = Vec::with_capacity(draws);
    for at in 0..draws.min(all) {
        let other = at + below(rng, all - at);
        cards.swap(at, other);
        swaps.push(other);
        if let Some(card) = cards.get(at) {
            take(*card);
        }
    }
    for (at, other) in swaps.into_iter().enumerate().rev() {
        cards.swap(at, other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(mut chance: Chance, places: usize) -> (Vec<f64>, u64) {
        let mut sums = vec![0.0; places];
        let mut all = 0_u64;
        let mut rngs: Vec<Pcg64Mcg> = (0..4000).map(|index| numbers(7, index)).collect();
        for rngs in rngs.chunks_mut(32) {
            chance.draw(rngs, |place, _, _, count| {
                sums[place] += f64::from(count) / 4000.0;
                all += u64::from(count);
            });
        }
        (sums, all)
    }

    #[test]
    fn every_way_of_drawing_has_the_right_means_and_number_of_cases() {
        let weights = vec![1.0, 5.0, 4.0];
        for cases in [10_u32, 200] {
            let spread_out = vec![cases / 2, cases / 2, 0];
            let study = Study::new(3, 1, spread_out, Baseline::Poisson(weights.clone())).unwrap();
            let (means, all) = spread(Chance::new(&study, 0, true), 3);
            assert_eq!(all, u64::from(cases) * 4000);
            for (mean, weight) in means.iter().zip(&weights) {
                let want = f64::from(cases) * weight / 10.0;
                assert!((mean - want).abs() < 0.05 * want, "{mean} for {want}");
            }
        }
        let study = Study::new(3, 1, vec![30, 0, 0], Baseline::Bernoulli(vec![0, 40, 30])).unwrap();
        let (means, _) = spread(Chance::new(&study, 0, true), 3);
        assert!((means[1] - 12.0).abs() < 0.4, "{means:?}");
        let study = Study::new(3, 1, vec![90, 0, 0], Baseline::Bernoulli(vec![0, 40, 30])).unwrap();
        let (means, all) = spread(Chance::new(&study, 0, true), 3);
        assert_eq!(all, 90 * 4000);
        for (mean, many) in means.iter().zip([90.0, 40.0, 30.0]) {
            assert!((mean - 90.0 * many / 160.0).abs() < 0.2, "{means:?}");
        }
        let study = Study::new(2, 3, vec![5, 0, 5, 10, 0, 20], Baseline::Permutation).unwrap();
        let (means, all) = spread(Chance::new(&study, 2, false), 2);
        assert_eq!(all, 25 * 4000, "only cases of the last step are drawn");
        assert!((means[0] - 25.0 * 10.0 / 40.0).abs() < 0.2, "{means:?}");
    }
}
