//! Opening a node: folder, key, store with its two threads, application.

use crate::config::Config;
use crate::keys;
use crate::logs::Signing;
use crate::profile::Uploads;
use anlan_app::App;
use anlan_app::witnesses::Witness;
use anlan_model::clock::{Clock, SystemClock};
use anlan_policy::Policy;
use anlan_store::{Store, StoreConfig};
use anlan_tlog::cosignatures::Cosigner;
use anlan_tlog::notes::VerifierKey;
use anyhow::Context as _;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

/// An open node. Dropping it lets the writer finish what waits.
pub(crate) struct Node {
    pub(crate) app: App,
    log_seed: [u8; 32],
    witness_seed: [u8; 32],
    /// The writer, and who brings its log home.
    threads: Vec<JoinHandle<()>>,
}

/// How much of the machine the store may use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) readers: usize,
    pub(crate) cache_mib: usize,
}

impl Default for Size {
    fn default() -> Self {
        Self {
            readers: 4,
            cache_mib: 24,
        }
    }
}

impl Node {
    /// Opens the node in this folder, making it where there is none.
    pub(crate) fn open(folder: &Path, size: Size) -> anyhow::Result<Self> {
        Self::open_at(folder, size, Arc::new(SystemClock))
    }

    /// The same with a clock of the caller's.
    #[expect(clippy::disallowed_methods, reason = "the program is where threads start")]
    pub(crate) fn open_at(folder: &Path, size: Size, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let secret = keys::load_or_make(folder)?;
        let config = StoreConfig {
            path: folder.join("anlan.db"),
            readers: size.readers,
            cache_mib: size.cache_mib,
            master_key: keys::derive(&secret, "anlan vault 1"),
            pseudonym_key: keys::derive(&secret, "anlan pseudonyms 1"),
        };
        let (store, mut writer) =
            Store::open(&config).with_context(|| format!("cannot open the store in {}", folder.display()))?;
        let checkpointer = writer
            .checkpointer()
            .context("cannot open the store a second time")?;
        let threads = vec![
            std::thread::spawn(move || writer.run()),
            std::thread::spawn(move || checkpointer.run()),
        ];
        let policy = Policy::shipped()?;
        let app = App::new(store, policy, clock, keys::derive(&secret, "anlan tracks 1"))?
            .with_files(Arc::new(Uploads));
        let log_seed = keys::derive(&secret, "anlan log 1");
        let witness_seed = keys::derive(&secret, "anlan witness 1");
        Ok(Self {
            app,
            log_seed,
            witness_seed,
            threads,
        })
    }

    /// Who signs the access log.
    pub(crate) fn signing(&self, config: &Config) -> Signing {
        Signing::new(&self.app, config, self.log_seed)
    }
}

/// This node as a witness of the configured logs.
impl Node {
    /// Who cosigns.
    pub(crate) fn cosigner(&self, config: &Config) -> anyhow::Result<Cosigner> {
        let name = if config.witness_name.is_empty() {
            let log = self.signing(config).signer()?.key().name().to_string();
            format!("{}/witness", log.strip_suffix("/log").unwrap_or(&log))
        } else {
            config.witness_name.clone()
        };
        let parsed = name.parse();
        let name = parsed.with_context(|| format!("witness_name = \"{name}\" is no name for a witness"))?;
        Ok(Cosigner::new(name, &self.witness_seed))
    }

    /// The witness, if it is to be one.
    pub(crate) fn witness(&self, config: &Config) -> anyhow::Result<Option<Arc<Witness>>> {
        if config.witness_of.is_empty() {
            return Ok(None);
        }
        let keys = config.witness_of.iter().map(|key| {
            let parsed = key.trim().parse::<VerifierKey>();
            parsed.with_context(|| format!("witness_of: {key} is no key of a log"))
        });
        let keys = keys.collect::<Result<_, _>>()?;
        Ok(Some(Arc::new(Witness::new(self.cosigner(config)?, keys))))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        tracing::debug!(statements = self.app.store.statements(), "the node closes");
        self.app.store.close();
        for thread in self.threads.drain(..) {
            // A writer that panicked has already answered its callers.
            let _ = thread.join();
        }
    }
}
