//! A run of the program on a disk that remembers, and the many power cuts that could have ended it.

use super::cuts::{Deaf, Replay};
use super::disk::{Disk, Step};
use super::images::{Promises, Told};
use rand_core::Rng as _;
use rand_pcg::Pcg64Mcg;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// All that happened on the disk, and what was told when.
pub struct Recording {
    pub steps: Vec<Step>,
    pub told: Vec<Told>,
}

/// Notes what was told, in the order of the disk's steps.
#[derive(Clone)]
pub struct Teller {
    disk: Disk,
    told: Arc<Mutex<Vec<Told>>>,
}

impl Teller {
    pub fn new(disk: &Disk) -> Self {
        Self {
            disk: disk.clone(),
            told: Arc::default(),
        }
    }

    /// All that has happened so far.
    pub fn recording(&self) -> Recording {
        Recording {
            steps: self.disk.steps(),
            told: self.told.lock().unwrap().clone(),
        }
    }

    pub fn tell(&self, what: Told) {
        let mut told = self.told.lock().unwrap();
        self.disk.told(told.len());
        told.push(what);
    }
}

/// What came of many cuts.
pub struct Outcome {
    /// What was found wrong, and how often.
    pub wrong: BTreeMap<String, usize>,
    /// Acknowledged entries that were looked for.
    pub entries: usize,
}

/// Cuts a recording at `cuts` points and checks what each leaves.
pub fn cut(recording: &Recording, cuts: usize, deaf: Deaf) -> Outcome {
    let seed = 0x0a11_a000 + u128::try_from(cuts).unwrap();
    let (mut dice, mut replay) = (Pcg64Mcg::new(seed), Replay::new(seed, deaf));
    let count = u64::try_from(recording.steps.len()).unwrap();
    let mut points: Vec<usize> = (0..cuts)
        .map(|_| usize::try_from(dice.next_u64() % (count + 1)).unwrap())
        .collect();
    points.sort_unstable();
    let mut promises = Promises::default();
    let mut outcome = Outcome {
        wrong: BTreeMap::new(),
        entries: 0,
    };
    let mut done = 0;
    for point in points {
        for step in &recording.steps[done..point] {
            replay.step(step);
            if let Step::Told(what) = step {
                promises.add(&recording.told[*what]);
            }
        }
        done = point;
        outcome.entries += promises.entries();
        let image = image();
        replay.cut(image.path());
        if let Err(error) = promises.check(&image.path().join("data")) {
            let words: String = format!("{error:#}")
                .chars()
                .filter(|c| !c.is_ascii_digit())
                .collect();
            eprintln!("cut at step {point} of {count}: {error:#}");
            *outcome.wrong.entry(words).or_default() += 1;
        }
    }
    outcome
}

/// A folder in memory where there is one: what is checked here is the image, not this machine's disk.
fn image() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir());
    made.unwrap()
}
