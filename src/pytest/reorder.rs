//! The order in which items run: grouped by parameters of wide scope (spec: pytest-collection.md section 9.6).

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use super::fixtures::Scope;

/// What groups items of one scope: equal keys share a set-up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Name of the parameter.
    pub name: &'static str,
    /// Its value or index, as text.
    pub value: String,
    /// The file, class or directory that limits it; empty for the session.
    pub place: String,
}

const HIGH: [Scope; 4] = [Scope::Session, Scope::Package, Scope::Module, Scope::Class];

/// The new order of items, as indices; `keys` gives each item's keys by scope, in the order of its parameters.
#[must_use]
pub fn reorder(keys: &[Vec<(Scope, Key)>]) -> Vec<usize> {
    if keys.iter().all(Vec::is_empty) {
        return (0..keys.len()).collect();
    }
    let mut ids: FxHashMap<(Scope, &Key), usize> = FxHashMap::default();
    let mut table = Table { of_item: FxHashMap::default(), items: Vec::new() };
    for (item, own) in keys.iter().enumerate() {
        for (scope, key) in own {
            let next = ids.len();
            let id = *ids.entry((*scope, key)).or_insert(next);
            if id == table.items.len() {
                table.items.push(VecDeque::new());
            }
            let list = table.of_item.entry((item, *scope)).or_default();
            if !list.contains(&id) {
                list.push(id);
                table.items[id].push_back(item);
            }
        }
    }
    table.at_scope((0..keys.len()).collect(), Scope::Session)
}

struct Table {
    of_item: FxHashMap<(usize, Scope), Vec<usize>>,
    /// Items per key, those looked at last in front.
    items: Vec<VecDeque<usize>>,
}

impl Table {
    fn at_scope(&mut self, items: Vec<usize>, scope: Scope) -> Vec<usize> {
        if scope == Scope::Function || items.len() < 3 {
            return items;
        }
        let members: FxHashSet<usize> = items.iter().copied().collect();
        let mut ignored: FxHashSet<usize> = FxHashSet::default();
        let mut queue: VecDeque<usize> = items.into();
        let (mut done, mut is_done) = (Vec::new(), FxHashSet::default());
        while !queue.is_empty() {
            let (mut plain, mut is_plain) = (Vec::new(), FxHashSet::default());
            let mut slicing = None;
            while let Some(item) = queue.pop_front() {
                if is_done.contains(&item) || is_plain.contains(&item) {
                    continue;
                }
                let own = self.of_item.get(&(item, scope)).map_or(&[][..], Vec::as_slice);
                let Some(key) = own.iter().rev().find(|key| !ignored.contains(*key)).copied() else {
                    plain.push(item);
                    is_plain.insert(item);
                    continue;
                };
                slicing = Some(key);
                let matching: Vec<_> = self.items[key].iter().copied().filter(|item| members.contains(item)).collect();
                for item in matching.into_iter().rev() {
                    queue.push_front(item);
                    self.move_to_front(item);
                }
                break;
            }
            if !plain.is_empty() {
                for item in self.at_scope(plain, scope.narrower()) {
                    if is_done.insert(item) {
                        done.push(item);
                    }
                }
            }
            if let Some(key) = slicing {
                ignored.insert(key);
            }
        }
        done
    }

    fn move_to_front(&mut self, item: usize) {
        for scope in HIGH {
            for key in self.of_item.get(&(item, scope)).map_or(&[][..], Vec::as_slice) {
                let list = &mut self.items[*key];
                if list.front() == Some(&item) {
                    continue;
                }
                list.retain(|other| *other != item);
                list.push_front(item);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, reorder};
    use crate::pytest::fixtures::Scope;

    type Keys = &'static [(Scope, &'static str, &'static str)];

    fn order(items: &[(&str, Keys)]) -> Vec<String> {
        let key = |(scope, name, value): &(Scope, &'static str, &str)| {
            (*scope, Key { name, value: (*value).to_owned(), place: String::new() })
        };
        let keys: Vec<Vec<_>> = items.iter().map(|(_, keys)| keys.iter().map(key).collect()).collect();
        reorder(&keys).into_iter().map(|index| items[index].0.to_owned()).collect()
    }

    const S: Scope = Scope::Session;
    const C: Scope = Scope::Class;
    const M: Scope = Scope::Module;

    // Recorded with pytest 9.2.0: a(sp) b c(sp, cp) with session sp = [s1, s2] and class cp = [c1, c2].
    #[test]
    fn session_parameters_are_set_up_once() {
        let items: [(&str, Keys); 7] = [
            ("a[s1]", &[(S, "sp", "s1")]),
            ("a[s2]", &[(S, "sp", "s2")]),
            ("b", &[]),
            ("c[s1-c1]", &[(S, "sp", "s1"), (C, "cp", "c1")]),
            ("c[s1-c2]", &[(S, "sp", "s1"), (C, "cp", "c2")]),
            ("c[s2-c1]", &[(S, "sp", "s2"), (C, "cp", "c1")]),
            ("c[s2-c2]", &[(S, "sp", "s2"), (C, "cp", "c2")]),
        ];
        let expected = ["a[s1]", "c[s1-c1]", "c[s1-c2]", "a[s2]", "c[s2-c1]", "c[s2-c2]", "b"];
        assert_eq!(order(&items), expected);
    }

    #[test]
    fn module_parameters_group_functions() {
        let items: [(&str, Keys); 4] = [
            ("d[1]", &[(M, "x", "1")]),
            ("d[2]", &[(M, "x", "2")]),
            ("e[1]", &[(M, "x", "1")]),
            ("e[2]", &[(M, "x", "2")]),
        ];
        assert_eq!(order(&items), ["d[1]", "e[1]", "d[2]", "e[2]"]);
    }
}
