//! What a signature element claims, held to the one form that is taken: one reference, to the whole document, by the methods
//! listed here. Computes nothing.

use super::judging::SIGNATURES;
use super::tree::{Element, is_blank};
use base64ct::{Base64, Encoding as _};
use xml_sec::xmldsig::SignatureAlgorithm;

/// So many certificates of one signature are looked at.
const CERTIFICATES_MAX: usize = 8;
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// Canonical forms; those with comments sign more, never less.
const CANONICAL: [&str; 6] = [
    "http://www.w3.org/2001/10/xml-exc-c14n#",
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
    "http://www.w3.org/2006/12/xml-c14n11",
    "http://www.w3.org/2006/12/xml-c14n11#WithComments",
];
const DIGESTS: [&str; 3] = [
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512",
];

/// A signature in the form that is taken.
#[derive(Debug)]
pub(super) struct Signature {
    /// How it was made.
    pub(super) algorithm: SignatureAlgorithm,
    /// The certificates that it brings, in DER.
    pub(super) certificates: Vec<Vec<u8>>,
}

impl Signature {
    /// Reads it, or says what is not taken.
    pub(super) fn read(element: &Element) -> Result<Self, String> {
        for child in &element.children {
            if !matches!(child.name.as_str(), "SignedInfo" | "SignatureValue" | "KeyInfo") {
                return Err(format!("the signature holds {}, which is not taken", child.name));
            }
        }
        let signed = one(element, "SignedInfo")?;
        reference(one(signed, "Reference")?)?;
        let canonical = method(one(signed, "CanonicalizationMethod")?);
        if !CANONICAL.contains(&canonical) {
            return Err(format!("its canonical form {canonical} is not taken"));
        }
        Ok(Self {
            algorithm: algorithm(method(one(signed, "SignatureMethod")?))?,
            certificates: certificates(element)?,
        })
    }
}

fn one<'a>(element: &'a Element, name: &str) -> Result<&'a Element, String> {
    let is_it = |child: &&Element| child.namespace == SIGNATURES && child.name == name;
    let mut found = element.children.iter().filter(is_it);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(format!("the signature lacks {name}")),
        (Some(_), Some(_)) => Err(format!("the signature has several of {name}, one is taken")),
    }
}

fn method(element: &Element) -> &str {
    element.attribute("Algorithm").unwrap_or_default()
}

fn reference(reference: &Element) -> Result<(), String> {
    if reference.attribute("URI") != Some("") {
        return Err("the signature does not cover the whole document".to_owned());
    }
    let mut enveloped = 0;
    for transform in &one(reference, "Transforms")?.children {
        let (method, is_plain) = (method(transform), transform.children.is_empty());
        let names_prefixes = transform
            .children
            .iter()
            .all(|child| child.name == "InclusiveNamespaces");
        enveloped += usize::from(method == ENVELOPED);
        let is_taken = (method == ENVELOPED && is_plain) || (CANONICAL.contains(&method) && names_prefixes);
        if !is_taken {
            return Err(format!("its transform {method} is not taken"));
        }
    }
    if enveloped != 1 {
        return Err("the signature is not enveloped in what it signs".to_owned());
    }
    let digest = method(one(reference, "DigestMethod")?);
    if !DIGESTS.contains(&digest) {
        return Err(weak(digest));
    }
    Ok(())
}

fn algorithm(method: &str) -> Result<SignatureAlgorithm, String> {
    Ok(match method {
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" => SignatureAlgorithm::RsaSha256,
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384" => SignatureAlgorithm::RsaSha384,
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512" => SignatureAlgorithm::RsaSha512,
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256" => SignatureAlgorithm::EcdsaSha256,
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384" => SignatureAlgorithm::EcdsaSha384,
        other => return Err(weak(other)),
    })
}

fn weak(method: &str) -> String {
    if method.ends_with("sha1") {
        return "the signature is made with SHA-1, which can be forged and is not taken".to_owned();
    }
    format!("the method {method} is not taken")
}

fn certificates(signature: &Element) -> Result<Vec<Vec<u8>>, String> {
    let named =
        |name: &'static str| move |child: &&Element| child.namespace == SIGNATURES && child.name == name;
    let infos = signature.children.iter().filter(named("KeyInfo"));
    let datas = infos.flat_map(|info| info.children.iter().filter(named("X509Data")));
    let found = datas.flat_map(|data| data.children.iter().filter(named("X509Certificate")));
    let certificates = found.take(CERTIFICATES_MAX).map(|found| {
        let digits: String = found.text.chars().filter(|c| !is_blank(*c)).collect();
        Base64::decode_vec(&digits).map_err(|_torn| "the certificate within it cannot be read".to_owned())
    });
    certificates.collect()
}
