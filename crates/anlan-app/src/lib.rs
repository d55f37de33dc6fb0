//! What a person or a timer can do: one function per action. Each asks policy once, applies the model's rule and
//! commits one unit of work. It knows no HTTP and writes no SQL.

pub mod accesses;
pub mod accounts;
pub mod alerts;
pub mod backups;
mod callers;
pub mod cases;
pub mod directories;
pub mod enrolments;
pub mod erasures;
mod errors;
pub mod grants;
pub mod identities;
pub mod imports;
pub mod jurisdictions;
pub mod live;
pub mod locks;
pub mod logs;
pub mod machines;
pub mod maps;
pub mod passkeys;
pub mod passwords;
pub mod photos;
mod places;
pub mod policies;
pub mod ports;
pub mod posts;
pub mod publications;
pub mod reference;
pub mod reports;
pub mod restorations;
pub mod reviews;
pub mod rules;
pub mod sessions;
pub mod totps;
pub mod tracks;
pub mod uploads;
pub mod warnings;
pub mod witnesses;

pub use callers::Caller;
pub(crate) use callers::Names;
pub use errors::{Error, FieldFault};

use anlan_model::accounts::Role;
use anlan_model::classifications::Classification;
use anlan_model::clock::Clock;
use anlan_model::restorations::Restoration;
use anlan_model::sessions::TwoFactorRoles;
use anlan_policy::{Action, Decision, Policy, RowRule};
use anlan_store::Store;
use hmac::{Hmac, KeyInit, Mac};
use jurisdictions::Jurisdiction;
use sha2::Sha256;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

/// All the context an action has. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    /// The operational store.
    pub store: Store,
    /// The rights in force.
    pub policy: Arc<Policy>,
    /// Where "now" comes from.
    pub clock: Arc<dyn Clock>,
    /// What every field is and when it goes.
    pub classification: Arc<Classification>,
    two_factor_roles: Arc<TwoFactorRoles>,
    /// The kinds of cases that are public.
    pub published: Arc<publications::Published>,
    restoration: Arc<RwLock<Option<Restoration>>>,
    jurisdiction: Arc<RwLock<Arc<Jurisdiction>>>,
    secret: Arc<Secret>,
    files: Arc<dyn ports::Files>,
    providers: Arc<identities::Providers>,
    map_index: Arc<maps::Held>,
    texts: Arc<maps::Texts>,
    watcher: Arc<Mutex<warnings::Watcher>>,
}

/// The key that tracking codes, marks of browsers and keys of locks are derived with, each under its own label. Never printed.
struct Secret([u8; 32]);

impl Secret {
    /// A code for `parts` that nobody without the key can make, under a label of its own use.
    fn code(&self, label: &str, parts: &[&[u8]]) -> [u8; 32] {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            // INVARIANT: HMAC takes a key of any length.
            return [0; 32];
        };
        mac.update(label.as_bytes());
        for part in parts {
            mac.update(b"\0");
            mac.update(&part.len().to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl App {
    /// Wires the context together and loads the jurisdiction's documents from the store.
    pub fn new(store: Store, policy: Policy, clock: Arc<dyn Clock>, secret: [u8; 32]) -> Result<Self, Error> {
        let jurisdiction = Jurisdiction::load(&store)?;
        let restoration = restorations::waiting(&store)?;
        let classification = Classification::shipped().map_err(|error| Error::Unavailable {
            detail: error.to_string(),
        })?;
        Ok(Self {
            classification: Arc::new(classification),
            two_factor_roles: Arc::default(),
            published: Arc::default(),
            restoration: Arc::new(RwLock::new(restoration)),
            store,
            policy: Arc::new(policy),
            clock,
            jurisdiction: Arc::new(RwLock::new(Arc::new(jurisdiction))),
            secret: Arc::new(Secret(secret)),
            files: Arc::new(ports::NoFiles),
            providers: Arc::new(identities::Providers::new(vec![], Arc::new(ports::Nowhere))),
            map_index: Arc::default(),
            texts: Arc::default(),
            watcher: Arc::default(),
        })
    }

    /// The same with a reader of foreign files.
    #[must_use]
    pub fn with_files(mut self, files: Arc<dyn ports::Files>) -> Self {
        self.files = files;
        self
    }

    /// The same with a node's own periods.
    #[must_use]
    pub fn with_classification(mut self, classification: Classification) -> Self {
        self.classification = Arc::new(classification);
        self
    }

    /// The same with other policies.
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = Arc::new(policy);
        self
    }

    /// The same where holders of these roles sign in with two factors; without, nobody has to.
    #[must_use]
    pub fn with_two_factor_roles(mut self, roles: TwoFactorRoles) -> Self {
        self.two_factor_roles = Arc::new(roles);
        self
    }

    /// The same where these kinds of cases are public; without, none is.
    #[must_use]
    pub fn with_published(mut self, published: publications::Published) -> Self {
        self.published = Arc::new(published);
        self
    }

    /// Whether who holds these roles signs in with two factors.
    pub fn demands_two_factors(&self, roles: &[Role]) -> bool {
        self.two_factor_roles.are_held(roles)
    }

    /// The same with providers through which accounts may sign in, and a way to ask them.
    #[must_use]
    pub fn with_providers(
        mut self,
        providers: Vec<identities::Provider>,
        elsewhere: Arc<dyn ports::Elsewhere>,
    ) -> Self {
        self.providers = Arc::new(identities::Providers::new(providers, elsewhere));
        self
    }

    /// The restoration that two administrators have to confirm before the node serves; `None` where none waits.
    pub fn restoration(&self) -> Option<Restoration> {
        self.restoration
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Looks again whether a restoration waits.
    pub fn look_at_restoration(&self) -> Result<(), Error> {
        let waiting = restorations::waiting(&self.store)?;
        *self.restoration.write().unwrap_or_else(PoisonError::into_inner) = waiting;
        Ok(())
    }

    /// Classes, offices, cells, procedure, rules and calendar in force.
    pub fn node(&self) -> Arc<Jurisdiction> {
        Arc::clone(&self.jurisdiction.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Loads the jurisdiction's documents again, after one of them changed.
    pub fn reload(&self) -> Result<(), Error> {
        let fresh = Arc::new(Jurisdiction::load(&self.store)?);
        *self.jurisdiction.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// The slim columns, brought up to date.
    fn map_index(&self, extent: maps::Extent) -> Result<RwLockReadGuard<'_, maps::Index>, Error> {
        self.map_index.now(&self.store, extent)
    }

    /// Reads in what queues, maps and totals are answered from, so that nobody waits for it later. Takes seconds where there
    /// are a million cases; open ones can be asked for after a tenth of that.
    pub fn warm_up(&self) -> Result<(), Error> {
        self.map_index.load_all(&self.store)
    }

    /// What the caller may do at all: what a screen offers.
    pub fn may(&self, caller: &Caller) -> Vec<Action> {
        self.policy.actions_of(&caller.actor)
    }

    /// Refuses unless the caller may do this to some record.
    fn require(&self, caller: &Caller, action: Action) -> Result<(), Error> {
        allowed(&self.policy.may(&caller.actor, action))
    }

    /// The rows the caller may reach; refuses if none.
    fn rows(&self, caller: &Caller, action: Action) -> Result<RowRule, Error> {
        self.require(caller, action)?;
        Ok(self.policy.rows(&caller.actor, action).unwrap_or_default())
    }
}

fn allowed(decision: &Decision) -> Result<(), Error> {
    if decision.allowed {
        Ok(())
    } else {
        Err(Error::denied(decision.code, &*decision.zh, &*decision.en))
    }
}
