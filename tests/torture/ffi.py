"""The same function types from Python: called through FFI, and called back by its callbacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .calls import Batch, Signature, description
from .layouts import LayoutBatch, member_paths, records_text
from .types import Array, Leaf, Record, Scalar, Type, declare

__all__ = ["RESULT", "Torture", "TortureLayouts", "leaf_word", "spelled"]

RESULT = 255
SECOND = 0x40000000
MASK = (1 << 64) - 1

SIGNED_NAMES = """
int, short, long, long long, signed char, ssize_t, ptrdiff_t, intptr_t, __int128,
int8_t, int16_t, int32_t, int64_t, enum e_signed, enum e_byte
"""
SIGNED = frozenset(name.strip() for name in SIGNED_NAMES.split(","))

FAULT = """\
typedef struct torture_fault { uint32_t count, signature, argument, leaf; } torture_fault;
torture_fault torture_callee_fault;
"""

TABLE = """\
typedef struct { uint64_t offset, size; const void *ones, *one; } torture_member;
typedef struct {
    const char *name; uint64_t size; uint32_t align, member_count; const torture_member *members;
} torture_record;
const struct { uint64_t seed; uint32_t count; const torture_record *records; } torture_layouts;
"""


def leaf_word(seed: int, signature: int, argument: int, leaf: int) -> int:
    """Give the 64 bits of a leaf: torture_word of torture.h."""
    z = seed + signature * 0x9E3779B97F4A7C15
    z = (z + argument * 0xC2B2AE3D27D4EB4F + leaf * 0x165667B19E3779F9) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    z ^= z >> 31
    extremes = {0: 0x8000000080008080, 1: MASK, 2: 0x7FFFFFFF7FFF7F7F}
    return extremes.get(z >> 60, z)


def _signed(value: int, bits: int) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def _shrunk(word: int, bits: int, divisor: int) -> int:
    """Give the high bits as a signed number, divided as C divides."""
    number = _signed(word >> (64 - bits), bits)
    return -(-number // divisor) if number < 0 else number // divisor


def _float(word: int) -> float:
    return _shrunk(word, 32, 256) / 64.0


def _double(word: int) -> float:
    return _shrunk(word, 64, 2048) / 1024.0


class _Values:
    """The values of one argument, leaf after leaf."""

    def __init__(self, seed: int, signature: int, argument: int) -> None:
        self.where = (seed, signature, argument)
        self.leaf = 0

    def word(self) -> int:
        self.leaf += 1
        return leaf_word(*self.where, self.leaf - 1)

    def words(self) -> tuple[int, int]:
        first = self.word()
        return first, leaf_word(*self.where, self.leaf - 1 + SECOND)

    def pick(self, count: int) -> int:
        return ((self.word() >> 20) & 0xFFFFFFFF) % count

    def scalar(self, kind: Scalar, width: int | None) -> Any:
        """Give the next leaf as Python sees it; pointers as their address."""
        leaf = kind.leaf
        if leaf in (Leaf.CFLOAT, Leaf.CDOUBLE, Leaf.CLDOUBLE, Leaf.WORD128):
            low, high = self.words()
            if leaf is Leaf.WORD128:
                value = high << 64 | low
                return _signed(value, 128) if kind.spelling in SIGNED else value
            scale = 4096.0 if leaf is Leaf.CLDOUBLE else 1.0
            real = _float if leaf is Leaf.CFLOAT else _double
            return complex(real(low) * scale, real(high) * scale)
        word = self.word()
        if leaf is Leaf.WIDE:
            return chr(1 + ((word >> 20) & 0xFFFFFFFF) % 0xD7FF)
        if leaf is Leaf.FLOAT:
            return _float(word)
        if leaf is Leaf.DOUBLE:
            return _double(word)
        if leaf is Leaf.LDOUBLE:
            return _double(word) * 4096.0
        if leaf is Leaf.BOOL:
            return bool(word & 1) if width is None else word & 1  # as cffi reads them
        if leaf is Leaf.POINTER:
            return word
        bits = kind.bits if width is None else width
        if kind.spelling in SIGNED:
            return _signed(word, bits)
        value = word & ((1 << bits) - 1)
        return bytes([value]) if kind.spelling == "char" and width is None else value


class Torture:
    """One batch, compiled, as an FFI sees it."""

    def __init__(self, make_ffi: Callable[[], Any], batch: Batch, library: Path) -> None:
        self.ffi = make_ffi()
        self.batch = batch
        callers = [
            f"void caller_{each.number}({each.declaration('(*function)')});"
            for each in batch.signatures
            if not each.variadic
        ]
        self.ffi.cdef(description(batch) + FAULT + "\n".join(callers))
        self.lib = self.ffi.dlopen(str(library))
        self.pointer_bits = 8 * self.ffi.sizeof("void *")

    # ---- values ----------------------------------------------------------------------------------

    def _pairs(self, values: _Values, kind: Type, holder: Any, key: Any) -> Iterator[Any]:
        """Give (holder, key, scalar type, value) of each leaf of holder.key or holder[key]."""
        if isinstance(kind, Array):
            if kind.length is not None:
                inner = getattr(holder, key) if isinstance(key, str) else holder[key]
                for i in range(kind.length):
                    yield from self._pairs(values, kind.element, inner, i)
        elif isinstance(kind, Record):
            inner = getattr(holder, key) if isinstance(key, str) else holder[key]
            yield from self._members(values, kind, inner)
        else:
            yield holder, key, kind, values.scalar(kind, None)

    def _members(self, values: _Values, record: Record, holder: Any) -> Iterator[Any]:
        members = record.values()
        if record.kind == "union" and members:
            members = [members[values.pick(len(members))]]
        for each in members:
            if each.width is not None:
                assert isinstance(each.type, Scalar)
                yield holder, each.name, each.type, values.scalar(each.type, each.width)
            elif not each.name:
                assert isinstance(each.type, Record)
                yield from self._members(values, each.type, holder)
            else:
                yield from self._pairs(values, each.type, holder, each.name)

    def _native(self, kind: Scalar, value: Any) -> Any:
        """Give what FFI takes for a value: addresses become pointers."""
        if kind.leaf is Leaf.POINTER:
            return self.ffi.cast(kind.spelling, value)
        return value

    def make(self, signature: Signature, argument: int, kind: Scalar | Record) -> Any:
        """Give the known value of an argument or result, ready to be passed."""
        values = _Values(self.batch.seed, signature.number, argument)
        if isinstance(kind, Scalar):
            return self._native(kind, values.scalar(kind, None))
        record = self.ffi.new(f"{kind.spelling} *")
        for holder, key, scalar, value in self._members(values, kind, record[0]):
            if isinstance(key, str):
                setattr(holder, key, self._native(scalar, value))
            else:
                holder[key] = self._native(scalar, value)
        return record[0]

    def _same(self, kind: Scalar, got: Any, expected: Any) -> bool:
        if kind.leaf is Leaf.POINTER:
            address = int(self.ffi.cast("uintptr_t", got))
            return bool(address == expected & ((1 << self.pointer_bits) - 1))
        if kind.leaf is Leaf.LDOUBLE:
            return bool(float(got) == expected)
        if kind.leaf is Leaf.CLDOUBLE:
            return bool(complex(got) == expected)
        return type(got) is type(expected) and bool(got == expected)

    def wrong(self, signature: Signature, argument: int, kind: Type, got: Any) -> str:
        """Compare a value that came with the known one; give what differs, or nothing."""
        values = _Values(self.batch.seed, signature.number, argument)
        if isinstance(kind, Scalar):
            expected = values.scalar(kind, None)
            if self._same(kind, got, expected):
                return ""
            return f"case {signature.number}, value {argument}: {got!r} is not {expected!r}"
        assert isinstance(kind, Record)
        for holder, key, scalar, expected in self._members(values, kind, got):
            found = getattr(holder, key) if isinstance(key, str) else holder[key]
            if not self._same(scalar, found, expected):
                return (
                    f"case {signature.number}, value {argument}, {key} of {holder!r}: "
                    f"{found!r} is not {expected!r}"
                )
        return ""

    # ---- calls -----------------------------------------------------------------------------------

    def _c_fault(self, signature: Signature) -> str:
        fault = self.lib.torture_callee_fault
        count, argument, leaf = fault.count, fault.argument, fault.leaf
        fault.count = 0
        if count == 0:
            return ""
        return f"case {signature.number}: C found leaf {leaf} of argument {argument} wrong"

    def confuses_compiler(self, signature: Signature) -> bool:
        """Tell whether C gets a case wrong when C calls C; clang 14 does at times."""
        if signature.variadic:
            return False
        callee = self.ffi.addressof(self.lib, f"callee_{signature.number}")
        getattr(self.lib, f"caller_{signature.number}")(callee)
        return self._c_fault(signature) != ""

    def call(self, signature: Signature) -> str:
        """Call the callee; give what was wrong, or nothing."""
        arguments = [self.make(signature, i, each) for i, each in enumerate(signature.all())]
        for i, each in enumerate(signature.extra, len(signature.arguments)):
            if isinstance(each, Scalar):
                arguments[i] = self.ffi.cast(each.spelling, arguments[i])
        got = getattr(self.lib, f"callee_{signature.number}")(*arguments)
        fault = self._c_fault(signature)
        if not fault and signature.result is not None:
            fault = self.wrong(signature, RESULT, signature.result, got)
        return fault

    def call_back(self, signature: Signature) -> str:
        """Have C call a Python function; give what was wrong, or nothing."""
        faults: list[str] = []

        def handler(*arguments: Any) -> Any:
            if len(arguments) != len(signature.arguments):
                faults.append(f"case {signature.number}: {len(arguments)} arguments came")
            for i, (each, got) in enumerate(zip(signature.arguments, arguments, strict=False)):
                faults.append(self.wrong(signature, i, each, got))
            if signature.result is not None:
                return self.make(signature, RESULT, signature.result)
            return None

        errors: list[str] = []
        callback = self.ffi.callback(
            signature.declaration("(*)"), handler, onerror=lambda *info: errors.append(repr(info))
        )
        getattr(self.lib, f"caller_{signature.number}")(callback)
        faults += [*errors, self._c_fault(signature)]
        return next((fault for fault in faults if fault), "")


class TortureLayouts:
    """One batch of records, compiled, as an FFI sees it."""

    def __init__(self, make_ffi: Callable[[], Any], batch: LayoutBatch, library: Path) -> None:
        self.ffi = make_ffi()
        self.batch = batch
        self.ffi.cdef(records_text(batch) + TABLE)
        self.table = self.ffi.dlopen(str(library)).torture_layouts

    def wrong(self, number: int) -> str:
        """Compare a record with what the compiler says of it; give what differs, or nothing."""
        ffi, record, known = self.ffi, self.batch.records[number], self.table.records[number]
        name = record.spelling
        expected: dict[str, Any] = {"size": known.size, "align": known.align}
        found: dict[str, Any] = {"size": ffi.sizeof(name), "align": ffi.alignof(name)}
        for i, (path, width) in enumerate(member_paths(record)):
            member = known.members[i]
            *outer, last = path.split(".")
            if width is None:
                expected[path] = member.offset
                found[path] = ffi.offsetof(name, *outer, last)
                continue
            instance = ffi.new(f"{name} *")
            holder = instance
            for part in outer:
                holder = getattr(holder, part)
            ones = ffi.new(f"{name} *")
            ffi.memmove(ones, member.ones, known.size)
            inner = ones
            for part in outer:
                inner = getattr(inner, part)
            setattr(holder, last, getattr(inner, last))
            expected[path] = bytes(ffi.buffer(ones))
            found[path] = bytes(ffi.buffer(instance))
        differ = [path for path, value in expected.items() if found[path] != value]
        if not differ:
            return ""
        path = differ[0]
        return f"{name}: {path} is {found[path]!r}, the compiler says {expected[path]!r}"


def spelled(signature: Signature) -> str:
    """Give the C of a function type and its variadic arguments, for messages."""
    extra = ", ".join(declare(each, "") for each in signature.extra)
    return signature.declaration(f"callee_{signature.number}") + (f" with {extra}" if extra else "")
