//! What a certificate (X.509, RFC 5280, section 4.1) says of its holder: subject and public key, from its DER. It does not judge
//! the certificate: whom to trust is said by whoever keeps the node.

/// Names of a subject's parts by their object identifiers, DER without tag and length (RFC 4514, section 3).
const PARTS: [(&[u8], &str); 8] = [
    (&[0x55, 4, 3], "CN"),
    (&[0x55, 4, 5], "serialNumber"),
    (&[0x55, 4, 6], "C"),
    (&[0x55, 4, 7], "L"),
    (&[0x55, 4, 8], "ST"),
    (&[0x55, 4, 10], "O"),
    (&[0x55, 4, 11], "OU"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1], "emailAddress"),
];
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;

/// A certificate's holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holder {
    /// The subject, such as `CN=www.example.org, O=Example`.
    pub(super) subject: String,
    /// The public key, as DER of a `SubjectPublicKeyInfo`.
    pub(super) key: Vec<u8>,
}

/// The holder of a certificate in DER; `None` if it is none.
pub(super) fn holder(der: &[u8]) -> Option<Holder> {
    let (certificate, rest) = Item::read(der)?;
    let (signed, _) = Item::read(certificate.of(SEQUENCE)?)?;
    let mut rest_of_signed = signed.of(SEQUENCE)?;
    let mut next = || {
        let (item, rest) = Item::read(rest_of_signed)?;
        rest_of_signed = rest;
        Some(item)
    };
    let first = next()?;
    if first.tag == VERSION {
        next()?;
    }
    let (_algorithm, _issuer, _validity) = (next()?, next()?, next()?);
    let (subject, key) = (next()?, next()?);
    key.of(SEQUENCE)?;
    rest.is_empty().then(|| {
        Some(Holder {
            subject: name(subject.of(SEQUENCE)?)?,
            key: key.whole.to_vec(),
        })
    })?
}

/// An item of DER.
struct Item<'a> {
    tag: u8,
    content: &'a [u8],
    whole: &'a [u8],
}

impl<'a> Item<'a> {
    /// The first item, and what is behind it.
    fn read(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let [tag, length, rest @ ..] = bytes else {
            return None;
        };
        let (length, rest) = match length {
            0..=0x7f => (usize::from(*length), rest),
            0x81..=0x84 => {
                let (digits, rest) = rest.split_at_checked(usize::from(length - 0x80))?;
                let length = digits
                    .iter()
                    .fold(0, |sum, digit| sum * 256 + usize::from(*digit));
                (length, rest)
            }
            _ => return None,
        };
        let (content, behind) = rest.split_at_checked(length)?;
        let whole = bytes.get(..bytes.len() - behind.len())?;
        Some((
            Self {
                tag: *tag,
                content,
                whole,
            },
            behind,
        ))
    }

    /// Its content, if it has that tag.
    fn of(&self, tag: u8) -> Option<&'a [u8]> {
        (self.tag == tag).then_some(self.content)
    }
}

fn items(mut bytes: &[u8]) -> Option<Vec<Item<'_>>> {
    let mut items = Vec::new();
    while !bytes.is_empty() {
        let (item, rest) = Item::read(bytes)?;
        items.push(item);
        bytes = rest;
    }
    Some(items)
}

fn name(bytes: &[u8]) -> Option<String> {
    let mut parts = Vec::new();
    for set in items(bytes)? {
        for pair in items(set.of(SET)?)? {
            let pair = items(pair.of(SEQUENCE)?)?;
            let [identifier, value] = pair.as_slice() else {
                return None;
            };
            let known = PARTS.iter().find(|(own, _)| *own == identifier.content);
            let name = known.map_or("other", |(_, name)| *name);
            parts.push(format!("{name}={}", text(value)));
        }
    }
    Some(parts.join(", "))
}

fn text(value: &Item<'_>) -> String {
    const BMP_STRING: u8 = 0x1e;
    if value.tag == BMP_STRING {
        let (pairs, _) = value.content.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
        return String::from_utf16_lossy(&units);
    }
    String::from_utf8_lossy(value.content).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

    #[test]
    fn the_holder_is_who_the_certificate_was_made_for() {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "示例市");
        params
            .distinguished_name
            .push(DnType::OrganizationName, "Example");
        let der = params.self_signed(&key).unwrap().der().to_vec();
        let found = holder(&der).unwrap();
        assert_eq!(found.subject, "CN=示例市, O=Example");
        let der_key = rcgen::PublicKeyData::subject_public_key_info(&key);
        assert_eq!(found.key, der_key);
        let longer = [der.as_slice(), &[0]].concat();
        assert_eq!(holder(&longer), None);
        assert_eq!(holder(&der[..der.len() - 1]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(bytes: Vec<u8>) {
            let _ = holder(&bytes);
        }
    }
}
