"""`symbridge list`: a library's symbols, and which of them are described."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from typing import Any

from symbridge import declarations
from symbridge.binary import Binary, Symbol, own_description, read_named
from symbridge.cli.terminal import Terminal
from symbridge.declarations import Description, Function, Variable, spell

__all__ = ["add_arguments", "run"]

#: Absent symbols for which near misses are looked for; with more of them it is another library.
MOST_NEAR_MISSES = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.description = (
        "Show the symbols that a library exports, and which of them a description declares. The "
        "library's file is read; its code does not run."
    )
    parser.epilog = (
        "Without DESCRIPTION the library's own is taken: the file LIBRARY.bridge beside it, or the "
        "one that it carries. Exit code: 1 when something described is absent from the library, or "
        "is there as something else."
    )
    parser.add_argument("library", help="a soname, or a path with a slash")
    parser.add_argument("description", nargs="?", help="the description's file")
    chosen = parser.add_argument_group("what to show, by default everything")
    chosen.add_argument("--described", action="store_true", help="symbols that are described")
    chosen.add_argument("--undescribed", action="store_true", help="symbols that are not")
    chosen.add_argument("--missing", action="store_true", help="what is described, but not there")
    parser.add_argument("--json", action="store_true", help="write JSON")


@dataclass(frozen=True, slots=True)
class Row:
    """A symbol, a declaration of it, or both."""

    name: str
    symbol: Symbol | None
    declared: Function | Variable | None

    @property
    def status(self) -> str:
        """One of "described", "undescribed", "different", "absent", "optional"."""
        if self.declared is None:
            return "undescribed"
        if self.symbol is None:
            return "optional" if self.declared.optional else "absent"
        kinds = ("object", "tls") if isinstance(self.declared, Variable) else ("function", "ifunc")
        return "described" if self.symbol.kind in (*kinds, "other") else "different"

    @property
    def prototype(self) -> str:
        """The declaration as C."""
        declared = self.declared
        match declared:
            case Function():
                return spell(declared.type, declared.name, names=True)
            case Variable():
                return spell(declared.type, declared.name, declared.qualifiers)
        return ""


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """List them."""
    with terminal.progress("reading symbols"):
        binary = read_named(arguments.library)
        description = _description(binary, arguments.description)
        rows = match(binary, description)
    shown = [row for row in rows if row.status in _chosen(arguments)]
    counts = dict.fromkeys(STYLES, 0)
    for row in rows:
        counts[row.status] += 1
    if arguments.json:
        _write_json(binary, description, shown, counts, terminal)
    else:
        _write_table(binary, description, shown, counts, terminal)
    return 1 if counts["absent"] or counts["different"] else 0


def match(binary: Binary, description: Description | None) -> list[Row]:
    """Put symbols and declarations together.

    Symbols come by name; after them what has none, in the order of the description.
    """
    wanted: dict[tuple[str, str], Function | Variable] = {}
    for declared in description.declarations if description is not None else ():
        if isinstance(declared, (Function, Variable)):
            wanted.setdefault((declared.symbol, declared.version), declared)
    rows: list[Row] = []
    present: set[tuple[str, str]] = set()
    exports = binary.exports()
    for name in sorted(exports):
        for position, symbol in enumerate(exports[name]):
            if symbol.made_by_linker:
                continue
            # A declaration without a version means what a look-up without one finds.
            keys = [(name, symbol.version or "")] + ([(name, "")] if position == 0 else [])
            key = next((key for key in keys if key in wanted), None)
            if key is not None:
                present.update(key for key in keys if key in wanted)
            rows.append(Row(name, symbol, wanted[key] if key is not None else None))
    rows += [
        Row(name, None, declared)
        for (name, version), declared in wanted.items()
        if (name, version) not in present
    ]
    return rows


def _description(binary: Binary, file: str | None) -> Description | None:
    if file is not None:
        return declarations.parse_file(file)
    own = own_description(binary)
    return None if own is None else declarations.parse(*own)


# ---- output

#: What each status of a row looks like, and is called when they are counted.
STYLES = {
    "described": "",
    "undescribed": "dim",
    "different": "warn",
    "absent": "bad",
    "optional": "dim",
}


def _chosen(arguments: argparse.Namespace) -> set[str]:
    chosen: set[str] = set()
    if arguments.described:
        chosen |= {"described", "different"}
    if arguments.undescribed:
        chosen |= {"undescribed"}
    if arguments.missing:
        chosen |= {"absent", "optional"}
    return chosen or set(STYLES)


def _near(binary: Binary, rows: list[Row]) -> dict[str, list[str]]:
    absent = [row.name for row in rows if row.status == "absent"]
    return {name: binary.near_misses(name) for name in absent[:MOST_NEAR_MISSES]}


def _write_table(
    binary: Binary,
    description: Description | None,
    rows: list[Row],
    counts: dict[str, int],
    terminal: Terminal,
) -> None:
    table, styles = [["symbol", "kind", "size", "version", "described", "as"]], ["bold"]
    near = _near(binary, rows)
    for row in rows:
        kind, size, version = "absent", "", row.declared.version if row.declared else ""
        if row.symbol is not None:
            kind, size, version = row.symbol.kind, str(row.symbol.size), row.symbol.version or ""
            if version:
                version = f"{'@@' if row.symbol.is_default else '@'}{version}"
        elif row.status == "optional":
            kind = "optional"
        remark = row.prototype
        if row.status == "different":
            remark += "  (not that kind of symbol)"
        elif near.get(row.name) and row.symbol is None:
            remark += f"  (is it {' or '.join(near[row.name])}?)"
        place = str(row.declared.location) if row.declared else "no"
        cells = [row.name, kind, size, version, place, remark]
        table.append([_printable(cell) for cell in cells])
        styles.append(STYLES[row.status])
    if description is None:
        table = [row[:4] for row in table]
        styles = ["bold"] + [""] * len(rows)
    terminal.table(table, styles)
    symbols = sum(counts[status] for status in ("described", "undescribed", "different"))
    summary = f"{_printable(binary.path)}: {_counted(symbols, 'symbol')}"
    if description is None:
        terminal.note(f"{summary}; no description is given, beside it or in it")
        return
    described = symbols - counts["undescribed"]
    summary += f", {described} described in {_printable(description.file)}"
    for status, text in (
        ("different", "described as another kind"),
        ("absent", "described but absent"),
        ("optional", "optional and absent"),
    ):
        if counts[status]:
            summary += f", {counts[status]} {text}"
    terminal.note(summary)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _printable(text: str) -> str:
    """The text without what would move a terminal's cursor: names come from the file."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    """As C writes it. Bytes that are not UTF-8 have come as surrogates."""
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def _write_json(
    binary: Binary,
    description: Description | None,
    rows: list[Row],
    counts: dict[str, int],
    terminal: Terminal,
) -> None:
    near = _near(binary, rows)
    symbols: list[dict[str, Any]] = []
    missing: list[dict[str, Any]] = []
    for row in rows:
        declared = None
        if row.declared is not None:
            declared = {
                "name": row.declared.name,
                "prototype": row.prototype,
                "file": row.declared.location.file,
                "line": row.declared.location.line,
            }
        if row.symbol is not None:
            entry: dict[str, Any] = {
                "name": row.name,
                "status": row.status,
                "kind": row.symbol.kind,
                "size": row.symbol.size,
                "version": row.symbol.version,
                "default": row.symbol.is_default,
                "weak": row.symbol.weak,
                "declaration": declared,
            }
            symbols.append(entry)
        elif row.declared is not None:
            missing.append(
                {
                    "name": row.name,
                    "status": row.status,
                    "version": row.declared.version or None,
                    "declaration": declared,
                    "near": near.get(row.name, []),
                }
            )
    result = {
        "library": binary.path,
        "soname": binary.soname,
        "machine": binary.machine,
        "bits": binary.bits,
        "needed": binary.needed,
        "build_id": binary.build_id,
        "description": None if description is None else description.file,
        "counts": counts,
        "symbols": symbols,
        "missing": missing,
    }
    terminal.print(json.dumps(result, indent=2))
