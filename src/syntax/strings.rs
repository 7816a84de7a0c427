//! String nodes: plain, joined and interpolated.

use std::borrow::Cow;

use super::kinds::Kind;
use super::literal::{self, Prefix};
use super::lower::Lowerer;
use super::tree::NodeId;
use crate::summary::program::{ExprKind, FStringPart};

impl<'t> Lowerer<'t> {
    /// The value of one literal, or of adjacent ones.
    pub(super) fn string(&mut self, literals: &[(NodeId, Kind)]) -> ExprKind {
        if literals.iter().any(|(_, kind)| *kind == Kind::String) {
            return self.interpolated(literals);
        }
        let mut joined: Option<(Cow<'t, str>, bool)> = None;
        for (id, _) in literals {
            let text = self.slice(*id);
            let prefix = Prefix::of(text);
            let Some(body) = literal::body(text, prefix) else { return ExprKind::Unreadable };
            let value = literal::unescape(body, prefix);
            joined = Some(match joined {
                None => (value, prefix.bytes),
                Some((mut text, bytes)) => {
                    text.to_mut().push_str(&value);
                    (text, bytes)
                }
            });
        }
        match joined {
            Some((text, true)) => ExprKind::Bytes(self.symbols.text(text)),
            Some((text, false)) => ExprKind::Str(self.symbols.text(text)),
            None => ExprKind::Unreadable,
        }
    }

    fn interpolated(&mut self, literals: &[(NodeId, Kind)]) -> ExprKind {
        let mut parts = Vec::new();
        for (id, kind) in literals {
            if self.tree.node(*id).broken {
                return ExprKind::Unreadable;
            }
            if *kind == Kind::PlainString {
                let text = self.slice(*id);
                let prefix = Prefix::of(text);
                let Some(body) = literal::body(text, prefix) else { return ExprKind::Unreadable };
                let value = literal::unescape(body, prefix);
                parts.push(FStringPart::Literal(self.symbols.text(value)));
            } else {
                self.template(*id, &mut parts);
            }
        }
        ExprKind::FString(parts)
    }

    fn template(&mut self, id: NodeId, parts: &mut Vec<FStringPart>) {
        let mut prefix = Prefix::of(self.slice(id));
        for (child, kind) in self.tree.children(id) {
            match kind {
                Kind::StringStart => prefix = Prefix::of(self.slice(child)),
                Kind::StringContent => {
                    let text = self.slice(child);
                    let text = if text.contains(['{', '}']) { undouble(text) } else { Cow::Borrowed(text) };
                    let value = match text {
                        Cow::Borrowed(text) => literal::unescape(text, prefix),
                        Cow::Owned(text) => Cow::Owned(literal::unescape(&text, prefix).into_owned()),
                    };
                    parts.push(FStringPart::Literal(self.symbols.text(value)));
                }
                Kind::Interpolation => parts.push(self.interpolation(child)),
                _ => {}
            }
        }
    }

    fn interpolation(&mut self, id: NodeId) -> FStringPart {
        let mut value = None;
        let mut conversion = None;
        let mut spec = Vec::new();
        let mut debug = None;
        let start = self.tree.node(id).start as usize + 1;
        let broken = self.tree.node(id).broken;
        for (child, kind) in self.tree.children(id) {
            match kind {
                Kind::TypeConversion => conversion = self.slice(child).chars().nth(1),
                Kind::FormatSpecifier => spec = self.deeper(|me| me.format_spec(child)).unwrap_or_default(),
                Kind::Assign => {
                    let end = self.tree.node(child).end as usize;
                    debug = Some(self.symbols.slice(&self.text[start..end]));
                }
                _ if kind.is_token() || kind == Kind::Other => {}
                _ if value.is_none() && !broken => value = Some(self.expr(child)),
                _ => {}
            }
        }
        if debug.is_some() && conversion.is_none() && spec.is_empty() {
            conversion = Some('r');
        }
        let value = value.unwrap_or_else(|| self.unreadable(id));
        FStringPart::Value { value, conversion, spec, debug }
    }

    /// The text between nested fields has no nodes of its own.
    fn format_spec(&mut self, id: NodeId) -> Vec<FStringPart> {
        let mut parts = Vec::new();
        let node = self.tree.node(id);
        let mut at = node.start as usize + 1;
        for (child, kind) in self.tree.children(id) {
            if kind != Kind::FormatExpression {
                continue;
            }
            let field = self.tree.node(child);
            self.spec_text(at, field.start as usize, &mut parts);
            parts.push(self.interpolation(child));
            at = field.end as usize;
        }
        self.spec_text(at, node.end as usize, &mut parts);
        parts
    }

    fn spec_text(&mut self, start: usize, end: usize, parts: &mut Vec<FStringPart>) {
        if let Some(text) = self.text.get(start..end)
            && !text.is_empty()
        {
            parts.push(FStringPart::Literal(self.symbols.slice(text)));
        }
    }
}

fn undouble(text: &str) -> Cow<'_, str> {
    Cow::Owned(text.replace("{{", "{").replace("}}", "}"))
}
