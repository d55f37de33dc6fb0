//! What a decision costs with a thousand policies and ten thousand accounts, and what a row rule does. Prints one JSON
//! object, times in microseconds.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a program of its own: it measures and prints"
)]

#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../tests/policy/chance.rs"]
mod chance;
#[path = "../tests/policy/generated.rs"]
mod generated;

use anlan_model::cases::Case;
use anlan_policy::{Action, Actor, Policy};
use chance::Chance;
use std::hint::black_box;
use std::time::Instant;

const POLICIES: usize = 1_000;
const ACCOUNTS: usize = 10_000;
const QUESTIONS: usize = 100_000;
const SCANS: usize = 200;

type Question = (Actor, Action, Case);

fn micros(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e6
}

/// How long each answer took, sorted, and how many were yes.
struct Times(Vec<f64>, usize);

impl Times {
    fn of(questions: &[Question], ask: impl Fn(&Question) -> bool) -> Self {
        let mut allowed = 0;
        let mut times: Vec<f64> = questions
            .iter()
            .map(|question| {
                let begin = Instant::now();
                allowed += usize::from(black_box(ask(question)));
                micros(begin)
            })
            .collect();
        times.sort_by(f64::total_cmp);
        Self(times, allowed)
    }

    fn at(&self, percent: usize) -> f64 {
        self.0[(self.0.len() * percent / 100).min(self.0.len() - 1)]
    }
}

fn main() {
    let mut chance = Chance::of(0x616e_6c61_6e00);
    let text = generated::policies(&mut chance, POLICIES);
    let begin = Instant::now();
    let policy = generated::load(&text);
    let loading = micros(begin);
    let begin = Instant::now();
    let shipped = Policy::shipped().unwrap();
    let shipping = micros(begin);
    let accounts: Vec<Actor> = (0..ACCOUNTS).map(|_| chance::actor(&mut chance)).collect();
    let questions: Vec<Question> = (0..QUESTIONS)
        .map(|_| {
            let actor = chance.one(&accounts);
            let case = chance::case(&mut chance, &actor);
            (actor, chance::case_action(&mut chance), case)
        })
        .collect();
    let many = Times::of(&questions, |(actor, action, case)| {
        policy.may_on(actor, *action, case).allowed
    });
    let usual = Times::of(&questions, |(actor, action, case)| {
        shipped.may_on(actor, *action, case).allowed
    });
    let scan = Times::of(&questions[..SCANS], |(actor, action, case)| {
        policy.may_on_by_all(actor, *action, case).allowed
    });
    let row = |(actor, action, _): &Question| policy.rows(actor, *action).is_some();
    let (cold, warm) = (Times::of(&questions, row), Times::of(&questions, row));
    let apart = questions.iter().filter(|(actor, action, case)| {
        let rule = policy.rows(actor, *action);
        rule.is_some_and(|rule| rule.admits(case)) != policy.may_on(actor, *action, case).allowed
    });
    let figures = [
        ("median_us", many.at(50)),
        ("p99_us", many.at(99)),
        ("shipped_median_us", usual.at(50)),
        ("shipped_p99_us", usual.at(99)),
        ("scan_median_us", scan.at(50)),
        ("row_first_p99_us", cold.at(99)),
        ("row_median_us", warm.at(50)),
        ("row_p99_us", warm.at(99)),
        ("load_us", loading),
        ("shipped_load_us", shipping),
        ("allowed_percent", 100.0 * many.1 as f64 / QUESTIONS as f64),
        ("apart", apart.count() as f64),
    ];
    let told: Vec<String> = figures
        .iter()
        .map(|(name, value)| format!("\"{name}\": {value:.2}"))
        .collect();
    println!("{{{}}}", told.join(", "));
}
