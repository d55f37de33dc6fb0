//! The access log: its name, the thread that keeps its files, and the commands that verify it. What is written, when that
//! is refused, and what is verified is the store's.

mod proofs;
mod witnessing;

use crate::config::Config;
use crate::node::Node;
use crate::{cli, import, serve};
use anlan_app::{App, Caller};
use anlan_store::logs::{self, Keeper};
use anlan_tlog::notes::{KeyName, Signer, VerifierKey};
use anlan_tlog::trees::Head;
use anyhow::Context as _;
use clap::Subcommand;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
pub(crate) use witnessing::{Desk, ask};

const BEAT: Duration = Duration::from_millis(400);
/// After a fault: the program's log is not flooded, and the next try may find things mended.
const WAIT_AFTER_FAULT: Duration = Duration::from_secs(30);

/// Who signs: the node's key under the log's name.
#[derive(Clone)]
pub(crate) struct Signing {
    app: App,
    /// As configured; may be empty.
    name: String,
    public_url: String,
    seed: [u8; 32],
}

impl Signing {
    pub(crate) fn new(app: &App, config: &Config, seed: [u8; 32]) -> Self {
        Self {
            app: app.clone(),
            name: config.log_origin.trim().to_owned(),
            public_url: config.public_url.clone(),
            seed,
        }
    }

    /// The key with its name.
    pub(crate) fn signer(&self) -> anyhow::Result<Signer> {
        Ok(Signer::new(self.name()?, &self.seed))
    }

    /// The desk where witnesses are asked, if there are any.
    pub(crate) fn desk(&self, config: &Config) -> anyhow::Result<Option<Arc<Desk>>> {
        if config.log_policy.is_empty() {
            return Ok(None);
        }
        let desk = Desk::new(Path::new(&config.log_policy), self.signer()?.key())?;
        Ok(Some(Arc::new(desk)))
    }

    /// The log's name: as configured; else as its checkpoint has it, so that another address or another name of the county
    /// does not end a log; else by the node's public address or name.
    fn name(&self) -> anyhow::Result<KeyName> {
        if !self.name.is_empty() {
            let parsed = self.name.parse();
            return parsed.with_context(|| format!("log_origin = \"{}\" is no name for a log", self.name));
        }
        if let Some(name) = logs::name(&self.app.store)? {
            return Ok(name);
        }
        let fresh = fresh_name(&self.public_url, &self.app.node().node.name_en);
        fresh
            .parse()
            .with_context(|| format!("{fresh} is no name for a log: set log_origin in the configuration"))
    }
}

fn fresh_name(public_url: &str, node: &str) -> String {
    let address = public_url.split_once("://").map_or(public_url, |(_, rest)| rest);
    let address = address.trim_matches('/');
    if !address.is_empty() {
        return format!("{address}/log");
    }
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let node: String = node.trim().chars().map(plain).collect();
    let node = node.trim_matches('-');
    if node.is_empty() {
        "anlan/log".to_owned()
    } else {
        format!("{node}/log")
    }
}

/// Keeps the log until told to stop; what was noted until then is signed. The node goes on without: entries wait, durable, in
/// the database.
pub(crate) fn work(signing: &Signing, desk: Option<&Desk>, stop: &AtomicBool) {
    while let Err(error) = keep(signing, desk, stop) {
        tracing::error!("the access log is not signed: {error:#}");
        if !serve::nap(WAIT_AFTER_FAULT, stop) {
            return;
        }
    }
}

fn keep(signing: &Signing, desk: Option<&Desk>, stop: &AtomicBool) -> anyhow::Result<()> {
    let signer = signing.signer()?;
    let key = signer.key().to_string();
    let mut keeper = Keeper::open(&signing.app.store, signer)?;
    tracing::info!("the access log is signed by {key}");
    loop {
        let is_going_on = serve::nap(BEAT, stop);
        let newest = if is_going_on {
            keeper.keep_up()?
        } else {
            keeper.follow()?
        };
        desk.map_or(Ok(()), |desk| desk.turn(&mut keeper, newest))?;
        if !is_going_on {
            return Ok(());
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the key by which others verify what this node signs.
    Key,
    /// Print the key by which this node, as a witness, cosigns the logs of others (`witness_of` in the configuration).
    Witness,
    /// Serve a log's folder to anybody, read only, until told to stop. No node is opened.
    Serve {
        /// The folder.
        folder: PathBuf,
        /// Address and port.
        #[arg(long)]
        listen: SocketAddr,
    },
    /// Verify a log: every entry hashed, every tile compared, the signature. Without a key of another log, also every access in
    /// this node's database against its entry, and every case's chain. Changes nothing; exit code 1 where something is wrong.
    Verify {
        /// Folder of the log, as any web server serves it; without one the node's own.
        folder: Option<PathBuf>,
        /// Key of a log of others, as `anlan log key` prints it there. No node is opened then.
        #[arg(long)]
        key: Option<String>,
        /// A proof instead of a folder: a tlog-proof, or the file that a reporter gets. It takes --key or --policy.
        #[arg(long, conflicts_with = "folder")]
        proof: Option<PathBuf>,
        /// Whom to believe, as a tlog-policy: the log, and which witnesses must have cosigned.
        #[arg(long, requires = "proof")]
        policy: Option<PathBuf>,
        /// The entry's file, where the proof does not have the entry in it.
        #[arg(long, requires = "proof")]
        entry: Option<PathBuf>,
    },
    /// Make a proof for one entry, or for every access to a case. The latter is an access to the case and noted.
    Prove {
        #[command(flatten)]
        what: proofs::What,
        /// File to write; without one the proof is printed.
        #[arg(long)]
        to: Option<PathBuf>,
    },
}

/// Runs one command.
pub(crate) fn run(config: &Config, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Key => {
            cli::say(
                cli::open(config)?
                    .signing(config)
                    .signer()?
                    .key()
                    .to_string()
                    .as_str(),
            );
            Ok(())
        }
        Command::Witness => {
            cli::say(&cli::open(config)?.cosigner(config)?.key().to_string());
            Ok(())
        }
        Command::Serve { folder, listen } => serve::log(folder, *listen),
        Command::Prove { what, to } => proofs::prove(&cli::open(config)?, what, to.as_deref()),
        Command::Verify {
            proof: Some(file),
            key,
            policy,
            entry,
            ..
        } => proofs::verify(&proofs::Check {
            file,
            key: key.as_deref(),
            policy: policy.as_ref(),
            leaf: entry.as_ref(),
        }),
        Command::Verify {
            folder: Some(folder),
            key: Some(key),
            ..
        } => verify_folder(folder, key),
        Command::Verify { key: Some(_), .. } => {
            anyhow::bail!("--key is for the log of others: name its folder, or a proof with --proof")
        }
        Command::Verify { folder, .. } => verify(&cli::open(config)?, config, folder.as_deref()),
    }
}

fn verify_folder(folder: &Path, key: &str) -> anyhow::Result<()> {
    let key: VerifierKey = key.trim().parse().context("the key is not one")?;
    let bar = import::bar("verify");
    let head = logs::verify_folder(folder, &key, &mut |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
    say_signed(key.name(), &head);
    Ok(())
}

fn verify(node: &Node, config: &Config, folder: Option<&Path>) -> anyhow::Result<()> {
    let signer = node.signing(config).signer()?;
    let bar = import::bar("verify");
    let found = anlan_app::logs::verify(
        &node.app,
        &Caller::system(),
        folder,
        signer.key(),
        &mut |done, all| {
            bar.set_length(all);
            bar.set_position(done);
        },
    )?;
    let found = found?;
    bar.finish_and_clear();
    say_signed(signer.key().name(), &found.head);
    cli::say(&format!(
        "{} accesses in the database are what their entries say, {} of them not signed yet; {} are from before the log.\n\
        {} cases have their chain whole; the keys of {} were erased.",
        found.accesses,
        found.accesses.saturating_sub(found.head.size),
        found.before,
        found.chains,
        found.erased
    ));
    Ok(())
}

fn say_signed(name: &KeyName, head: &Head) {
    cli::say(&format!(
        "{name}: {} entries, every tile and the signature are right.\nroot {}",
        head.size, head.root
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_log_is_named_after_address_or_county() {
        for (url, node, name) in [
            ("https://report.example.org/", "Anlan", "report.example.org/log"),
            ("https://example.org/county", "Anlan", "example.org/county/log"),
            ("", "Anlan County", "anlan-county/log"),
            ("", "安澜", "anlan/log"),
            ("", "", "anlan/log"),
        ] {
            let fresh = fresh_name(url, node);
            assert_eq!(fresh, name);
            fresh.parse::<KeyName>().unwrap();
        }
    }
}
