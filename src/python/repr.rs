//! Values as text: `repr` of numbers, strings and bytes.

use std::fmt::Write as _;

/// `repr(float)`.
#[must_use]
pub fn float_repr(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf".to_owned() } else { "-inf".to_owned() };
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) || number == 0.0 {
        let plain = format!("{number}");
        return if plain.contains('.') { plain } else { format!("{plain}.0") };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// `repr(complex)`.
#[must_use]
pub fn complex_repr(real: f64, imaginary: f64) -> String {
    let short = |number: f64| {
        let text = float_repr(number);
        text.strip_suffix(".0").map_or(text.clone(), ToOwned::to_owned)
    };
    if real == 0.0 && real.is_sign_positive() {
        return format!("{}j", short(imaginary));
    }
    let sign = if imaginary.is_sign_negative() { "" } else { "+" };
    format!("({}{sign}{}j)", short(real), short(imaginary))
}

/// `repr(str)`.
#[must_use]
pub fn str_repr(text: &str) -> String {
    quoted(text, |c, out| {
        if is_printable(c) {
            out.push(c);
        } else {
            escape(c, out);
        }
    })
}

/// `repr(bytes)`, each byte given as the character of the same number.
#[must_use]
pub fn bytes_repr(text: &str) -> String {
    let body = quoted(text, |c, out| {
        if (' '..='~').contains(&c) {
            out.push(c);
        } else {
            escape(c, out);
        }
    });
    format!("b{body}")
}

fn quoted(text: &str, mut put: impl FnMut(char, &mut String)) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            _ if c == quote => {
                out.push('\\');
                out.push(c);
            }
            _ => put(c, &mut out),
        }
    }
    out.push(quote);
    out
}

/// Close to `str.isprintable`: control characters, separators and surrogates are not.
fn is_printable(c: char) -> bool {
    c == ' '
        || !(c.is_control()
            || c.is_whitespace()
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e000}'..='\u{f8ff}'))
}

/// The escape sequence of the `unicode_escape` codec.
pub fn escape(c: char, out: &mut String) {
    let code = c as u32;
    let _ = match c {
        '\n' => write!(out, "\\n"),
        '\r' => write!(out, "\\r"),
        '\t' => write!(out, "\\t"),
        _ if code < 0x100 => write!(out, "\\x{code:02x}"),
        _ if code < 0x1_0000 => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
}

#[cfg(test)]
mod tests {
    use super::{bytes_repr, float_repr, str_repr};

    #[test]
    fn floats_are_written_as_python_writes_them() {
        let shown: Vec<_> =
            [1.0, -0.0, 1e16, 1e15, 1e-4, 1e-5, 1.5e300, 0.1, f64::NAN, 1e22, 123_456.789].map(float_repr).to_vec();
        let expected = [
            "1.0",
            "-0.0",
            "1e+16",
            "1000000000000000.0",
            "0.0001",
            "1e-05",
            "1.5e+300",
            "0.1",
            "nan",
            "1e+22",
            "123456.789",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn strings_choose_their_quotes() {
        assert_eq!(str_repr("it's"), "\"it's\"");
        assert_eq!(str_repr("a\"b'c\n"), "'a\"b\\'c\\n'");
        assert_eq!(bytes_repr("a\u{ff}\\"), "b'a\\xff\\\\'");
    }
}
