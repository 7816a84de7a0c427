//! Which rules are on: codes, prefixes (`IMP`, `IMP0`), names and `ALL`, of which the most specific one decides.

use super::{Meta, all};
use crate::config::settings::Settings;
use crate::diagnostic::Severity;

/// The selection that settings make.
#[derive(Debug, Clone)]
pub struct Selection<'a> {
    select: &'a [String],
    extend: &'a [String],
    ignore: &'a [String],
}

impl<'a> Selection<'a> {
    /// What these settings select.
    #[must_use]
    pub fn of(settings: &'a Settings) -> Self {
        Self { select: &settings.select, extend: &settings.extend_select, ignore: &settings.ignore }
    }

    /// Whether the rule is on. At equal specificity `ignore` wins.
    #[must_use]
    pub fn is_on(&self, meta: &Meta) -> bool {
        let by_default = self.select.is_empty() && meta.default_on;
        let wanted = best(self.select, meta).max(best(self.extend, meta)).max(by_default.then_some(0));
        wanted.is_some() && wanted > best(self.ignore, meta)
    }
}

/// How specifically a selector names a rule: 0 for `ALL`, else the number of characters, a name or code most; none if
/// it does not.
fn specificity(selector: &str, meta: &Meta) -> Option<usize> {
    let selector = selector.trim();
    if selector.eq_ignore_ascii_case("all") {
        return Some(0);
    }
    if selector.eq_ignore_ascii_case(meta.name) {
        return Some(usize::MAX);
    }
    let prefix = meta.code.get(..selector.len())?;
    (!selector.is_empty() && prefix.eq_ignore_ascii_case(selector)).then_some(selector.len())
}

fn best(selectors: &[String], meta: &Meta) -> Option<usize> {
    selectors.iter().filter_map(|selector| specificity(selector, meta)).max()
}

/// Whether a selector names the rule of this code and name.
#[must_use]
pub fn names(selector: &str, code: &str, name: &str) -> bool {
    let selector = selector.trim();
    let prefix = code.get(..selector.len()).is_some_and(|prefix| prefix.eq_ignore_ascii_case(selector));
    selector.eq_ignore_ascii_case("all") || selector.eq_ignore_ascii_case(name) || !selector.is_empty() && prefix
}

/// The severity that settings give a rule; the last matching line counts.
#[must_use]
pub fn configured_severity(settings: &Settings, code: &str, name: &str) -> Option<Severity> {
    settings.severity.iter().rev().find(|(selector, _)| names(selector, code, name)).map(|(_, severity)| *severity)
}

/// Selectors in the settings that name no rule, in order; a misspelt one would silently change nothing.
#[must_use]
pub fn unknown_selectors(settings: &Settings) -> Vec<String> {
    let lists = [&settings.select, &settings.extend_select, &settings.ignore];
    let per_file = settings.per_file_ignores.iter().flat_map(|(_, codes)| codes);
    let severities = settings.severity.iter().map(|(selector, _)| selector);
    let known = |selector: &str| all().iter().any(|rule| names(selector, rule.meta().code, rule.meta().name));
    let selectors = lists.into_iter().flatten().chain(per_file).chain(severities);
    selectors.filter(|selector| !known(selector)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::Selection;
    use crate::config::settings::Settings;
    use crate::rules::find;

    fn is_on(code: &str, settings: &Settings) -> bool {
        Selection::of(settings).is_on(find(code).expect("the rule exists").meta())
    }

    fn words(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn the_most_specific_selector_decides() {
        let mut settings = Settings::default();
        assert!(is_on("IMP001", &settings));
        settings.ignore = words(&["IMP"]);
        assert!(!is_on("IMP001", &settings));
        settings.extend_select = words(&["missing-module"]);
        assert!(is_on("IMP001", &settings) && !is_on("IMP002", &settings));
        settings = Settings { select: words(&["ENV"]), ..Settings::default() };
        assert!(is_on("ENV001", &settings) && !is_on("IMP001", &settings));
    }

    #[test]
    fn unknown_selectors_are_told() {
        let settings = Settings { ignore: words(&["IMP", "XYZ9", "missing-modul"]), ..Settings::default() };
        assert_eq!(super::unknown_selectors(&settings), ["XYZ9", "missing-modul"]);
    }
}
