"""Declarations as plain C: no attributes, no comments, so that any change of them can be read.

Simple on purpose, and apart from symbridge.describe.write: that keeps a layout when fields change,
and a mutant must not.
"""

from __future__ import annotations

from symbridge.declarations import (
    Array,
    Constant,
    Declaration,
    Description,
    Enum,
    Function,
    Pointer,
    Qualifier,
    Record,
    Type,
    Typedef,
    Variable,
    resolved,
    spell,
)

__all__ = ["text_of"]


def text_of(description: Description) -> str:
    """The declarations as a description."""
    lines: list[str] = []
    for declaration in description.declarations:
        line = _line(declaration)
        if line:
            lines.append(line)
    return "\n".join([*lines, ""])


def _line(item: Declaration) -> str:
    match item:
        case Function():
            return f"{spell(item.type, item.name, names=True)}{_symbol(item)};"
        case Variable():
            return f"extern {spell(item.type, item.name, item.qualifiers)}{_symbol(item)};"
        case Constant():
            return f"#define {item.name} {_value(item.value)}"
        case Enum() if item.enumerators is not None and (item.tag or not item.typedef):
            return f"{_enum(item)};"
        case Record() if item.tag:
            return f"{_record(item)};"
        case Typedef():
            return _typedef(item)
    return ""


def _symbol(item: Function | Variable) -> str:
    return f' __asm__("{item.symbol}")' if item.symbol != item.name else ""


def _typedef(item: Typedef) -> str:
    target = resolved(item.type)
    if isinstance(target, Record) and not target.tag and target.typedef == item.name:
        return f"typedef {_record(target)} {item.name};"
    if isinstance(target, Enum) and not target.tag and target.typedef == item.name:
        return f"typedef {_enum(target)} {item.name};"
    return f"typedef {spell(item.type, item.name, item.qualifiers)};"


def _record(record: Record) -> str:
    packed = "__attribute__((packed)) " if record.packed else ""
    head = " ".join(word for word in (record.kind, packed.strip(), record.tag) if word)
    if record.fields is None:
        return head
    fields: list[str] = []
    for field in record.fields:
        width = "" if field.bit_width is None else f" : {field.bit_width}"
        fields.append(f"{_field(field.type, field.name, field.qualifiers)}{width};")
    return f"{head} {{ {' '.join(fields)} }}"


def _field(type: Type, name: str, qualifiers: Qualifier) -> str:
    """A member; one of an unnamed record has that written where it stands."""
    inner = resolved(type)
    while isinstance(inner, (Array, Pointer)):
        inner = resolved(inner.element if isinstance(inner, Array) else inner.target)
    if isinstance(inner, (Record, Enum)) and not inner.name:
        shown = _record(inner) if isinstance(inner, Record) else _enum(inner)
        unnamed = f"{inner.kind if isinstance(inner, Record) else 'enum'} <unnamed>"
        return spell(type, name, qualifiers).replace(unnamed, shown, 1)
    return spell(type, name, qualifiers)


def _enum(enum: Enum) -> str:
    values = ", ".join(f"{e.name} = {e.value}" for e in enum.enumerators or ())
    return f"enum {enum.tag} {{ {values} }}" if enum.tag else f"enum {{ {values} }}"


def _value(value: int | float | str | None) -> str:
    if isinstance(value, str):
        escaped = "".join(
            chr(b) if 32 <= b < 127 and chr(b) not in '"\\' else f"\\{b:03o}"
            for b in value.encode("utf-8", "surrogateescape")
        )
        return f'"{escaped}"'
    if isinstance(value, float):
        return value.hex()
    return f"({value}{'ull' if value is not None and value > 2**63 - 1 else ''})"
