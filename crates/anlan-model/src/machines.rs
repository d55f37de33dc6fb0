//! Machine accounts and the keys that let them in. What a key may be used for is a list of actions; those are policy's words.

use crate::ids::{AccountId, KeyId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A key ends at most so long after it was made.
pub const KEY_LASTS_MAX: SignedDuration = SignedDuration::from_hours(400 * 24);
/// Keys of one account at once.
pub const KEYS_MAX: usize = 20;

/// A key of a machine account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineKey {
    /// Its number.
    pub id: KeyId,
    /// Whose.
    pub account: AccountId,
    /// What it is for, in its maker's words.
    pub name: String,
    /// Codes of the actions it may be used for, as far as the account's roles allow them.
    pub scopes: Vec<String>,
    /// From where it is taken; empty for anywhere.
    pub networks: Vec<Network>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last used; noted now and then only.
    pub used_at: Option<Timestamp>,
}

impl MachineKey {
    /// Whether it is taken from this address. An address that cannot be read is in no network.
    pub fn is_taken_from(&self, address: &str) -> bool {
        self.networks.is_empty()
            || address
                .parse()
                .is_ok_and(|address| self.networks.iter().any(|network| network.holds(address)))
    }
}

/// Addresses that begin alike, as `203.0.113.0/24` (RFC 4632, RFC 4291).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// Not an address with how many of its bits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a network is an address and how many of its bits count, as in 203.0.113.0/24")]
pub struct NetworkFault;

impl Network {
    /// Whether the address lies in it.
    pub fn holds(self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differs = u32::from(own) ^ u32::from(other);
                differs.checked_shr(32 - u32::from(self.bits)).unwrap_or(0) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differs = u128::from(own) ^ u128::from(other);
                differs.checked_shr(128 - u32::from(self.bits)).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = NetworkFault;

    fn from_str(text: &str) -> Result<Self, NetworkFault> {
        let (address, bits) = match text.trim().split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().map_err(|_why| NetworkFault)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse().map_err(|_why| NetworkFault)?,
            None => most,
        };
        if bits > most {
            return Err(NetworkFault);
        }
        Ok(Self { address, bits })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

impl TryFrom<String> for Network {
    type Error = NetworkFault;

    fn try_from(text: String) -> Result<Self, NetworkFault> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_the_addresses_that_begin_alike() {
        for (network, address, holds) in [
            ("203.0.113.0/24", "203.0.113.255", true),
            ("203.0.113.0/24", "203.0.114.0", false),
            ("203.0.113.7", "203.0.113.7", true),
            ("203.0.113.7", "203.0.113.6", false),
            ("203.0.113.7/32", "::ffff:203.0.113.7", true),
            ("0.0.0.0/0", "198.51.100.1", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::/0", "2001:db8::1", true),
            ("10.0.0.0/9", "10.127.0.1", true),
            ("10.0.0.0/9", "10.128.0.1", false),
        ] {
            let parsed: Network = network.parse().unwrap();
            assert_eq!(
                parsed.holds(address.parse().unwrap()),
                holds,
                "{network} {address}"
            );
        }
        for not in [
            "",
            "203.0.113.0/33",
            "2001:db8::/129",
            "county.test",
            "203.0.113.0/-1",
            "1.2.3/8",
            "/8",
        ] {
            assert_eq!(not.parse::<Network>(), Err(NetworkFault), "{not}");
        }
    }

    #[test]
    fn a_key_without_networks_is_taken_from_anywhere() {
        let mut key = MachineKey {
            id: KeyId(1),
            account: AccountId(1),
            name: "feed".into(),
            scopes: vec![],
            networks: vec![],
            created_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::MAX,
            used_at: None,
        };
        assert!(key.is_taken_from("unknown"));
        key.networks = vec!["10.0.0.0/8".parse().unwrap(), "192.0.2.1".parse().unwrap()];
        assert!(key.is_taken_from("10.1.2.3") && key.is_taken_from("192.0.2.1"));
        assert!(!key.is_taken_from("unknown") && !key.is_taken_from("192.0.2.2"));
    }
}
