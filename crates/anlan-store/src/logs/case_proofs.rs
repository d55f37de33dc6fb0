//! The file by which whoever follows a case sees, without this node, that the log has every access to it:
//! `docs/handbook/access-log.md` describes it. Making one is `proving`; nothing is read here.

use super::Fault;
use super::files::CHECKPOINT;
use super::keeping::chain;
use crate::accesses::{Chain, Leaf};
use anlan_model::ids::CaseId;
use anlan_tlog::checkpoints::Checkpoint;
use anlan_tlog::commitments::SubjectKey;
use anlan_tlog::hashes::Hash;
use anlan_tlog::notes::VerifierKey;
use anlan_tlog::proofs::verify_inclusion;
use anlan_tlog::trees::Head;
use serde::{Deserialize, Serialize};

/// The only format there is.
pub const FORMAT: &str = "anlan-access-proof/1";

/// All entries about one case, or about cases that became one, each with its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseProof {
    /// `FORMAT`.
    pub format: String,
    /// The log's key, as the node tells it. Whoever verifies compares it with the one known from elsewhere.
    pub log: String,
    /// The signed head that every proof leads to, with its cosignatures.
    pub checkpoint: String,
    /// The cases that the report was in, the first one first; the last is the one it is in.
    pub cases: Vec<ProvenCase>,
}

/// One case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvenCase {
    /// Its number inside the node.
    pub case: i64,
    /// The key of its entries, base64; empty once it was erased.
    pub key: String,
    /// Whether the report left this case, which went on with others' reports: then its later entries are left out.
    pub ended: bool,
    /// All of them, from the first on.
    pub entries: Vec<ProvenEntry>,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvenEntry {
    /// Its number in the log, from 0.
    pub index: u64,
    /// The entry, byte for byte.
    pub leaf: String,
    /// Hashes from the leaf's sibling to the child of the root, base64.
    pub proof: Vec<String>,
}

impl CaseProof {
    /// Reads a file.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let file: Self = serde_json::from_str(text).map_err(|e| Fault::wrong("the file", e))?;
        if file.format == FORMAT {
            Ok(file)
        } else {
            let reason = format!("its format is {}, not {FORMAT}", file.format);
            Err(Fault::wrong("the file", reason))
        }
    }

    /// The file as it is handed out.
    pub fn text(&self) -> Result<String, Fault> {
        serde_json::to_string_pretty(self).map_err(|e| Fault::wrong("the file", e))
    }

    /// How many entries it proves.
    pub fn entries(&self) -> u64 {
        self.cases.iter().map(|case| case.entries.len() as u64).sum()
    }

    /// Verifies signature, chains and proofs. The head that they lead to.
    pub fn verify(&self, key: &VerifierKey) -> Result<Head, Fault> {
        if self.log != key.to_string() {
            let reason = format!("the log's key is {}, not {key}", self.log);
            return Err(Fault::wrong("the file", reason));
        }
        let opened = Checkpoint::open(self.checkpoint.as_bytes(), key);
        let (checkpoint, _) = opened.map_err(|e| Fault::wrong(CHECKPOINT, chain(&e)))?;
        let head = checkpoint.head();
        self.cases.iter().try_for_each(|case| case.verify(&head))?;
        Ok(head)
    }
}

impl ProvenCase {
    fn verify(&self, head: &Head) -> Result<(), Fault> {
        let about = format!("case {}", self.case);
        if self.key.is_empty() && self.entries.is_empty() {
            return Ok(());
        }
        let key: Hash = self
            .key
            .parse()
            .map_err(|e| Fault::wrong(about.as_str(), format!("its key is not base64 of 32 bytes: {e}")))?;
        let mut chain = Chain::new(CaseId(self.case), SubjectKey::new(*key.as_bytes()));
        for entry in &self.entries {
            let wrong =
                |reason: String| Fault::wrong(format!("entry {}, about {about}", entry.index), reason);
            let bytes = entry.leaf.as_bytes();
            chain
                .check(&Leaf::decode(bytes).map_err(|e| wrong(e.to_string()))?)
                .map_err(&wrong)?;
            let proof: Result<Vec<Hash>, _> = entry.proof.iter().map(|hash| hash.parse()).collect();
            let proof = proof.map_err(|e| wrong(format!("a hash of its proof is none: {e}")))?;
            verify_inclusion(Hash::of_leaf(bytes), entry.index, head, &proof)
                .map_err(|e| wrong(e.to_string()))?;
            chain = chain.with(bytes);
        }
        Ok(())
    }
}
