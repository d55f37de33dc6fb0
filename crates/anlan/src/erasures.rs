//! The commands of retention: what is due, and erasing it now. What is due when is the classification's; erasing is an action.

use crate::cli;
use anlan_app::erasures::{self, Due, Outcome};
use anlan_app::{App, Caller};
use anlan_model::erasures::{Erasure, ErasureKind};
use clap::Subcommand;
use std::fmt::Write as _;

/// Lines of the register that are printed.
const LINES: u16 = 200;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print how much of each kind is due by its period. Erases nothing.
    Preview,
    /// Erase what is due, overwrite what is left of it in the database, and empty its log. The node may run meanwhile.
    Run,
    /// Print the register of what was erased, newest first.
    Register,
}

/// Runs one command.
pub(crate) fn run(app: &App, command: &Command) -> anyhow::Result<()> {
    let caller = Caller::system();
    cli::say(&match command {
        Command::Preview => due(&erasures::preview(app, &caller)?)?,
        Command::Run => erased(&erasures::run(app, &caller, &|| true)?)?,
        Command::Register => register(&erasures::list(app, &caller, LINES)?)?,
    });
    Ok(())
}

/// A kind in words.
fn name(kind: ErasureKind) -> &'static str {
    match kind {
        ErasureKind::Contact => "contacts 联系方式",
        ErasureKind::Case => "words, photos and chains of cases 案件文字、照片与访问链",
        ErasureKind::Report => "reports, on request 应请求删除的上报",
        ErasureKind::Import => "imports, rows kept back 导入的隔离行与文件名",
        ErasureKind::Upload => "files handed in 上传文件",
        ErasureKind::Job => "jobs given up 停止的任务",
        ErasureKind::Session => "sessions 过期会话",
        ErasureKind::Orphan => "files that nothing speaks of 无主文件",
        ErasureKind::Residue => "pages with residues 残留页",
    }
}

fn due(all: &[Due]) -> Result<String, std::fmt::Error> {
    let mut text = String::from("due now 到期：\n");
    for Due { kind, days, count } in all {
        writeln!(text, "{count:>9}  {} (after {days} days)", name(*kind))?;
    }
    Ok(text)
}

fn erased(outcome: &Outcome) -> Result<String, std::fmt::Error> {
    let mut text = String::from("erased 已删除：\n");
    for (kind, count) in &outcome.erased {
        writeln!(text, "{count:>9}  {}", name(*kind))?;
    }
    writeln!(text, "{:>9}  files 文件", outcome.files)?;
    match outcome.pages {
        Some(pages) => writeln!(
            text,
            "{pages} pages of the database had something left and were overwritten; its log is empty."
        )?,
        None => writeln!(
            text,
            "Nothing was erased since the database was last overwritten."
        )?,
    }
    for backup in &outcome.backups {
        writeln!(
            text,
            "{} is a backup and holds what was erased since it was made: remove it when its time has come.",
            backup.display()
        )?;
    }
    Ok(text)
}

fn register(all: &[Erasure]) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    for line in all {
        let case = line.case.map(|case| format!(", case {case}")).unwrap_or_default();
        let by = line
            .by
            .map_or_else(|| "timer".to_owned(), |by| format!("account {by}"));
        writeln!(
            text,
            "{} {} × {} ({:?}, {by}{case})",
            line.at,
            line.count,
            name(line.kind),
            line.ground
        )?;
    }
    if all.is_empty() {
        text.push_str("nothing was erased yet 尚无删除记录\n");
    }
    Ok(text)
}
