//! A call as the table of effects sees it: its arguments by slot, the bound it sets, the peer it names.

use crate::base::intern::Name;
use crate::machine::outcome::Detail;
use crate::machine::value::Value;
use crate::python::effects::{Argument, Effect, EffectKind, Slot};

/// A call as the table sees it.
pub(super) struct Call<'a> {
    /// Its name in the table.
    pub name: &'a str,
    /// Positional arguments, the receiver left out.
    pub args: &'a [Value],
    /// Keyword arguments.
    pub kwargs: &'a [(Name, Value)],
}

impl Call<'_> {
    /// An argument that is given.
    pub fn value(&self, slot: Slot) -> Option<&Value> {
        let named = slot.keyword.and_then(|keyword| self.named(keyword));
        named.or_else(|| self.args.get(slot.position?))
    }

    fn named(&self, keyword: &str) -> Option<&Value> {
        self.kwargs.iter().find(|(name, _)| name.as_str() == keyword).map(|(_, value)| value)
    }

    /// What the caller knows of an argument.
    pub fn argument(&self, slot: Slot) -> Argument<'_> {
        match self.value(slot) {
            None => Argument::Absent,
            Some(Value::None) => Argument::Literal("None"),
            Some(Value::Bool(true)) => Argument::Literal("True"),
            Some(Value::Bool(false)) => Argument::Literal("False"),
            Some(Value::Int(0)) => Argument::Literal("0"),
            Some(Value::Str(text)) => Argument::Literal(text),
            Some(Value::Int(_) | Value::Float(_)) => Argument::Literal("a number"),
            Some(Value::Tuple(_) | Value::List(_)) => Argument::Literal("a sequence"),
            Some(_) => Argument::Unknown,
        }
    }

    /// The argument that bounds the call, if one is given and not `None`.
    pub fn bound(&self, effect: &Effect) -> Option<&Value> {
        let named = effect.timeout.iter().filter_map(|slot| self.value(*slot));
        let spelled = ["timeout", "connect_timeout", "socket_timeout"].iter().filter_map(|name| self.named(name));
        let mut given = named.chain(spelled).chain(self.positional_timeout());
        given.find(|value| **value != Value::None)
    }

    /// Waits take their timeout first; those that also take `block` take it second.
    fn positional_timeout(&self) -> Option<&Value> {
        let last = self.name.rsplit('.').next().unwrap_or(self.name);
        match (self.name, last) {
            ("socket.create_connection", _) | (_, "get" | "acquire") if self.is_wait() => self.args.get(1),
            (_, "wait" | "join" | "result" | "exception") => self.args.first(),
            _ => None,
        }
    }

    fn is_wait(&self) -> bool {
        let homes = ["threading.", "queue.", "multiprocessing.", "asyncio.", "socket.create_connection"];
        homes.iter().any(|home| self.name.starts_with(home))
    }

    /// What reports tell of the call beside its name.
    pub fn detail(&self, effect: &Effect) -> Detail {
        let seconds = match (effect.kind, self.args.first()) {
            (EffectKind::Sleep, Some(value)) => seconds(value),
            _ => None,
        };
        let bound = if effect.kind == EffectKind::Sleep { None } else { self.bound(effect).map(shown_bound) };
        Detail { seconds, bound, peer: self.peer(effect.kind) }
    }

    /// The address that the call is for, where it is written out.
    fn peer(&self, kind: EffectKind) -> Option<String> {
        use EffectKind::{Broker, Database, Download, Io, Network, Process};
        if !matches!(kind, Network | Database | Broker | Download | Process | Io) {
            return None;
        }
        let names = ["url", "host", "hostname", "dsn", "uri", "address", "bootstrap_servers", "hosts", "args", "file"];
        let named = names.iter().find_map(|name| self.named(name));
        let methods = ["request", "requests.request", "httpx.request"];
        let at = usize::from(methods.iter().any(|method| self.name.ends_with(method)));
        named.or_else(|| self.args.get(at)).and_then(shown_peer)
    }
}

/// A number of seconds.
pub(super) fn seconds(value: &Value) -> Option<f64> {
    match value {
        Value::Int(seconds) => Some(f64::from(i32::try_from(*seconds).unwrap_or(i32::MAX))),
        Value::Float(seconds) => Some(*seconds),
        _ => None,
    }
}

fn shown_bound(value: &Value) -> String {
    seconds(value).map_or_else(|| "a timeout".to_owned(), |seconds| format!("{seconds} s"))
}

fn shown_peer(value: &Value) -> Option<String> {
    match value {
        Value::Str(text) if !text.is_empty() && text.len() <= 120 => Some(without_secret(text)),
        Value::Tuple(parts) => match (&parts[..], parts.len()) {
            ([Value::Str(host), Value::Int(port)], 2) => Some(format!("{host}:{port}")),
            ([Value::Str(host), _], 2) => Some(host.to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// `scheme://user:password@host` without what must not stand in a report.
fn without_secret(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => text.to_owned(),
    }
}

/// `("127.0.0.1", port)`, `"127.0.0.1"`, `"http://127.0.0.1:80/"`
pub(super) fn is_local(address: &Value) -> bool {
    match address {
        Value::Tuple(parts) => parts.first().is_some_and(|host| matches!(host, Value::Str(_)) && is_local(host)),
        Value::Str(text) => {
            let rest = text.split_once("://").map_or(&**text, |(_, rest)| rest);
            let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
            let bare = host.rsplit_once(':').map_or(host, |(host, _)| host);
            [host, bare].iter().any(|host| matches!(*host, "127.0.0.1" | "localhost" | "::1" | "[::1]"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::without_secret;

    #[test]
    fn passwords_are_left_out() {
        assert_eq!(without_secret("postgresql://me:secret@db:5432/shop"), "postgresql://db:5432/shop");
        assert_eq!(without_secret("https://example.org/a@b"), "https://example.org/a@b");
        assert_eq!(without_secret("localhost"), "localhost");
    }
}
