//! Explanations and the parts of a score in words, Chinese and English.

use super::{ExplanationKind, Part, PartKind};

impl ExplanationKind {
    /// What it says, Chinese and English.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Assigned => ("案件由其本人承办", "had taken the case on"),
            Self::Acted => ("此前办理过该案", "had worked on it before"),
            Self::ActedAfter => ("查看后两小时内办理了该案", "worked on it within two hours"),
            Self::Noted => ("此前写过备注", "had written a remark before"),
            Self::NotedAfter => ("查看后写了备注", "wrote a remark after it"),
            Self::TypedIn => ("由其本人登记", "had typed the report in"),
            Self::OwnOffice => ("案件在其单位办理", "their office had to act on it"),
            Self::OfficeBefore => ("其单位曾办理该案", "their office had had it"),
            Self::WaitsForRole => ("案件正等待其岗位处理", "it waited for their role"),
            Self::Area => ("案件在其责任区内", "it lay where they work"),
            Self::Pressing => ("紧急、超期或被督办", "urgent, overdue or urged"),
            Self::ClosedCheck => ("新近结案的质量检查", "a check of a case closed lately"),
            Self::Kin => (
                "与其办理的案件合并或拆分",
                "merged with or split from a case of theirs",
            ),
            Self::Near => (
                "与其正在办理的案件疑似重复，或在同一地点",
                "may repeat a case they were working on, or lies at the same place",
            ),
            Self::Warned => ("属于其查看的预警", "behind a warning they had opened"),
            Self::Listed => ("刚显示过列表或地图", "a list or map had just been shown"),
            Self::Colleague => (
                "同岗同事正在办理",
                "a colleague in the same post was working on it",
            ),
            Self::Callback => ("上报人可能来电询问", "its reporter may have called again"),
            Self::Mandate => ("有书面委派", "covered by a written order"),
            Self::Opened => (
                "紧急打开，理由由他人审查",
                "opened in an emergency; somebody else reviews the reason",
            ),
            Self::Mistyped => (
                "随即打开了号码相近的案件",
                "a case with nearly the same number followed at once",
            ),
        }
    }
}

impl Part {
    /// What it says, Chinese and English, with its figures.
    pub fn words(&self) -> (String, String) {
        let (seen, usual) = (self.seen, self.usual);
        match self.kind {
            PartKind::Unexplained => (
                format!("{seen:.0} 个案件的查看没有依据（通常 {usual:.1} 个）"),
                format!("cases looked at that nothing explains: {seen:.0} (usual: {usual:.1})"),
            ),
            PartKind::Repeated => (
                format!("同一案件或地点在 60 天内被反复查看 {seen:.0} 次"),
                format!("the same case or place {seen:.0} times within 60 days"),
            ),
            PartKind::Contacts => (
                format!("查看了 {seen:.0} 个案件的联系方式，却未办理（通常 {usual:.1} 个）"),
                format!(
                    "cases whose contact data was seen without work on them: {seen:.0} (usual: {usual:.1})"
                ),
            ),
            PartKind::Volume => (
                format!("打开了 {seen:.0} 个案件（通常 {usual:.0} 个）"),
                format!("cases opened: {seen:.0} (usual: {usual:.0})"),
            ),
            PartKind::Rows => (
                format!("列表显示了 {seen:.0} 行（通常 {usual:.0} 行）"),
                format!("{seen:.0} rows of lists shown (usual: {usual:.0})"),
            ),
            PartKind::Slow => (
                format!("无依据的查看连续偏多，累计超出 {seen:.0} 个"),
                format!("unexplained looks above the usual day after day, {seen:.0} too many in all"),
            ),
            PartKind::OffDuty => (
                format!("非当班时间查看 {seen:.0} 个案件（通常 {usual:.1} 个）"),
                format!("cases looked at outside their hours: {seen:.0} (usual: {usual:.1})"),
            ),
            PartKind::Sequence => (
                format!("无依据地按编号连续打开 {seen:.0} 个案件"),
                format!("{seen:.0} case numbers in a row, unexplained"),
            ),
            PartKind::Crowd => (
                format!("另有 {seen:.0} 个账号无依据地查看了同一案件"),
                format!("{seen:.0} other accounts looked at the same case, unexplained too"),
            ),
            PartKind::Shared => (
                format!("另一账号也无依据地查看了其中 {seen:.0} 个案件"),
                format!("cases that another account looked at too, unexplained: {seen:.0}"),
            ),
        }
    }
}
