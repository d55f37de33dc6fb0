//! The two spellings that every format here shares: decimal numbers and base64, each in its one canonical form. No format
//! is known here.

use base64ct::{Base64, Encoding as _};

/// A decimal number without sign and leading zeros (`0` itself excepted) that fits 64 bits.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let is_canonical = is_plain && (text == "0" || !text.starts_with('0'));
    if is_canonical { text.parse().ok() } else { None }
}

/// Standard base64 with padding (RFC 4648, section 4).
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

/// The bytes of standard base64. Padding must be there and bits beyond the last byte must be zero, so that there is one
/// spelling only. At most three quarters of the text's length are allocated.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    Base64::decode_vec(text).ok()
}

#[cfg(test)]
mod tests {
    use super::{decimal, from_base64, to_base64};
    use proptest::prelude::*;

    #[test]
    fn numbers_have_one_spelling() {
        assert_eq!(decimal("0"), Some(0));
        assert_eq!(decimal("18446744073709551615"), Some(u64::MAX));
        for wrong in [
            "",
            "00",
            "01",
            "+1",
            "-1",
            " 1",
            "1 ",
            "1_0",
            "18446744073709551616",
            "١",
        ] {
            assert_eq!(decimal(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn base64_has_one_spelling() {
        assert_eq!(from_base64("AAE="), Some(vec![0, 1]));
        for wrong in [
            "AAE", "AAF=", "AAE= ", " AAE=", "AA\nE=", "AAE==", "A-E=", "====", "=",
        ] {
            assert_eq!(from_base64(wrong), None, "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_is_written(text in "[A-Za-z0-9+/]{0,12}={0,2}") {
            if let Some(bytes) = from_base64(&text) {
                prop_assert_eq!(to_base64(&bytes), text);
            }
        }
    }
}
