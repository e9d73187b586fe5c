"""Random types: scalars of every kind, records of the shapes that calling conventions know."""

from __future__ import annotations

import random
from collections.abc import Callable

from .types import Array, Field, Leaf, Profile, Record, Scalar, Type

__all__ = ["PROFILES", "PointerNames", "Scalars", "random_layout", "random_value_record"]

PROFILES = {
    "lp64": Profile("lp64", long_bits=64, has_int128=True),
    "ilp32": Profile("ilp32", long_bits=32, has_int128=False),
    # gcc makes a union larger for a bit-field that has an alignment of its own; clang does not.
    "i386": Profile("i386", long_bits=32, has_int128=False, aligned_bits_as_gcc=False),
    # Where clang and gcc disagree, the engine follows gcc:
    # - clang before 18 on x86-64 aligns an __int128 on the stack to 8 bytes, and splits one between
    #   the last register and the stack; gcc and the ABI do neither;
    # - where a bit-field goes that has an alignment of its own, under #pragma pack or below that of
    #   its type.
    "lp64-clang": Profile(
        "lp64-clang", 64, has_int128=True, passes_int128=False, aligned_bits_as_gcc=False
    ),
}

PointerNames = (
    "void *",
    "char *",
    "const char *",
    "int *",
    "const double *",
    "char **",
    "t_function ",
    "t_array *",
    "struct t_opaque *",
)


class Scalars:
    """The scalar types of a target."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        long = profile.long_bits
        word = Leaf.WORD
        promoted = {"int", "unsigned int"}
        integers = [
            ("char", 8), ("signed char", 8), ("unsigned char", 8),
            ("short", 16), ("unsigned short", 16), ("int", 32), ("unsigned int", 32),
            ("long", long), ("unsigned long", long), ("long long", 64), ("unsigned long long", 64),
            ("int8_t", 8), ("uint8_t", 8), ("int16_t", 16), ("uint16_t", 16),
            ("int32_t", 32), ("uint32_t", 32), ("int64_t", 64), ("uint64_t", 64),
            ("intptr_t", long), ("uintptr_t", long), ("ptrdiff_t", long),
            ("size_t", long), ("ssize_t", long),
        ]  # fmt: skip
        self.integers = [
            Scalar(name, word, bits, promoted=bits >= 32 or name in promoted)
            for name, bits in integers
        ]
        self.boolean = Scalar("_Bool", Leaf.BOOL, 1)
        self.enums = [
            Scalar("enum e_signed", word, 32, promoted=True, needs="e_signed"),
            Scalar("enum e_unsigned", word, 32, promoted=True, needs="e_unsigned"),
            Scalar("enum e_wide", word, 64, promoted=True, needs="e_wide"),
            Scalar("enum e_byte", word, 8, needs="e_byte"),
            Scalar("enum e_short", word, 16, needs="e_short"),
        ]
        self.wide = [
            Scalar("wchar_t", Leaf.WIDE, 32),
            Scalar("char16_t", Leaf.WIDE, 16),
            Scalar("char32_t", Leaf.WIDE, 32),
        ]
        self.float = Scalar("float", Leaf.FLOAT)
        self.double = Scalar("double", Leaf.DOUBLE, promoted=True)
        self.long_double = Scalar("long double", Leaf.LDOUBLE, promoted=True)
        self.reals = [self.float, self.double, self.long_double]
        self.complex = [
            Scalar("float _Complex", Leaf.CFLOAT, promoted=True),
            Scalar("double _Complex", Leaf.CDOUBLE, promoted=True),
            Scalar("long double _Complex", Leaf.CLDOUBLE, promoted=True),
        ]
        self.wide_integers = (
            [
                Scalar("__int128", Leaf.WORD128, 128, promoted=True),
                Scalar("unsigned __int128", Leaf.WORD128, 128, promoted=True),
            ]
            if profile.has_int128
            else []
        )
        self.pointers = [Scalar(name, Leaf.POINTER, promoted=True) for name in PointerNames]

    def any(self, rng: random.Random) -> Scalar:
        """Give any scalar, the common ones more often."""
        groups: list[tuple[int, list[Scalar]]] = [
            (40, self.integers),
            (4, [self.boolean]),
            (7, self.enums),
            (5, self.wide),
            (14, self.pointers),
            (10, [self.float]),
            (14, [self.double]),
            (5, [self.long_double]),
            (6, self.complex),
            (4 if self.wide_integers else 0, self.wide_integers or self.integers),
        ]
        return rng.choice(rng.choices([g for _, g in groups], [w for w, _ in groups])[0])

    def argument(self, rng: random.Random, promoted: bool) -> Scalar:
        """Give a scalar to pass; with `promoted`, one that default promotion leaves alone."""
        while True:
            scalar = self.any(rng)
            if promoted and not scalar.promoted:
                continue
            if scalar.leaf is not Leaf.WORD128 or self.profile.passes_int128:
                return scalar

    def bit_field(self, rng: random.Random) -> Scalar:
        """Give a type that a bit-field can have."""
        group = rng.choices([self.integers, [self.boolean], self.enums], [8, 1, 1])[0]
        return rng.choice(group)


MOST_BYTES = 400  # of a record: a call of the most arguments has room for 64 KiB

# ---- records that travel by value ----------------------------------------------------------------


class _Maker:
    """Makes one record; fields are named f0, f1, ... through all that is anonymous in it."""

    def __init__(self, rng: random.Random, scalars: Scalars, pool: list[Record], tag: str) -> None:
        self.rng, self.scalars, self.pool, self.tag = rng, scalars, pool, tag
        self.named = 0

    def name(self) -> str:
        self.named += 1
        return f"f{self.named - 1}"

    def field(self, kind: Type) -> Field:
        return Field(self.name(), kind)

    def small_integer(self) -> Scalar:
        return self.rng.choice(self.scalars.integers)

    def maybe_array(self, kind: Type, most: int = 4) -> Type:
        if self.rng.random() < 0.2:
            return Array(kind, self.rng.randint(1, most))
        if self.rng.random() < 0.04:
            return Array(Array(kind, self.rng.randint(1, 2)), self.rng.randint(1, 2))
        return kind

    # shapes

    def integers(self) -> Record:
        return Record(
            "struct",
            self.tag,
            [self.field(self.maybe_array(self.small_integer())) for _ in range(self.count(5))],
        )

    def homogeneous(self) -> Record:
        """Make an aggregate of one floating type: AArch64 puts up to four in registers."""
        element = self.rng.choices(
            [*self.scalars.reals, *self.scalars.complex], [6, 6, 2, 1, 1, 1]
        )[0]
        count = self.rng.randint(1, 5)
        split = self.rng.randint(0, count)
        fields: list[Field] = []
        if self.rng.random() < 0.5:
            fields = [self.field(element) for _ in range(count)]
        else:
            if split:
                fields.append(self.field(Array(element, split)))
            fields += [self.field(element) for _ in range(count - split)]
        if self.rng.random() < 0.2:
            inner = Record("struct", "", fields)
            fields = [self.field(inner)]
        return Record("struct", self.tag, fields)

    def mixed(self) -> Record:
        fields = []
        for _ in range(self.count(6)):
            fields.append(self.field(self.maybe_array(self.scalars.any(self.rng))))
        return Record("struct", self.tag, fields)

    def odd_bytes(self) -> Record:
        element = self.rng.choice([self.scalars.integers[0], self.scalars.integers[2]])
        most = 40 if self.rng.random() < 0.9 else MOST_BYTES
        return Record("struct", self.tag, [self.field(Array(element, self.rng.randint(1, most)))])

    def empty(self) -> Record:
        return Record("struct", self.tag)

    def union(self) -> Record:
        record = Record("union", self.tag)
        for _ in range(self.rng.randint(1, 4)):
            kind: Type = self.maybe_array(self.scalars.any(self.rng))
            if self.rng.random() < 0.3:
                kind = self.of_pool() or kind
            record.fields.append(self.field(kind))
        return record

    def bits(self) -> Record:
        record = Record(self.rng.choice(["struct"] * 9 + ["union"]), self.tag)
        for _ in range(self.count(7)):
            roll = self.rng.random()
            if roll < 0.75:
                record.fields.append(self.bit_field())
            elif roll < 0.8 and record.kind == "struct" and record.fields:
                record.fields.append(Field("", self.small_integer(), width=0))
            else:
                record.fields.append(self.field(self.scalars.any(self.rng)))
        return record

    def bit_field(self) -> Field:
        kind = self.scalars.bit_field(self.rng)
        least = 1 if self.rng.random() < 0.7 else max(1, kind.bits - 3)
        return Field(self.name(), kind, width=self.rng.randint(least, kind.bits))

    def nested(self) -> Record:
        record = Record("struct", self.tag)
        for _ in range(self.count(4)):
            inner = self.of_pool()
            if inner is not None and self.rng.random() < 0.6:
                record.fields.append(self.field(self.maybe_array(inner, 3)))
            else:
                record.fields.append(self.field(self.scalars.any(self.rng)))
        return record

    def anonymous(self) -> Record:
        inner = Record(self.rng.choice(["struct", "union"]), "")
        inner.fields = [self.field(self.scalars.any(self.rng)) for _ in range(self.count(3))]
        fields = [Field("", inner), self.field(self.scalars.any(self.rng))]
        self.rng.shuffle(fields)
        return Record(self.rng.choice(["struct", "struct", "union"]), self.tag, fields)

    def packed(self) -> Record:
        record = self.rng.choice([self.mixed, self.nested, self.bits, self.integers])()
        if self.rng.random() < 0.5:
            record.attribute = "__attribute__((packed))"
        else:
            record.pack = self.rng.choice([1, 2, 4, 8])
        return record

    def aligned(self) -> Record:
        record = self.rng.choice([self.mixed, self.integers, self.homogeneous])()
        align = self.rng.choice([2, 4, 8, 16])
        if self.rng.random() < 0.5 or not record.fields:
            record.attribute = f"__attribute__((aligned({align})))"
        else:
            self.rng.choice(record.fields).after = f"__attribute__((aligned({align})))"
        return record

    def flexible(self) -> Record:
        record = self.mixed()
        record.fields.append(self.field(Array(self.scalars.any(self.rng), None)))
        return record

    # parts

    def count(self, most: int) -> int:
        return min(self.rng.randint(1, most), self.rng.randint(1, most))

    def of_pool(self) -> Record | None:
        """Give a record made before, to nest: not one without bytes, nor one without an end."""
        fit = [each for each in self.pool if not _is_special(each)]
        return self.rng.choice(fit) if fit else None


def _is_special(record: Record) -> bool:
    """Tell records that cannot be elements: empty, with a flexible end, or large."""
    if not record.fields:
        return True
    last = record.fields[-1].type
    return isinstance(last, Array) and (last.length is None or last.length > 40)


def random_value_record(
    rng: random.Random, scalars: Scalars, pool: list[Record], tag: str
) -> Record:
    """Make a record that can be passed by value; it may hold records of the pool."""
    maker = _Maker(rng, scalars, pool, tag)
    shapes: list[tuple[int, Callable[[], Record]]] = [
        (10, maker.integers),
        (14, maker.homogeneous),
        (16, maker.mixed),
        (5, maker.odd_bytes),
        (1, maker.empty),
        (10, maker.union),
        (12, maker.bits),
        (14, maker.nested),
        (5, maker.anonymous),
        (7, maker.packed),
        (5, maker.aligned),
        (1, maker.flexible),
    ]
    return rng.choices([make for _, make in shapes], [weight for weight, _ in shapes])[0]()


# ---- records whose layout is compared ------------------------------------------------------------


class _LayoutMaker(_Maker):
    """Makes records with everything that moves a member, together."""

    def wild(self, depth: int = 0) -> Record:
        rng = self.rng
        record = Record(rng.choices(["struct", "union"], [5, 1])[0], self.tag if depth == 0 else "")
        for _ in range(rng.choice([0, 1, 2, 2, 3, 3, 4, 5, 6, 8, 12])):
            record.fields.append(self.wild_field(record, depth))
        named = any(field.name for field in record.fields)  # clang wants a member before the end
        if record.kind == "struct" and named and depth == 0 and rng.random() < 0.05:
            record.fields.append(self.field(Array(self.scalars.any(rng), None)))
        roll = rng.random()
        if roll < 0.12:
            record.attribute = "__attribute__((packed))"
        elif roll < 0.2:
            record.attribute = f"__attribute__((aligned({rng.choice([1, 2, 4, 8, 16, 32, 64])})))"
        elif roll < 0.24:
            record.attribute = f"__attribute__((packed, aligned({rng.choice([2, 4, 8, 16])})))"
        aligned = not self.scalars.profile.aligned_bits_as_gcc and _has_aligned_bits(record)
        if depth == 0 and rng.random() < 0.2 and not aligned:
            record.pack = rng.choice([1, 2, 4, 8, 16])
        return record

    def wild_field(self, record: Record, depth: int) -> Field:
        rng = self.rng
        roll = rng.random()
        if roll < 0.35:
            return self.wild_bit_field()
        if roll < 0.42 and depth < 3:
            inner = self.wild(depth + 1)
            name = self.name() if rng.random() < 0.5 else ""
            return Field(name, inner)
        kind: Type = self.scalars.any(rng)
        if roll < 0.52:
            kind = self.of_pool() or kind
        if rng.random() < 0.15:
            kind = Array(kind, rng.choice([0, 1, 2, 3, 5, 17]))
        field = self.field(kind)
        self.adorn(field)
        return field

    def wild_bit_field(self) -> Field:
        field = self.bit_field()
        roll = self.rng.random()
        if roll < 0.08:
            field.name, field.width = "", 0
        elif roll < 0.14:
            field.name = ""
        elif roll < 0.2:
            self.adorn_bits(field)
        return field

    def adorn(self, field: Field) -> None:
        roll = self.rng.random()
        align = self.rng.choice([1, 2, 4, 8, 16, 32])
        if roll < 0.04:
            field.after = "__attribute__((packed))"
        elif roll < 0.09:
            field.after = f"__attribute__((aligned({align})))"
        elif roll < 0.11:
            field.after = f"__attribute__((packed, aligned({align})))"
        elif roll < 0.13 and isinstance(field.type, Scalar):
            field.before = "_Alignas(32)"

    def adorn_bits(self, field: Field) -> None:
        align = self.rng.choice([1, 2, 4, 8, 16])
        assert isinstance(field.type, Scalar)
        if not self.scalars.profile.aligned_bits_as_gcc:
            align = max(align, field.type.bits // 8)
        field.after = self.rng.choice(
            ["__attribute__((packed))", f"__attribute__((aligned({align})))"]
        )


def _has_aligned_bits(record: Record) -> bool:
    return any(
        (each.width is not None and "aligned" in each.after)
        or (isinstance(each.type, Record) and not each.type.tag and _has_aligned_bits(each.type))
        for each in record.fields
    )


def random_layout(rng: random.Random, scalars: Scalars, pool: list[Record], tag: str) -> Record:
    """Make a record for its layout alone."""
    if rng.random() < 0.25:
        return random_value_record(rng, scalars, pool, tag)
    return _LayoutMaker(rng, scalars, pool, tag).wild()
