//! Providers of sign-ins as the configuration names them, with their secrets from where those lie.

use anlan_app::identities::{Provider, TwoFactors};
use anyhow::{Context as _, bail};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// One provider in the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderKeys {
    name: String,
    issuer: String,
    client: String,
    secret_file: Option<PathBuf>,
    secret_variable: Option<String>,
    title_zh: String,
    title_en: String,
    #[serde(default = "login_claim")]
    login_claim: String,
    #[serde(default)]
    two_factors: Vouches,
    #[serde(default)]
    two_factors_amr: Vec<String>,
    #[serde(default)]
    two_factors_acr: Vec<String>,
}

/// When a provider vouches for two factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Vouches {
    #[default]
    Never,
    Always,
    WhenSaid,
}

impl ProviderKeys {
    fn two_factors(&self) -> anyhow::Result<TwoFactors> {
        let (amr, acr) = (self.two_factors_amr.clone(), self.two_factors_acr.clone());
        match self.two_factors {
            Vouches::WhenSaid => Ok(TwoFactors::Said { amr, acr }),
            _ if !(amr.is_empty() && acr.is_empty()) => {
                bail!("two_factors_amr and two_factors_acr go with two_factors = \"when_said\"")
            }
            Vouches::Never => Ok(TwoFactors::Never),
            Vouches::Always => Ok(TwoFactors::Always),
        }
    }
}

fn login_claim() -> String {
    "preferred_username".into()
}

/// The providers, ready for use; the first that cannot be used is refused by name.
pub(crate) fn providers(all: &[ProviderKeys]) -> anyhow::Result<Vec<Provider>> {
    let (mut names, mut issuers) = (BTreeSet::new(), BTreeSet::new());
    let mut made = Vec::with_capacity(all.len());
    for keys in all {
        let provider = Provider {
            name: keys.name.clone(),
            issuer: keys.issuer.clone(),
            client: keys.client.clone(),
            secret: secret(keys).with_context(|| format!("sign_in_through: {}", keys.name))?,
            title_zh: keys.title_zh.clone(),
            title_en: keys.title_en.clone(),
            login_claim: keys.login_claim.clone(),
            two_factors: keys
                .two_factors()
                .with_context(|| format!("sign_in_through: {}", keys.name))?,
        };
        if let Some(fault) = provider.fault() {
            bail!("sign_in_through: {}: {fault}", keys.name);
        }
        if !names.insert(&keys.name) || !issuers.insert(&keys.issuer) {
            bail!("sign_in_through: {}: its name or issuer comes twice", keys.name);
        }
        made.push(provider);
    }
    Ok(made)
}

fn secret(keys: &ProviderKeys) -> anyhow::Result<Option<String>> {
    let text = match (&keys.secret_file, &keys.secret_variable) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => bail!("name either secret_file or secret_variable"),
        (Some(path), None) => {
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?
        }
        (None, Some(name)) => variable(name).with_context(|| format!("{name} is not set"))?,
    };
    let text = text.trim().to_owned();
    if text.is_empty() {
        bail!("its secret is empty");
    }
    Ok(Some(text))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the program is where the environment is read"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> ProviderKeys {
        let all = "name = \"city\"\nissuer = \"https://id.example\"\nclient = \"anlan\"\ntitle_zh = \"市\"\ntitle_en = \"City\"\n";
        toml::from_str(&format!("{all}{text}")).unwrap()
    }

    #[test]
    fn secrets_come_from_files_and_faults_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, "calm water\n").unwrap();
        let made = providers(&[keys(&format!("secret_file = {file:?}"))]).unwrap();
        assert_eq!(made[0].secret.as_deref(), Some("calm water"));
        assert_eq!(made[0].login_claim, "preferred_username");
        assert!(!format!("{made:?}").contains("calm"), "a secret is never printed");
        let fault = |all: &[ProviderKeys]| format!("{:#}", providers(all).unwrap_err());
        assert!(fault(&[keys(""), keys("")]).contains("twice"));
        std::fs::write(&file, "\n").unwrap();
        assert!(fault(&[keys(&format!("secret_file = {file:?}"))]).contains("empty"));
        assert!(fault(&[keys("secret_file = \"/nowhere/secret\"")]).contains("/nowhere/secret"));
        let said = keys("two_factors = \"when_said\"\ntwo_factors_amr = [\"mfa\"]\n");
        let (amr, acr) = (vec!["mfa".into()], vec![]);
        assert_eq!(
            providers(&[said]).unwrap()[0].two_factors,
            TwoFactors::Said { amr, acr }
        );
        assert!(fault(&[keys("two_factors = \"when_said\"")]).contains("one at least"));
        assert!(fault(&[keys("two_factors_acr = [\"gold\"]")]).contains("when_said"));
        let mut plain = keys("");
        plain.issuer = "http://id.example".into();
        assert!(fault(&[plain]).contains("https"));
    }
}
