//! The library's example that measures one scan: asked in words, answers in JSON. It judges nothing.

use super::super::examples::Example;
use crate::repo::Repo;
use anyhow::Result;

/// The built example.
pub(super) struct Ladder(Example);

/// What one scan cost and found.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
pub(super) struct Found {
    pub(super) cases: u32,
    pub(super) cpu_s: f64,
    pub(super) side_by_side_s: f64,
    pub(super) wall_s: f64,
    pub(super) peak_mib: f64,
    pub(super) statistic: f64,
    pub(super) p: f64,
}

impl Ladder {
    pub(super) fn build(repo: &Repo) -> Result<Self> {
        Example::build(repo, "anlan-scan", "ladder").map(Self)
    }

    /// One scan, as `MODEL key=value …`.
    pub(super) fn run(&self, task: &str) -> Result<Found> {
        self.0.ask(&task.split(' ').collect::<Vec<_>>())
    }

    /// The least cost of some runs of the same: the machine is shared, and only ever adds to it.
    pub(super) fn best_of(&self, times: usize, task: &str) -> Result<Found> {
        let mut best = self.run(task)?;
        for _ in 1..times {
            let next = self.run(task)?;
            if next.cpu_s < best.cpu_s {
                best = next;
            }
        }
        Ok(best)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_example_prints_is_read() {
        let line = r#"{"model":"permutation","places":5000,"days":365,"cases":58231,"replications":999,"threads":1,
            "km":"5","share":0.5,"cpu_s":1.250,"side_by_side_s":1.1,"wall_s":1.300,"peak_mib":80,"statistic":12.300479,"p":0.07}"#;
        let found: Found = serde_json::from_str(line).unwrap();
        assert_eq!(found.cases, 58_231);
        assert!((found.cpu_s - 1.25).abs() < 1e-12 && (found.p - 0.07).abs() < 1e-12);
    }
}
