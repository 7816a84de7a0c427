//! Python's format mini-language for whole numbers, floats and text.

use super::repr::float_repr;

/// `[[fill]align][sign][#][0][width][,][.precision][type]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    fill: char,
    align: Option<char>,
    sign: char,
    alternate: bool,
    width: usize,
    group: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

/// Wider results are nobody's.
const WIDEST: usize = 1_000;

impl Spec {
    /// Reads a format specification; none if it is not one.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut chars: Vec<char> = text.chars().collect();
        let mut spec = Self {
            fill: ' ',
            align: None,
            sign: '-',
            alternate: false,
            width: 0,
            group: None,
            precision: None,
            kind: None,
        };
        let is_align = |c: Option<&char>| c.is_some_and(|c| matches!(c, '<' | '>' | '^' | '='));
        if is_align(chars.get(1)) {
            (spec.fill, spec.align) = (chars[0], Some(chars[1]));
            chars.drain(..2);
        } else if is_align(chars.first()) {
            spec.align = Some(chars.remove(0));
        }
        let mut rest = chars.into_iter().peekable();
        if let Some(sign) = rest.next_if(|c| matches!(c, '+' | '-' | ' ')) {
            spec.sign = sign;
        }
        spec.alternate = rest.next_if_eq(&'#').is_some();
        if rest.next_if_eq(&'0').is_some() && spec.align.is_none() {
            (spec.fill, spec.align) = ('0', Some('='));
        }
        let digits = |rest: &mut std::iter::Peekable<std::vec::IntoIter<char>>| {
            let mut text = String::new();
            while let Some(digit) = rest.next_if(char::is_ascii_digit) {
                text.push(digit);
            }
            text
        };
        let width = digits(&mut rest);
        spec.width = if width.is_empty() { 0 } else { width.parse().ok().filter(|width| *width <= WIDEST)? };
        spec.group = rest.next_if(|c| matches!(c, ',' | '_'));
        if rest.next_if_eq(&'.').is_some() {
            spec.precision = Some(digits(&mut rest).parse().ok().filter(|precision| *precision <= WIDEST)?);
        }
        spec.kind = rest.next();
        rest.next().is_none().then_some(spec)
    }

    /// `format(text, spec)`
    #[must_use]
    pub fn text(&self, text: &str) -> Option<String> {
        if !matches!(self.kind, None | Some('s')) || self.sign != '-' || self.alternate || self.group.is_some() {
            return None;
        }
        let cut: String = match self.precision {
            Some(precision) => text.chars().take(precision).collect(),
            None => text.to_owned(),
        };
        if self.align == Some('=') {
            return None;
        }
        Some(self.pad("", &cut, '<'))
    }

    /// `format(number, spec)` of an `int`.
    #[must_use]
    pub fn whole(&self, number: i128) -> Option<String> {
        let size = number.unsigned_abs();
        let (prefix, digits) = match self.kind {
            None | Some('d') => ("", size.to_string()),
            Some('x') => ("0x", format!("{size:x}")),
            Some('X') => ("0X", format!("{size:X}")),
            Some('o') => ("0o", format!("{size:o}")),
            Some('b') => ("0b", format!("{size:b}")),
            Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') if size <= 1 << 53 => return self.float(number as f64),
            _ => return None,
        };
        if self.precision.is_some() {
            return None;
        }
        let every = if matches!(self.kind, None | Some('d')) { 3 } else { 4 };
        if self.group == Some(',') && every == 4 {
            return None;
        }
        let digits = self.grouped(&digits, every);
        let sign = self.sign_of(number < 0);
        let prefix = if self.alternate { prefix } else { "" };
        Some(self.pad(&format!("{sign}{prefix}"), &digits, '>'))
    }

    /// `format(number, spec)` of a `float`.
    #[must_use]
    pub fn float(&self, number: f64) -> Option<String> {
        if !number.is_finite() || self.alternate {
            return None;
        }
        let size = number.abs();
        let body = match (self.kind, self.precision) {
            (None, None) => float_repr(size),
            (Some('f' | 'F'), precision) => format!("{size:.*}", precision.unwrap_or(6)),
            (Some('%'), precision) => format!("{:.*}%", precision.unwrap_or(6), size * 100.0),
            (Some('e'), precision) => scientific(size, precision.unwrap_or(6)),
            (Some('g'), precision) => general(size, precision.unwrap_or(6)),
            _ => return None,
        };
        let (whole, tail) = body.find(|c: char| !c.is_ascii_digit()).map_or((&body[..], ""), |at| body.split_at(at));
        let digits = self.grouped(whole, 3);
        Some(self.pad(self.sign_of(number.is_sign_negative()), &format!("{digits}{tail}"), '>'))
    }

    const fn sign_of(&self, negative: bool) -> &'static str {
        match (negative, self.sign) {
            (true, _) => "-",
            (false, '+') => "+",
            (false, ' ') => " ",
            (false, _) => "",
        }
    }

    fn grouped(&self, digits: &str, every: usize) -> String {
        let Some(mark) = self.group else { return digits.to_owned() };
        let mut out = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(every) {
                out.push(mark);
            }
            out.push(digit);
        }
        out
    }

    fn pad(&self, sign: &str, body: &str, usual: char) -> String {
        let missing = self.width.saturating_sub(sign.chars().count() + body.chars().count());
        let fill = |count: usize| std::iter::repeat_n(self.fill, count).collect::<String>();
        match self.align.unwrap_or(usual) {
            '=' => format!("{sign}{}{body}", fill(missing)),
            '<' => format!("{sign}{body}{}", fill(missing)),
            '^' => format!("{}{sign}{body}{}", fill(missing / 2), fill(missing - missing / 2)),
            _ => format!("{}{sign}{body}", fill(missing)),
        }
    }
}

/// `%e`
fn scientific(number: f64, precision: usize) -> String {
    let text = format!("{number:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

/// `%g`
fn general(number: f64, precision: usize) -> String {
    let precision = precision.max(1);
    let text = format!("{number:.*e}", precision - 1);
    let exponent: i32 = text.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    let short = |text: &str| {
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
    };
    let limit = i32::try_from(precision).unwrap_or(i32::MAX);
    if (-4..limit).contains(&exponent) {
        let places = usize::try_from(limit - 1 - exponent).unwrap_or(0);
        return short(&format!("{number:.places$}"));
    }
    let scientific = scientific(number, precision - 1);
    let (digits, tail) = scientific.split_once('e').unwrap_or((&scientific, "+00"));
    format!("{}e{tail}", short(digits))
}

#[cfg(test)]
mod tests {
    use super::Spec;

    #[test]
    fn numbers_are_formatted_as_python_formats_them() {
        let float = |spec: &str, number: f64| Spec::read(spec).and_then(|spec| spec.float(number)).unwrap_or_default();
        assert_eq!(float("f", 14.4), "14.400000");
        assert_eq!(float(".2f", -0.005), "-0.01");
        assert_eq!(float(".3e", 12345.678), "1.235e+04");
        assert_eq!(float("g", 1e-5), "1e-05");
        assert_eq!(float("g", 0.1), "0.1");
        assert_eq!(float(".3g", 1234.5), "1.23e+03");
        assert_eq!(float(",.1f", 1234567.0), "1,234,567.0");
        assert_eq!(float(".0%", 0.25), "25%");
        let whole = |spec: &str, number: i128| Spec::read(spec).and_then(|spec| spec.whole(number)).unwrap_or_default();
        assert_eq!(whole("03d", -7), "-07");
        assert_eq!(whole("#x", 255), "0xff");
        assert_eq!(whole(",", 1234567), "1,234,567");
        assert_eq!(whole("+", 5), "+5");
        assert_eq!(whole("^5", 12), " 12  ");
    }

    #[test]
    fn text_is_padded_and_cut() {
        let text = |spec: &str, text: &str| Spec::read(spec).and_then(|spec| spec.text(text)).unwrap_or_default();
        assert_eq!(text("*>5", "ab"), "***ab");
        assert_eq!(text(".1s", "ab"), "a");
        assert_eq!(text("d", "ab"), "");
        assert_eq!(Spec::read("10000000000"), None);
    }
}
