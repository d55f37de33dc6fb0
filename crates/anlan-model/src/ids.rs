//! Typed ids: an office's id can never be passed where a case's is meant. Numbers are given by the store.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! number_id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

number_id! {
    /// A report: one message from outside.
    ReportId,
    /// A case (案件): the unit of work.
    CaseId,
    /// A unit grid cell (单元网格) in the store.
    CellId,
    /// An office (责任单位) that owns work.
    OfficeId,
    /// A person's or machine's account.
    AccountId,
    /// A session (会话).
    SessionId,
    /// A passkey (通行密钥).
    PasskeyId,
    /// Failed tries that are counted together (登录锁定).
    LockId,
    /// A photo or other attachment.
    PhotoId,
    /// One run of an import.
    ImportId,
    /// One row kept back by an import.
    QuarantineId,
    /// A warning (预警).
    WarningId,
    /// An alert (警报).
    AlertId,
    /// A grant (授权).
    GrantId,
    /// A key of a machine account (密钥).
    KeyId,
    /// A group that a directory keeps (目录组).
    GroupId,
    /// A review of an account's accesses of one day (访问复核).
    ReviewId,
    /// A post (岗位).
    PostId,
    /// A dated row of a post: member, shift or deputy.
    PostRowId,
}

macro_rules! text_code {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The code as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

text_code! {
    /// A class of hazard or request, e.g. `m06010` (matter 06010, 暴露垃圾) or a city's own `boston/street-lights`.
    ClassCode,
    /// A state of the procedure, e.g. `handle` (处置).
    StateCode,
    /// A move of the procedure, e.g. `dispatch` (派遣).
    MoveCode,
    /// A reason from one of the procedure's closed lists, e.g. `fixed`.
    ReasonCode,
    /// A routing rule's name, unique within its rule set.
    RuleName,
}

impl CaseId {
    /// The number people read out over the phone: `AL26-000123`, from the year of opening and the id.
    pub fn number(self, year: i16) -> String {
        format!("AL{:02}-{:06}", year.rem_euclid(100), self.0)
    }

    /// The id inside a number as `number` prints it, in any case, with or without the dash.
    pub fn from_number(text: &str) -> Option<Self> {
        let rest = text.trim().to_ascii_uppercase();
        let digits: String = rest.strip_prefix("AL")?.chars().filter(|c| *c != '-').collect();
        let (_, serial) = digits.split_at_checked(2)?;
        if serial.len() < 6 {
            return None;
        }
        serial.parse().ok().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_reads_back() {
        assert_eq!(CaseId(123).number(2026), "AL26-000123");
        for text in ["AL26-000123", "al26000123", " AL26-000123 "] {
            assert_eq!(CaseId::from_number(text), Some(CaseId(123)));
        }
        for text in ["", "AL26", "AL26-12", "123", "ALx6-000123z"] {
            assert_eq!(CaseId::from_number(text), None, "{text}");
        }
    }
}
