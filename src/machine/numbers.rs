//! Numbers: whole ones of up to 128 bits, floats, complex ones.

use std::sync::Arc;

use super::value::Value;
use crate::summary::program::BinaryOp;

/// The whole number, `bool` included.
pub(super) fn whole(value: &Value) -> Option<i128> {
    match value {
        Value::Bool(flag) => Some(i128::from(*flag)),
        Value::Int(number) => Some(i128::from(*number)),
        Value::BigInt(number) => Some(**number),
        _ => None,
    }
}

/// The number as a float, if that is exact.
pub(super) fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(number) => Some(*number),
        other => whole(other).filter(|number| (*number as f64) as i128 == *number).map(|number| number as f64),
    }
}

/// A whole number as a value.
pub(super) fn value(number: i128) -> Value {
    i64::try_from(number).map_or_else(|_| Value::BigInt(Arc::new(number)), Value::Int)
}

/// A literal that does not fit 64 bits.
pub(super) fn literal(text: &str) -> Value {
    let plain = text.replace('_', "");
    let radix = match plain.as_bytes().get(1) {
        Some(b'x' | b'X') => 16,
        Some(b'o' | b'O') => 8,
        Some(b'b' | b'B') => 2,
        _ => 10,
    };
    let digits = if radix == 10 { &plain[..] } else { plain.get(2..).unwrap_or_default() };
    i128::from_str_radix(digits, radix).map_or(Value::Unknown, value)
}

/// `left op right` of two numbers; none where it raises or is not known.
pub(super) fn binary(op: BinaryOp, left: &Value, right: &Value) -> Option<Value> {
    if let (Value::Complex(..), _) | (_, Value::Complex(..)) = (left, right) {
        return complex(op, left, right);
    }
    match (whole(left), whole(right)) {
        (Some(a), Some(b)) => of_whole(op, a, b),
        _ => of_floats(op, float(left)?, float(right)?),
    }
}

fn of_whole(op: BinaryOp, a: i128, b: i128) -> Option<Value> {
    use BinaryOp::{Add, BitAnd, BitOr, BitXor, Div, FloorDiv, LShift, Mod, Mult, Pow, RShift, Sub};
    let number = match op {
        Add => a.checked_add(b)?,
        Sub => a.checked_sub(b)?,
        Mult => a.checked_mul(b)?,
        FloorDiv if b != 0 => {
            let quotient = a.checked_div(b)?;
            if a.checked_rem(b)? != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient }
        }
        Mod if b != 0 => {
            let rest = a.checked_rem(b)?;
            if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest }
        }
        Pow if b >= 0 => a.checked_pow(u32::try_from(b).ok()?)?,
        Div | Pow => return of_floats(op, float(&value(a))?, float(&value(b))?),
        LShift if (0..100).contains(&b) => a.checked_mul(1i128.checked_shl(u32::try_from(b).ok()?)?)?,
        RShift if (0..127).contains(&b) => a >> b,
        BitAnd => a & b,
        BitOr => a | b,
        BitXor => a ^ b,
        _ => return None,
    };
    Some(value(number))
}

fn of_floats(op: BinaryOp, a: f64, b: f64) -> Option<Value> {
    let number = match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mult => a * b,
        BinaryOp::Div if b != 0.0 => a / b,
        BinaryOp::Pow if a > 0.0 => a.powf(b),
        _ => return None,
    };
    // A result out of range raises in some operations.
    (number.is_finite() || !a.is_finite() || !b.is_finite()).then_some(Value::Float(number))
}

fn complex(op: BinaryOp, left: &Value, right: &Value) -> Option<Value> {
    let parts = |value: &Value| match value {
        Value::Complex(real, imaginary) => Some((*real, *imaginary)),
        other => float(other).map(|real| (real, 0.0)),
    };
    let ((a, b), (c, d)) = (parts(left)?, parts(right)?);
    Some(match op {
        BinaryOp::Add => Value::Complex(a + c, b + d),
        // The sign of a zero depends on how parts without an imaginary one are taken.
        BinaryOp::Sub if b - d != 0.0 && a - c != 0.0 => Value::Complex(a - c, b - d),
        _ => return None,
    })
}

/// `-value`
pub(super) fn negative(number: &Value) -> Option<Value> {
    match number {
        Value::Float(number) => Some(Value::Float(-number)),
        Value::Complex(real, imaginary) => Some(Value::Complex(-real, -imaginary)),
        other => whole(other)?.checked_neg().map(value),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{binary, literal};
    use crate::machine::value::Value;
    use crate::summary::program::BinaryOp;

    #[test]
    fn whole_numbers_follow_python() {
        let int = |op, a, b| binary(op, &Value::Int(a), &Value::Int(b));
        assert_eq!(int(BinaryOp::FloorDiv, -7, 2), Some(Value::Int(-4)));
        assert_eq!(int(BinaryOp::Mod, -7, 2), Some(Value::Int(1)));
        assert_eq!(int(BinaryOp::Mod, 7, -2), Some(Value::Int(-1)));
        assert_eq!(int(BinaryOp::Div, 1, 2), Some(Value::Float(0.5)));
        assert_eq!(int(BinaryOp::Div, 1, 0), None);
        assert_eq!(int(BinaryOp::Pow, 2, 64), Some(Value::BigInt(Arc::new(1 << 64))));
        assert_eq!(int(BinaryOp::Pow, 10, -1), Some(Value::Float(0.1)));
        assert_eq!(literal("0xffff_ffff_ffff_ffff"), Value::BigInt(Arc::new(u64::MAX.into())));
        assert_eq!(binary(BinaryOp::Add, &Value::Int(1), &Value::Complex(0.0, 2.0)), Some(Value::Complex(1.0, 2.0)));
    }
}
