//! Imports of real cities' exports: rows a second, memory whatever the size of the file, and that the second time
//! changes nothing.

use super::examples::Example;
use super::node::{self, Seen};
use super::{Bar, Figures, load};
use crate::outside;
use crate::process::{self, Running};
use crate::repo::Repo;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

/// City, file under the shared data, mapping, column that holds the id.
const CITIES: [(&str, &str, &str); 3] = [
    ("Boston", "boston-311/boston311_2011h2.csv.zst", "boston-2011"),
    (
        "Chicago",
        "chicago-311-sanitation/sanitation_code_complaints.csv.zst",
        "chicago-sanitation",
    ),
    ("Montgomery", "montgomery-911/911.csv.zst", "montgomery-911"),
];
/// The city whose file is also imported at ten times its size, and the column its ids are in.
const REPEATED: (&str, &str) = ("Boston", "case_enquiry_id");
const TIMES: &str = "10";
const GLANCE: Duration = Duration::from_millis(10);

/// Runs the figures.
pub(super) fn measure(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let program = node::program(repo)?;
    for (city, path, mapping) in CITIES {
        let Some(file) = node::shared(repo, &format!("data/given/{path}")) else {
            figures.leave_out(
                &format!("import of {city}"),
                "needs the shared exports (ANLAN_SHARED)",
            );
            continue;
        };
        let data = node::folder(repo, "imports")?;
        let import = Import {
            program: &program,
            data: &data,
            mapping,
        };
        let once = import.run(&file)?;
        add_speed(figures, &format!("import of {city}"), &once);
        twice(&import, &file, city, figures)?;
        if city == REPEATED.0 {
            let small = once.seen.memory_peak;
            tenfold(repo, &import, &file, (city, small), figures)?;
        }
        fs::remove_dir_all(&data)?;
    }
    Ok(())
}

fn add_speed(figures: &mut Figures, what: &str, run: &Run) {
    let Counted {
        rows,
        imported,
        known,
        kept_back,
    } = run.counted;
    let beside = format!(
        "{rows:.0} rows: {imported:.0} in, {known:.0} known, {kept_back:.0} kept back; {:.1} s, {:.1} s CPU, load {}",
        run.seconds,
        run.seen.cpu,
        load()
    );
    figures.add(
        format!("{what}, rows"),
        (rows / run.seconds, "/s"),
        Bar::AtLeast(20_000.0),
        beside,
    );
    figures.add(
        format!("{what}, peak memory"),
        (run.seen.memory_peak, "MiB"),
        Bar::AtMost(300.0),
        "",
    );
}

/// The same file again: no case more, and the state the same to the byte.
fn twice(import: &Import<'_>, file: &Path, city: &str, figures: &mut Figures) -> Result<()> {
    let before = import.digest()?;
    let again = import.run(file)?;
    let beside = format!(
        "{:.1} s for {:.0} rows that are known",
        again.seconds, again.counted.rows
    );
    let name = format!("import of {city} again, cases made");
    figures.add(name, (again.counted.imported, ""), Bar::AtMost(0.0), beside);
    let after = import.digest()?;
    let is_other = f64::from(u8::from(before != after));
    let name = format!("import of {city} again, states that differ");
    figures.add(
        name,
        (is_other, ""),
        Bar::AtMost(0.0),
        format!("digest {}", after.get(..16).unwrap_or(&after)),
    );
    Ok(())
}

/// Ten times the file, each time with new ids, into a node of its own.
fn tenfold(
    repo: &Repo,
    once: &Import<'_>,
    file: &Path,
    (city, small): (&str, f64),
    figures: &mut Figures,
) -> Result<()> {
    let data = node::folder(repo, "imports-tenfold")?;
    let large = data.join("tenfold.csv");
    let mut repeat = Example::build(repo, "anlan-intake", "repeat")?.command();
    repeat
        .arg(file)
        .args([REPEATED.1, TIMES])
        .stdout(fs::File::create(&large)?);
    process::show(repeat)?;
    let run = Import { data: &data, ..*once }.run(&large)?;
    add_speed(figures, &format!("import of {city} at ten times the size"), &run);
    let growth = run.seen.memory_peak - small;
    println!("   memory: {growth:+.0} MiB for ten times the rows");
    fs::remove_dir_all(&data)?;
    Ok(())
}

/// A file format and where its rows go.
#[derive(Clone, Copy)]
struct Import<'a> {
    program: &'a Path,
    data: &'a Path,
    mapping: &'a str,
}

/// How a run went.
struct Run {
    counted: Counted,
    seconds: f64,
    seen: Seen,
}

/// What the program counted.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Counted {
    rows: f64,
    imported: f64,
    known: f64,
    kept_back: f64,
}

impl Import<'_> {
    /// Runs the program on the file, watching it.
    fn run(&self, file: &Path) -> Result<Run> {
        let (seconds, seen, said) = watched(self.program, self.data, file, self.mapping)?;
        let counted = Counted::read(&said).with_context(|| format!("no counts in: {said}"))?;
        Ok(Run {
            counted,
            seconds,
            seen,
        })
    }

    /// The digest of everything the node knows, after checking it against its events.
    fn digest(&self) -> Result<String> {
        let output = Command::new(self.program)
            .arg("--data")
            .arg(self.data)
            .arg("verify")
            .output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let digest = said.split_whitespace().last().filter(|word| word.len() == 64);
        if !output.status.success() {
            bail!(
                "`anlan verify` failed: {said}{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        digest
            .map(str::to_owned)
            .with_context(|| format!("no digest in: {said}"))
    }
}

/// Imports a file and looks at the process all the while: how long, what it used, what it said at the end.
pub(super) fn watched(
    program: &Path,
    data: &Path,
    file: &Path,
    mapping: &str,
) -> Result<(f64, Seen, String)> {
    let said = data.join("said");
    let mut command = Command::new(program);
    command
        .arg("--data")
        .arg(data)
        .arg("import")
        .arg(file)
        .args(["--mapping", mapping]);
    command.args(if mapping == "anlan" {
        &["--datum", "wgs84"][..]
    } else {
        &[]
    });
    command.stdout(fs::File::create(&said)?).stderr(Stdio::inherit());
    let started = outside::stopwatch();
    let mut running = Running::start(command)?;
    let mut seen = Seen::default();
    let status = loop {
        if let Some(status) = running.ended()? {
            break status;
        }
        // Gone between the two looks: what was seen last stands.
        seen = Seen::of(running.id()).unwrap_or(seen);
        thread::sleep(GLANCE);
    };
    let seconds = started.elapsed().as_secs_f64();
    if !status.success() {
        bail!("the import of {} ended with {status}", file.display());
    }
    Ok((seconds, seen, fs::read_to_string(said)?))
}

impl Counted {
    /// Reads `import 1: 58251 rows: 58249 imported, 0 known already, 2 kept back`.
    pub(super) fn read(said: &str) -> Option<Self> {
        let line = said.lines().find(|line| line.starts_with("import "))?;
        let (_, line) = line.split_once(": ")?;
        let mut numbers = line
            .split([':', ','])
            .map(|part| part.split_whitespace().next()?.parse().ok());
        let mut next = || numbers.next().flatten();
        Some(Self {
            rows: next()?,
            imported: next()?,
            known: next()?,
            kept_back: next()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read() {
        let said = "import 3: 10 rows: 6 imported, 3 known already, 1 kept back\nRows kept back are listed\n";
        let counted = Counted::read(said).unwrap();
        assert_eq!(
            counted,
            Counted {
                rows: 10.0,
                imported: 6.0,
                known: 3.0,
                kept_back: 1.0
            }
        );
        assert_eq!(Counted::read("nothing"), None);
    }
}
