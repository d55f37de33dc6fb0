//! Judges who signed a document, and signs one: enveloped XML signatures (W3C XML Signature 1.1) over the whole document. Whom to
//! trust is said by the caller, by the certificates themselves: no authority vouches for another. It fetches nothing.

use super::certificates::{Holder, holder};
use super::judging::SIGNATURES;
use super::text;
use super::tree::{self, Element};
use super::{bare, signatures};
use crate::refusals::Refusal;
use anlan_model::alerts::Seal;
use signatures::Signature;
use xml_sec::c14n::{C14nAlgorithm, C14nMode};
use xml_sec::policy::{KeyTrustPolicy, VerificationPolicy, VerificationTrustMode};
use xml_sec::xmldsig::{
    DefaultKeyResolver, DigestAlgorithm, DsigError, DsigStatus, EcdsaP256SigningKey, FailureReason,
    KeyResolverConfig, ReferenceBuilder, RsaSigningKey, SignContext, SignatureAlgorithm, SignatureBuilder,
    SigningKey, Transform, VerificationKey, VerifyContext, X509CertificateKeyInfoWriter, mutation,
};

const CHANGED: &str = "the document was changed after it was signed";

/// Who signed the document, as far as can be known. `trusted` are the certificates, in DER, of those whom this node believes.
///
/// The signature must be the one signature of the document, the last element of the alert, and cover the whole. Methods with SHA-1
/// are not taken. A signature that fits only when the blanks between the elements are taken away is taken: some senders lay the
/// document out after they sign it, and no such blank means anything in this protocol.
pub fn verify(bytes: &[u8], trusted: &[Vec<u8>]) -> Seal {
    judge(bytes, trusted).unwrap_or_else(|reason| Seal::Broken { reason })
}

fn judge(bytes: &[u8], trusted: &[Vec<u8>]) -> Result<Seal, String> {
    let root = tree::read(bytes).map_err(|fault| fault.message)?;
    let Some(signature) = only_one(&root)? else {
        return Ok(Seal::Unsigned);
    };
    let signature = Signature::read(signature)?;
    let text = text::decode(bytes).map_err(|unreadable| unreadable.message)?;
    let mut first_reason = None;
    for der in &signature.certificates {
        let holder = holder(der).ok_or("the certificate within it cannot be read")?;
        match fits(&text, signature.algorithm, &holder) {
            Ok(()) => return Ok(of_holder(holder, trusted.contains(der))),
            Err(reason) => first_reason = first_reason.or(Some(reason)),
        }
    }
    if let Some(reason) = first_reason {
        return Err(reason);
    }
    // It brings no certificate: perhaps it is of somebody known.
    for holder in trusted.iter().filter_map(|der| holder(der)) {
        if fits(&text, signature.algorithm, &holder).is_ok() {
            return Ok(of_holder(holder, true));
        }
    }
    by_its_own_key(&text).map(|()| Seal::Unknown {
        subject: "a key without a certificate".to_owned(),
    })
}

fn of_holder(holder: Holder, is_trusted: bool) -> Seal {
    let subject = holder.subject;
    if is_trusted {
        Seal::Trusted { subject }
    } else {
        Seal::Unknown { subject }
    }
}

/// The document's signature, if it has one, where it must be.
fn only_one(root: &Element) -> Result<Option<&Element>, String> {
    match count(root) {
        0 => return Ok(None),
        1 => {}
        many => return Err(format!("there are {many} signatures, one is taken")),
    }
    let last = root.children.last().filter(|last| is_signature(last));
    last.map(Some)
        .ok_or_else(|| "the signature is not the last element of the alert".to_owned())
}

fn is_signature(element: &Element) -> bool {
    element.namespace == SIGNATURES && element.name == "Signature"
}

fn count(element: &Element) -> usize {
    usize::from(is_signature(element)) + element.children.iter().map(count).sum::<usize>()
}

/// Whether the signature was made with the holder's key over the document as it is, or without the blanks of its layout.
fn fits(text: &str, algorithm: SignatureAlgorithm, holder: &Holder) -> Result<(), String> {
    let key = VerificationKey {
        algorithm,
        public_key_bytes: holder.key.clone(),
        certificate_der: None,
        name: None,
    };
    as_it_is_or_bare(&VerifyContext::new().key(&key), text)
}

/// Whether it was made with the key that it brings itself.
fn by_its_own_key(text: &str) -> Result<(), String> {
    let resolver = DefaultKeyResolver::new(KeyResolverConfig::default());
    let policy = VerificationPolicy {
        key_trust: KeyTrustPolicy {
            mode: VerificationTrustMode::CryptographicOnly,
            ..KeyTrustPolicy::default()
        },
        ..VerificationPolicy::default()
    };
    let context = VerifyContext::new().policy(policy).key_resolver(&resolver);
    as_it_is_or_bare(&context, text)
}

fn as_it_is_or_bare(context: &VerifyContext<'_>, text: &str) -> Result<(), String> {
    let Err(reason) = outcome(context, text) else {
        return Ok(());
    };
    match outcome(context, &bare::without_layout(text)) {
        Err(again) if again == CHANGED => Err(again),
        Err(_) => Err(reason),
        Ok(()) => Ok(()),
    }
}

fn outcome(context: &VerifyContext<'_>, text: &str) -> Result<(), String> {
    let result = context.verify(text).map_err(|error| match error {
        DsigError::SignatureValueBase64(_) => "the value of the signature cannot be read".to_owned(),
        DsigError::ParseSignedInfo(_) => {
            "the digest of the signature, or how it was made, cannot be read".to_owned()
        }
        other => format!("the signature cannot be judged: {other}"),
    })?;
    match result.status {
        DsigStatus::Valid => Ok(()),
        DsigStatus::Invalid(FailureReason::ReferenceDigestMismatch { .. }) => Err(CHANGED.to_owned()),
        DsigStatus::Invalid(FailureReason::SignatureMismatch) => {
            Err("the signature was not made with the key of the certificate".to_owned())
        }
        DsigStatus::Invalid(FailureReason::KeyNotFound) => {
            Err("the signature brings no key that can be read".to_owned())
        }
        other => Err(format!("the signature cannot be judged: {other:?}")),
    }
}

/// Signs a document: the whole of it, by an enveloped signature at its end with the certificate within. `key` is a private key in
/// PKCS#8 DER, RSA of 2,048 bits or more or ECDSA P-256; `certificate` is its own, in DER.
///
/// # Errors
/// `cap.sign_key` if it is no such key or not the certificate's; `cap.sign_document` if the document cannot carry a signature.
pub fn sign(xml: &str, key: &[u8], certificate: &[u8]) -> Result<String, Refusal> {
    if let Ok(rsa) = RsaSigningKey::from_pkcs8_der(key) {
        return sign_with(xml, &rsa, SignatureAlgorithm::RsaSha256, certificate);
    }
    match EcdsaP256SigningKey::from_pkcs8_der(key) {
        Ok(ecdsa) => sign_with(xml, &ecdsa, SignatureAlgorithm::EcdsaSha256, certificate),
        Err(error) => Err(of_key(format!(
            "this is no private key in PKCS#8 of RSA or ECDSA P-256 ({error}); choose another"
        ))),
    }
}

fn sign_with(
    xml: &str,
    key: &dyn SigningKey,
    algorithm: SignatureAlgorithm,
    certificate: &[u8],
) -> Result<String, Refusal> {
    let root = tree::read(xml.as_bytes()).map_err(|fault| of_document(&fault.message))?;
    if count(&root) > 0 {
        return Err(of_document("it is signed already"));
    }
    let whole = C14nAlgorithm::new(C14nMode::Exclusive1_0, false);
    let reference = ReferenceBuilder::new(DigestAlgorithm::Sha256)
        .uri("")
        .transform(Transform::Enveloped)
        .transform(Transform::C14n(whole.clone()));
    let template = SignatureBuilder::new(whole, algorithm)
        .ns_prefix("ds")
        .add_reference(reference)
        .key_info(true)
        .build_template()
        .map_err(|error| of_document(&error.to_string()))?;
    let certificate_within = X509CertificateKeyInfoWriter::from_der(certificate)
        .map_err(|error| of_key(format!("this is no certificate ({error}); choose another")))?;
    let prepared = mutation::append_signature_to_root(xml, &template)
        .map_err(|error| of_document(&error.to_string()))?;
    let signed = SignContext::new(key)
        .key_info_writer(&certificate_within)
        .sign_template(&prepared)
        .map_err(|error| of_key(format!("it could not be signed: {error}")))?;
    match verify(signed.as_bytes(), &[certificate.to_vec()]) {
        Seal::Trusted { .. } => Ok(signed),
        _ => Err(of_key(
            "the key is not the one of the certificate; choose the two together".to_owned(),
        )),
    }
}

fn of_key(message: String) -> Refusal {
    Refusal::new("cap.sign_key", message)
}

fn of_document(why: &str) -> Refusal {
    Refusal::new(
        "cap.sign_document",
        format!("this document cannot be signed: {why}"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::{self as made, DOCUMENT};
    use super::*;
    use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};

    struct Signer {
        key: Vec<u8>,
        certificate: Vec<u8>,
    }

    fn of_key(pair: &KeyPair) -> Signer {
        let params = CertificateParams::new(vec!["alerts.example.org".to_owned()]).unwrap();
        Signer {
            key: pair.serialize_der(),
            certificate: params.self_signed(pair).unwrap().der().to_vec(),
        }
    }

    fn ecdsa() -> Signer {
        of_key(&KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap())
    }

    /// An RSA key is made by openssl, where it is installed.
    fn rsa() -> Option<Signer> {
        let made = made::run(
            "openssl",
            &["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
            b"",
        )?;
        let pair = KeyPair::from_pem(&String::from_utf8(made.stdout).unwrap()).unwrap();
        Some(of_key(&pair))
    }

    fn signed(signer: &Signer) -> String {
        sign(DOCUMENT, &signer.key, &signer.certificate).unwrap()
    }

    fn reason(document: &str) -> String {
        match verify(document.as_bytes(), &[]) {
            Seal::Broken { reason } => reason,
            other => panic!("{other:?}"),
        }
    }

    /// From where the one begins to where the other ends.
    fn between<'a>(document: &'a str, begin: &str, end: &str) -> &'a str {
        let (from, to) = (document.find(begin).unwrap(), document.find(end).unwrap());
        document.get(from..to + end.len()).unwrap()
    }

    #[test]
    fn what_is_signed_is_trusted_as_far_as_its_certificate() {
        for signer in [Some(ecdsa()), rsa()].into_iter().flatten() {
            let document = signed(&signer);
            let trusted = [ecdsa().certificate, signer.certificate.clone()];
            let seal = verify(document.as_bytes(), &trusted);
            assert!(
                matches!(&seal, Seal::Trusted { subject } if subject.contains("rcgen")),
                "{seal:?}"
            );
            assert!(matches!(verify(document.as_bytes(), &[]), Seal::Unknown { .. }));
            assert!(super::super::read(document.as_bytes()).is_ok());
            let tampered = document.replace("第一网格", "第二网格");
            assert_eq!(reason(&tampered), "the document was changed after it was signed");
        }
        assert_eq!(verify(DOCUMENT.as_bytes(), &[]), Seal::Unsigned);
    }

    #[test]
    fn xmlsec1_finds_the_signature_good_and_a_changed_document_bad() {
        for signer in [Some(ecdsa()), rsa()].into_iter().flatten() {
            let document = signed(&signer);
            let folder = std::env::temp_dir().join(format!("anlan-cap-{}", std::process::id()));
            std::fs::create_dir_all(&folder).unwrap();
            let (certificate, tampered) = (folder.join("trusted.der"), document.replace("第一", "第二"));
            std::fs::write(&certificate, &signer.certificate).unwrap();
            let certificate = certificate.display().to_string();
            let arguments = [
                "--verify",
                "--enabled-key-data",
                "x509",
                "--trusted-der",
                &certificate,
                "-",
            ];
            for (document, is_good) in [(&document, true), (&tampered, false)] {
                let judged = made::run("xmlsec1", &arguments, document.as_bytes());
                let good = judged.as_ref().map(|judged| judged.status.success());
                assert_eq!(good.unwrap_or(is_good), is_good, "{judged:?}");
            }
        }
    }

    #[test]
    fn a_signed_document_is_valid_by_the_schema() {
        let Some(schema) = made::schema("cap12.xsd") else {
            return;
        };
        let document = signed(&ecdsa());
        let arguments = ["--noout", "--schema", &schema, "-"];
        if let Some(judged) = made::run("xmllint", &arguments, document.as_bytes()) {
            assert!(
                judged.status.success(),
                "{}",
                String::from_utf8_lossy(&judged.stderr)
            );
        }
    }

    #[test]
    fn a_signature_that_does_not_cover_all_or_is_not_the_only_one_is_broken() {
        let document = signed(&ecdsa());
        let signature = between(&document, "<ds:Signature ", "</ds:Signature>");
        let moved = document
            .replace(signature, "")
            .replace("  <info>", &format!("{signature}<info>"));
        let (_, inner) = document.split_once("?>").unwrap();
        let wrapped = format!(
            "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><identifier>x</identifier>{inner}</alert>"
        );
        for (changed, said) in [
            (
                document.replace(signature, &signature.repeat(2)),
                "there are 2 signatures",
            ),
            (moved, "not the last element"),
            (wrapped, "not the last element"),
            (document.replace("URI=\"\"", "URI=\"#x\""), "whole document"),
            (document.replace("enveloped-signature", "base64"), "is not taken"),
            (
                document.replace("2001/04/xmlenc#sha256", "2000/09/xmldsig#sha1"),
                "SHA-1",
            ),
            (
                document.replace("<ds:KeyInfo>", "<ds:Object/><ds:KeyInfo>"),
                "holds Object",
            ),
            (
                document.replace("<X509Certificate>MII", "<X509Certificate>MIA"),
                "certificate",
            ),
        ] {
            assert_ne!(changed, document);
            let told = reason(&changed);
            assert!(told.contains(said), "{said}: {told}");
        }
        let bare = document.replace(between(&document, "<ds:KeyInfo>", "</ds:KeyInfo>"), "");
        assert!(matches!(verify(bare.as_bytes(), &[]), Seal::Broken { .. }));
    }

    #[test]
    fn a_signature_without_a_certificate_is_tried_with_those_that_are_trusted() {
        let (signer, other) = (ecdsa(), ecdsa());
        let document = signed(&signer);
        let bare = document.replace(between(&document, "<ds:KeyInfo>", "</ds:KeyInfo>"), "");
        let trusted = [other.certificate.clone(), signer.certificate];
        assert!(matches!(verify(bare.as_bytes(), &trusted), Seal::Trusted { .. }));
        assert!(matches!(
            verify(bare.as_bytes(), &[other.certificate]),
            Seal::Broken { .. }
        ));
    }

    /// What is signed are characters, not bytes.
    #[test]
    fn a_signed_document_may_be_sent_in_another_encoding() {
        let signer = ecdsa();
        let document = signed(&signer).replace("UTF-8", "GB18030");
        let bytes = encoding_rs::GB18030.encode(&document).0;
        assert!(matches!(
            verify(&bytes, &[signer.certificate]),
            Seal::Trusted { .. }
        ));
    }

    #[test]
    fn a_document_laid_out_after_it_was_signed_still_fits() {
        let signer = ecdsa();
        let plain = bare::without_layout(DOCUMENT);
        let signed = sign(&plain, &signer.key, &signer.certificate).unwrap();
        let laid_out = signed.replace("><", ">\n  <");
        assert_ne!(laid_out, signed);
        assert!(matches!(
            verify(laid_out.as_bytes(), &[signer.certificate]),
            Seal::Trusted { .. }
        ));
        assert!(reason(&laid_out.replace("Severe", "Minor")).contains("changed"));
    }

    #[test]
    fn a_key_that_is_not_the_certificates_and_a_signed_document_are_refused() {
        let (one, other) = (ecdsa(), ecdsa());
        let code = |xml: &str, key: &[u8], certificate: &[u8]| sign(xml, key, certificate).unwrap_err().code;
        assert_eq!(code(DOCUMENT, &one.key, &other.certificate), "cap.sign_key");
        assert_eq!(code(DOCUMENT, b"no key", &one.certificate), "cap.sign_key");
        assert_eq!(code(DOCUMENT, &one.key, b"no certificate"), "cap.sign_key");
        assert_eq!(code("<alert", &one.key, &one.certificate), "cap.sign_document");
        assert_eq!(
            code(&signed(&one), &one.key, &one.certificate),
            "cap.sign_document"
        );
    }
}
