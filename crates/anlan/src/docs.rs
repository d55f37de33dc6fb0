//! Reference pages made from the program itself, so that they cannot say something else than it does.

use crate::{cli, config, policies};
use anlan_model::classifications::{Classification, FieldEntry, Holder, Period};
use anlan_policy::Policy;
use clap::CommandFactory as _;
use std::fmt::Write as _;

/// Which page.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Page {
    /// The command line.
    Cli,
    /// Role × action: who may do what.
    Rights,
    /// Every door over HTTP and its lock.
    Doors,
    /// Configuration keys.
    Config,
    /// Every field that is kept: class, level, purposes, period.
    Classification,
}

/// One page as Markdown.
pub(crate) fn page(page: Page) -> anyhow::Result<String> {
    Ok(match page {
        Page::Cli => command_line(),
        Page::Rights => policies::page(&Policy::shipped()?),
        Page::Doors => anlan_web::doors::page(&Policy::shipped()?),
        Page::Config => format!(
            "# Configuration\n\n`anlan serve --config anlan.toml` reads a file such as this one.\n\n```toml\n{}```\n",
            config::DEFAULTS
        ),
        Page::Classification => classification(&Classification::shipped()?)?,
    })
}

fn command_line() -> String {
    let mut command = cli::Cli::command().term_width(100);
    command.build();
    let mut text = String::from("# The command line\n");
    let _ = write!(text, "\n```text\n{}```\n", command.render_long_help());
    sections(&mut command, "anlan", &mut text);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

/// A section per command, those below it after it.
fn sections(command: &mut clap::Command, path: &str, text: &mut String) {
    let subs = command.get_subcommands_mut();
    for sub in subs.filter(|sub| sub.get_name() != "help") {
        let path = format!("{path} {}", sub.get_name());
        let help = sub.render_long_help();
        let _ = write!(text, "\n## {path}\n\n```text\n{help}```\n");
        sections(sub, &path, text);
    }
}

/// The classification as a data protection officer reads it: Chinese beside English.
fn classification(all: &Classification) -> Result<String, std::fmt::Error> {
    let mut text = String::from(
        "# 数据分类分级与保存期限 · Classification and retention\n\nMade from `standards/classification.toml`. 每个字段必有一行，否则构建失败。\n\
        Every field that is kept has its line here, or the build fails.\n\n## 类别 · Classes\n\n\
        | 类别 | class | 级别 · level | 个人信息 · personal | 用途 · purposes | 理由 · reason |\n|---|---|---|---|---|---|\n",
    );
    for class in all.classes.values() {
        let ([zh, en], [level_zh, level_en]) = (&class.name, class.level.name());
        let [personal_zh, personal_en] = class.personal.name();
        let purposes: Vec<String> = (class.purposes.iter())
            .filter_map(|purpose| all.purposes.get(purpose).map(|[zh, en]| format!("{zh} · {en}")))
            .collect();
        let (purposes, [why_zh, why_en]) = (purposes.join("; "), &class.reason);
        writeln!(
            text,
            "| {zh} | {en} | {level_zh} · {level_en} | {personal_zh} · {personal_en} | {purposes} | {why_zh} {why_en} |"
        )?;
    }
    text.push_str("\n## 期限 · Periods\n\n| 期限 | period | 长度 · length | 节点可设 · a node may set | 理由 · reason |\n|---|---|---|---|---|\n");
    for (name, period) in &all.periods {
        let ([zh, en], (length, limits)) = (&period.name, length(period));
        let [why_zh, why_en] = &period.reason;
        writeln!(
            text,
            "| {zh} | {en} (`{name}`) | {length} | {limits} | {why_zh} {why_en} |"
        )?;
    }
    let parts = [
        ("表 · Tables", &all.tables),
        ("以 JSON 存放的内容 · What is kept as JSON", &all.nouns),
    ];
    for (title, holders) in parts {
        write!(text, "\n## {title}\n")?;
        for (name, holder) in holders {
            fields(&mut text, all, name, holder)?;
        }
    }
    text.push_str("\n## 文件 · Files\n");
    text.push_str(FIELDS);
    for (name, entry) in &all.files {
        field(&mut text, all, name, entry)?;
    }
    Ok(text)
}

const FIELDS: &str = "\n| 字段 · field | 名称 | name | 类别 · class | 级别 · level | 个人信息 · personal | 期限 · period |\n|---|---|---|---|---|---|---|\n";

fn length(period: &Period) -> (String, String) {
    let Some(term) = &period.term else {
        return ("与节点同存 · as long as the node".to_owned(), "—".to_owned());
    };
    let [zh, en] = term.after.name();
    let length = format!("{zh}后 {} 日 · {} days after {en}", term.days, term.days);
    (length, format!("{} – {}", term.days_min, term.days_max))
}

fn fields(text: &mut String, all: &Classification, name: &str, holder: &Holder) -> std::fmt::Result {
    let [zh, en] = &holder.name;
    write!(text, "\n### {zh} · {en} (`{name}`)\n{FIELDS}")?;
    (holder.fields.iter()).try_for_each(|(name, entry)| field(text, all, name, entry))
}

fn field(text: &mut String, all: &Classification, name: &str, entry: &FieldEntry) -> std::fmt::Result {
    let [zh, en] = &entry.name;
    // INVARIANT: a classification that names a class or a period it does not have is refused when it is read.
    let Some((class, period)) = all.classes.get(&entry.class).zip(all.periods.get(&entry.period)) else {
        return Ok(());
    };
    let ([class_zh, class_en], [level_zh, level_en]) = (&class.name, class.level.name());
    let ([personal_zh, personal_en], [period_zh, period_en]) = (class.personal.name(), &period.name);
    let holds = entry
        .holds
        .as_ref()
        .map(|noun| format!(" → `{noun}`"))
        .unwrap_or_default();
    writeln!(
        text,
        "| `{name}`{holds} | {zh} | {en} | {class_zh} · {class_en} | {level_zh} · {level_en} | {personal_zh} · {personal_en} | {period_zh} · {period_en} |"
    )
}
