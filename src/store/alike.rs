//! Whether a source file that changed still says the same to those who read it: then what was worked out holds, as long as it
//! tells of no place in the file.

use std::collections::BTreeMap;

use xxhash_rust::xxh3::xxh3_64;

use crate::summary::{ProgramId, Summary, meaning};
use crate::syntax::{self, Reading};

/// A file as it is now.
pub struct Alike {
    /// Its summary.
    pub summary: Summary,
    /// Bytes given to the parser.
    pub parsed_bytes: usize,
}

/// The file as it is now, if it means what it meant before, function bodies that nobody asked for left aside. `asked` are
/// those that somebody did ask for, with the hashes of their texts.
#[must_use]
pub fn alike(before: &Summary, now: &[u8], asked: Option<&BTreeMap<u32, u64>>) -> Option<Alike> {
    let meaning = meaning::of(before)?;
    let Reading { summary, bytes, .. } = std::panic::catch_unwind(|| syntax::read(now, true)).ok()?;
    let text = syntax::decode(now);
    let is_same = |(id, hash): (&u32, &u64)| body_hash(&text, &summary, ProgramId(*id)) == *hash;
    let same = meaning::of(&summary) == Some(meaning) && asked.into_iter().flatten().all(is_same);
    same.then_some(Alike { summary, parsed_bytes: bytes })
}

/// The hash of a function body that is left in the text; 0 for one that is not.
pub(super) fn body_hash(text: &str, file: &Summary, id: ProgramId) -> u64 {
    let left = file.programs.left(id).and_then(|span| text.get(span.start as usize..span.end as usize));
    left.map_or(0, |text| xxh3_64(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{alike, body_hash};
    use crate::summary::ProgramId;
    use crate::syntax::summarise;

    const TEXT: &str = "import a\n\nX = [1, 'b']\n\n\ndef f(x=1):\n    return x\n\n\ndef g():\n    return 2\n";

    fn is_alike(now: &str) -> bool {
        alike(&summarise(TEXT.as_bytes()), now.as_bytes(), None).is_some()
    }

    #[test]
    fn places_comments_and_bodies_do_not_count() {
        assert!(is_alike(TEXT));
        assert!(is_alike(&format!("# new\n\n{TEXT}\n")));
        assert!(is_alike(&TEXT.replace("return x", "y = x + 1\n    return y")));
        assert!(is_alike(&TEXT.replace("[1, 'b']", "[1,\n     'b']")));
    }

    #[test]
    fn everything_else_does() {
        let edits = [
            ("[1, 'b']", "[1, 'c']"),
            ("[1, 'b']", "(1, 'b')"),
            ("import a", "import b"),
            ("x=1", "x=2"),
            ("def g", "async def g"),
            ("return 2", "yield 2"),
            ("return 2", "import c"),
            ("return 2", "other.attribute = 2"),
            ("return 2", "return ("),
            ("return 2", "return 2  # noqa: IMP001"),
            ("def g", "X = 2\ndef g"),
        ];
        for (old, new) in edits {
            assert!(!is_alike(&TEXT.replace(old, new)), "{old} -> {new}");
        }
    }

    #[test]
    fn a_body_that_was_asked_for_has_to_be_the_same() {
        let before = summarise(TEXT.as_bytes());
        let body = before.programs.ids().find(|id| before.programs.left(*id).is_some()).unwrap_or(ProgramId::MODULE);
        let asked = BTreeMap::from([(body.0, body_hash(TEXT, &before, body))]);
        let check = |now: &str| alike(&before, now.as_bytes(), Some(&asked)).is_some();
        assert!(check(&format!("# new\n{TEXT}")));
        assert!(check(&TEXT.replace("return 2", "return 3")));
        assert!(!check(&TEXT.replace("return x", "return -x")));
    }
}
