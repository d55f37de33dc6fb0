//! The one error of the application. It says what happened, what was kept and what to do, and carries no data
//! the caller may not see; a door maps it to its own form in one place.

/// One field of an input that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFault {
    /// The field's name as the door shows it.
    pub field: String,
    /// Stable code.
    pub code: &'static str,
    /// What is wrong and what to do, Chinese.
    pub zh: String,
    /// The same, English.
    pub en: String,
}

impl FieldFault {
    /// What is wrong with this field, in both languages.
    pub fn new(field: &str, code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            code,
            zh: zh.into(),
            en: en.into(),
        }
    }
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
    #[error("{en}")]
    Invalid {
        /// Stable code.
        code: &'static str,
        /// What is wrong, Chinese.
        zh: String,
        /// What is wrong, English.
        en: String,
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
    #[error("{en}")]
    Conflict {
        /// Stable code.
        code: &'static str,
        /// What happened meanwhile, Chinese.
        zh: String,
        /// What happened meanwhile, English.
        en: String,
    },
    /// No valid session.
    #[error("{en}")]
    SignedOut {
        /// Stable code.
        code: &'static str,
        /// What to do, Chinese.
        zh: String,
        /// What to do, English.
        en: String,
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

    /// Somebody or something else was first, in both languages.
    pub fn conflict(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Conflict {
            code,
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// One field that cannot be taken, in both languages.
    pub fn field(field: &str, code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        let fault = FieldFault::new(field, code, zh, en);
        Self::Invalid {
            code,
            zh: fault.zh.clone(),
            en: fault.en.clone(),
            fields: vec![fault],
        }
    }
}
