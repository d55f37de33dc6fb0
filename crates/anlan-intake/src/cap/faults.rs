//! What can be wrong with a CAP document, one finding for one element, in English and Chinese. Words only: who finds it is
//! elsewhere.

use anlan_model::alerts::AlertRule;
use serde::Serialize;
use std::fmt;

/// At most so many findings are told; the count of the others goes with them.
pub const FAULTS_MAX: usize = 100;

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Machine-readable reason: `cap.…` where the document is not as the schema has it, `alert.…` where a rule beyond it breaks.
    pub code: &'static str,
    /// The line where the element begins, from 1.
    pub line: u64,
    /// The element, as a path: `alert/info[2]/area[1]/polygon`; a single one of its name has no number. Empty for the document.
    pub path: String,
    /// What is wrong and what to do, in plain English.
    pub message: String,
    /// Whether the message is refused for it; else it is kept and this told.
    pub is_refused: bool,
}

impl Fault {
    /// What is wrong and what to do, in Chinese, without the details that the English message has.
    pub fn zh(&self) -> &'static str {
        chinese(self.code).unwrap_or("警报文档有误。请联系发送方更正。")
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}", self.line)?;
        if !self.path.is_empty() {
            write!(out, ", {}", self.path)?;
        }
        write!(out, ": {} [{}]", self.message, self.code)
    }
}

/// Why a document is no message: everything that is wrong with it, warnings with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// In the order of the document; at least one is a reason to refuse.
    pub faults: Vec<Fault>,
    /// How many more there are than are told.
    pub untold: usize,
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.faults.iter().find(|fault| fault.is_refused);
        if let Some(first) = first {
            write!(out, "{first}")?;
        }
        match self.faults.len() + self.untold {
            0 | 1 => Ok(()),
            all => write!(out, " ({all} findings in all)"),
        }
    }
}

impl std::error::Error for Refused {}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self {
            faults: vec![fault],
            untold: 0,
        }
    }
}

/// What is found, up to the limit; a reason to refuse is never the one left out for a warning.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) told: Vec<Fault>,
    pub(super) untold: usize,
}

impl Faults {
    pub(super) fn push(&mut self, fault: Fault) {
        if self.told.len() < FAULTS_MAX {
            self.told.push(fault);
            return;
        }
        self.untold += 1;
        let spared = self.told.iter_mut().rev().find(|told| !told.is_refused);
        if let (true, Some(spared)) = (fault.is_refused, spared) {
            *spared = fault;
        }
    }

    pub(super) fn refuses(&self) -> bool {
        self.told.iter().any(|fault| fault.is_refused)
    }

    /// In the order of the document.
    pub(super) fn sorted(mut self) -> Self {
        self.told.sort_by_key(|fault| fault.line);
        self
    }
}

/// Every code of a document's form, with its Chinese words.
const FORM: &[(&str, &str)] = &[
    (
        "cap.too_big",
        "文档超过大小限制，没有读取。请联系发送方缩减内容。",
    ),
    (
        "cap.encoding",
        "文档编码与声明不符或无法识别。请改用 UTF-8 发送。",
    ),
    ("cap.xml", "文档不是有效的 XML。请联系发送方更正所指的行。"),
    (
        "cap.doctype",
        "文档含有文档类型或实体声明，为安全起见不予读取。请去掉后发送。",
    ),
    ("cap.root", "文档的根元素不是 CAP 的 alert。请检查地址或文件。"),
    (
        "cap.namespace",
        "命名空间缺失或有误。请使用 urn:oasis:names:tc:emergency:cap:1.2。",
    ),
    (
        "cap.unknown",
        "该处不允许此元素。请删去，或检查名称的拼写和位置。",
    ),
    (
        "cap.foreign",
        "alert 末尾有其他命名空间的元素，未读取。请确认是否需要。",
    ),
    ("cap.attribute", "CAP 元素不允许有属性。请删去。"),
    ("cap.text", "元素之间不允许有文字。请删去。"),
    ("cap.nested", "该元素只能含文字，不能含其他元素。请删去内层元素。"),
    ("cap.order", "元素的次序有误。请按标准规定的次序排列。"),
    ("cap.repeated", "该元素只能出现一次。请删去多余的。"),
    ("cap.missing", "缺少必需的元素。请补充。"),
    ("cap.empty", "元素为空，按没有处理。请填写内容或删去该元素。"),
    (
        "cap.word",
        "该值不在标准规定的词表内。请使用标准用词，注意大小写。",
    ),
    (
        "cap.time",
        "时间格式有误。请写成 2026-07-23T10:15:00+08:00，世界时用 -00:00，不用 Z。",
    ),
    ("cap.number", "该值不是数字。请填写数字。"),
    ("cap.polygon", "多边形无法读取。请写成以空格分隔的“纬度,经度”。"),
    ("cap.circle", "圆无法读取。请写成“纬度,经度 半径(公里)”。"),
    (
        "cap.references",
        "引用无法读取，未采用。请写成“发送方,标识,发送时间”。",
    ),
    (
        "cap.named_value",
        "旧版的“名称=值”没有等号，名称留空。请补充名称。",
    ),
    ("cap.password", "旧版的密码元素不予保存。请改用签名。"),
    ("cap.filled", "旧版允许省略该项，已按标准的默认值补上。"),
    ("cap.limit", "元素或坐标点的数量超过限制。请联系发送方缩减内容。"),
];

fn chinese(code: &str) -> Option<&'static str> {
    let form = FORM.iter().find(|(own, _)| *own == code).map(|(_, zh)| *zh);
    form.or_else(|| AlertRule::of_code(code).map(AlertRule::chinese))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn fault(is_refused: bool, line: u64) -> Fault {
        Fault {
            code: "cap.word",
            line,
            path: "alert/status".into(),
            message: "it is no word of the list".into(),
            is_refused,
        }
    }

    #[test]
    fn every_code_in_the_sources_has_chinese_words_and_none_is_left_over() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cap");
        let mut used = BTreeSet::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with("faults.rs") || path.extension().is_none_or(|end| end != "rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("mod tests").next().unwrap_or_default().to_owned();
            let quoted = code.split("\"cap.").skip(1);
            used.extend(quoted.filter_map(|rest| Some(format!("cap.{}", rest.split('"').next()?))));
        }
        used.retain(|code| !code.starts_with("cap.feed") && !code.starts_with("cap.sign"));
        let known: BTreeSet<String> = FORM.iter().map(|(code, _)| (*code).to_owned()).collect();
        assert_eq!(used, known);
    }

    #[test]
    fn a_reason_to_refuse_is_not_lost_among_warnings() {
        let mut faults = Faults::default();
        for line in 1..=150 {
            faults.push(fault(false, line));
        }
        assert!(!faults.refuses());
        faults.push(fault(true, 7));
        assert!(faults.refuses());
        let faults = faults.sorted();
        assert_eq!((faults.told.len(), faults.untold), (FAULTS_MAX, 51));
        let refused = Refused {
            faults: faults.told,
            untold: faults.untold,
        };
        assert_eq!(
            refused.to_string(),
            "line 7, alert/status: it is no word of the list [cap.word] (151 findings in all)"
        );
    }
}
