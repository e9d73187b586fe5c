"""Writes a large description: as varied as a real header, and the same every time."""

from __future__ import annotations

import random

__all__ = ["PREFIX", "description", "function_names"]

PREFIX = "gen_"

SCALARS = (
    "int",
    "unsigned int",
    "uint8_t",
    "uint32_t",
    "int64_t",
    "size_t",
    "double",
    "float",
    "long",
    "unsigned long long",
    "short",
    "bool",
)
POINTERS = ("const char *", "void *", "const void *")
VERBS = ("open", "read", "write", "find", "update", "compare", "merge", "close", "count", "map")
NOUNS = ("table", "stream", "index", "window", "packet", "entry", "region", "cursor", "token")
FIELDS = ("width", "height", "offset", "length", "kind", "flags", "owner", "score", "next", "id")


def function_names(count: int) -> list[str]:
    return [
        f"{PREFIX}{VERBS[i % len(VERBS)]}_{NOUNS[i // len(VERBS) % len(NOUNS)]}_{i}"
        for i in range(count)
    ]


def struct_name(index: int) -> str:
    return f"{PREFIX}{NOUNS[index % len(NOUNS)]}{index}"


def struct(index: int, chance: random.Random) -> str:
    name = struct_name(index)
    lines = []
    for field in FIELDS[: chance.randint(3, 8)]:
        kind = chance.random()
        if kind < 0.7 or index == 0:
            lines.append(f"    {chance.choice(SCALARS)} {field};")
        elif kind < 0.8:
            lines.append(f"    {chance.choice(SCALARS)} {field}[{chance.randint(2, 16)}];")
        elif kind < 0.9:
            lines.append(f"    struct {name} *{field};")
        else:
            lines.append(f"    {struct_name(chance.randrange(index))} *{field};")
    return f"typedef struct {name} {{\n" + "\n".join(lines) + f"\n}} {name};\n"


def function(name: str, structs: int, chance: random.Random) -> str:
    parameters = []
    for place in range(chance.randint(0, 6)):
        kind = chance.random()
        if kind < 0.6 or structs == 0:
            parameters.append(f"{chance.choice(SCALARS)} {FIELDS[place]}")
        elif kind < 0.75:
            parameters.append(f"{chance.choice(POINTERS)}{FIELDS[place]}")
        else:
            const = "const " if chance.random() < 0.5 else ""
            parameters.append(f"{const}{struct_name(chance.randrange(structs))} *{FIELDS[place]}")
    result = chance.choice(("void", "int", "int", "size_t", "double", "const char *", "uint32_t"))
    space = "" if result.endswith("*") else " "
    return f"{result}{space}{name}({', '.join(parameters) or 'void'});\n"


def description(functions: int, structs: int, described: bool = False) -> str:
    """C declarations that cffi reads too; with `described`, doc comments and attributes as well,
    which only symbridge does."""
    chance = random.Random(functions * 31 + structs)
    parts = [f'[[module("generated"), prefix("{PREFIX}")]];\n'] if described else []
    for index in range(structs):
        if described:
            parts.append(f"/** One of {structs} records. */\n[[hashable]] ")
        parts.append(struct(index, chance))
    for name in function_names(functions):
        if described:
            parts.append("/** What it does, in a line that somebody wrote. */\n[[quick]] ")
        parts.append(function(name, structs, chance))
    return "".join(parts)
