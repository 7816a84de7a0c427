//! The simulated process: `sys.modules`, namespaces, objects; and the journal that lets a branch be undone and joined.
//!
//! A fork marks the journal. While one is open, every change of something *older than the fork* is written down with
//! what it replaced; things made since cannot be seen from the other branch and need no entry. The journal therefore
//! also names the places that a join has to look at.

use rustc_hash::FxHashMap;

use super::value::{Class, ClassId, FnId, Function, InstId, Instance, ModId, NsId, ObjId, Object, Value};
use crate::base::index::{Id, IndexVec};
use crate::base::intern::Name;
use crate::python::location::Location;

/// A name's value and whether it is bound on every path.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    /// What it is bound to.
    pub value: Value,
    /// Whether some path leaves it unbound.
    pub maybe: bool,
}

/// Names in the order of their first binding.
#[derive(Debug, Clone, Default)]
pub struct Namespace {
    order: Vec<(Name, Option<Slot>)>,
    /// Positions by name, once there are too many to look through.
    index: Option<Box<FxHashMap<Name, u32>>>,
    /// Why names may exist that nobody has seen being bound; none if there are no such names.
    pub open: Option<&'static str>,
}

impl Namespace {
    /// The slot of a name.
    #[must_use]
    pub fn get(&self, name: Name) -> Option<&Slot> {
        self.order[self.position(name)?].1.as_ref()
    }

    fn position(&self, name: Name) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(&name).map(|at| *at as usize),
            None => self.order.iter().position(|(own, _)| *own == name),
        }
    }

    /// Bound names in order.
    pub fn iter(&self) -> impl Iterator<Item = (Name, &Slot)> {
        self.order.iter().filter_map(|(name, slot)| Some((*name, slot.as_ref()?)))
    }

    fn put(&mut self, name: Name, slot: Option<Slot>) {
        match self.position(name) {
            Some(at) if slot.is_none() || self.order[at].1.is_some() => self.order[at].1 = slot,
            None if slot.is_none() => {}
            old => self.append(old, name, slot),
        }
    }

    /// Binds a name behind all others; `old` is where it was unbound.
    fn append(&mut self, old: Option<usize>, name: Name, slot: Option<Slot>) {
        if self.index.is_none() {
            if let Some(old) = old {
                self.order.remove(old);
            }
            // Most namespaces are those of calls and instances, with a name or two.
            if self.order.len() == self.order.capacity() {
                self.order.reserve_exact(self.order.len().max(1));
            }
        }
        self.order.push((name, slot));
        let last = u32::try_from(self.order.len() - 1).unwrap_or(u32::MAX);
        if let Some(index) = &mut self.index {
            index.insert(name, last);
        } else if self.order.len() > FEW {
            self.index = Some(Box::new((0..).zip(&self.order).map(|(at, (name, _))| (*name, at)).collect()));
        }
    }
}

/// So many names are looked through one by one.
const FEW: usize = 8;

/// How much had been made at some moment that can hold on to the namespace of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    functions: usize,
    classes: usize,
    handed_out: u64,
}

/// How far a module is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Its body runs.
    Loading,
    /// Its body came to its end.
    Loaded,
    /// Its body raised.
    Failed,
}

/// A module object.
#[derive(Debug, Clone)]
pub struct Module {
    /// Its key in `sys.modules`.
    pub name: Name,
    /// Where it came from.
    pub location: Location,
    /// Its namespace.
    pub ns: NsId,
    /// How far it is.
    pub phase: Phase,
    /// Its source, if it has one that was read.
    pub unit: Option<super::value::UnitId>,
    /// `__path__` exists.
    pub is_package: bool,
    /// Run shallowly: its imports are taken for granted.
    pub shallow: bool,
}

/// Something that can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// A name in a namespace.
    Slot(NsId, Name),
    /// Whether a namespace is open.
    Open(NsId),
    /// An entry of `sys.modules`.
    Loaded(Name),
    /// A container's contents.
    Object(ObjId),
    /// An environment variable as the code set it.
    Variable(Name),
}

/// What a [`Place`] holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Of [`Place::Slot`].
    Slot(Option<Slot>),
    /// Of [`Place::Open`].
    Open(Option<&'static str>),
    /// Of [`Place::Loaded`] and [`Place::Variable`].
    Value(Option<Value>),
    /// Of [`Place::Object`].
    Object(Object),
}

/// What a branch changed, in order of first change.
pub type Delta = Vec<(Place, Content)>;

#[derive(Debug, Clone, Copy)]
struct Mark {
    journal: usize,
    namespaces: usize,
    objects: usize,
}

/// The process.
#[derive(Debug, Default)]
pub struct State {
    namespaces: IndexVec<NsId, Namespace>,
    objects: IndexVec<ObjId, Object>,
    /// Module objects, also of removed modules.
    pub modules: IndexVec<ModId, Module>,
    /// Function objects.
    pub functions: IndexVec<FnId, Function>,
    /// Class objects.
    pub classes: IndexVec<ClassId, Class>,
    /// Instances.
    pub instances: IndexVec<InstId, Instance>,
    loaded: FxHashMap<Name, Value>,
    variables: FxHashMap<Name, Value>,
    journal: Vec<(Place, Content)>,
    marks: Vec<Mark>,
    handed_out: u64,
    watch: Watch,
    foreign_names: FxHashMap<Name, &'static str>,
}

/// A container of which somebody wants to know whether it changed.
#[derive(Debug, Default)]
struct Watch {
    object: Option<ObjId>,
    changes: u64,
    /// From here on the first change keeps what was there.
    begun: bool,
    before: Option<Vec<Value>>,
}

/// What a large suite makes of the things that there are most of.
const ROOM: usize = 1 << 15;

impl State {
    /// Nothing yet, with room for what the run of a suite makes.
    #[must_use]
    pub fn with_room() -> Self {
        let mut state = Self::default();
        state.functions.reserve(2 * ROOM);
        state.namespaces.reserve(ROOM);
        state.objects.reserve(ROOM);
        state
    }

    /// Counts changes of a container from here on.
    pub fn watch(&mut self, id: ObjId) {
        self.watch.object = Some(id);
    }

    /// How often the watched container changed, by the program or by undoing what it did.
    #[must_use]
    pub const fn changes(&self) -> u64 {
        self.watch.changes
    }

    /// What the watched container holds is of interest, once it changes.
    pub fn begin_watch(&mut self) {
        self.watch.begun = true;
        self.watch.before = None;
    }

    /// What the watched container held, if it changed since.
    pub fn end_watch(&mut self) -> Option<Vec<Value>> {
        self.watch.begun = false;
        self.watch.before.take()
    }

    /// A container is about to change.
    fn note_change(&mut self, id: ObjId) {
        if self.watch.object == Some(id) {
            self.watch.changes += 1;
            if self.watch.begun && self.watch.before.is_none() {
                self.watch.before = Some(self.objects[id].items.clone());
            }
        }
    }

    /// `__name__` of an object that is known by its full name only.
    #[must_use]
    pub fn foreign_name(&self, full: Name) -> Option<&'static str> {
        self.foreign_names.get(&full).copied()
    }

    /// See [`Self::foreign_name`].
    pub fn set_foreign_name(&mut self, full: Name, name: &'static str) {
        self.foreign_names.insert(full, name);
    }

    /// Notes that the class of a container is not the one it is shown as.
    pub fn disguise(&mut self, value: &Value) {
        if let Value::List(id) | Value::Set(id) | Value::Dict(id) = value {
            self.note_change(*id);
            self.objects[*id].disguised = true;
        }
    }

    /// The elements of an instance of a `namedtuple`; none for other instances.
    #[must_use]
    pub fn namedtuple_items(&self, instance: InstId) -> Option<Vec<Value>> {
        let data = &self.instances[instance];
        let Value::Class(class) = data.class else { return None };
        let fields = Name::new("_fields");
        let mro = &self.classes[class].mro;
        let made = mro
            .iter()
            .any(|base| matches!(base, Value::Class(base) if self.slot(self.classes[*base].ns, fields).is_some()));
        let tuple = mro.iter().any(|base| matches!(base, Value::External(name) if name.as_str() == "builtins.tuple"));
        (made && tuple && !data.args.is_empty()).then(|| data.args.clone())
    }

    /// Notes that a list stands for a generator expression.
    pub fn mark_generator(&mut self, value: &Value) {
        self.disguise(value);
        if let Value::List(id) = value {
            self.note_change(*id);
            self.objects[*id].generator = true;
        }
    }

    /// Whether the class of a container is not the one it is shown as.
    #[must_use]
    pub fn is_disguised(&self, value: &Value) -> bool {
        matches!(value, Value::List(id) | Value::Set(id) | Value::Dict(id) if self.objects[*id].disguised)
    }

    /// A namespace.
    #[must_use]
    pub fn ns(&self, id: NsId) -> &Namespace {
        &self.namespaces[id]
    }

    /// A container.
    #[must_use]
    pub fn object(&self, id: ObjId) -> &Object {
        &self.objects[id]
    }

    /// A new, empty namespace.
    pub fn new_ns(&mut self) -> NsId {
        self.namespaces.push(Namespace::default())
    }

    /// How much there is that can hold on to the namespace of a call.
    #[must_use]
    pub fn made(&self) -> Made {
        Made { functions: self.functions.len(), classes: self.classes.len(), handed_out: self.handed_out }
    }

    /// Forgets the names of a call that has ended, unless something that it made can reach them.
    pub fn end_call(&mut self, ns: NsId, before: Made) {
        if self.made() == before {
            self.namespaces[ns] = Namespace::default();
        }
    }

    /// The namespace of a call as a dict, which may outlive the call.
    pub fn hand_out(&mut self, ns: NsId) -> Value {
        self.handed_out += 1;
        Value::NamespaceDict(ns)
    }

    /// A new container.
    pub fn new_object(&mut self, items: Vec<Value>, values: Vec<Value>, exact: bool) -> ObjId {
        self.objects.push(Object { items, values, exact, union: false, disguised: false, generator: false })
    }

    /// A new list.
    pub fn list(&mut self, items: Vec<Value>) -> Value {
        Value::List(self.new_object(items, Vec::new(), true))
    }

    /// The slot of a name.
    #[must_use]
    pub fn slot(&self, ns: NsId, name: Name) -> Option<&Slot> {
        self.namespaces[ns].get(name)
    }

    /// Binds a name.
    pub fn bind(&mut self, ns: NsId, name: Name, value: Value) {
        self.set(Place::Slot(ns, name), Content::Slot(Some(Slot { value, maybe: false })));
    }

    /// Binds a name as another namespace has it.
    pub fn bind_slot(&mut self, ns: NsId, name: Name, slot: Slot) {
        self.set(Place::Slot(ns, name), Content::Slot(Some(slot)));
    }

    /// Unbinds a name.
    pub fn unbind(&mut self, ns: NsId, name: Name) {
        self.set(Place::Slot(ns, name), Content::Slot(None));
    }

    /// Says that a namespace may hold names we cannot see.
    pub fn open(&mut self, ns: NsId, reason: &'static str) {
        if self.namespaces[ns].open.is_none() {
            self.set(Place::Open(ns), Content::Open(Some(reason)));
        }
    }

    /// Gives another reason for which a namespace is open.
    pub fn reopen(&mut self, ns: NsId, reason: &'static str) {
        self.set(Place::Open(ns), Content::Open(Some(reason)));
    }

    /// Says that all names of a namespace are seen.
    pub fn close(&mut self, ns: NsId) {
        self.set(Place::Open(ns), Content::Open(None));
    }

    /// The entry of `sys.modules`.
    #[must_use]
    pub fn loaded(&self, name: Name) -> Option<&Value> {
        self.loaded.get(&name)
    }

    /// Names in `sys.modules`, sorted.
    #[must_use]
    pub fn loaded_names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.loaded.keys().map(|name| name.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// Sets or removes an entry of `sys.modules`.
    pub fn set_loaded(&mut self, name: Name, value: Option<Value>) {
        self.set(Place::Loaded(name), Content::Value(value));
    }

    /// An environment variable that the code set (or removed: `None`).
    #[must_use]
    pub fn variable(&self, name: Name) -> Option<&Value> {
        self.variables.get(&name)
    }

    /// Sets an environment variable.
    pub fn set_variable(&mut self, name: Name, value: Value) {
        self.set(Place::Variable(name), Content::Value(Some(value)));
    }

    /// Joins of this list hold what either side holds, as suits a search path.
    pub fn join_as_union(&mut self, id: ObjId) {
        self.objects[id].union = true;
    }

    /// Replaces a container's contents.
    pub fn set_object(&mut self, id: ObjId, object: Object) {
        self.set(Place::Object(id), Content::Object(object));
    }

    /// Changes a container in place.
    pub fn change(&mut self, id: ObjId, change: impl FnOnce(&mut Object)) {
        if self.is_older(Place::Object(id)) {
            self.journal.push((Place::Object(id), Content::Object(self.objects[id].clone())));
        }
        self.note_change(id);
        change(&mut self.objects[id]);
    }

    fn get(&self, place: Place) -> Content {
        match place {
            Place::Slot(ns, name) => Content::Slot(self.slot(ns, name).cloned()),
            Place::Open(ns) => Content::Open(self.namespaces[ns].open),
            Place::Loaded(name) => Content::Value(self.loaded.get(&name).cloned()),
            Place::Variable(name) => Content::Value(self.variables.get(&name).cloned()),
            Place::Object(id) => Content::Object(self.objects[id].clone()),
        }
    }

    fn is_older(&self, place: Place) -> bool {
        let Some(mark) = self.marks.last() else { return false };
        match place {
            Place::Slot(ns, _) | Place::Open(ns) => ns.index() < mark.namespaces,
            Place::Object(id) => id.index() < mark.objects,
            Place::Loaded(_) | Place::Variable(_) => true,
        }
    }

    fn set(&mut self, place: Place, content: Content) {
        if self.is_older(place) {
            let old = self.get(place);
            self.journal.push((place, old));
        }
        self.put(place, content);
    }

    fn put(&mut self, place: Place, content: Content) {
        match (place, content) {
            (Place::Slot(ns, name), Content::Slot(slot)) => self.namespaces[ns].put(name, slot),
            (Place::Open(ns), Content::Open(reason)) => self.namespaces[ns].open = reason,
            (Place::Loaded(name), Content::Value(value)) => replace(&mut self.loaded, name, value),
            (Place::Variable(name), Content::Value(value)) => replace(&mut self.variables, name, value),
            (Place::Object(id), Content::Object(object)) => {
                self.note_change(id);
                self.objects[id] = object;
            }
            _ => unreachable!("a place holds its own kind of content"),
        }
    }

    /// Starts a branch.
    pub fn fork(&mut self) {
        self.marks.push(Mark {
            journal: self.journal.len(),
            namespaces: self.namespaces.len(),
            objects: self.objects.len(),
        });
    }

    /// Ends the branch and undoes it; what it changed.
    pub fn rewind(&mut self) -> Delta {
        let Some(mark) = self.marks.pop() else { return Delta::new() };
        let entries = self.journal.split_off(mark.journal);
        let mut seen = rustc_hash::FxHashSet::default();
        let places: Vec<Place> = entries.iter().map(|(place, _)| *place).filter(|place| seen.insert(*place)).collect();
        let delta = places.into_iter().map(|place| (place, self.get(place))).collect();
        for (place, old) in entries.into_iter().rev() {
            self.put(place, old);
        }
        delta
    }

    /// Ends the branch and keeps it.
    pub fn commit(&mut self) {
        self.marks.pop();
        if self.marks.is_empty() {
            self.journal.clear();
        }
    }

    /// Repeats what a branch changed.
    pub fn apply(&mut self, delta: Delta) {
        for (place, content) in delta {
            self.set(place, content);
        }
    }

    /// Makes the state that covers both branches; both are undone already.
    pub fn join(&mut self, a: Delta, b: Delta) {
        let mut second: FxHashMap<Place, Content> = b.iter().cloned().collect();
        for (place, left) in a {
            let right = second.remove(&place).unwrap_or_else(|| self.get(place));
            let both = self.join_content(left, right);
            self.set(place, both);
        }
        for (place, right) in b {
            if second.remove(&place).is_some() {
                let left = self.get(place);
                let both = self.join_content(left, right);
                self.set(place, both);
            }
        }
    }

    fn join_content(&mut self, a: Content, b: Content) -> Content {
        match (a, b) {
            (Content::Slot(a), Content::Slot(b)) => Content::Slot(match (a, b) {
                (Some(a), Some(b)) => {
                    Some(Slot { maybe: a.maybe || b.maybe, value: self.join_values(a.value, b.value) })
                }
                (Some(one), None) | (None, Some(one)) => Some(Slot { maybe: true, ..one }),
                (None, None) => None,
            }),
            (Content::Open(a), Content::Open(b)) => Content::Open(a.max(b)),
            (Content::Value(a), Content::Value(b)) => Content::Value(match (a, b) {
                (Some(a), Some(b)) => Some(self.join_values(a, b)),
                (a, b) => a.or(b),
            }),
            (Content::Object(a), Content::Object(b)) => Content::Object(self.join_objects(a, b)),
            (a, _) => a,
        }
    }

    fn join_objects(&mut self, a: Object, b: Object) -> Object {
        if a == b {
            return a;
        }
        if a.union || b.union {
            // Directories that some path adds may be there: what is found in them may be found.
            let (a, b) = if texts(&b) < texts(&a) { (b, a) } else { (a, b) };
            let mut items = a.items;
            items.extend(b.items.into_iter().filter(|item| !items.contains(item)).collect::<Vec<_>>());
            return Object {
                exact: a.exact && b.exact,
                items,
                values: Vec::new(),
                union: true,
                disguised: a.disguised || b.disguised,
                generator: a.generator || b.generator,
            };
        }
        let (longer, shorter) = if a.items.len() >= b.items.len() { (a, b) } else { (b, a) };
        Object {
            exact: false,
            union: false,
            disguised: longer.disguised || shorter.disguised,
            generator: longer.generator || shorter.generator,
            items: merge(&longer.items, &shorter.items),
            values: vec![Value::Unknown; longer.values.len()],
        }
    }

    /// What covers both values.
    pub fn join_values(&mut self, a: Value, b: Value) -> Value {
        if a == b {
            return a;
        }
        match (&a, &b) {
            (Value::Module(x), Value::Module(y)) if self.modules[*x].name == self.modules[*y].name => {
                Value::Module((*x).min(*y))
            }
            (Value::Function(x), Value::Function(y)) => {
                let (f, g) = (&self.functions[*x], &self.functions[*y]);
                if (f.unit, f.body) == (g.unit, g.body) { Value::Function((*x).min(*y)) } else { Value::Unknown }
            }
            (Value::Class(x), Value::Class(y)) => {
                let (c, d) = (&self.classes[*x], &self.classes[*y]);
                if (c.unit, c.span) == (d.unit, d.span) { Value::Class((*x).min(*y)) } else { Value::Unknown }
            }
            _ => Value::Unknown,
        }
    }
}

/// What decides which of two search paths is written down first.
fn texts(path: &Object) -> Vec<String> {
    path.items.iter().map(|item| item.as_str().map_or_else(|| format!("{item:?}"), str::to_owned)).collect()
}

/// The elements that both share in front, then those of the longer one.
fn merge(longer: &[Value], shorter: &[Value]) -> Vec<Value> {
    let other = |at: usize| shorter.get(at);
    let pick = |(at, value): (usize, &Value)| match other(at) {
        Some(other) if other != value => Value::Unknown,
        _ => value.clone(),
    };
    longer.iter().enumerate().map(pick).collect()
}

fn replace(map: &mut FxHashMap<Name, Value>, name: Name, value: Option<Value>) {
    match value {
        Some(value) => map.insert(name, value),
        None => map.remove(&name),
    };
}

#[cfg(test)]
mod tests {
    use super::{Slot, State};
    use crate::base::intern::Name;
    use crate::machine::value::Value;

    #[test]
    fn an_undone_branch_leaves_nothing_and_a_join_knows_both() {
        let mut state = State::default();
        let ns = state.new_ns();
        let (x, y) = (Name::new("x"), Name::new("y"));
        state.bind(ns, x, Value::Int(1));
        state.fork();
        state.bind(ns, x, Value::Int(2));
        state.bind(ns, y, Value::None);
        let a = state.rewind();
        assert_eq!(state.slot(ns, x).map(|slot| &slot.value), Some(&Value::Int(1)));
        assert_eq!(state.slot(ns, y), None);
        state.fork();
        let b = state.rewind();
        state.join(a, b);
        assert_eq!(state.slot(ns, x), Some(&Slot { value: Value::Unknown, maybe: false }));
        assert_eq!(state.slot(ns, y), Some(&Slot { value: Value::None, maybe: true }));
    }

    #[test]
    fn a_watched_list_tells_what_it_held_and_how_often_it_changed() {
        let mut state = State::default();
        let (path, other) = (state.new_object(vec![Value::Int(1)], Vec::new(), true), state.list(Vec::new()));
        state.watch(path);
        state.begin_watch();
        state.disguise(&other);
        assert_eq!((state.end_watch(), state.changes()), (None, 0));
        state.begin_watch();
        state.fork();
        state.change(path, |path| path.items.push(Value::None));
        state.rewind();
        assert_eq!((state.end_watch(), state.changes()), (Some(vec![Value::Int(1)]), 2));
        state.change(path, |path| path.items.clear());
        assert_eq!((state.end_watch(), state.changes()), (None, 3));
    }

    #[test]
    fn what_a_branch_made_is_kept_whole() {
        let mut state = State::default();
        let outer = state.new_ns();
        state.fork();
        let inner = state.new_ns();
        state.bind(inner, Name::new("a"), Value::None);
        state.bind(outer, Name::new("b"), Value::None);
        let a = state.rewind();
        state.join(a, Vec::new());
        assert_eq!(state.slot(inner, Name::new("a")).map(|slot| slot.maybe), Some(false));
        assert_eq!(state.slot(outer, Name::new("b")).map(|slot| slot.maybe), Some(true));
    }
}
