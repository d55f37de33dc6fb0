//! The node's configuration: a commented file, overridden by the command line. Unknown keys are refused by name.

use crate::alerts::FeedKeys;
use crate::identities::ProviderKeys;
use anlan_model::accounts::Role;
use anlan_model::classifications::PeriodChange;
use anlan_model::sessions::TwoFactorRoles;
use anyhow::Context as _;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The file with every key at its default: it is the reference as well.
pub(crate) const DEFAULTS: &str = include_str!("../anlan.toml");

/// What a node is told when it starts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) data: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) public_url: String,
    pub(crate) open311_classes: Vec<String>,
    pub(crate) open311_jurisdiction: String,
    pub(crate) cap_trusted: Vec<PathBuf>,
    pub(crate) cap_feeds: Vec<FeedKeys>,
    pub(crate) log_origin: String,
    pub(crate) log_policy: String,
    pub(crate) witness_name: String,
    pub(crate) witness_of: Vec<String>,
    pub(crate) tls_certificate: Option<PathBuf>,
    pub(crate) tls_key: Option<PathBuf>,
    pub(crate) sign_in_through: Vec<ProviderKeys>,
    pub(crate) two_factor_roles: Vec<Role>,
    pub(crate) policies: Option<PathBuf>,
    pub(crate) secure_cookies: bool,
    pub(crate) is_behind_proxy: bool,
    /// Limits are pairs: at once, per minute.
    pub(crate) limit_sign_in: [u32; 2],
    pub(crate) limit_report: [u32; 2],
    pub(crate) limit_wrong_code: [u32; 2],
    pub(crate) limit_search: [u32; 2],
    pub(crate) limit_publication: [u32; 2],
    pub(crate) limit_key: [u32; 2],
    pub(crate) connections_per_address: usize,
    pub(crate) ui: Option<PathBuf>,
    pub(crate) readers: usize,
    pub(crate) cache_mib: usize,
    pub(crate) log: String,
    pub(crate) retention: Vec<PeriodChange>,
}

impl Config {
    /// Of whom two factors are demanded.
    pub(crate) fn two_factor_roles(&self) -> anyhow::Result<TwoFactorRoles> {
        TwoFactorRoles::of(&self.two_factor_roles)
            .map_err(|role| anyhow::anyhow!("two_factor_roles: no person is given the role {role:?}"))
    }

    /// The defaults with the keys of `file` put over them. The demo's accounts have a published password and lie on one's own
    /// machine, so unless the file says otherwise nobody is asked for a second factor there, and
    /// what is public of its cases can be asked for.
    pub(crate) fn load(file: Option<&Path>, is_demo: bool) -> anyhow::Result<Self> {
        let mut table: toml::Table = DEFAULTS.parse().context("the shipped defaults")?;
        if is_demo {
            table.insert("two_factor_roles".into(), toml::Value::Array(Vec::new()));
            // Nothing in it is anybody's, so all of it can be tried.
            table.insert("open311_classes".into(), vec!["c", "m"].into());
        }
        if let Some(path) = file {
            let text =
                std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            let own: toml::Table = text
                .parse()
                .with_context(|| format!("{} is not TOML", path.display()))?;
            table.extend(own);
        }
        let name = file.map_or_else(|| "defaults".into(), |path| path.display().to_string());
        table
            .try_into()
            .with_context(|| format!("{name}: a key is unknown or has the wrong type"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_defaults_load_and_a_wrong_key_is_named() {
        let config = Config::load(None, false).unwrap();
        assert!(
            config.listen.ip().is_loopback(),
            "a node listens to this machine only until told otherwise"
        );
        assert_eq!(config.two_factor_roles().unwrap(), TwoFactorRoles::all());
        let demo = Config::load(None, true).unwrap();
        assert_eq!(demo.two_factor_roles().unwrap(), TwoFactorRoles::default());
        let unfit = Config {
            two_factor_roles: vec![Role::Duty, Role::Directory],
            ..config
        };
        assert!(
            unfit
                .two_factor_roles()
                .unwrap_err()
                .to_string()
                .contains("Directory")
        );
        let file = std::env::temp_dir().join(format!("anlan-config-{}.toml", std::process::id()));
        std::fs::write(&file, "lissten = \"0.0.0.0:80\"\n").unwrap();
        let error = format!("{:#}", Config::load(Some(&file), false).unwrap_err());
        std::fs::remove_file(&file).unwrap();
        assert!(error.contains("lissten"), "{error}");
    }
}
