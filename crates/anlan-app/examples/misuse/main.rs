//! How well the access review does on simulated years of a county's desk with planted misuse: one JSON line per seed. The
//! bench reads them. `misuse [--tell] [SEEDS … ]`; without seeds, those the method is judged by.

#![expect(
    clippy::print_stdout,
    reason = "a program of its own: it prints what it measures"
)]

mod beside;
mod desk;
mod dice;
mod habits;
mod judging;
mod planting;
mod staff;

use anlan_model::calendars::Calendar;
use judging::{Judged, Size, Year, judge, share};
use std::error::Error;
use std::fmt::Write as _;

/// The weights were chosen on seeds 1 to 4; these are what the method is judged by.
const SEEDS: [u64; 6] = [101, 102, 103, 104, 105, 106];

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let is_told = words.iter().any(|word| word == "--tell");
    let seeds: Vec<u64> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let seeds = if seeds.is_empty() { SEEDS.to_vec() } else { seeds };
    let calendar = Calendar::china()?;
    for seed in seeds {
        let size = Size {
            seed,
            days: 365,
            cases_per_day: 110.0,
            each: 4,
        };
        let year = Year::simulate(size, &calendar);
        let judged = judge(&year, &calendar);
        println!("{}", line(seed, &year, &judged)?);
        if is_told {
            tell(&year, &judged);
        }
    }
    Ok(())
}

fn line(seed: u64, year: &Year, judged: &Judged) -> Result<String, std::fmt::Error> {
    let mut kinds = String::new();
    for (kind, (all, found)) in &judged.found {
        let comma = if kinds.is_empty() { "" } else { "," };
        write!(kinds, "{comma}\"{}\":[{found},{all}]", kind.word())?;
    }
    Ok(format!(
        "{{\"seed\":{seed},\"accounts\":{},\"entries\":{},\"looks\":{},\"explained\":{:.5},\"planted_looks\":{},\"planted_explained\":{:.5},\"account_days\":{},\"first_hundredth\":{},\"bar\":{:.2},\"found\":{:.5},\"planted_days\":{},\"planted_days_found\":{},\"kinds\":{{{kinds}}}}}",
        year.accounts.len(),
        judged.entries,
        judged.legitimate.0,
        judged.share_explained(),
        judged.planted.0,
        share(judged.planted.1, judged.planted.0),
        judged.queue.0,
        judged.queue.1,
        judged.bar,
        judged.share_found(),
        judged.days.0,
        judged.days.1,
    ))
}

fn tell(year: &Year, judged: &Judged) {
    for (kind, count) in &judged.kinds {
        println!("  {count:>8} {kind}");
    }
    for (at, (kind, rank, score)) in judged.places.iter().enumerate() {
        let role = year.incidents.get(at).and_then(|(_, accounts)| {
            let first = accounts.first()?;
            year.accounts.iter().find(|one| one.id == *first)
        });
        println!(
            "  {:<34} rank {rank:>6} score {score:.2} {:?}",
            kind.word(),
            role.map(|one| &one.roles)
        );
    }
    for (finding, is_planted) in &judged.items {
        let parts: Vec<String> = finding
            .parts
            .iter()
            .map(|part| {
                format!(
                    "{:?} {:.1} ({:.0}/{:.1})",
                    part.kind, part.points, part.seen, part.usual
                )
            })
            .collect();
        println!(
            "  {} {} {} {:.1}: {}",
            if *is_planted { "planted" } else { "-" },
            finding.day,
            finding.account,
            finding.score,
            parts.join(", ")
        );
    }
}
