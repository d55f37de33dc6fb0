//! A node's own policies: the folder that the configuration names, and the commands that look at one before it is used.

use crate::{cli, config::Config};
use anlan_app::{App, Caller, policies};
use anlan_policy::{Policy, PolicyText};
use anyhow::{Context as _, bail};
use clap::Subcommand;
use std::path::{Path, PathBuf};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say what is wrong with a folder of policies, and which rights it changes. Needs no node and changes nothing.
    Check {
        /// The folder; without one that of the configuration.
        folder: Option<PathBuf>,
    },
    /// Print the table of rights and every policy in words, as they would be with a folder of policies.
    Rights {
        /// The folder; without one that of the configuration, or the shipped policies.
        folder: Option<PathBuf>,
    },
}

/// The files of a folder of policies, by name.
struct Files(Vec<(String, String)>);

impl Files {
    fn read(folder: &Path) -> anyhow::Result<Self> {
        let listed = std::fs::read_dir(folder)
            .with_context(|| format!("cannot read the folder {}", folder.display()))?;
        let mut all = Vec::new();
        for entry in listed {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "cedar") {
                let text = std::fs::read_to_string(&path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                all.push((path.display().to_string(), text));
            }
        }
        if all.is_empty() {
            bail!("there is no .cedar file in {}", folder.display());
        }
        all.sort();
        Ok(Self(all))
    }

    /// Those of the folder, if one is named.
    fn of(folder: Option<&Path>) -> anyhow::Result<Self> {
        folder.map_or_else(|| Ok(Self(Vec::new())), Self::read)
    }

    fn texts(&self) -> Vec<PolicyText<'_>> {
        let texts = self.0.iter();
        texts.map(|(name, text)| PolicyText { name, text }).collect()
    }

    /// The shipped policies with these, refused whole for any fault.
    fn policy(&self) -> anyhow::Result<Policy> {
        Policy::with_own(&self.texts()).map_err(|faults| {
            let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
            anyhow::anyhow!("the policies hold {} fault(s)\n{}", lines.len(), lines.join("\n"))
        })
    }
}

/// Puts the configured policies into force; a change since the last start is noted in the access log.
pub(crate) fn load(app: App, folder: Option<&Path>) -> anyhow::Result<App> {
    let files = Files::of(folder)?;
    let app = match folder {
        Some(_) => app.with_policy(files.policy().context("the node does not start")?),
        None => app,
    };
    let digest = policies::digest(&files.texts());
    if policies::loaded(&app, &Caller::system(), &digest)? {
        tracing::warn!(digest, "other policies than at the last start are in force");
    }
    Ok(app)
}

/// Runs one command.
pub(crate) fn run(config: &Config, command: &Command) -> anyhow::Result<()> {
    let chosen = |folder: &Option<PathBuf>| folder.clone().or_else(|| config.policies.clone());
    match command {
        Command::Check { folder } => check(chosen(folder).as_deref()),
        Command::Rights { folder } => {
            let policy = Files::of(chosen(folder).as_deref())?.policy()?;
            cli::say(&page(&policy));
            Ok(())
        }
    }
}

/// The page of rights.
pub(crate) fn page(policy: &Policy) -> String {
    format!(
        "# Rights\n\nMade from the policies in `policies/`. {}",
        policy.as_markdown()
    )
}

fn check(folder: Option<&Path>) -> anyhow::Result<()> {
    let folder = folder.context("name a folder, or set `policies` in the configuration")?;
    let files = Files::read(folder)?;
    let changes = files.policy()?.changes_from(&Policy::shipped()?);
    let or_no = |reach: &str| {
        if reach.is_empty() {
            "no".to_owned()
        } else {
            reach.to_owned()
        }
    };
    let mut lines: Vec<String> = changes
        .iter()
        .map(|change| {
            let role = format!("{:?}", change.role).to_lowercase();
            let (before, after) = (or_no(&change.before), or_no(&change.after));
            format!("{} {}: {before} → {after}", role, change.action.code())
        })
        .collect();
    lines.push(format!(
        "{} file(s) without fault; {} right(s) change.",
        files.0.len(),
        changes.len()
    ));
    cli::say(&lines.join("\n"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::{Node, Size};
    use anlan_policy::Action;
    use anlan_store::accesses::AccessFilter;

    const MORE: &str = "@id(\"night\") @zh(\"夜间\") @en(\"by night\")
permit (principal in Role::\"clerk\", action == Action::\"rules.try\", resource is Rule)
when { context.purpose == Purpose::\"maintenance\" };
";

    /// What was noted of policies, the oldest first.
    fn noted(app: &App) -> Vec<String> {
        let page = app
            .store
            .read(|tx| anlan_store::accesses::list(tx, &AccessFilter::default(), None, 100));
        let mut all = page.map_err(|error: anlan_store::Error| error).unwrap().items;
        all.retain(|entry| entry.action == Action::PolicyLoad.code());
        all.into_iter().rev().map(|entry| entry.resource_id).collect()
    }

    #[test]
    fn a_change_of_policies_leaves_a_trace_and_a_faulty_set_is_not_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let size = Size {
            readers: 1,
            cache_mib: 8,
        };
        let node = Node::open(&folder.path().join("data"), size).unwrap();
        let own = folder.path().join("policies");
        std::fs::create_dir(&own).unwrap();
        std::fs::write(own.join("night.cedar"), MORE).unwrap();
        let start = |folder: Option<&Path>| load(node.app.clone(), folder);
        start(None).unwrap();
        assert_eq!(
            noted(&node.app),
            Vec::<String>::new(),
            "the shipped ones are no change"
        );
        for _ in 0..2 {
            start(Some(&own)).unwrap();
        }
        assert_eq!(noted(&node.app).len(), 1, "the same again is none either");
        std::fs::write(own.join("night.cedar"), format!("{MORE}\n")).unwrap();
        start(Some(&own)).unwrap();
        start(None).unwrap();
        let told = noted(&node.app);
        assert_eq!((told.len(), told[2].as_str()), (3, "shipped"));
        assert_ne!(told[0], told[1]);

        std::fs::write(own.join("night.cedar"), MORE.replace("rules.try", "rules.steal")).unwrap();
        let fault = format!("{:#}", start(Some(&own)).unwrap_err());
        for word in ["does not start", "night.cedar, line", "rules.steal", "均未生效"] {
            assert!(fault.contains(word), "{word}: {fault}");
        }
        assert_eq!(noted(&node.app).len(), 3);
        assert!(check(Some(&own)).is_err() && check(None).is_err());
        std::fs::remove_file(own.join("night.cedar")).unwrap();
        assert!(format!("{:#}", start(Some(&own)).unwrap_err()).contains("no .cedar file"));
    }
}
