//! A prediction beside what pytest printed: ids that are missing, and ids that pytest does not have.

use std::collections::BTreeMap;

use super::look::{clean, count};
use crate::pytest::verdict::{Collection, Verdict};

/// What `pytest --collect-only -q` printed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Node ids in order.
    pub ids: Vec<String>,
    /// Nodes that did not collect.
    pub errors: Vec<String>,
}

/// How the two differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Ids that pytest has and the prediction has not.
    pub missing: Vec<String>,
    /// Ids that the prediction has and pytest has not.
    pub extra: Vec<String>,
    /// Nodes that fail though the prediction lets them collect.
    pub fails: Vec<String>,
    /// Nodes that collect though the prediction lets them fail.
    pub collects: Vec<String>,
    /// Ids that agree; those for which a `[...]` stands included.
    pub agree: usize,
    /// The ids agree, their order does not.
    pub reordered: bool,
}

impl Recorded {
    /// Reads the printed lines: ids up to the first blank line, then the errors of the summary.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut found = Self::default();
        let mut listing = true;
        for line in text.lines().map(|line| line.trim_end_matches('\r')) {
            if let Some(rest) = line.strip_prefix("ERROR ") {
                let node = rest.split(" - ").next().unwrap_or(rest).trim();
                if !node.is_empty()
                    && !node.starts_with("collecting ")
                    && !found.errors.iter().any(|known| known == node)
                {
                    found.errors.push(node.to_owned());
                }
            } else if listing && line.contains("::") && !line.starts_with([' ', '=', '<']) {
                found.ids.push(line.to_owned());
            } else if line.is_empty() || line.starts_with('=') {
                listing &= found.ids.is_empty();
            }
        }
        found
    }
}

/// Compares; `errors` tells whether the record says which modules fail.
#[must_use]
pub fn compare(collection: &Collection, recorded: &Recorded, errors: bool) -> Difference {
    let items: Vec<&String> = collection.modules.iter().flat_map(|module| &module.items).collect();
    let ordered: Vec<&String> = collection.order.iter().filter_map(|at| items.get(*at).copied()).collect();
    let predicted = if ordered.len() == items.len() { ordered } else { items };
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for id in &recorded.ids {
        *left.entry(id).or_default() += 1;
    }
    let mut found = Difference::default();
    let (patterns, exact): (Vec<&String>, Vec<&String>) = predicted.iter().partition(|id| id.ends_with("[...]"));
    for id in &exact {
        match left.get_mut(id.as_str()) {
            Some(count) if *count > 0 => {
                *count -= 1;
                found.agree += 1;
            }
            _ => found.extra.push((*id).clone()),
        }
    }
    for id in &patterns {
        let start = &id[..id.len() - "...]".len()];
        let mut hit = false;
        for (_, count) in left.range_mut(start..).take_while(|(id, _)| id.starts_with(start)) {
            hit |= *count > 0;
            found.agree += std::mem::take(count);
        }
        if !hit {
            found.extra.push((*id).clone());
        }
    }
    for id in &recorded.ids {
        if let Some(count) = left.get_mut(id.as_str()).filter(|count| **count > 0) {
            *count -= 1;
            found.missing.push(id.clone());
        }
    }
    let same = found.missing.is_empty() && found.extra.is_empty();
    let ordered = collection.unordered.is_none() && collection.modules.iter().all(|module| module.unordered.is_none());
    found.reordered =
        same && ordered && patterns.is_empty() && predicted.iter().zip(&recorded.ids).any(|(a, b)| *a != b);
    if errors {
        verdicts(collection, recorded, &mut found);
    }
    found
}

/// Modules that fail in one of the two only. What is unknown contradicts nothing.
fn verdicts(collection: &Collection, recorded: &Recorded, found: &mut Difference) {
    let failed = |id: &str| {
        recorded
            .errors
            .iter()
            .any(|node| node == id || id.starts_with(&format!("{node}/")) || node.starts_with(&format!("{id}::")))
    };
    for module in &collection.modules {
        match module.verdict {
            Verdict::Collected | Verdict::Skipped { .. } if failed(&module.nodeid) => {
                found.fails.push(module.nodeid.clone());
            }
            Verdict::Error(_) if !failed(&module.nodeid) => found.collects.push(module.nodeid.clone()),
            _ => {}
        }
    }
}

impl Difference {
    /// Whether the two agree.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let lists = [&self.missing, &self.extra, &self.fails, &self.collects];
        lists.iter().all(|list| list.is_empty()) && !self.reordered
    }

    /// For people: one line per disagreement, then the counts.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        for (label, list) in [
            ("missing", &self.missing),
            ("extra", &self.extra),
            ("fails, and is predicted to collect", &self.fails),
            ("collects, and is predicted to fail", &self.collects),
        ] {
            for id in list {
                out.push_str(&format!("{label}  {}\n", clean(id)));
            }
        }
        let agree = format!("{} agree", count(self.agree, "id"));
        let mut parts = vec![agree];
        for (list, what) in [(&self.missing, "missing"), (&self.extra, "extra")] {
            if !list.is_empty() {
                parts.push(format!("{} {what}", list.len()));
            }
        }
        let modules = self.fails.len() + self.collects.len();
        if modules > 0 {
            parts.push(format!("{} judged otherwise", count(modules, "module")));
        }
        if self.reordered {
            parts.push("in another order".to_owned());
        }
        out.push_str(&format!("{}\n", parts.join(", ")));
        out
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use super::{Recorded, compare};
    use crate::pytest::verdict::{Collection, ModuleReport};

    fn collection(ids: &[&str]) -> Collection {
        let mut module = ModuleReport::new("t.py".to_owned(), Arc::new(PathBuf::from("/t.py")), "t".to_owned());
        module.items = ids.iter().map(|id| (*id).to_owned()).collect();
        Collection { modules: vec![module], ..Collection::default() }
    }

    #[test]
    fn ids_end_at_the_first_blank_line() {
        let text = "t.py::a\nt.py::b[x y]\n\n=== warnings summary ===\nt.py::a\n  boom\nERROR u.py - ImportError: x\n2 tests collected";
        let found = Recorded::parse(text);
        assert_eq!(found.ids, ["t.py::a", "t.py::b[x y]"]);
        assert_eq!(found.errors, ["u.py"]);
    }

    #[test]
    fn three_dots_stand_for_any_parameters() {
        let recorded = Recorded::parse("t.py::a[1]\nt.py::a[2]\nt.py::b\nt.py::c\n");
        let found = compare(&collection(&["t.py::a[...]", "t.py::b", "t.py::d"]), &recorded, false);
        assert_eq!(
            (found.agree, found.missing, found.extra),
            (3, vec!["t.py::c".to_owned()], vec!["t.py::d".to_owned()])
        );
    }

    #[test]
    fn order_counts_where_all_is_exact() {
        let recorded = Recorded::parse("t.py::a\nt.py::b\n");
        assert!(compare(&collection(&["t.py::a", "t.py::b"]), &recorded, true).is_empty());
        assert!(compare(&collection(&["t.py::b", "t.py::a"]), &recorded, true).reordered);
    }
}
