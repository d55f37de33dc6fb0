//! A project small enough to read, and changes to it. Tests only.

use anlan_intake::satscan::{self, Faults, Project};
use std::collections::BTreeMap;
use std::io;

/// Files by name.
#[derive(Debug, Clone)]
pub(crate) struct Small(pub(crate) BTreeMap<String, Vec<u8>>);

const PRM: &str = "[Input]
CaseFile=a.cas
PopulationFile=a.pop
CoordinatesFile=a.geo
PrecisionCaseTimes=3
StartDate=2024/1/1
EndDate=2024/12/31
CoordinatesType=1
[Analysis]
AnalysisType=3
ModelType=0
TimeAggregationUnits=3
";

impl Small {
    pub(crate) fn new() -> Self {
        let files = [
            ("a.prm", PRM),
            (
                "a.cas",
                "east 2 2024/3/1\nwest 1 2024/3/2\n\"north hill\" 1 2024/4/9\n",
            ),
            (
                "a.pop",
                "east 2024 1000\nwest 2024 900\n\"north hill\" 2024 300\n",
            ),
            (
                "a.geo",
                "east 30.1 110.2\nwest 30.2 110.1\n\"north hill\" 30.3 110.15\n",
            ),
        ];
        Self(
            files
                .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
                .into(),
        )
    }

    pub(crate) fn with(mut self, name: &str, bytes: &[u8]) -> Self {
        self.0.insert(name.to_owned(), bytes.to_vec());
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }

    /// The parameter file with these lines instead of those with the same keys.
    pub(crate) fn setting(self, lines: &str) -> Self {
        let bytes = self.0.get("a.prm").cloned().unwrap_or_default();
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        for line in lines.lines() {
            let key = line.split('=').next().unwrap_or_default();
            let start = format!("{key}=");
            let others: Vec<&str> = text
                .lines()
                .filter(|old| !old.starts_with(&start))
                .chain([line])
                .collect();
            text = others.join("\n");
        }
        self.with("a.prm", text.as_bytes())
    }

    pub(crate) fn read(&self) -> (Option<Project>, Faults) {
        let files = |name: &str| {
            let missing = || io::Error::from(io::ErrorKind::NotFound);
            self.0.get(name).cloned().ok_or_else(missing)
        };
        let parameters = self.0.get("a.prm").cloned().unwrap_or_default();
        satscan::read("a.prm", &parameters, &[], &files)
    }
}
