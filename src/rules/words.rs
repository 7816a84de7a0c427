//! How findings speak: counts, lists, and pytest's own line.

use super::{Facts, Fault};
use crate::machine::Raised;

/// `1 module fails`, `1,204 modules fail`.
#[must_use]
pub fn modules_fail(count: usize) -> String {
    if count == 1 { "1 module fails".to_owned() } else { format!("{} modules fail", thousands(count)) }
}

/// A number with separators.
#[must_use]
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// What is wrong, and what it costs.
#[must_use]
pub fn headline(what: &str, fault: &Fault) -> String {
    if fault.aborts {
        format!("{what}: nothing collects")
    } else if fault.hangs {
        format!("{what}: the run hangs")
    } else if fault.ends_run {
        format!("{what} ends the whole run")
    } else {
        let modules =
            fault.victims.iter().filter(|victim| victim.path.rsplit('/').next() != Some("conftest.py")).count();
        let cost = if modules == 0 { "a conftest fails".to_owned() } else { modules_fail(modules) };
        format!("{what}: {cost}")
    }
}

/// What Python or pytest prints: the exception with its message.
#[must_use]
pub fn exception_line(facts: &Facts, raised: &Raised) -> String {
    match &raised.message {
        Some(message) if !message.is_empty() => format!("{}: {}", raised.class, facts.without_root(message)),
        _ => raised.class.as_str().to_owned(),
    }
}

/// The first names of a list, and how many more there are.
#[must_use]
pub fn listed<T: AsRef<str>>(names: &[T], most: usize) -> String {
    let shown: Vec<&str> = names.iter().take(most).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(most) {
        0 => shown.join(", "),
        more => format!("{}, {} more", shown.join(", "), thousands(more)),
    }
}

/// The nearest of some names, best first: at most three, and none that is far off.
#[must_use]
pub fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let lower = wanted.to_lowercase();
    let mut scored: Vec<(f64, &str)> = names
        .into_iter()
        .filter(|name| *name != wanted && may_be_near(&lower, name))
        .map(|name| (likeness(&lower, &name.to_lowercase()), name))
        .filter(|(score, _)| *score >= 0.78)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    scored.into_iter().take(3).map(|(_, name)| name.to_owned()).collect()
}

/// Rules most names out at little cost: what has less than half of its letters in common with the longer one needs too many
/// edits, unless one holds the other.
fn may_be_near(lower: &str, name: &str) -> bool {
    if !lower.is_ascii() || !name.is_ascii() {
        return true;
    }
    let (short, long) = if lower.len() < name.len() { (lower.len(), name.len()) } else { (name.len(), lower.len()) };
    // The bound of likeness without its bonus, with some room: a distance is no less than what is not in common.
    if short * 2 < long {
        return false;
    }
    let mut letters = [0_i16; 128];
    lower.bytes().for_each(|byte| letters[usize::from(byte)] += 1);
    let mut common = 0;
    for byte in name.bytes() {
        let left = &mut letters[usize::from(byte.to_ascii_lowercase())];
        common += usize::from(*left > 0);
        *left -= 1;
    }
    common * 2 >= long
}

/// Spelling counts; a shared start counts a little more, and so does one name holding the other.
fn likeness(a: &str, b: &str) -> f64 {
    let near = strsim::jaro_winkler(a, b).min(strsim::normalized_damerau_levenshtein(a, b) + 0.25);
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let holds = short.len() >= 4 && short.len() * 2 >= long.len() && long.contains(short);
    if holds { near.max(0.85) } else { near }
}

#[cfg(test)]
mod tests {
    use super::{listed, modules_fail, nearest};

    #[test]
    fn counts_read_well() {
        assert_eq!(modules_fail(1), "1 module fails");
        assert_eq!(modules_fail(1204), "1,204 modules fail");
        assert_eq!(listed(&["a", "b", "c"], 2), "a, b, 1 more");
    }

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let names = ["authenticate_user", "AuthServices", "generate_token", "Auth"];
        assert_eq!(nearest("AuthService", names), ["AuthServices"]);
        assert_eq!(nearest("zebra", names), Vec::<String>::new());
        assert_eq!(nearest("colour", ["color", "count"]), ["color"]);
    }
}
