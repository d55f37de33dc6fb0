//! Every action that policy knows. A door that has no action here cannot be opened.

use serde::{Deserialize, Serialize};

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $code:literal),* $(,)?) => {
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
        }
    };
}

actions! {
    /// Be signed in at all.
    SessionUse = "session.use",
    /// Hand in a report.
    ReportCreate = "report.create",
    /// See a list, map or count of cases.
    CaseList = "case.list",
    /// Open one case.
    CaseRead = "case.read",
    /// Make a move of the procedure (the procedure itself then says which).
    CaseMove = "case.move",
    /// Correct class, place or priority.
    CaseEdit = "case.edit",
    /// Merge and split cases.
    CaseMerge = "case.merge",
    /// Add a remark.
    CaseNote = "case.note",
    /// See the reporter's contact data.
    CaseContact = "case.contact",
    /// Erase what the sender of a report asks to be erased.
    CaseErase = "case.erase",
    /// Add a photo.
    PhotoAdd = "photo.add",
    /// See a photo.
    PhotoRead = "photo.read",
    /// Read classes, offices, cells, the procedure.
    ReferenceRead = "reference.read",
    /// Change classes, offices, cells, settings.
    ReferenceWrite = "reference.write",
    /// Read the routing rules.
    RulesRead = "rules.read",
    /// Try routing rules on past cases.
    RulesTry = "rules.try",
    /// Put routing rules into force.
    RulesPublish = "rules.publish",
    /// See imports and their quarantine.
    ImportRead = "import.read",
    /// Start and stop imports.
    ImportRun = "import.run",
    /// Mend quarantined rows.
    ImportMend = "import.mend",
    /// See accounts.
    AccountRead = "account.read",
    /// Create and change accounts.
    AccountWrite = "account.write",
    /// See early warnings, what is watched and how well the budget is kept.
    WarningRead = "warning.read",
    /// Look at, link, dismiss and close warnings.
    WarningDecide = "warning.decide",
    /// Change what is watched and the false-alarm budget.
    WarningTune = "warning.tune",
    /// Read the access log.
    AccessRead = "access.read",
    /// See what is due to be erased, and what was.
    RetentionRead = "retention.read",
    /// Erase what is due.
    RetentionRun = "retention.run",
    /// Take and restore backups.
    BackupRun = "backup.run",
}
