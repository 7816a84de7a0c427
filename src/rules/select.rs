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
    preview: bool,
}

impl<'a> Selection<'a> {
    /// What these settings select.
    #[must_use]
    pub fn of(settings: &'a Settings) -> Self {
        let (select, extend, ignore) = (&settings.select, &settings.extend_select, &settings.ignore);
        Self { select, extend, ignore, preview: settings.preview }
    }

    /// Whether the rule is on. At equal specificity `ignore` wins. A rule under trial is on with `preview`, or where it is
    /// selected by its own code or name.
    #[must_use]
    pub fn is_on(&self, meta: &Meta) -> bool {
        let by_default = self.select.is_empty() && meta.default_on;
        let wanted = best(self.select, meta).max(best(self.extend, meta)).max(by_default.then_some(0));
        let tried = !meta.preview || self.preview || wanted >= Some(meta.code.len());
        tried && wanted.is_some() && wanted > best(self.ignore, meta)
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
    let lists = [&settings.select, &settings.extend_select, &settings.ignore, &settings.unfixable];
    let per_file = settings.per_file_ignores.iter().flat_map(|(_, codes)| codes);
    let severities = settings.severity.iter().map(|(selector, _)| selector);
    let known = |selector: &str| all().iter().any(|rule| names(selector, rule.meta().code, rule.meta().name));
    let fixable = settings.fixable.iter().flatten();
    let selectors = lists.into_iter().flatten().chain(fixable).chain(per_file).chain(severities);
    selectors.filter(|selector| !known(selector)).cloned().collect()
}

/// The code or name of a rule that is nearest to a misspelt one.
#[must_use]
pub fn nearest_rule(word: &str) -> Option<&'static str> {
    let distance = |known: &str| strsim::damerau_levenshtein(&known.to_lowercase(), &word.to_lowercase());
    let names = all().iter().flat_map(|rule| [rule.meta().code, rule.meta().name]);
    names.map(|known| (distance(known), known)).min().filter(|(distance, _)| *distance <= 3).map(|(_, known)| known)
}

/// Whether fixes may be made for a rule: the most specific of `fixable` and `unfixable` decides.
#[must_use]
pub fn is_fixable(settings: &Settings, code: &str) -> bool {
    let Some(rule) = super::find(code) else { return false };
    let wanted = settings.fixable.as_ref().map_or(Some(0), |list| best(list, rule.meta()));
    wanted.is_some() && wanted > best(&settings.unfixable, rule.meta())
}

#[cfg(test)]
mod tests {
    use super::{Meta, Selection};
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
    fn rules_under_trial_wait_for_preview_or_their_own_name() {
        let meta = Meta { preview: true, ..*find("IMP001").expect("the rule exists").meta() };
        let is_on = |settings: &Settings| Selection::of(settings).is_on(&meta);
        assert!(!is_on(&Settings::default()));
        assert!(is_on(&Settings { preview: true, ..Settings::default() }));
        assert!(!is_on(&Settings { select: words(&["IMP"]), ..Settings::default() }));
        assert!(is_on(&Settings { extend_select: words(&["IMP001"]), ..Settings::default() }));
    }

    #[test]
    fn unknown_selectors_are_told() {
        let settings = Settings { ignore: words(&["IMP", "XYZ9", "missing-modul"]), ..Settings::default() };
        assert_eq!(super::unknown_selectors(&settings), ["XYZ9", "missing-modul"]);
    }
}
