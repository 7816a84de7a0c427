//! Fixtures and test functions as their decorators declare them: a digest for rules that need no execution.

use serde::{Deserialize, Serialize};

use super::{ProgramId, Sym};
use crate::base::span::Span;

/// What decorators declare in one file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Items {
    /// Functions decorated with something that ends in `fixture` or `yield_fixture`.
    pub fixtures: Vec<FixtureDef>,
}

/// A fixture definition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FixtureDef {
    /// The function's name.
    pub function: Sym,
    /// `name=`, where it is a literal; else the function's name.
    pub name: Sym,
    /// The decorator as written, without arguments (`pytest.fixture`, `fixture`, `pytest_asyncio.fixture`).
    pub decorator: Sym,
    /// The first decorator's start, which is the line pytest reports.
    pub span: Span,
    /// The function's name.
    pub name_span: Span,
    /// `scope=`, where it is a literal.
    pub scope: Option<Sym>,
    /// Whether `scope=` is given and is no literal.
    pub scope_unknown: bool,
    /// `autouse=`; `None` if given and no literal.
    pub autouse: Option<bool>,
    /// Whether `params=` is given.
    pub has_params: bool,
    /// Parameter names without `self`, `cls` and those with a default.
    pub requests: Vec<Sym>,
    /// Qualified name of the class it stands in, if any.
    pub class: Option<Sym>,
    /// Whether it stands under a condition or in a function, so that it may not exist.
    pub conditional: bool,
    /// The body.
    pub body: ProgramId,
    /// Hash of parameters and body without positions: equal for definitions that read the same.
    pub body_hash: u64,
}
