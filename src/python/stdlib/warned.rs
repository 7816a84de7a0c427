//! Warnings that the standard library gives, from `data/warnings.txt`.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::python::version::PythonVersion;

/// What gives a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Occasion {
    /// The module is imported for the first time.
    Import,
    /// A module is asked for the name.
    Name,
    /// The function is called.
    Call,
}

/// A warning.
#[derive(Debug)]
pub struct Warned {
    versions: u8,
    /// Bare name of its category.
    pub category: &'static str,
    /// The module that is blamed; none for the code that imports, asks or calls.
    pub blamed: Option<&'static str>,
    /// Its text.
    pub text: String,
}

type Table = FxHashMap<&'static str, Vec<(Occasion, Warned)>>;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::default();
    for line in include_str!("../../../data/warnings.txt").lines() {
        let mut fields = line.split('\t');
        let mut next = || fields.next().unwrap_or_default();
        let occasion = match next() {
            "import" => Occasion::Import,
            "name" => Occasion::Name,
            _ => Occasion::Call,
        };
        let name = next();
        let versions = u8::from_str_radix(next(), 16).unwrap_or(0);
        let (category, blamed, text) = (next(), next(), next().replace("\\n", "\n").replace("\\\\", "\\"));
        let blamed = (!blamed.is_empty()).then_some(blamed);
        table.entry(name).or_default().push((occasion, Warned { versions, category, blamed, text }));
    }
    table
});

/// The warnings of an occasion, in order.
pub fn warnings(
    occasion: Occasion,
    name: &str,
    version: PythonVersion,
) -> impl Iterator<Item = &'static Warned> + use<> {
    let minor = version.clamp(PythonVersion::OLDEST, PythonVersion::NEWEST).minor;
    let bit = 1_u8.checked_shl(u32::from(minor).saturating_sub(8)).unwrap_or(0);
    let rows = TABLE.get(name).map_or(&[][..], Vec::as_slice);
    let holds = move |(other, row): &&(Occasion, Warned)| *other == occasion && row.versions & bit != 0;
    rows.iter().filter(holds).map(|(_, row)| row)
}
