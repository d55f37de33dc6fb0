//! Numbers as SaTScan prints them. Formats only.

/// At least `significant` decimals, more for small values so that as many digits count; zero is `0`.
pub(crate) fn significant(value: f64, significant: usize) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    format!("{value:.*}", decimals(value, significant))
}

fn decimals(value: f64, significant: usize) -> usize {
    let size = value.abs();
    if !(size > 0.0 && size < 1.0) {
        return significant;
    }
    // The leading zeros after the point, counted rather than taken from a logarithm that could be off by one.
    let mut zeros = 0;
    let mut scaled = size;
    while scaled * 10.0 < 1.0 && zeros < 320 {
        scaled *= 10.0;
        zeros += 1;
    }
    significant + zeros
}

/// The `%g` of C: six digits that count, no trailing zeros, an exponent where it is shorter.
pub(crate) fn general(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value == 0.0 {
            "0".to_owned()
        } else {
            value.to_string()
        };
    }
    let scientific = format!("{value:.5e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        let places = usize::try_from(5 - exponent).unwrap_or(0);
        return without_zeros(&format!("{value:.places$}")).to_owned();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", without_zeros(digits), exponent.unsigned_abs())
}

fn without_zeros(text: &str) -> &str {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    }
}

/// A cluster's population: whole people, except where there is less than one.
pub(crate) fn population(value: f64) -> String {
    if value < 0.5 {
        general(value)
    } else if value < 1.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_decimals_as_count() {
        for (value, text) in [
            (252.841, "252.84"),
            (0.153, "0.15"),
            (0.0319, "0.032"),
            (0.009_68, "0.0097"),
            (0.1, "0.10"),
            (0.01, "0.010"),
            (0.0, "0"),
            (1.0, "1.00"),
            (9.6e-7, "0.00000096"),
        ] {
            assert_eq!(significant(value, 2), text);
        }
        assert_eq!(significant(0.009, 3), "0.00900");
        assert_eq!(significant(0.715, 3), "0.715");
        assert_eq!(significant(1e-17, 1), "0.00000000000000001");
    }

    #[test]
    fn as_c_prints_g() {
        for (value, text) in [
            (282.0, "282"),
            (36.604, "36.604"),
            (1_234_567.0, "1.23457e+06"),
            (0.000_012_3, "1.23e-05"),
            (1e-17, "1e-17"),
            (100_000.0, "100000"),
            (-8.045, "-8.045"),
        ] {
            assert_eq!(general(value), text);
        }
    }

    #[test]
    fn populations_below_one_keep_decimals() {
        assert_eq!(population(0.25), "0.25");
        assert_eq!(population(0.75), "0.8");
        assert_eq!(population(674_891.72), "674892");
    }
}
