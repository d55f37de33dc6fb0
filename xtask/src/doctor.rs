//! The tools the project needs from the machine: found, installed from Debian's packages where that is allowed, or
//! named with the exact command. It never fetches anything from elsewhere.

use crate::process;
use anyhow::{Result, bail};
use clap::Args;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Oldest Node.js that the front end's build runs on.
const NODE_MIN: (u32, u32) = (20, 19);

/// What `doctor` is asked.
#[derive(Args)]
pub(crate) struct Options {
    /// Also what only the tests need: a browser and fonts
    #[arg(long)]
    tests: bool,
}

/// One thing the machine must have.
struct Need {
    what: &'static str,
    /// Debian's package.
    package: &'static str,
    is_for_tests: bool,
    /// Whether all else goes on without it.
    is_optional: bool,
    /// What was found, in a few words.
    find: fn() -> Option<String>,
}

const NEEDS: &[Need] = &[
    Need {
        what: "a C compiler",
        package: "build-essential",
        is_for_tests: false,
        is_optional: false,
        find: compiler,
    },
    Need {
        what: "Node.js 20.19 or newer",
        package: "nodejs",
        is_for_tests: false,
        is_optional: false,
        find: node,
    },
    Need {
        what: "npm",
        package: "npm",
        is_for_tests: false,
        is_optional: false,
        find: npm,
    },
    Need {
        what: "Chromium",
        package: "chromium",
        is_for_tests: true,
        is_optional: false,
        find: chromium,
    },
    Need {
        what: "fonts with Chinese characters",
        package: "fonts-noto-cjk",
        is_for_tests: true,
        is_optional: false,
        find: fonts,
    },
    Need {
        what: "Python 3.9 or newer with venv",
        package: "python3-venv",
        is_for_tests: true,
        is_optional: true,
        find: python_with_venv,
    },
    Need {
        what: "Go",
        package: "golang-go",
        is_for_tests: true,
        is_optional: true,
        find: go,
    },
    Need {
        what: "Go's own transparency log",
        package: "golang-golang-x-mod-dev",
        is_for_tests: true,
        is_optional: true,
        find: go_modules,
    },
];

/// The command.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    for line in check(options.tests)? {
        println!("{line}");
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes sure that every tool is there; says what was found. Fails with the command to type if one is not to be had.
pub(crate) fn check(with_tests: bool) -> Result<Vec<String>> {
    let needs = NEEDS.iter().filter(|need| with_tests || !need.is_for_tests);
    let mut looked: Vec<(&Need, Option<String>)> = needs.map(|need| (need, (need.find)())).collect();
    let missing: Vec<&Need> = looked
        .iter()
        .filter(|(_, found)| found.is_none())
        .map(|(need, _)| *need)
        .collect();
    let (optional, needed): (Vec<&Need>, Vec<&Need>) = missing.into_iter().partition(|need| need.is_optional);
    if !needed.is_empty() {
        install(&needed)?;
    }
    for need in optional {
        if let Err(error) = install(&[need]) {
            eprintln!("going on without {}: {error:#}", need.what);
        }
    }
    for (need, found) in looked.iter_mut().filter(|(_, found)| found.is_none()) {
        *found = (need.find)();
        if found.is_none() && need.is_optional {
            *found = Some(format!(
                "no {} (Debian's package `{}`): what needs it is skipped",
                need.what, need.package
            ));
        }
        if found.is_none() {
            bail!(
                "{} is missing, and Debian's package `{}` as found here is not enough. Install it in your usual way \
                 and start again; nothing else was changed.",
                need.what,
                need.package
            );
        }
    }
    Ok(looked.into_iter().filter_map(|(_, found)| found).collect())
}

fn install(missing: &[&Need]) -> Result<()> {
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    let names = missing
        .iter()
        .map(|need| need.what)
        .collect::<Vec<_>>()
        .join(", ");
    let by_hand = format!("apt-get install {}", packages.join(" "));
    let Some(prefix) = apt() else {
        bail!("missing: {names}. On Debian or Ubuntu type `sudo {by_hand}`, then start again.");
    };
    eprintln!("installing from Debian's packages: {}", packages.join(" "));
    let apt_get = |args: &[&str]| {
        let words = prefix
            .iter()
            .copied()
            .chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]);
        let mut command = Command::new("env");
        command.args(words).args(args);
        command
    };
    let log = std::env::temp_dir().join(format!("anlan-apt-{}.log", std::process::id()));
    // Lists may be old but good enough: only the installation decides.
    if let Err(error) = process::log(apt_get(&["update"]), &log) {
        eprintln!("apt-get update failed, going on with the lists there are: {error}");
    }
    let arguments: Vec<&str> = ["install", "-y", "--no-install-recommends"]
        .into_iter()
        .chain(packages)
        .collect();
    let done = process::log(apt_get(&arguments), &log);
    if let Err(error) = done {
        bail!("could not install {names}: {error}\nType `sudo {by_hand}` yourself, then start again.");
    }
    Ok(())
}

/// How to call apt-get with the right to install: as root, or by a sudo that does not ask.
fn apt() -> Option<Vec<&'static str>> {
    process::ask("apt-get", &["--version"])?;
    if process::ask("id", &["-u"])? == "0" {
        return Some(Vec::new());
    }
    process::ask("sudo", &["-n", "true"]).map(|_| vec!["sudo", "-n"])
}

fn compiler() -> Option<String> {
    process::ask("cc", &["--version"])?
        .lines()
        .next()
        .map(str::to_owned)
}

fn node() -> Option<String> {
    let version = process::ask("node", &["--version"])?;
    is_new_enough(&version).then(|| format!("node {version}"))
}

fn is_new_enough(version: &str) -> bool {
    let mut parts = version
        .trim_start_matches('v')
        .split('.')
        .map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= NODE_MIN
}

fn npm() -> Option<String> {
    process::ask("npm", &["--version"]).map(|version| format!("npm {version}"))
}

/// The browser the tests drive, by its name on this system.
pub(crate) fn browser() -> Option<String> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    names
        .iter()
        .find_map(|name| process::ask("sh", &["-c", &format!("command -v {name}")]))
}

fn chromium() -> Option<String> {
    browser()
}

fn fonts() -> Option<String> {
    let listed = process::ask("fc-list", &[":lang=zh-cn", "family"]).filter(|families| !families.is_empty());
    let family = listed.and_then(|families| families.lines().next().map(str::to_owned));
    let file = Path::new("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc");
    family.or_else(|| file.is_file().then(|| "Noto Sans CJK".to_owned()))
}

fn go() -> Option<String> {
    process::ask("go", &["version"])
}

/// What `tools/peer` is made over.
fn go_modules() -> Option<String> {
    let folder = Path::new("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog");
    folder.is_dir().then(|| "golang.org/x/mod".to_owned())
}

/// Python with what makes environments of its own, by its version.
pub(crate) fn python_with_venv() -> Option<String> {
    let script =
        "import sys, venv, ensurepip; assert sys.version_info >= (3, 9); print(sys.version.split()[0])";
    process::ask("python3", &["-c", script]).map(|version| format!("python {version}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions_are_compared_as_numbers() {
        for (version, want) in [
            ("v20.19.0", true),
            ("v22.3.1", true),
            ("v20.9.0", false),
            ("v18.20.4", false),
            ("", false),
        ] {
            assert_eq!(is_new_enough(version), want, "{version}");
        }
    }
}
