//! The instruction list of a module or a function body: what runs, in order, with structured control flow.
//!
//! It mirrors the surface of the language, less what cannot matter to an import: comments, formatting, docstrings
//! that nobody reads. Class bodies are nested blocks, because they run where they stand; function and lambda bodies
//! are programs of their own, because they run only when called.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{ProgramId, Sym};
use crate::base::span::Span;

/// A module, function or lambda body.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Program {
    /// Statements in order.
    pub body: Block,
    /// Names that are local to the function: assigned somewhere in it and not declared `global` or `nonlocal`.
    /// Empty for a module.
    pub locals: Vec<Sym>,
}

/// Statements in order.
pub type Block = Vec<Op>;

/// One statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Op {
    /// The statement; for compound statements the header (up to the colon).
    pub span: Span,
    /// What it does.
    pub kind: OpKind,
}

/// What a statement does (language reference, chapters 7 and 8).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum OpKind {
    /// One alias of an `import` statement.
    Import {
        /// `a.b.c`
        module: Sym,
        /// `as`
        alias: Option<Sym>,
    },
    /// A `from` import.
    ImportFrom {
        /// Leading dots.
        level: u32,
        /// Empty behind dots only.
        module: Sym,
        /// Empty for a star import.
        names: Vec<ImportName>,
        /// `*`
        star: bool,
    },
    /// `a = b = value`
    Assign {
        /// Left sides, first to last.
        targets: Vec<Expr>,
        /// The right side.
        value: Expr,
    },
    /// `a += value`
    AugAssign {
        /// The left side.
        target: Expr,
        /// The operator.
        op: BinaryOp,
        /// The right side.
        value: Expr,
    },
    /// `a: annotation = value`
    AnnAssign {
        /// The left side.
        target: Expr,
        /// What stands behind the colon.
        annotation: Expr,
        /// The right side, if there is one: without it nothing is bound.
        value: Option<Expr>,
    },
    /// `del a, b.c`
    Delete(Vec<Expr>),
    /// An expression statement.
    Expr(Expr),
    /// `if`, one arm per `if` and `elif`.
    If {
        /// Condition and block.
        arms: Vec<(Expr, Block)>,
        /// `else`
        orelse: Block,
    },
    /// `while`
    While {
        /// The condition.
        test: Expr,
        /// The loop's body.
        body: Block,
        /// `else`
        orelse: Block,
    },
    /// `for`
    For {
        /// What is bound in each round.
        target: Expr,
        /// What is iterated.
        iter: Expr,
        /// The loop's body.
        body: Block,
        /// `else`
        orelse: Block,
        /// `async for`
        is_async: bool,
    },
    /// `try`
    Try(Box<Try>),
    /// `with`
    With {
        /// Context managers and what `as` binds.
        items: Vec<(Expr, Option<Expr>)>,
        /// The body.
        body: Block,
        /// `async with`
        is_async: bool,
    },
    /// `match`
    Match {
        /// What is matched.
        subject: Expr,
        /// Cases in order.
        cases: Vec<Case>,
    },
    /// `def`
    FunctionDef(Arc<FunctionDef>),
    /// `class`
    ClassDef(Box<ClassDef>),
    /// `return`
    Return(Option<Expr>),
    /// `raise exception from cause`
    Raise {
        /// The exception; none re-raises.
        exception: Option<Expr>,
        /// `from`
        cause: Option<Expr>,
    },
    /// `assert test, message`
    Assert {
        /// The condition.
        test: Expr,
        /// The message.
        message: Option<Expr>,
    },
    /// `global a, b`
    Global(Vec<Sym>),
    /// `nonlocal a, b`
    Nonlocal(Vec<Sym>),
    /// `type X = ...`: binds, evaluates nothing.
    TypeAlias(Sym),
    /// `break`
    Break,
    /// `continue`
    Continue,
    /// `pass`
    Pass,
    /// Text that the parser could not read; the judge has said why: effects unknown.
    Unreadable,
}

/// One name of a `from` import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportName {
    /// The imported name.
    pub name: Sym,
    /// `as`
    pub alias: Option<Sym>,
    /// The imported name's place.
    pub span: Span,
}

/// A `try` statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Try {
    /// The guarded block.
    pub body: Block,
    /// `except` clauses.
    pub handlers: Vec<Handler>,
    /// `else`
    pub orelse: Block,
    /// `finally`
    pub finally: Block,
    /// `except*`
    pub star: bool,
}

/// An `except` clause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Handler {
    /// From `except` to the colon.
    pub span: Span,
    /// The class or tuple of classes; none catches everything.
    pub types: Option<Expr>,
    /// `as`
    pub name: Option<Sym>,
    /// The block.
    pub body: Block,
}

/// A `case` clause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Values that the pattern reads and compares (dotted names, literals), in order.
    pub reads: Vec<Expr>,
    /// Names it binds.
    pub binds: Vec<Sym>,
    /// Whether it matches anything (`case _:` or a bare capture).
    pub irrefutable: bool,
    /// `if`
    pub guard: Option<Expr>,
    /// The block.
    pub body: Block,
}

/// A `def`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FunctionDef {
    /// Its name.
    pub name: Sym,
    /// The name's place.
    pub name_span: Span,
    /// Top to bottom.
    pub decorators: Vec<Expr>,
    /// In order.
    pub parameters: Arc<[Parameter]>,
    /// `->`
    pub returns: Option<Box<Expr>>,
    /// The body.
    pub body: ProgramId,
    /// `async def`
    pub is_async: bool,
    /// The body holds a `yield` of its own.
    pub is_generator: bool,
    /// Has type parameters (3.12), whose bounds are evaluated lazily.
    pub type_params: Vec<Sym>,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name.
    pub name: Sym,
    /// The name's place.
    pub span: Span,
    /// How arguments reach it.
    pub kind: ParameterKind,
    /// `:`
    pub annotation: Option<Expr>,
    /// `=`
    pub default: Option<Expr>,
}

/// As in `inspect.Parameter.kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParameterKind {
    /// Before `/`.
    PositionalOnly,
    /// Ordinary.
    PositionalOrKeyword,
    /// `*args`
    VarPositional,
    /// Behind `*`.
    KeywordOnly,
    /// `**kwargs`
    VarKeyword,
}

/// A `class`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassDef {
    /// Its name.
    pub name: Sym,
    /// The name's place.
    pub name_span: Span,
    /// Top to bottom.
    pub decorators: Vec<Expr>,
    /// Positional bases (also starred).
    pub bases: Vec<Expr>,
    /// `metaclass=` and others; `**kw` has no name.
    pub keywords: Vec<(Option<Sym>, Expr)>,
    /// Runs at once, in a namespace of its own.
    pub body: Block,
    /// Type parameters (3.12).
    pub type_params: Vec<Sym>,
    /// Whether the body starts with a docstring (sets `__doc__`).
    pub has_docstring: bool,
}

/// An expression with its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expr {
    /// The whole expression.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// What an expression is (language reference, chapter 6).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ExprKind {
    /// An identifier.
    Name(Sym),
    /// `None`
    None,
    /// `...`
    Ellipsis,
    /// `True`, `False`
    Bool(bool),
    /// Fits 64 bits.
    Int(i64),
    /// Its digits as `str(int)` would print them, where cheap, else the source text.
    BigInt(Sym),
    /// A float literal.
    Float(f64),
    /// The imaginary part of a complex literal.
    Imaginary(f64),
    /// Value of a string literal, escapes resolved, adjacent ones joined. (Lone surrogates become U+FFFD.)
    Str(Sym),
    /// Value of a bytes literal, each byte as the character of the same number (Latin-1).
    Bytes(Sym),
    /// An f-string or t-string: literal and evaluated parts.
    FString(Vec<FStringPart>),
    /// `value.name`
    Attribute {
        /// The object.
        value: Box<Expr>,
        /// The attribute.
        name: Sym,
        /// The attribute's place.
        name_span: Span,
    },
    /// `value[index]`
    Subscript {
        /// The object.
        value: Box<Expr>,
        /// The index; a tuple where there are commas.
        index: Box<Expr>,
    },
    /// `a:b:c` inside a subscript.
    Slice {
        /// Before the first colon.
        lower: Option<Box<Expr>>,
        /// Behind it.
        upper: Option<Box<Expr>>,
        /// Behind the second colon.
        step: Option<Box<Expr>>,
    },
    /// `function(arguments)`
    Call(Box<Call>),
    /// `a + b`
    Binary {
        /// Left operand.
        left: Box<Expr>,
        /// The operator.
        op: BinaryOp,
        /// Right operand.
        right: Box<Expr>,
    },
    /// `not a`, `-a`
    Unary {
        /// The operator.
        op: UnaryOp,
        /// The operand.
        operand: Box<Expr>,
    },
    /// `a and b and c`, or with `or`.
    Bool2 {
        /// `and`, as opposed to `or`.
        is_and: bool,
        /// Two or more.
        values: Vec<Expr>,
    },
    /// `a < b < c`
    Compare {
        /// The first operand.
        left: Box<Expr>,
        /// Operators with their right operands.
        rest: Vec<(CompareOp, Expr)>,
    },
    /// `a if test else b`
    IfExp {
        /// The condition.
        test: Box<Expr>,
        /// If true.
        body: Box<Expr>,
        /// If false.
        orelse: Box<Expr>,
    },
    /// `lambda parameters: body`; the body is a program that returns its expression.
    Lambda {
        /// In order.
        parameters: Arc<[Parameter]>,
        /// The body.
        body: ProgramId,
    },
    /// `(a, b)`
    Tuple(Vec<Expr>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{a, b}`
    Set(Vec<Expr>),
    /// `{a: b, **c}`: no key for `**`.
    Dict(Vec<(Option<Expr>, Expr)>),
    /// A comprehension or generator expression.
    Comprehension(Box<Comprehension>),
    /// `*a`
    Starred(Box<Expr>),
    /// `await a`
    Await(Box<Expr>),
    /// `yield a`
    Yield(Option<Box<Expr>>),
    /// `yield from a`
    YieldFrom(Box<Expr>),
    /// `name := value`
    Named {
        /// The name it binds.
        target: Sym,
        /// The value.
        value: Box<Expr>,
    },
    /// Text that the parser could not read.
    Unreadable,
}

/// A piece of an f-string.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FStringPart {
    /// Literal text, escapes and doubled braces resolved.
    Literal(Sym),
    /// `{value!r:spec}`
    Value {
        /// The expression.
        value: Expr,
        /// `r`, `s`, `a`; `=` alone implies `r`.
        conversion: Option<char>,
        /// The format specification's parts.
        spec: Vec<FStringPart>,
        /// Text before the value for `{value=}`.
        debug: Option<Sym>,
    },
}

/// A call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// What is called.
    pub function: Expr,
    /// Positional arguments, also starred.
    pub arguments: Vec<Expr>,
    /// Keyword arguments; no name for `**`.
    pub keywords: Vec<(Option<Sym>, Expr)>,
}

/// A comprehension.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comprehension {
    /// Which display it fills.
    pub kind: ComprehensionKind,
    /// The element, or the key of a dict.
    pub element: Expr,
    /// The value of a dict.
    pub value: Option<Expr>,
    /// `for` clauses.
    pub generators: Vec<Generator>,
}

/// Which display a comprehension fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ComprehensionKind {
    /// `[...]`
    List,
    /// `{...}`
    Set,
    /// `{a: b ...}`
    Dict,
    /// `(...)`: only the first iterable is evaluated where it stands.
    Generator,
}

/// A `for` clause with its conditions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Generator {
    /// What is bound.
    pub target: Expr,
    /// What is iterated.
    pub iter: Expr,
    /// `if` clauses.
    pub conditions: Vec<Expr>,
    /// `async for`
    pub is_async: bool,
}

/// Binary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names of the ast module")]
pub enum BinaryOp {
    Add,
    Sub,
    Mult,
    MatMult,
    Div,
    Mod,
    Pow,
    LShift,
    RShift,
    BitOr,
    BitXor,
    BitAnd,
    FloorDiv,
}

/// Unary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names of the ast module")]
pub enum UnaryOp {
    Not,
    USub,
    UAdd,
    Invert,
}

/// Comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names of the ast module")]
pub enum CompareOp {
    Eq,
    NotEq,
    Lt,
    LtE,
    Gt,
    GtE,
    Is,
    IsNot,
    In,
    NotIn,
}

/// Calls `visit` for every statement of a block and of the blocks nested in it (class bodies too, function bodies not).
pub fn walk<'a>(block: &'a [Op], visit: &mut dyn FnMut(&'a Op)) {
    for op in block {
        visit(op);
        for nested in blocks(op) {
            walk(nested, visit);
        }
    }
}

/// The blocks nested directly in a statement, in source order.
#[must_use]
pub fn blocks(op: &Op) -> Vec<&Block> {
    match &op.kind {
        OpKind::If { arms, orelse } => arms.iter().map(|(_, block)| block).chain([orelse]).collect(),
        OpKind::While { body, orelse, .. } | OpKind::For { body, orelse, .. } => vec![body, orelse],
        OpKind::Try(parts) => {
            let handlers = parts.handlers.iter().map(|handler| &handler.body);
            std::iter::once(&parts.body).chain(handlers).chain([&parts.orelse, &parts.finally]).collect()
        }
        OpKind::With { body, .. } => vec![body],
        OpKind::Match { cases, .. } => cases.iter().map(|case| &case.body).collect(),
        OpKind::ClassDef(class) => vec![&class.body],
        _ => Vec::new(),
    }
}
