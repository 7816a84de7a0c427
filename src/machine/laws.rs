//! Laws of the state, on random programs: a branch that is undone leaves nothing, a branch that is repeated gives what it
//! gave, and a join does not care which side came first.

use proptest::prelude::*;

use super::state::{Delta, Slot, State};
use super::value::{NsId, ObjId, Value};
use crate::base::index::Id;
use crate::base::intern::Name;

const NAMESPACES: usize = 3;
const OBJECTS: usize = 3;
const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// One change of the state.
#[derive(Debug, Clone)]
enum Change {
    Bind(usize, usize, u8),
    Perhaps(usize, usize, u8),
    Unbind(usize, usize),
    Open(usize, bool),
    Load(usize, Option<u8>),
    Variable(usize, u8),
    Push(usize, u8),
    Replace(usize, Vec<u8>),
    /// A branch inside: kept, or undone.
    Inside(Vec<Change>, bool),
}

fn value(number: u8) -> Value {
    match number % 6 {
        0 => Value::None,
        1 => Value::Unknown,
        2 => Value::str("text"),
        3 => Value::Bool(number > 100),
        4 => Value::tuple(vec![Value::Int(i64::from(number))]),
        _ => Value::Int(i64::from(number % 4)),
    }
}

fn change() -> impl Strategy<Value = Change> {
    let (ns, name) = (0..NAMESPACES, 0..NAMES.len());
    let simple = prop_oneof![
        (ns.clone(), name.clone(), any::<u8>()).prop_map(|(ns, name, v)| Change::Bind(ns, name, v)),
        (ns.clone(), name.clone(), any::<u8>()).prop_map(|(ns, name, v)| Change::Perhaps(ns, name, v)),
        (ns.clone(), name.clone()).prop_map(|(ns, name)| Change::Unbind(ns, name)),
        (ns, any::<bool>()).prop_map(|(ns, first)| Change::Open(ns, first)),
        (name.clone(), proptest::option::of(any::<u8>())).prop_map(|(name, v)| Change::Load(name, v)),
        (name, any::<u8>()).prop_map(|(name, v)| Change::Variable(name, v)),
        (0..OBJECTS, any::<u8>()).prop_map(|(object, v)| Change::Push(object, v)),
        (0..OBJECTS, proptest::collection::vec(any::<u8>(), 0..4)).prop_map(|(object, vs)| Change::Replace(object, vs)),
    ];
    simple.prop_recursive(2, 12, 4, |inner| {
        (proptest::collection::vec(inner, 1..4), any::<bool>()).prop_map(|(all, kept)| Change::Inside(all, kept))
    })
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    proptest::collection::vec(change(), 0..12)
}

fn namespace(number: usize) -> NsId {
    NsId::from_usize(number)
}

fn object(number: usize) -> ObjId {
    ObjId::from_usize(number)
}

fn make(state: &mut State, change: &Change) {
    let name = |at: &usize| Name::new(NAMES[*at]);
    match change {
        Change::Bind(ns, at, v) => state.bind(namespace(*ns), name(at), value(*v)),
        Change::Perhaps(ns, at, v) => {
            state.bind_slot(namespace(*ns), name(at), Slot { value: value(*v), maybe: true });
        }
        Change::Unbind(ns, at) => state.unbind(namespace(*ns), name(at)),
        Change::Open(ns, first) => state.open(namespace(*ns), if *first { "one reason" } else { "another" }),
        Change::Load(at, v) => state.set_loaded(name(at), v.map(value)),
        Change::Variable(at, v) => state.set_variable(name(at), value(*v)),
        Change::Push(at, v) => state.change(object(*at), |found| found.items.push(value(*v))),
        Change::Replace(at, vs) => {
            let mut found = state.object(object(*at)).clone();
            found.items = vs.iter().map(|v| value(*v)).collect();
            state.set_object(object(*at), found);
        }
        Change::Inside(all, kept) => {
            state.fork();
            all.iter().for_each(|change| make(state, change));
            if *kept {
                state.commit();
            } else {
                state.rewind();
            }
        }
    }
}

/// A process with some namespaces and containers, one of which joins like a search path.
fn start(changes: &[Change]) -> State {
    let mut state = State::default();
    (0..NAMESPACES).for_each(|_| assert!(state.new_ns().index() < NAMESPACES));
    for number in 0..OBJECTS {
        let made = state.new_object(vec![Value::str("first")], Vec::new(), true);
        if number == 0 {
            state.join_as_union(made);
        }
    }
    changes.iter().for_each(|change| make(&mut state, change));
    state
}

/// Everything that code could see.
fn seen(state: &State) -> Vec<String> {
    let mut found = Vec::new();
    for ns in (0..NAMESPACES).map(namespace) {
        found.push(format!("open {:?}", state.ns(ns).open));
        found.extend(NAMES.iter().map(|name| format!("{name} {:?}", state.slot(ns, Name::new(name)))));
    }
    for name in NAMES.map(Name::new) {
        found.push(format!("{name} {:?} {:?}", state.loaded(name), state.variable(name)));
    }
    found.extend((0..OBJECTS).map(|number| format!("{:?}", state.object(object(number)))));
    found
}

/// What a branch changes; it is undone.
fn branch(state: &mut State, changes: &[Change]) -> Delta {
    state.fork();
    changes.iter().for_each(|change| make(state, change));
    state.rewind()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_undone_branch_leaves_nothing(before in changes(), inside in changes()) {
        let mut state = start(&before);
        let was = seen(&state);
        branch(&mut state, &inside);
        prop_assert_eq!(seen(&state), was);
    }

    #[test]
    fn a_repeated_branch_gives_what_it_gave(before in changes(), inside in changes()) {
        let mut state = start(&before);
        let delta = branch(&mut state, &inside);
        state.apply(delta);
        let mut kept = start(&before);
        kept.fork();
        inside.iter().for_each(|change| make(&mut kept, change));
        kept.commit();
        prop_assert_eq!(seen(&state), seen(&kept));
    }

    #[test]
    fn a_join_does_not_care_which_side_came_first(before in changes(), one in changes(), other in changes()) {
        let (mut first, mut second) = (start(&before), start(&before));
        let (a, b) = (branch(&mut first, &one), branch(&mut first, &other));
        first.join(a, b);
        let (a, b) = (branch(&mut second, &one), branch(&mut second, &other));
        second.join(b, a);
        prop_assert_eq!(seen(&first), seen(&second));
    }

    #[test]
    fn a_join_of_equals_is_that_branch(before in changes(), one in changes()) {
        let (mut joined, mut applied) = (start(&before), start(&before));
        let (a, b) = (branch(&mut joined, &one), branch(&mut joined, &one));
        joined.join(a, b);
        let delta = branch(&mut applied, &one);
        applied.apply(delta);
        prop_assert_eq!(seen(&joined), seen(&applied));
    }

    #[test]
    fn a_join_inside_a_branch_is_undone_with_it(before in changes(), one in changes(), other in changes()) {
        let mut state = start(&before);
        let was = seen(&state);
        state.fork();
        let (a, b) = (branch(&mut state, &one), branch(&mut state, &other));
        state.join(a, b);
        state.rewind();
        prop_assert_eq!(seen(&state), was);
    }
}
