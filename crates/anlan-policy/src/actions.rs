//! Every action that policy knows. A door that has no action here cannot be opened.

use anlan_model::accesses::Purpose;
use serde::{Deserialize, Serialize};

/// What an action is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// Somebody's being signed in.
    Session,
    /// A message from outside.
    Report,
    /// A case, with its photos and its contact data.
    Case,
    /// Classes, offices, cells, settings.
    Reference,
    /// The routing rules.
    Rule,
    /// An import with its quarantine.
    Import,
    /// An account.
    AccountRecord,
    /// A grant.
    Grant,
    /// A post with its members, roster and deputies.
    Post,
    /// An early warning.
    Warning,
    /// An alert to the public.
    Alert,
    /// The access log.
    Access,
    /// What is due to be erased, and what was.
    Erasure,
    /// The node itself: its copies.
    Node,
}

impl Resource {
    /// The entity type of the policies.
    pub fn name(self) -> &'static str {
        match self {
            Self::Session => "Session",
            Self::Report => "Report",
            Self::Case => "Case",
            Self::Reference => "Reference",
            Self::Rule => "Rule",
            Self::Import => "Import",
            Self::AccountRecord => "AccountRecord",
            Self::Grant => "Grant",
            Self::Post => "Post",
            Self::Warning => "Warning",
            Self::Alert => "Alert",
            Self::Access => "Access",
            Self::Erasure => "Erasure",
            Self::Node => "Node",
        }
    }
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $code:literal on $resource:ident for $purpose:ident),* $(,)?) => {
        /// Something a person, a timer or a machine may be allowed to do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Action {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl Action {
            /// Every action, in the order of the rights table.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code written in policies and in the access log.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// What it is done to.
            pub fn resource(self) -> Resource {
                match self { $(Self::$name => Resource::$resource),* }
            }

            /// What it is done for, unless the caller says otherwise.
            pub fn purpose(self) -> Purpose {
                match self { $(Self::$name => Purpose::$purpose),* }
            }
        }
    };
}

actions! {
    /// Be signed in at all.
    SessionUse = "session.use" on Session for Maintenance,
    /// Hand in a report.
    ReportCreate = "report.create" on Report for Case,
    /// See a list, map or count of cases.
    CaseList = "case.list" on Case for Case,
    /// Open one case.
    CaseRead = "case.read" on Case for Case,
    /// Make a move of the procedure (the procedure itself then says which).
    CaseMove = "case.move" on Case for Case,
    /// Correct class, place or priority.
    CaseEdit = "case.edit" on Case for Case,
    /// Merge and split cases.
    CaseMerge = "case.merge" on Case for Case,
    /// Add a remark.
    CaseNote = "case.note" on Case for Case,
    /// Read what the reporter wrote, and what people noted.
    CaseWords = "case.words" on Case for Case,
    /// See the exact point and address.
    CasePlace = "case.place" on Case for Case,
    /// See the reporter's contact data.
    CaseContact = "case.contact" on Case for Case,
    /// Erase what the sender of a report asks to be erased.
    CaseErase = "case.erase" on Case for Case,
    /// See what everybody may know of a case: kind, state, office, times and about where.
    CasePublish = "case.publish" on Case for Publication,
    /// Add a photo.
    PhotoAdd = "photo.add" on Case for Case,
    /// See a photo.
    PhotoRead = "photo.read" on Case for Case,
    /// Read classes, offices, cells, the procedure.
    ReferenceRead = "reference.read" on Reference for Maintenance,
    /// Change classes, offices, cells, settings.
    ReferenceWrite = "reference.write" on Reference for Maintenance,
    /// Read the routing rules.
    RulesRead = "rules.read" on Rule for Maintenance,
    /// Try routing rules on past cases.
    RulesTry = "rules.try" on Rule for Maintenance,
    /// Put routing rules into force.
    RulesPublish = "rules.publish" on Rule for Maintenance,
    /// See imports and their quarantine.
    ImportRead = "import.read" on Import for Maintenance,
    /// Start and stop imports.
    ImportRun = "import.run" on Import for Maintenance,
    /// Mend quarantined rows.
    ImportMend = "import.mend" on Import for Maintenance,
    /// See accounts.
    AccountRead = "account.read" on AccountRecord for Maintenance,
    /// Make accounts, change name, office and place, close them, hand out one-time words.
    AccountWrite = "account.write" on AccountRecord for Maintenance,
    /// Give roles and take them away.
    RoleGrant = "role.grant" on AccountRecord for Maintenance,
    /// See and end other people's sessions.
    SessionEnd = "session.end" on AccountRecord for Maintenance,
    /// Take away other people's second factors and passkeys, when they are lost.
    FactorRemove = "factor.remove" on AccountRecord for Maintenance,
    /// See where signing in has to wait.
    LockRead = "lock.read" on AccountRecord for Maintenance,
    /// Let it wait no longer.
    LockClear = "lock.clear" on AccountRecord for Maintenance,
    /// Give an account a role that rules the node or watches over it.
    AccountEntrust = "account.entrust" on AccountRecord for Maintenance,
    /// Make keys for machine accounts.
    KeyMake = "key.make" on AccountRecord for Maintenance,
    /// Revoke keys of machine accounts.
    KeyRevoke = "key.revoke" on AccountRecord for Maintenance,
    /// Make, change and close the accounts and groups that a directory keeps here.
    AccountProvision = "account.provision" on AccountRecord for Maintenance,
    /// See grants: one's own, and those one answers for.
    GrantList = "grant.list" on Grant for Audit,
    /// Open a case out of reach in an emergency.
    GrantOpen = "grant.open" on Case for Emergency,
    /// Review that somebody opened a case in an emergency.
    GrantReview = "grant.review" on Grant for Audit,
    /// Ask for roles that two people give.
    GrantAsk = "grant.ask" on Grant for Maintenance,
    /// Approve what somebody else asked for.
    GrantApprove = "grant.approve" on Grant for Maintenance,
    /// See posts, who holds them and when.
    PostRead = "post.read" on Post for Maintenance,
    /// Set posts up, change their roles and area, close them.
    PostWrite = "post.write" on Post for Maintenance,
    /// Say who the members of a post are.
    PostStaff = "post.staff" on Post for Maintenance,
    /// Write the roster of a post.
    PostRoster = "post.roster" on Post for Maintenance,
    /// Name a deputy for a member of a post.
    PostDeputise = "post.deputise" on Post for Maintenance,
    /// See early warnings, what is watched and how well the budget is kept.
    WarningRead = "warning.read" on Warning for Case,
    /// Look at, link, dismiss and close warnings.
    WarningDecide = "warning.decide" on Warning for Case,
    /// Change what is watched and the false-alarm budget.
    WarningTune = "warning.tune" on Warning for Case,
    /// See alerts that authorities sent, and how their feeds fare.
    AlertRead = "alert.read" on Alert for Case,
    /// Hand in an alert.
    AlertReceive = "alert.receive" on Alert for Case,
    /// Mark alerts as seen, link them to cases, watch their area.
    AlertDecide = "alert.decide" on Alert for Case,
    /// Read the access log.
    AccessRead = "access.read" on Access for Audit,
    /// See what is due to be erased, and what was.
    RetentionRead = "retention.read" on Erasure for Maintenance,
    /// Erase what is due.
    RetentionRun = "retention.run" on Erasure for Maintenance,
    /// See the access review: what nothing explains, and why.
    ReviewRead = "review.read" on Access for Audit,
    /// Decide on a review: ask the office, clear it, pass it on.
    ReviewDecide = "review.decide" on Access for Audit,
    /// Take and restore backups.
    BackupRun = "backup.run" on Node for Maintenance,
    /// Ask for leave to take a backup out of the data folder.
    BackupAsk = "backup.ask" on Grant for Maintenance,
    /// Confirm that a node put back from a backup is the right one.
    RestoreConfirm = "restore.confirm" on Node for Maintenance,
    /// Put other policies into force.
    PolicyLoad = "policy.load" on Node for Maintenance,
}
