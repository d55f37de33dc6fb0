//! Why a file as a whole is refused, and the faults of single rows. Words only; decides nothing.

use anlan_model::imports::Fault;
use serde::Serialize;

/// A file that cannot be read on: what is wrong, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// Machine-readable reason, e.g. `encoding.mixed`.
    pub code: &'static str,
    /// What is wrong and what to do, in plain English.
    pub message: String,
    /// The line at fault, from 1, where there is one.
    pub line: Option<u64>,
    /// Data rows read whole before this; they stand.
    pub rows_before: Option<u64>,
}

impl Refusal {
    /// A refusal of the file as a whole.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            line: None,
            rows_before: None,
        }
    }

    /// What is wrong and what to do, in Chinese; names neither line nor details, which the English message has.
    pub fn zh(&self) -> &'static str {
        chinese(self.code).unwrap_or("文件无法读取，没有导入任何内容；请检查文件后重试。")
    }

    /// The same, naming the line.
    #[must_use]
    pub fn at_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// The same, once it is known how many rows were read whole.
    #[must_use]
    pub(crate) fn after_rows(mut self, rows: u64) -> Self {
        if self.rows_before.is_none() {
            self.rows_before = Some(rows);
            self.message = format!("{} Rows read whole before this: {rows}.", self.message);
        }
        self
    }
}

fn chinese(code: &str) -> Option<&'static str> {
    Some(match code {
        "cap.feed_limit" => "该订阅条目过多，或嵌套过深，其后的未读取；此前的条目保留。请向发布方说明。",
        "cap.feed_root" => "这不是 Atom、RSS 或 EDXL-DE 订阅。请检查地址。",
        "cap.feed_too_big" => "该订阅超过大小限制，没有读取。请检查地址，或向发布方说明。",
        "cap.feed_xml" => "该订阅从所指的行起无法读取；此前的条目保留。请向发布方说明。",
        "cap.sign_document" => "文档无法签名：不是有效的 CAP 文档，或已有签名。请检查后重试。",
        "cap.sign_key" => "私钥或证书不可用，或二者不匹配。请选择同一对 RSA 或 ECDSA P-256 的私钥与证书。",
        "compression.broken" => "压缩文件已损坏。请重新获取后再导入；已入库的行不会重复入库。",
        "compression.truncated" => {
            "压缩文件不完整，可能传输中断。请重新获取后再导入；已入库的行不会重复入库。"
        }
        "datum.contradicts" => "映射所用的坐标系与所选的不同。请留空坐标系，或选择另一个映射。",
        "datum.unstated" => "文件含有坐标，但没有说明坐标系。请向文件提供方确认后选择。",
        "encoding.misfit" => "该行与文件其余部分的编码不同。请检查编码，另存为 UTF-8 后再导入。",
        "encoding.mixed" => "文件混用了多种编码，从该行起改变。请统一另存为 UTF-8 后再导入。",
        "encoding.unknown" => "无法识别文件编码。请另存为 UTF-8、GB18030 或 UTF-16 后再导入。",
        "file.empty" => "文件为空，没有可导入的行。",
        "file.unreadable" | "read.failed" | "reader.failed" => {
            "文件读取失败。已入库的行保留；请稍后用同一文件继续。"
        }
        "format.markup" => "这是网页或 XML，不是表格。请将表格另存为 CSV、XLSX 或 JSON。",
        "format.ods" => "这是 OpenDocument 文件。请另存为 XLSX 或 CSV。",
        "format.parquet" => "这是 Parquet 文件。请导出为 CSV。",
        "format.pdf" => "这是 PDF。请导入生成它的原始表格。",
        "format.unknown" => "无法识别的格式。可导入 CSV、TSV、JSON 和 XLSX，也可用 gzip 或 zstd 压缩。",
        "format.xls" => "这是旧版 Excel（XLS）或带密码的工作簿。请另存为不带密码的 XLSX 或 CSV。",
        "format.zip" => "这是 ZIP 压缩包，不是表格。请解压后逐个导入其中的文件。",
        "header.broken" => "表头无法读取。请修正首行后再导入。",
        "json.too_long" => "该行开始的 JSON 对象过长或没有结束。请修正后再导入；已入库的行不会重复入库。",
        "json.truncated" => "该行开始的 JSON 没有结束，文件不完整或已损坏。请重新获取后再导入。",
        "mapping.columns" => "文件缺少该映射所需的列，没有导入任何内容。请选择其他映射。",
        "mapping.invalid" => "映射有误或不存在。请从列表中选择。",
        "open311.json" => "对方的回答不是有效的 JSON。请向对方系统的管理员说明所在行。",
        "open311.xml" => "对方的回答不是可读取的 XML。请向对方系统的管理员说明所在行。",
        "xlsx.broken" => "工作簿已损坏或不完整。请重新保存后再导入。",
        "xlsx.no_sheet" => "工作簿中没有可读的工作表。",
        "xlsx.password" => "工作簿带有密码。请另存为不带密码的文件。",
        "xlsx.too_big" => "工作表过大。请另存为 CSV 后再导入。",
        _ => return None,
    })
}

/// The longest value a fault quotes, in characters.
const QUOTED_CHARS_MAX: usize = 200;

/// A fault of one row; `value` is cut to 200 characters.
pub(crate) fn fault(
    line: u64,
    code: &str,
    column: Option<&str>,
    value: Option<&str>,
    message: String,
) -> Fault {
    Fault {
        line,
        column: column.map(str::to_owned),
        value: value.map(|text| cut(text, QUOTED_CHARS_MAX)),
        code: code.to_owned(),
        message,
    }
}

/// The first `chars` characters, with an ellipsis where something is left off.
pub(crate) fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// Every code given to a refusal in this crate's sources.
    fn codes(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                codes(&path, found);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("mod tests").next().unwrap_or_default();
            let given = code.split("Refusal::new(").skip(1);
            found.extend(given.filter_map(|rest| {
                let quoted = rest.trim_start().strip_prefix('"')?;
                quoted.split('"').next().map(str::to_owned)
            }));
            let formats = code.split("\"format.").skip(1);
            found.extend(formats.filter_map(|rest| Some(format!("format.{}", rest.split('"').next()?))));
        }
    }

    #[test]
    fn every_refusal_has_chinese_words() {
        let mut found = vec![];
        codes(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        found.retain(|code| code != "format.");
        assert!(found.len() > 20, "only {found:?}");
        for code in found {
            assert!(chinese(&code).is_some(), "{code} has no Chinese words");
        }
    }
}
