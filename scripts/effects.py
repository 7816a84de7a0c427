"""Writes src/python/effects/table.rs from data/blocking.toml, so that nothing is parsed when the program starts."""

import pathlib
import re
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent


def text(value):
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def option(value):
    return "None" if value is None else f"Some({text(value)})"


def variant(value):
    return "".join(part.capitalize() for part in value.split("-"))


def strings(values):
    return "&[" + ", ".join(text(value) for value in values) + "]"


def slot(keyword, position):
    keyword = option(keyword)
    position = "None" if position is None else f"Some({position})"
    return f"Slot {{ keyword: {keyword}, position: {position} }}"


def slot_of(spelled):
    keyword = position = None
    for part in spelled.split("/"):
        part = part.strip()
        if part.isdigit():
            position = int(part)
        else:
            keyword = part
    return slot(keyword, position)


def timeouts(spelled):
    """The arguments that are meant; a timeout set elsewhere is none."""
    if spelled is None:
        return "&[]"
    if spelled.isdigit():
        return f"&[{slot(None, int(spelled))}]"
    parts = re.split(r"\s*[/,]\s*", spelled)
    names = [part for part in parts if re.fullmatch(r"[a-zA-Z_]+", part)]
    return "&[" + ", ".join(slot(name, None) for name in names) + "]"


def harmless(entry):
    where, _, value = entry.partition("=")
    method, _, spelled = where.rpartition(":")
    given = {"*": "Given::Present", "absent": "Given::Absent"}.get(value, f"Given::Literal({text(value)})")
    return f"Harmless {{ method: {option(method or None)}, slot: {slot_of(spelled)}, given: {given} }}"


def spellings(name, canonical):
    """The name, and what it is called where the object really lives, or where it is offered."""
    found = {name}
    for public, real in canonical.items():
        for a, b in ((public, real), (real, public)):
            if name == a or name.startswith(a + "."):
                found.add(b + name[len(a):])
    return found


def main():
    data = tomllib.loads((ROOT / "data/blocking.toml").read_text())
    canonical = data["canonical"]
    rules, names = [], {}
    for index, rule in enumerate(data["rule"]):
        allowances = ", ".join(harmless(entry) for entry in rule.get("harmless", []))
        fields = [
            f"id: {text(rule['id'])}",
            f"kind: EffectKind::{variant(rule['effect'])}",
            f"when: When::{variant(rule['when'])}",
            f"verdict: EffectVerdict::{variant(rule['verdict'])}",
            f"raises: {option(rule.get('raises'))}",
            f"timeout: {timeouts(rule.get('timeout'))}",
            f"default: {option(rule.get('default'))}",
            f"coroutines: {strings(rule.get('coroutines', []))}",
            f"harmless: &[{allowances}]",
            f"note: {option(rule.get('note'))}",
        ]
        rules.append("    Effect { " + ", ".join(fields) + " },")
        for name in rule["names"]:
            names.setdefault(name, index)
    for name, index in list(names.items()):
        for other in sorted(spellings(name, canonical)):
            names.setdefault(other, index)
    returns = {}
    for entry in data["returns"]:
        for name in spellings(entry["call"], canonical):
            returns.setdefault(name, entry["type"])
    lines = [
        "//! Made by `scripts/effects.py` from `data/blocking.toml`; do not edit.",
        "",
        "use super::{Effect, EffectKind, EffectVerdict, Given, Harmless, Slot, When};",
        "",
        "/// The rules of the table, in its order.",
        "#[rustfmt::skip]",
        f"pub static EFFECTS: [Effect; {len(rules)}] = [",
        *rules,
        "];",
        "",
        "/// Qualified name to position in [`EFFECTS`], sorted.",
        "#[rustfmt::skip]",
        f"pub static NAMES: [(&str, u16); {len(names)}] = [",
        *(f"    ({text(name)}, {index})," for name, index in sorted(names.items())),
        "];",
        "",
        "/// Callable to the type it returns, sorted.",
        "#[rustfmt::skip]",
        f"pub static RETURNS: [(&str, &str); {len(returns)}] = [",
        *(f"    ({text(name)}, {text(kind)})," for name, kind in sorted(returns.items())),
        "];",
        "",
    ]
    target = ROOT / "src/python/effects/table.rs"
    target.parent.mkdir(exist_ok=True)
    target.write_text("\n".join(lines))


if __name__ == "__main__":
    main()
