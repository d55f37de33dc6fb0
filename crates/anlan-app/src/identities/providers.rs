//! Providers: what is known of each, where it is asked, and what it answers (OpenID Connect Discovery 1.0, RFC 6749, RFC 7636).
//! Everything it says is bounded and doubted; at most some of us talk to providers at once, so that one that hangs keeps
//! nobody from signing in otherwise.

use super::tokens::{Expected, Fault, Keys, signed};
use crate::Error;
use crate::ports::{Asked, Elsewhere};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a provider said of itself is asked for again after this.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(1);
/// A provider that did not answer is not asked again before this.
const SILENT_FOR: SignedDuration = SignedDuration::from_secs(5);
/// Keys are asked for out of turn at most this often: anybody can bring a token with a made-up key.
const KEYS_EVERY: SignedDuration = SignedDuration::from_secs(30);
/// Conversations with providers at once.
const TALKING_MAX: usize = 8;
/// Longest answer, bytes.
const ANSWER_BYTES_MAX: u64 = 256 * 1024;

/// Whether a provider vouches for two factors.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TwoFactors {
    /// It vouches for one; a second is ours.
    #[default]
    Never,
    /// Nobody gets in there without two: its operator answers for it.
    Always,
    /// Where its token says so: by one of these methods (`amr`, RFC 8176) or one of these classes (`acr`).
    Said {
        /// Methods that only two factors together are, such as `mfa`.
        amr: Vec<String>,
        /// Classes, which are asked for as well.
        acr: Vec<String>,
    },
}

impl TwoFactors {
    /// Whether the claims of a checked token say so.
    fn are_in(&self, claims: &Map<String, Value>) -> bool {
        match self {
            Self::Never => false,
            Self::Always => true,
            Self::Said { amr, acr } => {
                let methods = claims.get("amr").and_then(Value::as_array);
                let said = |known: &[String], word: Option<&str>| {
                    word.is_some_and(|word| known.iter().any(|known| known == word))
                };
                methods.is_some_and(|all| all.iter().any(|one| said(amr, one.as_str())))
                    || said(acr, claims.get("acr").and_then(Value::as_str))
            }
        }
    }

    /// The classes to ask for, the best first; `None` where none is known.
    pub(super) fn asked(&self) -> Option<String> {
        match self {
            Self::Said { acr, .. } if !acr.is_empty() => Some(acr.join(" ")),
            _ => None,
        }
    }
}

/// A provider of sign-ins, as the node is told of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Provider {
    /// Short name, part of the address that browsers come back to.
    pub name: String,
    /// Its issuer.
    pub issuer: String,
    /// What it knows this node as.
    pub client: String,
    /// What this node proves itself with; `None` where PKCE alone has to do.
    pub secret: Option<String>,
    /// What the button says, Chinese.
    pub title_zh: String,
    /// The same, English.
    pub title_en: String,
    /// The claim that holds the name an account was named with beforehand.
    pub login_claim: String,
    /// Whether it vouches for two factors.
    pub two_factors: TwoFactors,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider")
            .field("name", &self.name)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

impl Provider {
    /// What is wrong with what the node was told; `None` if nothing is.
    pub fn fault(&self) -> Option<&'static str> {
        let is_short = (1..=32).contains(&self.name.len());
        if !is_short
            || !self
                .name
                .bytes()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
        {
            return Some("name: 1 to 32 of a-z, 0-9 and -");
        }
        if !is_fit(&self.issuer) || self.issuer.contains(['?', '#']) {
            return Some("issuer: an https address (http on this machine only) without query");
        }
        if self.client.is_empty() || self.login_claim.is_empty() {
            return Some("client and login_claim must not be empty");
        }
        let is_vague = |words: &[String]| words.iter().any(|word| word.is_empty() || word.contains(' '));
        if let TwoFactors::Said { amr, acr } = &self.two_factors
            && ((amr.is_empty() && acr.is_empty()) || is_vague(amr) || is_vague(acr))
        {
            return Some("two_factors_amr, two_factors_acr: words without blanks, one at least");
        }
        (self.title_zh.is_empty() || self.title_en.is_empty())
            .then_some("title_zh and title_en must not be empty")
    }
}

/// Whether something secret may be sent there: over TLS, or to this very machine.
fn is_fit(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else {
        return url.len() > "https://".len() && url.starts_with("https://");
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next(),
        None => authority.split(':').next(),
    };
    !authority.contains('@') && matches!(host, Some("127.0.0.1" | "localhost" | "::1"))
}

/// What a provider says of itself.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Document {
    issuer: String,
    pub(super) authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    code_challenge_methods_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl Document {
    fn fault(&self, provider: &Provider) -> Option<&'static str> {
        if self.issuer != provider.issuer {
            return Some("it calls itself by another name");
        }
        let all = [&self.authorization_endpoint, &self.token_endpoint, &self.jwks_uri];
        let mut all = all.into_iter().chain(&self.userinfo_endpoint);
        if !all.all(|url| is_fit(url)) {
            return Some("one of its addresses is not https");
        }
        let methods = self.code_challenge_methods_supported.as_ref();
        methods
            .is_some_and(|methods| !methods.iter().any(|method| method == "S256"))
            .then_some("it knows no PKCE with S256")
    }

    /// Whether an answer that names `issuer` can be this provider's (RFC 9207).
    pub(super) fn is_from(&self, issuer: Option<&str>) -> bool {
        match issuer {
            Some(issuer) => issuer == self.issuer,
            None => !self.authorization_response_iss_parameter_supported,
        }
    }
}

/// What was learnt of a provider, and when.
#[derive(Debug, Default)]
struct Learnt {
    document: Option<(Timestamp, Document)>,
    keys: Option<(Timestamp, Keys)>,
    /// When keys were last asked for out of turn.
    keys_again_at: Option<Timestamp>,
    silent_at: Option<Timestamp>,
}

/// The providers of a node, and how they are asked.
#[derive(Debug)]
pub(crate) struct Providers {
    all: Vec<(Provider, Mutex<Learnt>)>,
    elsewhere: Arc<dyn Elsewhere>,
    talking: AtomicUsize,
}

impl Providers {
    pub(crate) fn new(all: Vec<Provider>, elsewhere: Arc<dyn Elsewhere>) -> Self {
        let all = all.into_iter().map(|one| (one, Mutex::default()));
        Self {
            all: all.collect(),
            elsewhere,
            talking: AtomicUsize::new(0),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.all.iter().map(|(provider, _)| provider)
    }

    /// The provider of that short name.
    pub(super) fn find(&self, name: &str) -> Result<&Provider, Error> {
        let found = self.iter().find(|provider| provider.name == name);
        found.ok_or(Error::Missing { what: "provider" })
    }

    /// Begins a conversation; refused while too many are under way.
    pub(super) fn talk(&self, provider: &Provider, now: Timestamp) -> Result<Talk<'_>, Error> {
        let found = self.all.iter().find(|(one, _)| one == provider);
        let (provider, learnt) = found.ok_or(Error::Missing { what: "provider" })?;
        // INVARIANT: dropping the talk takes this back.
        let before = self.talking.fetch_add(1, Ordering::SeqCst);
        let talk = Talk {
            of: self,
            provider,
            learnt,
            now,
        };
        let is_quiet = talk
            .learnt()
            .silent_at
            .is_none_or(|at| now.duration_since(at) > SILENT_FOR);
        if before < TALKING_MAX && is_quiet {
            return Ok(talk);
        }
        Err(silent(provider))
    }
}

fn silent(provider: &Provider) -> Error {
    Error::conflict(
        "provider.silent",
        format!(
            "{}暂时没有按要求应答，登录未完成。请稍后再试，或改用其他方式登录。",
            provider.title_zh
        ),
        format!(
            "{} does not answer as it must; you are not signed in. Try again shortly, or sign in another way.",
            provider.title_en
        ),
    )
}

/// A conversation with a provider.
#[derive(Debug)]
pub(super) struct Talk<'a> {
    of: &'a Providers,
    provider: &'a Provider,
    learnt: &'a Mutex<Learnt>,
    now: Timestamp,
}

impl Drop for Talk<'_> {
    fn drop(&mut self) {
        self.of.talking.fetch_sub(1, Ordering::SeqCst);
    }
}

/// What a provider gives for a code.
#[derive(Deserialize)]
struct Given {
    id_token: String,
    access_token: Option<String>,
}

/// What a browser brought back, as the provider is asked about it.
pub(super) struct Brought<'a> {
    pub(super) code: &'a str,
    pub(super) back: &'a str,
    pub(super) verifier: &'a str,
    pub(super) nonce: &'a str,
}

/// Somebody the provider vouches for.
pub(super) struct Vouched {
    pub(super) subject: String,
    pub(super) has_two_factors: bool,
    claims: Map<String, Value>,
    access: Option<String>,
}

impl Talk<'_> {
    /// Never held while somebody is asked.
    fn learnt(&self) -> MutexGuard<'_, Learnt> {
        self.learnt.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes why it cannot be gone on, and says so without telling.
    fn gives_up(&self, why: impl std::fmt::Display) -> Error {
        tracing::warn!(provider = self.provider.name, %why, "a provider does not answer as it must");
        self.learnt().silent_at = Some(self.now);
        silent(self.provider)
    }

    fn ask(&self, asked: &Asked<'_>) -> Result<Vec<u8>, Error> {
        let answer = self.of.elsewhere.ask(asked, ANSWER_BYTES_MAX);
        let answer = answer.map_err(|why| self.gives_up(why))?;
        if answer.status == 200 {
            return Ok(answer.body);
        }
        Err(self.gives_up(format_args!("{} answers {}", asked.url, answer.status)))
    }

    fn get(&self, url: &str) -> Result<Vec<u8>, Error> {
        self.ask(&Asked {
            url,
            ..Asked::default()
        })
    }

    /// What the provider says of itself.
    pub(super) fn document(&self) -> Result<Document, Error> {
        if let Some((at, document)) = &self.learnt().document
            && self.now.duration_since(*at) < KNOWN_FOR
        {
            return Ok(document.clone());
        }
        let issuer = self.provider.issuer.trim_end_matches('/');
        let body = self.get(&format!("{issuer}/.well-known/openid-configuration"))?;
        let document: Document = serde_json::from_slice(&body).map_err(|why| self.gives_up(why))?;
        if let Some(why) = document.fault(self.provider) {
            return Err(self.gives_up(why));
        }
        self.learnt().document = Some((self.now, document.clone()));
        Ok(document)
    }

    fn keys(&self, document: &Document, is_again: bool) -> Result<Option<Keys>, Error> {
        {
            let mut learnt = self.learnt();
            let kept = learnt
                .keys
                .as_ref()
                .filter(|(at, _)| self.now.duration_since(*at) < KNOWN_FOR);
            if let Some((_, keys)) = kept
                && !is_again
            {
                return Ok(Some(keys.clone()));
            }
            let is_early = |at: Timestamp| self.now.duration_since(at) < KEYS_EVERY;
            if is_again && learnt.keys_again_at.is_some_and(is_early) {
                return Ok(None);
            }
            if is_again {
                learnt.keys_again_at = Some(self.now);
            }
        }
        let body = self.get(&document.jwks_uri)?;
        let keys = Keys::read(&body).ok_or_else(|| self.gives_up("its keys cannot be read"))?;
        self.learnt().keys = Some((self.now, keys.clone()));
        Ok(Some(keys))
    }

    /// The claims of a token by this provider, its keys asked for once more if it has a new one.
    fn claims(&self, document: &Document, token: &str) -> Result<Map<String, Value>, Error> {
        let none = || refused(self.provider, &Fault::UnknownKey);
        let keys = self.keys(document, false)?.ok_or_else(none)?;
        match signed(token, &keys) {
            Err(Fault::UnknownKey) => {
                let keys = self.keys(document, true)?.ok_or_else(none)?;
                signed(token, &keys)
            }
            other => other,
        }
        .map_err(|fault| refused(self.provider, &fault))
    }

    /// Asks whom the code stands for.
    pub(super) fn vouch(&self, document: &Document, brought: &Brought<'_>) -> Result<Vouched, Error> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", brought.code),
            ("redirect_uri", brought.back),
            ("code_verifier", brought.verifier),
        ];
        let methods = document.token_endpoint_auth_methods_supported.as_ref();
        // Basic is what holds where nothing is said (OpenID Connect Discovery, section 3).
        let is_basic = methods.is_none_or(|all| all.iter().any(|one| one == "client_secret_basic"));
        let secret = self.provider.secret.as_deref();
        let basic = secret
            .filter(|_| is_basic)
            .map(|secret| (escape(&self.provider.client), escape(secret)));
        if basic.is_none() {
            form.push(("client_id", &self.provider.client));
            form.extend(secret.map(|secret| ("client_secret", secret)));
        }
        let asked = Asked {
            url: &document.token_endpoint,
            form: Some(&form),
            basic: basic
                .as_ref()
                .map(|(name, secret)| (name.as_str(), secret.as_str())),
            ..Asked::default()
        };
        let answer = self.of.elsewhere.ask(&asked, ANSWER_BYTES_MAX);
        let answer = answer.map_err(|why| self.gives_up(why))?;
        if answer.status != 200 {
            // A wrong or used code is the browser's doing, not the provider's.
            return Err(refused(
                self.provider,
                &format_args!("the code: {}", answer.status),
            ));
        }
        let given: Given = serde_json::from_slice(&answer.body).map_err(|why| self.gives_up(why))?;
        let claims = self.claims(document, &given.id_token)?;
        let expected = Expected {
            issuer: &self.provider.issuer,
            client: &self.provider.client,
            nonce: brought.nonce,
            now: self.now,
        };
        let subject = expected.of(&claims);
        let subject = subject
            .map_err(|fault| refused(self.provider, &fault))?
            .to_owned();
        Ok(Vouched {
            subject,
            has_two_factors: self.provider.two_factors.are_in(&claims),
            claims,
            access: given.access_token,
        })
    }

    /// The name by which an account was named beforehand: from the token, or else asked for.
    pub(super) fn login(&self, document: &Document, vouched: &Vouched) -> Result<Option<String>, Error> {
        let name = &self.provider.login_claim;
        if let Some(login) = login(&vouched.claims, name) {
            return Ok(Some(login));
        }
        let (Some(url), Some(token)) = (&document.userinfo_endpoint, &vouched.access) else {
            return Ok(None);
        };
        let body = self.ask(&Asked {
            url,
            bearer: Some(token),
            ..Asked::default()
        })?;
        let said: Map<String, Value> = serde_json::from_slice(&body).map_err(|why| self.gives_up(why))?;
        // It must be about the same person (OpenID Connect Core, 5.3.2).
        let is_same = said.get("sub").and_then(Value::as_str) == Some(&vouched.subject);
        Ok(login(&said, name).filter(|_| is_same))
    }
}

/// An address of mail counts only if the provider says that it is theirs.
fn login(claims: &Map<String, Value>, name: &str) -> Option<String> {
    let is_theirs = name != "email" || claims.get("email_verified") == Some(&Value::Bool(true));
    let login = claims.get(name).and_then(Value::as_str).filter(|_| is_theirs)?;
    Some(login.trim().to_lowercase()).filter(|login| !login.is_empty())
}

/// A proof that is none.
pub(super) fn refused(provider: &Provider, why: &dyn std::fmt::Display) -> Error {
    tracing::info!(provider = provider.name, %why, "a proof of a provider was refused");
    Error::denied(
        "identity.refused",
        format!(
            "{}给出的登录凭证未通过验证，登录未完成，请从头再试。",
            provider.title_zh
        ),
        format!(
            "What {} said about you did not hold. You are not signed in; begin again.",
            provider.title_en
        ),
    )
}

/// For a part of an address or a form: everything but letters, digits and `-._~` as percent and two digits (RFC 3986, 2.1).
pub(super) fn escape(text: &str) -> String {
    use std::fmt::Write as _;
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_over_tls_or_to_this_machine() {
        for fit in [
            "https://id.example/a",
            "http://127.0.0.1:9/",
            "http://localhost",
            "http://[::1]:80/x",
        ] {
            assert!(is_fit(fit), "{fit}");
        }
        for unfit in [
            "http://id.example",
            "http://localhost.evil.example",
            "http://127.0.0.1@evil.example/",
            "http://127.0.0.1:80@evil.example/",
            "https://",
            "file:///etc/passwd",
            "",
        ] {
            assert!(!is_fit(unfit), "{unfit}");
        }
    }

    #[test]
    fn two_factors_are_taken_for_granted_only_as_the_node_was_told() {
        let claims = |text: &str| serde_json::from_str::<Map<String, Value>>(text).unwrap();
        let said = TwoFactors::Said {
            amr: vec!["mfa".into()],
            acr: vec!["gold".into(), "silver".into()],
        };
        for (text, is_said) in [
            (r#"{"amr": ["pwd", "mfa"]}"#, true),
            (r#"{"acr": "silver"}"#, true),
            (r#"{"amr": ["pwd"], "acr": "bronze"}"#, false),
            (r#"{"amr": "mfa"}"#, false),
            (r#"{"acr": ["gold"]}"#, false),
            (r#"{"amr": ["gold"], "acr": "mfa"}"#, false),
            ("{}", false),
        ] {
            let claims = claims(text);
            assert_eq!(said.are_in(&claims), is_said, "{text}");
            assert!(!TwoFactors::Never.are_in(&claims) && TwoFactors::Always.are_in(&claims));
        }
        assert_eq!(said.asked().as_deref(), Some("gold silver"));
        assert_eq!(TwoFactors::Always.asked(), None);
    }

    #[test]
    fn mail_counts_only_when_it_is_theirs() {
        let claims = |text: &str| serde_json::from_str::<Map<String, Value>>(text).unwrap();
        let mail = claims(r#"{"email": "Li@Example.org", "email_verified": true}"#);
        assert_eq!(login(&mail, "email").as_deref(), Some("li@example.org"));
        for not in [
            r#"{"email": "li@example.org"}"#,
            r#"{"email": "li@example.org", "email_verified": "true"}"#,
        ] {
            assert_eq!(login(&claims(not), "email"), None);
        }
        assert_eq!(escape("a b/ü&"), "a%20b%2F%C3%BC%26");
    }
}
