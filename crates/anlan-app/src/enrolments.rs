//! Enrolments: setting up a second factor on the way in, where a role of the account demands one and there is none. Until it is
//! set up there is no session; what leads here opens nothing else.

use crate::passkeys::{self, NewPasskey, Site};
use crate::sessions::{self, SignedIn, Whence};
use crate::{App, Caller, Error, totps};
use anlan_model::accounts::Account;
use anlan_model::sessions::Step;
use serde_json::Value;

/// Somebody who is in with a factor that they have just set up.
#[derive(Clone)]
pub struct Enrolled {
    /// Recovery codes, shown this once.
    pub codes: Vec<String>,
    /// The session.
    pub signed: SignedIn,
}

impl std::fmt::Debug for Enrolled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.signed.fmt(f)
    }
}

fn waiting(app: &App, token: &str) -> Result<Account, Error> {
    sessions::waiting(app, token, &[Step::Enrol])
}

/// Begins to set up an authenticator app; of no effect until a code confirms it.
pub fn begin_totp(app: &App, token: &str) -> Result<totps::Enrolment, Error> {
    let account = waiting(app, token)?;
    totps::begin(app, &account)
}

/// Confirms the app by a first code, and opens the session. Every other sign-in and session of the account ends.
pub fn finish_totp(app: &App, token: &str, code: &str, from: &Whence) -> Result<Enrolled, Error> {
    let account = waiting(app, token)?;
    let caller = Caller::of(&account, "api");
    let confirmed = totps::turn_on(app, &caller, account.id, None, code);
    let codes = sessions::counting(app, sessions::digest(token), confirmed)?;
    let signed = sessions::open(app, account, from)?;
    Ok(Enrolled { codes, signed })
}

/// Begins to register a passkey: what the browser's `navigator.credentials.create` is to be asked.
pub fn begin_passkey(app: &App, token: &str, site: &Site) -> Result<Value, Error> {
    let account = waiting(app, token)?;
    passkeys::begin(app, &account, site)
}

/// Registers the passkey, with recovery codes for the day it is lost, and opens the session. Every other sign-in and session of
/// the account ends.
pub fn finish_passkey(
    app: &App,
    token: &str,
    site: &Site,
    new: &NewPasskey,
    from: &Whence,
) -> Result<Enrolled, Error> {
    let account = waiting(app, token)?;
    let id = account.id;
    let passkey = passkeys::made(app, id, site, new)?;
    let codes = totps::new_codes()?;
    let digests = totps::digests(&codes);
    let entry = passkeys::entry(app, &Caller::of(&account, "api"), id);
    app.store.write(move |tx| {
        anlan_store::totps::put_codes(tx, id, &digests)?;
        anlan_store::sessions::delete_others(tx, id, None)?;
        passkeys::keep(tx, &passkey, &entry)
    })?;
    let signed = sessions::open(app, account, from)?;
    Ok(Enrolled { codes, signed })
}
