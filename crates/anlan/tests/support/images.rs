//! What must be true of a node's folder after a power cut, whatever was lost: everything that somebody was told is there,
//! every case is what its events make of it, the log verifies, and it goes on without a second history.

use crate::keys;
use anlan_model::accesses::{Access, Purpose};
use anlan_model::ids::CaseId;
use anlan_store::accesses::AccessFilter;
use anlan_store::logs::{self, Keeper};
use anlan_store::{Store, StoreConfig, accesses, cases, verify};
use anlan_tlog::bundles;
use anlan_tlog::checkpoints::Checkpoint;
use anlan_tlog::hashes::Hash;
use anlan_tlog::notes::Signer;
use anlan_tlog::trees::{Head, Tree};
use anyhow::{Context as _, bail, ensure};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Something somebody outside was told.
#[derive(Debug, Clone)]
pub enum Told {
    /// There is an account, and so a key of the node.
    Account { key: Vec<u8> },
    /// A report was taken as this case, with this title.
    Taken { case: i64, title: String },
    /// What the case holds was shown.
    Shown { case: i64 },
    /// This checkpoint was served.
    Signed { note: Vec<u8> },
}

/// All that was told before a cut.
#[derive(Debug, Default)]
pub struct Promises {
    key: Option<Vec<u8>>,
    cases: BTreeMap<i64, String>,
    looks: BTreeMap<i64, usize>,
    notes: Vec<Vec<u8>>,
}

impl Promises {
    pub fn add(&mut self, told: &Told) {
        match told {
            Told::Account { key } => self.key = Some(key.clone()),
            Told::Taken { case, title } => {
                self.cases.insert(*case, title.clone());
                *self.looks.entry(*case).or_default() += 1;
            }
            Told::Shown { case } => *self.looks.entry(*case).or_default() += 1,
            Told::Signed { note } => self.notes.push(note.clone()),
        }
    }

    /// How many entries of the log somebody counts on.
    pub fn entries(&self) -> usize {
        self.looks.values().sum()
    }

    /// Checks the folder, going on with it as the program would; says what is not kept.
    pub fn check(&self, data: &Path) -> anyhow::Result<()> {
        // The program makes its folder where there is none, before anything else.
        fs::create_dir_all(data)?;
        let secret = keys::load_or_make(data)?;
        if let Some(key) = &self.key {
            ensure!(secret.as_slice() == key, "the node has another key");
        }
        let config = StoreConfig {
            path: data.join("anlan.db"),
            readers: 1,
            cache_mib: 8,
            master_key: keys::derive(&secret, "anlan vault 1"),
            pseudonym_key: keys::derive(&secret, "anlan pseudonyms 1"),
        };
        let (store, writer) = Store::open(&config).context("opening")?;
        let writer = std::thread::Builder::new().spawn(move || writer.run())?;
        let kept = self.kept(&store).and_then(|()| self.goes_on(&store, &secret));
        store.close();
        // Its panic would have been a failed write before.
        let _ = writer.join();
        kept
    }

    fn kept(&self, store: &Store) -> anyhow::Result<()> {
        for (case, title) in &self.cases {
            let found = store.read(|tx| cases::find(tx, CaseId(*case)))?;
            let Some(found) = found else {
                bail!("case {case} was acknowledged and is not there");
            };
            ensure!(&found.title == title, "case {case} has another title");
        }
        for (case, told) in &self.looks {
            let filter = AccessFilter {
                resource: Some("case".to_owned()),
                resource_id: Some(case.to_string()),
                ..AccessFilter::default()
            };
            let found = store.read(|tx| accesses::list(tx, &filter, None, 1000))?;
            let found = found.items.len();
            ensure!(
                found >= *told,
                "{told} looks at case {case} were shown, {found} are noted"
            );
        }
        let state = store.read(|tx| verify::state(tx, &mut |_| {}))?;
        ensure!(
            state.wrong == 0,
            "cases are not what their events say: {:?}",
            state.first_wrong
        );
        Ok(())
    }

    fn goes_on(&self, store: &Store, secret: &[u8; 32]) -> anyhow::Result<()> {
        let signer = || Signer::new("anlan/log".parse().unwrap(), &keys::derive(secret, "anlan log 1"));
        let heads = self.heads(&signer())?;
        if logs::name(store)?.is_some() {
            logs::verify(store, None, signer().key(), &mut |_, _| {}).context("before going on")?;
        } else {
            ensure!(heads.is_empty(), "a checkpoint was served and none is there");
        }
        let mut keeper = Keeper::open(store, signer()).context("opening the log")?;
        store.write(|tx| accesses::append(tx, &another()))?;
        let head = keeper.follow().context("signing")?;
        logs::verify(store, None, signer().key(), &mut |_, _| {}).context("after going on")?;
        let folder = store.path().with_file_name("log");
        continues(&folder, &heads, head)
    }

    fn heads(&self, signer: &Signer) -> anyhow::Result<Vec<Head>> {
        let open = |note: &Vec<u8>| Ok(Checkpoint::open(note, signer.key())?.0.head());
        self.notes.iter().map(open).collect()
    }
}

/// Each head that was served is one of this log on its way to where it is now.
fn continues(folder: &Path, heads: &[Head], now: Head) -> anyhow::Result<()> {
    let mut leaves = Vec::new();
    for bundle in bundles::of_log(now.size) {
        let bytes = fs::read(folder.join(bundle.path()))?;
        leaves.extend(bundle.entries(&bytes)?.into_iter().map(Hash::of_leaf));
    }
    for head in heads {
        let size = usize::try_from(head.size)?;
        ensure!(
            size <= leaves.len(),
            "{size} entries were signed, {} are there",
            leaves.len()
        );
        let mut tree = Tree::new();
        tree.grow(leaves[..size].iter().copied())?;
        ensure!(
            tree.head() == *head,
            "the log has two histories of {size} entries"
        );
    }
    Ok(())
}

fn another() -> Access {
    Access {
        at: jiff::Timestamp::from_second(1_800_000_000).unwrap(),
        actor: None,
        post: None,
        office: None,
        action: "case.read".to_owned(),
        resource: "case".to_owned(),
        resource_id: "1".to_owned(),
        purpose: Purpose::Case,
        allowed: true,
        count: 1,
    }
}
