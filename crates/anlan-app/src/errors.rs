//! The one error of the application. It says what happened, what was kept and what to do, and carries no data
//! the caller may not see; a door maps it to its own form in one place.

/// One field of an input that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFault {
    /// The field's name as the door shows it.
    pub field: String,
    /// Stable code.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

/// Why an action did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Policy or the procedure forbids it.
    #[error("not allowed: {en}")]
    Denied {
        /// Stable code.
        code: &'static str,
        /// Why, Chinese.
        zh: String,
        /// Why, English.
        en: String,
    },
    /// The input cannot be taken; nothing was changed.
    #[error("{detail}")]
    Invalid {
        /// Stable code.
        code: &'static str,
        /// What is wrong.
        detail: String,
        /// Which fields.
        fields: Vec<FieldFault>,
    },
    /// There is no such thing, or none the caller may know of.
    #[error("no such {what}")]
    Missing {
        /// Kind of thing.
        what: &'static str,
    },
    /// Somebody else was first; nothing was changed.
    #[error("{detail}")]
    Conflict {
        /// Stable code.
        code: &'static str,
        /// What happened meanwhile.
        detail: String,
    },
    /// No valid session.
    #[error("{detail}")]
    SignedOut {
        /// Stable code.
        code: &'static str,
        /// What to do.
        detail: String,
    },
    /// Too many tries.
    #[error("too many tries; wait {retry_after_s} s")]
    TooMany {
        /// Wait this long.
        retry_after_s: u32,
    },
    /// We cannot do it now; nothing was changed.
    #[error("{detail}")]
    Unavailable {
        /// What is the matter.
        detail: String,
    },
}

impl Error {
    /// A refusal in both languages.
    pub fn denied(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Denied {
            code,
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// One field that cannot be taken.
    pub fn field(field: &str, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        let fault = FieldFault {
            field: field.into(),
            code,
            message: message.clone(),
        };
        Self::Invalid {
            code,
            detail: message,
            fields: vec![fault],
        }
    }
}
