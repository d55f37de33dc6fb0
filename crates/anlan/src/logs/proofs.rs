//! The commands that make and check proofs for parts of the log. What a proof is, and who may have one, is decided elsewhere.

use crate::cli;
use crate::node::Node;
use anlan_app::{Caller, cases, logs as app_logs, tracks};
use anlan_model::clock::{Clock as _, SystemClock};
use anlan_store::logs::CaseProof;
use anlan_tlog::notes::VerifierKey;
use anlan_tlog::policies::Policy;
use anlan_tlog::proof_files::ProofFile;
use anyhow::{Context as _, bail};
use std::path::{Path, PathBuf};

/// How far ahead of ours a witness's clock may be, seconds.
const AHEAD_MAX: u64 = 300;

/// What is to be proved.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct What {
    /// One entry, by its number from 0: a C2SP tlog-proof, with the entry in it.
    #[arg(long)]
    entry: Option<u64>,
    /// Every access to a case, by its number (such as AL26-000123): the file that `tools/verify_access.py` checks.
    #[arg(long)]
    case: Option<String>,
    /// Every access to the case of a report, by its tracking code: the same file as the reporter gets.
    #[arg(long)]
    code: Option<String>,
}

/// Makes a proof and prints it, or writes it to a file that is not there yet.
pub(super) fn prove(node: &Node, what: &What, to: Option<&Path>) -> anyhow::Result<()> {
    let (app, caller) = (&node.app, Caller::system());
    let text = match (what.entry, &what.case, &what.code) {
        (Some(entry), ..) => app_logs::prove_entry(app, &caller, entry)??.to_string(),
        (_, Some(number), _) => {
            let case = cases::resolve(number).with_context(|| format!("{number} is no number of a case"))?;
            app_logs::prove_case(app, &caller, case)??.text()?
        }
        (.., Some(code)) => tracks::proof(app, code)?,
        (None, None, None) => bail!("say what is to be proved"),
    };
    let Some(path) = to else {
        cli::say(&text);
        return Ok(());
    };
    write_new(path, &text)
}

fn write_new(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    let open = std::fs::File::create_new(path);
    let mut file =
        open.with_context(|| format!("cannot make {}; nothing was written over", path.display()))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    cli::say(&format!("proof in {}", path.display()));
    Ok(())
}

/// How a proof is checked.
#[derive(Debug)]
pub(super) struct Check<'a> {
    /// The proof.
    pub(super) file: &'a Path,
    /// The log's key, unless the policy names it.
    pub(super) key: Option<&'a str>,
    /// A tlog-policy.
    pub(super) policy: Option<&'a PathBuf>,
    /// The entry, where the proof does not have it.
    pub(super) leaf: Option<&'a PathBuf>,
}

/// Checks a proof of either form. No node is opened.
pub(super) fn verify(check: &Check<'_>) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(check.file)
        .with_context(|| format!("cannot read {}", check.file.display()))?;
    let policy = policy(check)?;
    if text.trim_start().starts_with('{') {
        return verify_case(&text, check, &policy);
    }
    let file: ProofFile = text.parse().context("the file is no tlog-proof")?;
    let given = check.leaf.map(std::fs::read).transpose()?;
    let leaf = given
        .or_else(|| file.extra.clone())
        .context("the proof has no entry in it: name its file with --entry")?;
    let believed = file.verify(&leaf, &policy, time_max())?;
    let cosigned: Vec<&str> = believed.cosigned.iter().map(|(name, _)| name.as_str()).collect();
    cli::say(&format!(
        "{}: entry {} of {} is in the log.\n{}\n{}",
        believed.origin,
        file.index,
        believed.head.size,
        said_by(&cosigned),
        String::from_utf8_lossy(&leaf)
    ));
    Ok(())
}

fn verify_case(text: &str, check: &Check<'_>, policy: &Policy) -> anyhow::Result<()> {
    let file = CaseProof::parse(text)?;
    let note =
        anlan_tlog::notes::Note::parse(file.checkpoint.as_bytes()).context("the checkpoint is no note")?;
    let believed = policy.believe(&note, time_max())?;
    let known = policy.logs().iter().map(|log| &log.key);
    let key = known.into_iter().find(|key| *key.name() == believed.origin);
    let key = key.with_context(|| format!("the policy has no log {}", believed.origin))?;
    let head = file
        .verify(key)
        .with_context(|| format!("{} is not right", check.file.display()))?;
    let cosigned: Vec<&str> = believed.cosigned.iter().map(|(name, _)| name.as_str()).collect();
    cli::say(&format!(
        "{}: {} entries about {} cases, no gap in any, all in the log of {}.\n{}",
        key.name(),
        file.entries(),
        file.cases.len(),
        head.size,
        said_by(&cosigned)
    ));
    Ok(())
}

fn said_by(cosigned: &[&str]) -> String {
    if cosigned.is_empty() {
        "Signed by the log alone.".to_owned()
    } else {
        format!("Cosigned by {}.", cosigned.join(", "))
    }
}

/// The policy that is given, or: this log, no witness needed.
fn policy(check: &Check<'_>) -> anyhow::Result<Policy> {
    if let Some(path) = check.policy {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        return text
            .parse()
            .with_context(|| format!("{} is no tlog-policy", path.display()));
    }
    let key = check
        .key
        .context("name the log's key with --key, or a policy with --policy")?;
    let key: VerifierKey = key.trim().parse().context("the key is not one")?;
    Ok(format!("log {key}\nquorum none\n").parse()?)
}

fn time_max() -> u64 {
    let now = u64::try_from(SystemClock.now().as_second()).unwrap_or(0);
    now.saturating_add(AHEAD_MAX)
}
