//! Why a move is refused, in Chinese and English. The texts are for the person who wanted it; they name no data
//! that person may not see.

use super::{Guard, Limits};

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Machine-readable, e.g. `returns.exhausted`.
    pub code: &'static str,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
    /// The field of the request at fault; `None` where the move itself is not allowed.
    pub field: Option<&'static str>,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.en)
    }
}

impl std::error::Error for Refusal {}

impl Refusal {
    pub(super) fn new(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            code,
            zh: zh.into(),
            en: en.into(),
            field: None,
        }
    }

    pub(super) fn of_field(field: &'static str, code: &'static str, zh: &str, en: &str) -> Self {
        Self {
            field: Some(field),
            ..Self::new(code, zh, en)
        }
    }
}

/// The refusal a guard answers with.
pub(super) fn of_guard(guard: Guard, limits: Limits) -> Refusal {
    match guard {
        Guard::OwnOffice => Refusal::new(
            "office.not_own",
            "案件不在您的单位，只有责任单位可以这样做。",
            "The case is not with your office; only the office that must act can do this.",
        ),
        Guard::NotHandler => Refusal::new(
            "person.handled_it",
            "您是处置人，须由另一人确认。",
            "You did the work; somebody else must confirm it.",
        ),
        Guard::PhotoAfter | Guard::ClosingDemandsMet => Refusal::new(
            "closing.photo",
            "该类别要求处置后照片，请先上传。",
            "This class demands a photo taken after the work; add one first.",
        ),
        Guard::ReturnsLeft | Guard::NotContested => returns_exhausted(limits),
        Guard::NotArbitrated => Refusal::new(
            "case.arbitrated",
            "仲裁已作出决定，不能再回退或申诉。",
            "An arbiter has decided; it can no longer be returned or appealed.",
        ),
        Guard::WithinReopenWindow => reopen_window_over(limits),
        Guard::NotPaused => Refusal::new(
            "case.paused",
            "案件已挂起，请先恢复。",
            "The case is paused; resume it first.",
        ),
        Guard::IsPaused => Refusal::new("case.not_paused", "案件没有挂起。", "The case is not paused."),
        Guard::HasClass => Refusal::new(
            "class.missing",
            "请先确定类别。",
            "The case has no class yet; set its class first.",
        ),
        Guard::HasOffice => Refusal::new(
            "office.missing",
            "没有可以维持的责任单位，请改派。",
            "No office is in dispute here that could be confirmed; send it to one.",
        ),
        Guard::HasDeadline => Refusal::new(
            "deadline.missing",
            "案件没有时限，无需延期。",
            "The case has no deadline to extend.",
        ),
        Guard::ExtensionsLeft => extensions_exhausted(limits),
    }
}

fn returns_exhausted(limits: Limits) -> Refusal {
    let max = limits.max_returns;
    Refusal::new(
        "returns.exhausted",
        format!("已回退 {max} 次，达到上限，只能提请仲裁。"),
        format!("It was returned {max} times, which is the limit; only an arbiter can decide now."),
    )
}

fn extensions_exhausted(limits: Limits) -> Refusal {
    let max = limits.max_extensions;
    Refusal::new(
        "extensions.exhausted",
        format!("已延期 {max} 次，达到上限。"),
        format!("It was extended {max} times, which is the limit."),
    )
}

fn reopen_window_over(limits: Limits) -> Refusal {
    let days = limits.reopen_window_days;
    Refusal::new(
        "reopen.too_late",
        format!("结案已超过 {days} 天，请重新上报。"),
        format!("It was closed more than {days} days ago; please send a new report."),
    )
}

pub(super) fn second_person() -> Refusal {
    Refusal::new(
        "closing.second_person",
        "该类别须由处置人以外的人员核查。",
        "This class must be confirmed by somebody other than who did the work.",
    )
}

pub(super) fn reporter_word() -> Refusal {
    Refusal::new(
        "closing.reporter_word",
        "该类别须由反映人确认已解决。",
        "In this class the reporter must say that it is fixed.",
    )
}

pub(super) fn unknown_move() -> Refusal {
    Refusal::of_field(
        "move",
        "move.unknown",
        "没有这个操作。",
        "There is no such move in this procedure.",
    )
}

pub(super) fn wrong_state(zh: &str, en: &str) -> Refusal {
    Refusal::new(
        "move.wrong_state",
        format!("案件处于“{zh}”环节，不能这样做。"),
        format!("The case is in the stage \"{en}\", where this cannot be done."),
    )
}

pub(super) fn wrong_role() -> Refusal {
    Refusal::new(
        "move.wrong_role",
        "您的角色不能进行此操作。",
        "Your role cannot make this move.",
    )
}

pub(super) fn note_missing() -> Refusal {
    Refusal::of_field("note", "note.missing", "请写明情况。", "Say in a few words why.")
}

pub(super) fn rule_missing() -> Refusal {
    Refusal::of_field(
        "rule_cited",
        "rule.missing",
        "请写明所依据的规定。",
        "Cite the rule this rests on.",
    )
}

pub(super) fn reason_missing() -> Refusal {
    Refusal::of_field(
        "reason",
        "reason.missing",
        "请选择原因。",
        "Choose a reason from the list.",
    )
}

pub(super) fn reason_unknown() -> Refusal {
    let en = "That reason is not on the list for this move.";
    Refusal::of_field("reason", "reason.unknown", "该原因不在此操作的列表中。", en)
}

pub(super) fn office_missing() -> Refusal {
    Refusal::of_field(
        "office",
        "office.missing",
        "请选择责任单位。",
        "Choose the office that must act.",
    )
}

pub(super) fn office_is_subject() -> Refusal {
    let en = "This report is about that office; it cannot handle it itself.";
    Refusal::of_field(
        "office",
        "office.is_subject",
        "反映的正是该单位，不能由其自行办理。",
        en,
    )
}

pub(super) fn until_missing() -> Refusal {
    Refusal::of_field("until", "until.missing", "请填写时间。", "Say until when.")
}

pub(super) fn until_out_of_reach() -> Refusal {
    let en = "The time must lie after the present deadline and within one extension of it.";
    Refusal::of_field(
        "until",
        "until.out_of_reach",
        "时间须晚于现时限，且不超过一次延期的期限。",
        en,
    )
}
