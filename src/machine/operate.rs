//! Operators on known values, and subscripts.

use std::cmp::Ordering;

use super::Machine;
use super::attribute::Found;
use super::convert::{DEEPEST, LARGEST, LONGEST_LIST, grown};
use super::log::{Eval, May};
use super::outcome::Cause;
use super::value::{ClassId, DescriptorKind, Object, Value};
use crate::base::intern::Name;
use crate::python::version::PythonVersion;
use crate::summary::program::{BinaryOp, CompareOp};

impl Machine<'_> {
    /// `left op right`
    pub(super) fn binary(&mut self, op: BinaryOp, left: &Value, right: &Value) -> Eval {
        if let Some(value) = self.binary_known(op, left, right) {
            return Ok(value);
        }
        if matches!((left, right), (Value::Instance(_), _) | (_, Value::Instance(_)))
            && let Some(value) =
                self.combine_foreign(Some(op), left, Some(right)).or_else(|| self.combine_library(op, left, right))
        {
            return Ok(value);
        }
        if op == BinaryOp::BitOr {
            return self.union_type(left, right);
        }
        if op == BinaryOp::Div
            && let Value::Path(base) = left
        {
            return Ok(right.as_str().map_or(Value::Unknown, |tail| Value::Path(base.join(tail).into())));
        }
        if op == BinaryOp::RShift && *left == Value::external("builtins.print") {
            // `print >> sys.stderr` of old: the message names the class of the stream, which pytest has replaced.
            return Err(self.throw("TypeError", None, Cause::Other));
        }
        if *left != Value::None && *right != Value::None {
            self.refuse(self.refused_binary(op, left, right))?;
        }
        self.may_raise(May::Anything);
        Ok(Value::Unknown)
    }

    fn binary_known(&mut self, op: BinaryOp, left: &Value, right: &Value) -> Option<Value> {
        use BinaryOp::{Add, BitAnd, BitOr, BitXor, Mod, Mult, Sub};
        match (op, left, right) {
            (Mult, Value::Bool(flag), other) | (Mult, other, Value::Bool(flag)) if !is_number(other) => {
                let count = Value::Int(i64::from(*flag));
                let other = other.clone();
                self.binary_known(op, &other, &count)
            }
            (Mult, Value::Int(_), Value::List(_)) => {
                let (left, right) = (left.clone(), right.clone());
                self.binary_known(op, &right, &left)
            }
            _ if is_number(left) && is_number(right) => super::numbers::binary(op, left, right),
            (Add, Value::Bytes(a), Value::Bytes(b)) if a.len() + b.len() < 1_000_000 => {
                Some(Value::Bytes(format!("{a}{b}").into()))
            }
            (Mult, Value::Bytes(text), Value::Int(count)) | (Mult, Value::Int(count), Value::Bytes(text)) => {
                let count = usize::try_from(*count).unwrap_or(0);
                (text.len().saturating_mul(count) < 10_000).then(|| Value::Bytes(text.repeat(count).into()))
            }
            (Mult, Value::Tuple(items), Value::Int(count)) | (Mult, Value::Int(count), Value::Tuple(items)) => {
                let count = usize::try_from(*count).unwrap_or(0);
                (items.len().saturating_mul(count) < 10_000)
                    .then(|| Value::tuple(std::iter::repeat_n(items.to_vec(), count).flatten().collect()))
            }
            (Add, Value::Str(a), Value::Str(b)) => Some(grown(&format!("{a}{b}"))),
            (Mult, Value::Str(text), Value::Int(count)) | (Mult, Value::Int(count), Value::Str(text)) => {
                let count = usize::try_from(*count).unwrap_or(0);
                (text.len().saturating_mul(count) < 10_000).then(|| Value::str(&text.repeat(count)))
            }
            (Add, Value::Tuple(a), Value::Tuple(b)) if a.len() + b.len() > LONGEST_LIST => None,
            (Add, Value::Tuple(a), Value::Tuple(b)) => Some(Value::tuple(a.iter().chain(b.iter()).cloned().collect())),
            (Add, Value::List(_), Value::List(_)) => {
                let (mut a, first) = self.elements(left)?;
                let (b, second) = self.elements(right)?;
                let short = a.len() + b.len() <= LONGEST_LIST;
                if short {
                    a.extend(b);
                }
                Some(Value::List(self.state.new_object(a, Vec::new(), first && second && short)))
            }
            (Add, Value::List(_), Value::Unknown) | (Add, Value::Unknown, Value::List(_)) => {
                let known = if matches!(left, Value::List(_)) { left } else { right };
                let (items, _) = self.elements(known)?;
                Some(Value::List(self.state.new_object(items, Vec::new(), false)))
            }
            (Mult, Value::List(_), Value::Int(count)) => {
                let (items, exact) = self.elements(left)?;
                let count = usize::try_from(*count).unwrap_or(0);
                if items.len().saturating_mul(count) > 10_000 {
                    return None;
                }
                let repeated = std::iter::repeat_n(items, count).flatten().collect();
                Some(Value::List(self.state.new_object(repeated, Vec::new(), exact)))
            }
            (BitOr, Value::Set(_), Value::Set(_)) => {
                let (mut a, first) = self.elements(left)?;
                let (b, second) = self.elements(right)?;
                a.extend(b);
                Some(self.new_set(a, first && second))
            }
            (Sub, Value::Set(_), Value::Set(_)) => self.combined_sets("difference", left, right),
            (BitAnd, Value::Set(_), Value::Set(_)) => self.combined_sets("intersection", left, right),
            (BitXor, Value::Set(_), Value::Set(_)) => self.combined_sets("symmetric_difference", left, right),
            (BitOr, Value::Dict(a), Value::Dict(_)) if self.setup.version >= PythonVersion::three(9) => {
                let Object { items, values, exact, .. } = self.state.object(*a).clone();
                let dict = self.state.new_object(items, values, exact);
                self.update(dict, right);
                Some(Value::Dict(dict))
            }
            (Mod, Value::Str(format), _) => self.percent_format(format, right),
            _ => None,
        }
    }

    fn percent_format(&self, format: &str, right: &Value) -> Option<Value> {
        let arguments = match right {
            Value::Tuple(items) => items.to_vec(),
            Value::Dict(_) => return None,
            one => vec![one.clone()],
        };
        let mut next = arguments.iter();
        let mut out = String::new();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            match chars.next()? {
                '%' => out.push('%'),
                's' => out.push_str(&self.to_str(next.next()?)?),
                'r' => out.push_str(&self.repr(next.next()?)?),
                'd' => match next.next()? {
                    Value::Int(value) => out.push_str(&value.to_string()),
                    _ => return None,
                },
                _ => return None,
            }
        }
        next.next().is_none().then(|| grown(&out))
    }

    /// `X | Y` of types, in version 3.10; before, and with strings, a TypeError.
    fn union_type(&mut self, left: &Value, right: &Value) -> Eval {
        let (a, b) = (self.type_operand(left), self.type_operand(right));
        let (Some(a), Some(b)) = (a, b) else {
            self.may_raise(May::Anything);
            return Ok(Value::Unknown);
        };
        let old = self.setup.version < PythonVersion::three(10);
        let plain = |name: &str| matches!(name, "str" | "NoneType");
        if plain(a) && plain(b) || old {
            return Err(self.error("TypeError", format!("unsupported operand type(s) for |: '{a}' and '{b}'")));
        }
        let told = !matches!(left, Value::Str(_)) && !matches!(right, Value::Str(_));
        Ok(if told && self.setup.version < PythonVersion::three(14) {
            self.instance(Value::external("types.UnionType"), vec![left.clone(), right.clone()], Vec::new())
        } else {
            Value::Unknown
        })
    }

    /// The name of the operand's type, for operands whose types do not overload `|`.
    fn type_operand(&self, value: &Value) -> Option<&'static str> {
        match value {
            Value::None => Some("NoneType"),
            Value::Str(_) => Some("str"),
            Value::Class(class) => {
                let data = &self.state.classes[*class];
                let plain = data.mro.iter().skip(1).all(|base| match base {
                    Value::Class(base) => self.state.classes[*base].metaclass.is_none(),
                    Value::External(base) => base.as_str().starts_with("builtins."),
                    _ => false,
                });
                (data.metaclass.is_none() && !data.open && plain).then_some("type")
            }
            Value::Instance(id) => {
                let Value::External(class) = self.state.instances[*id].class else { return None };
                matches!(class.as_str(), "types.UnionType" | "types.GenericAlias").then_some("type")
            }
            Value::External(name) => super::attribute_set::builtin_class(*name).map(|_| "type"),
            _ => None,
        }
    }

    /// `left op right` as a condition; none if it is not known.
    pub(super) fn compare(&mut self, op: CompareOp, left: &Value, right: &Value) -> Eval<Option<bool>> {
        if *left != Value::None && *right != Value::None {
            self.refuse(self.refused_comparison(op, left, right))?;
        }
        Ok(match op {
            CompareOp::Eq => self.equal(left, right),
            CompareOp::NotEq => self.equal(left, right).map(|equal| !equal),
            CompareOp::Is => self.identical(left, right),
            CompareOp::IsNot => self.identical(left, right).map(|same| !same),
            CompareOp::Lt | CompareOp::LtE | CompareOp::Gt | CompareOp::GtE
                if matches!(left, Value::Set(_)) || matches!(right, Value::Set(_)) =>
            {
                self.compare_sets(op, left, right)
            }
            CompareOp::Lt => self.order(left, right).map(|order| order == Ordering::Less),
            CompareOp::LtE => self.order(left, right).map(|order| order != Ordering::Greater),
            CompareOp::Gt => self.order(left, right).map(|order| order == Ordering::Greater),
            CompareOp::GtE => self.order(left, right).map(|order| order != Ordering::Less),
            CompareOp::In => self.contains(right, left),
            CompareOp::NotIn => self.contains(right, left).map(|inside| !inside),
        })
    }

    pub(super) fn equal(&self, left: &Value, right: &Value) -> Option<bool> {
        self.equal_within(left, right, 0, &mut LARGEST.clone())
    }

    /// Lists may hold themselves, and tuples each other many times over.
    fn equal_within(&self, left: &Value, right: &Value, depth: usize, budget: &mut usize) -> Option<bool> {
        *budget = budget.checked_sub(1)?;
        if depth > DEEPEST {
            return None;
        }
        match (left, right) {
            (Value::Unknown, _) | (_, Value::Unknown) => None,
            (Value::External(name), Value::Str(_)) | (Value::Str(_), Value::External(name))
                if name.as_str() == super::find::STDLIB_ENTRY =>
            {
                Some(false)
            }
            (Value::Int(a), Value::Bool(b)) | (Value::Bool(b), Value::Int(a)) => Some(*a == i64::from(*b)),
            (Value::Int(a), Value::Float(b)) | (Value::Float(b), Value::Int(a)) => Some((*a as f64) == *b),
            (Value::Bool(_) | Value::Int(_), Value::Complex(..))
            | (Value::Complex(..), Value::Bool(_) | Value::Int(_)) => None,
            (Value::Float(_), Value::BigInt(_) | Value::Complex(..) | Value::Bool(_))
            | (Value::BigInt(_) | Value::Complex(..) | Value::Bool(_), Value::Float(_)) => None,
            // A view or an iterator is shown as a list, and equals none.
            (left, right) if self.state.is_disguised(left) || self.state.is_disguised(right) => None,
            (Value::Tuple(_) | Value::List(_), Value::Tuple(_) | Value::List(_))
            | (_, Value::External(_))
            | (Value::External(_), _) => {
                let ((a, all), (b, both)) = (self.sequence(left)?, self.sequence(right)?);
                if !all || !both {
                    return None;
                }
                if a.len() != b.len() {
                    return Some(false);
                }
                let mut known = true;
                for (a, b) in a.iter().zip(&b) {
                    match self.equal_within(a, b, depth + 1, budget) {
                        Some(true) => {}
                        Some(false) => return Some(false),
                        None => known = false,
                    }
                }
                known.then_some(true)
            }
            (a, b) if is_literal(a) && is_literal(b) => Some(a == b),
            (Value::Module(a), Value::Module(b)) => Some(a == b),
            (Value::Class(a), Value::Class(b)) if a == b => Some(true),
            (Value::Function(a), Value::Function(b)) => (a == b).then_some(true),
            _ => None,
        }
    }

    pub(super) fn identical(&self, left: &Value, right: &Value) -> Option<bool> {
        match (left, right) {
            (Value::Unknown, _) | (_, Value::Unknown) => None,
            (Value::None, Value::None) | (Value::Ellipsis, Value::Ellipsis) => Some(true),
            (Value::Bool(a), Value::Bool(b)) => Some(a == b),
            (Value::None, other) | (other, Value::None) => match other {
                Value::External(name) => (!name.as_str().ends_with("()") && self.is_definition(*name)).then_some(false),
                _ => Some(false),
            },
            (Value::Class(a), Value::Class(b)) => (a == b).then_some(true).or(Some(false)),
            (Value::Module(a), Value::Module(b)) => Some(a == b),
            (Value::List(a), Value::List(b)) => Some(a == b),
            (Value::External(a), Value::External(b)) if a == b => Some(true),
            (Value::External(a), Value::External(b))
                if a.as_str().starts_with("builtins.") && b.as_str().starts_with("builtins.") =>
            {
                Some(false)
            }
            _ => None,
        }
    }

    /// `<` and its kin are subset questions for sets.
    fn compare_sets(&self, op: CompareOp, left: &Value, right: &Value) -> Option<bool> {
        let (Value::Set(a), Value::Set(b)) = (left, right) else { return None };
        let (a, b) = (self.state.object(*a), self.state.object(*b));
        let known = |object: &Object| object.exact && object.items.iter().all(is_literal);
        if !known(a) || !known(b) {
            return None;
        }
        let within = |a: &Object, b: &Object| a.items.iter().all(|item| b.items.contains(item));
        Some(match op {
            CompareOp::Lt => within(a, b) && a.items.len() < b.items.len(),
            CompareOp::LtE => within(a, b),
            CompareOp::Gt => within(b, a) && b.items.len() < a.items.len(),
            _ => within(b, a),
        })
    }

    pub(super) fn order(&self, left: &Value, right: &Value) -> Option<Ordering> {
        match (left, right) {
            (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
            (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
            (Value::Int(a), Value::Float(b)) => (*a as f64).partial_cmp(b),
            (Value::Float(a), Value::Int(b)) => a.partial_cmp(&(*b as f64)),
            (Value::Str(a), Value::Str(b)) | (Value::Bytes(a), Value::Bytes(b)) => Some(a.cmp(b)),
            (
                Value::Tuple(_) | Value::List(_) | Value::External(_),
                Value::Tuple(_) | Value::List(_) | Value::External(_),
            ) => {
                let ((a, all), (b, both)) = (self.sequence(left)?, self.sequence(right)?);
                for (a, b) in a.iter().zip(&b) {
                    match self.order(a, b)? {
                        Ordering::Equal => {}
                        other => return Some(other),
                    }
                }
                (all && both).then(|| a.len().cmp(&b.len()))
            }
            _ => None,
        }
    }

    fn contains(&mut self, container: &Value, item: &Value) -> Option<bool> {
        match (container, item) {
            (Value::Str(text), Value::Str(part)) => return Some(text.contains(&**part)),
            (Value::List(list), Value::Str(option)) if *list == self.argv && option.starts_with('-') => {
                return Some(self.state.object(*list).items.contains(item));
            }
            (Value::External(name), Value::Str(key)) => return self.external_contains(*name, key),
            (Value::NamespaceDict(ns), Value::Str(key)) => {
                let known = self.state.slot(*ns, Name::new(key)).map(|slot| slot.maybe);
                return match known {
                    Some(false) => Some(true),
                    Some(true) => None,
                    None => self.state.ns(*ns).open.is_none().then_some(false),
                };
            }
            _ => {}
        }
        let (items, exact) = self.elements(container)?;
        let mut unknown = !exact;
        for one in &items {
            match self.equal(one, item) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => unknown = true,
            }
        }
        (!unknown).then_some(false)
    }

    // ---- subscripts ----

    /// `object[index]`
    pub(super) fn item(&mut self, object: &Value, index: &Value) -> Eval {
        if *object != Value::None {
            self.refuse(self.refused_item(object, index))?;
        }
        match object {
            Value::Tuple(_) | Value::List(_) | Value::Str(_) => self.sequence_item(object, index),
            Value::Dict(dict) => {
                let data = self.state.object(*dict).clone();
                self.lookup(&data, index)
            }
            Value::External(name) => self.external_item(*name, index),
            Value::Class(class) if self.is_enum(*class) => {
                if let Some(name) = index.as_str() {
                    self.refuse(self.refused_name(*class, name))?;
                }
                self.may_raise(May::Anything);
                Ok(index.as_str().map_or(Value::Unknown, |name| self.member_of_name(*class, name)))
            }
            // A generic class with its parameters stands for the class: as a base, when called, by its name.
            Value::Class(class) if self.is_generic(*class) => Ok(object.clone()),
            Value::Class(class) if let Some(function) = self.own_class_getitem(*class) => {
                self.call(&function, vec![object.clone(), index.clone()], Vec::new())
            }
            Value::NamespaceDict(ns) => {
                let slot = index.as_str().and_then(|key| self.state.slot(*ns, Name::new(key)));
                match slot.map(|slot| slot.value.clone()) {
                    Some(value) => Ok(value),
                    None => {
                        self.may_raise(May::Anything);
                        Ok(Value::Unknown)
                    }
                }
            }
            _ => {
                if let Some(known) = self.known_item(object).or_else(|| self.foreign_part(object, index)) {
                    return Ok(known);
                }
                self.may_raise(May::Anything);
                Ok(Value::Unknown)
            }
        }
    }

    /// `__class_getitem__` of a class of the project without a metaclass.
    fn own_class_getitem(&self, class: ClassId) -> Option<Value> {
        if self.state.classes[class].metaclass.is_some() {
            return None;
        }
        match self.class_lookup(class, Name::new("__class_getitem__")).0 {
            Found::Yes(function @ Value::Function(_)) => Some(function),
            Found::Yes(Value::Descriptor(DescriptorKind::Class, inner)) => Some((*inner).clone()),
            _ => None,
        }
    }

    fn lookup(&mut self, dict: &Object, key: &Value) -> Eval {
        let mut unknown = !dict.exact || !is_literal(key);
        // The last equal key wins while some keys are not known.
        for (own, value) in dict.items.iter().zip(&dict.values).rev() {
            match self.equal(own, key) {
                Some(true) => return Ok(value.clone()),
                Some(false) => {}
                None => unknown = true,
            }
        }
        if unknown {
            self.may_raise(May::Anything);
            return Ok(Value::Unknown);
        }
        match self.repr(key) {
            Some(text) => self.fails("KeyError", text),
            None => Ok(Value::Unknown),
        }
    }

    fn sequence_item(&mut self, object: &Value, index: &Value) -> Eval {
        let Some((items, exact)) = self.sequence(object) else { return Ok(Value::Unknown) };
        if let Value::Partial(slice) = index {
            return Ok(self.slice(object, &items, exact, &slice.1));
        }
        let Value::Int(at) = index else {
            self.may_raise(May::Anything);
            return Ok(Value::Unknown);
        };
        let len = i64::try_from(items.len()).unwrap_or(i64::MAX);
        let position = if *at < 0 { at + len } else { *at };
        if exact && let Some(value) = usize::try_from(position).ok().and_then(|at| items.get(at)) {
            return Ok(value.clone());
        }
        if !exact {
            self.may_raise(May::Anything);
            return Ok(Value::Unknown);
        }
        let kind = match object {
            Value::Tuple(_) => "tuple",
            Value::List(_) => "list",
            _ => "string",
        };
        self.fails("IndexError", format!("{kind} index out of range"))
    }

    fn slice(&mut self, object: &Value, items: &[Value], exact: bool, bounds: &[Value]) -> Value {
        let len = i64::try_from(items.len()).unwrap_or(i64::MAX);
        let clamp = |at: i64| usize::try_from(if at < 0 { at + len } else { at }.clamp(0, len)).unwrap_or(0);
        let bound = |value: &Value, default: usize| match value {
            Value::None => Some(default),
            Value::Int(at) => Some(clamp(*at)),
            _ => None,
        };
        let step = bounds.get(2).is_none_or(|step| *step == Value::None);
        let (Some(lower), Some(upper), true, true) = (
            bounds.first().and_then(|lower| bound(lower, 0)),
            bounds.get(1).and_then(|upper| bound(upper, items.len())),
            step,
            exact,
        ) else {
            return Value::Unknown;
        };
        let part = items[lower.min(upper)..upper].to_vec();
        match object {
            Value::Tuple(_) | Value::External(_) => Value::tuple(part),
            Value::Str(_) => Value::str(&part.iter().filter_map(Value::as_str).collect::<String>()),
            _ => {
                let list = self.state.list(part);
                if self.state.is_disguised(object) {
                    self.state.disguise(&list);
                }
                list
            }
        }
    }

    /// `object[index] = value`
    pub(super) fn set_item(&mut self, object: &Value, index: &Value, value: Value) {
        match object {
            Value::Dict(dict) => {
                let known = is_literal(index);
                let found = self.state.object(*dict).items.iter().position(|key| key == index);
                self.state.change(*dict, |dict| match found {
                    Some(at) if known => dict.values[at] = value,
                    _ => {
                        dict.items.push(index.clone());
                        dict.values.push(value);
                        dict.exact &= known;
                    }
                });
            }
            Value::List(list) => self.set_list_item(*list, index, value),
            Value::External(name) => self.set_external_item(*name, index, value),
            Value::NamespaceDict(ns) => match index.as_str() {
                Some(key) => self.state.bind(*ns, Name::new(key), value),
                None => self.state.open(*ns, "names are bound through globals()"),
            },
            _ => self.may_raise(May::Anything),
        }
    }

    fn set_list_item(&mut self, list: super::value::ObjId, index: &Value, value: Value) {
        let len = self.state.object(list).items.len();
        if let Value::Partial(slice) = index {
            // `path[:0] = [...]` and `path[:] = [...]`
            let added = self.elements(&value);
            let (lower, upper) = (slice.1.first().cloned(), slice.1.get(1).cloned());
            self.state.change(list, |object| match (lower, upper, added) {
                (Some(Value::None), Some(Value::Int(0)), Some((items, exact))) => {
                    object.items.splice(0..0, items);
                    object.exact &= exact;
                }
                (Some(Value::None), Some(Value::None), Some((items, exact))) => {
                    object.items = items;
                    object.exact = exact;
                }
                (Some(Value::Int(0)), Some(Value::Int(0)), Some((items, exact))) => {
                    object.items.splice(0..0, items);
                    object.exact &= exact;
                }
                _ => object.exact = false,
            });
            return;
        }
        let at = match index {
            Value::Int(at) if *at < 0 => usize::try_from(at + i64::try_from(len).unwrap_or(0)).ok(),
            Value::Int(at) => usize::try_from(*at).ok(),
            _ => None,
        };
        self.state.change(list, |object| match at.and_then(|at| object.items.get_mut(at)) {
            Some(slot) => *slot = value,
            None => object.exact = false,
        });
    }

    /// `del object[index]`
    pub(super) fn delete_item(&mut self, object: &Value, index: &Value) -> Eval<()> {
        match object {
            Value::Dict(dict) => {
                let found = self.state.object(*dict).items.iter().position(|key| key == index);
                self.state.change(*dict, |dict| match found {
                    Some(at) => {
                        dict.items.remove(at);
                        dict.values.remove(at);
                    }
                    None => dict.exact = false,
                });
            }
            Value::List(list) => {
                let at = if let Value::Int(at) = index { usize::try_from(*at).ok() } else { None };
                self.state.change(*list, |list| match at.filter(|at| *at < list.items.len()) {
                    Some(at) => {
                        list.items.remove(at);
                    }
                    None => list.exact = false,
                });
            }
            Value::External(name) => self.delete_external_item(*name, index)?,
            Value::NamespaceDict(ns) => match index.as_str() {
                Some(key) => self.state.unbind(*ns, Name::new(key)),
                None => self.state.open(*ns, "names are unbound through globals()"),
            },
            _ => self.may_raise(May::Anything),
        }
        Ok(())
    }
}

const fn is_number(value: &Value) -> bool {
    matches!(value, Value::Bool(_) | Value::Int(_) | Value::BigInt(_) | Value::Float(_) | Value::Complex(..))
}

/// Whether equality of two such values is equality of what they hold.
pub(super) fn is_literal(value: &Value) -> bool {
    match value {
        Value::None
        | Value::Bool(_)
        | Value::Int(_)
        | Value::BigInt(_)
        | Value::Float(_)
        | Value::Complex(..)
        | Value::Str(_)
        | Value::Bytes(_)
        | Value::Ellipsis => true,
        Value::Tuple(items) => items.iter().all(is_literal),
        _ => false,
    }
}
