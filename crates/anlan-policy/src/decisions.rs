//! What policy answers: yes or no, by which policy, and the reason in words.

use std::sync::Arc;

/// What policy says, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Allowed or not.
    pub allowed: bool,
    /// Stable code of the kind of reason.
    pub code: &'static str,
    /// The policy that decided; `None` where none speaks for the actor.
    pub policy: Option<Arc<str>>,
    /// The reason, Chinese.
    pub zh: Arc<str>,
    /// The reason, English.
    pub en: Arc<str>,
    /// How long what is allowed lasts, minutes; `None` where the policy does not say.
    pub minutes: Option<u16>,
}

/// A policy's name and its reason in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) id: Arc<str>,
    pub(crate) zh: Arc<str>,
    pub(crate) en: Arc<str>,
    pub(crate) minutes: Option<u16>,
}

impl Decision {
    /// Allowed by a policy.
    pub(crate) fn allowed(by: &Words) -> Self {
        Self::by(true, "allowed", by)
    }

    /// Forbidden by a policy, whatever else allows it.
    pub(crate) fn forbidden(by: &Words) -> Self {
        Self::by(false, "forbidden", by)
    }

    fn by(allowed: bool, code: &'static str, by: &Words) -> Self {
        Self {
            allowed,
            code,
            policy: Some(Arc::clone(&by.id)),
            zh: Arc::clone(&by.zh),
            en: Arc::clone(&by.en),
            minutes: by.minutes,
        }
    }

    /// No policy speaks for any of the actor's roles.
    pub(crate) fn no_right() -> Self {
        Self::without(
            "no_right",
            "您的角色没有这项权限。",
            "none of your roles may do this.",
        )
    }

    /// The roles may do, but the key is not good for it.
    pub(crate) fn beyond_key() -> Self {
        Self::without(
            "key.scope",
            "该密钥不能用于此项操作。",
            "this key is not good for this.",
        )
    }

    /// Policies speak for the actor's roles, but not for this purpose.
    pub(crate) fn wrong_purpose() -> Self {
        Self::without(
            "wrong_purpose",
            "您的角色不得为这一用途做此事。",
            "your roles may not do this for this purpose.",
        )
    }

    /// Policies speak for the actor, but not on this record or not now.
    pub(crate) fn out_of_reach() -> Self {
        Self::without(
            "out_of_reach",
            "这不在您的单位或责任区内，或您不在班。",
            "this is outside your office or area, or you are off shift.",
        )
    }

    fn without(code: &'static str, zh: &str, en: &str) -> Self {
        Self {
            allowed: false,
            code,
            policy: None,
            zh: zh.into(),
            en: en.into(),
            minutes: None,
        }
    }
}
