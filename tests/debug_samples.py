"""What the tests of debug data share: C that has every construct, compiled on the spot, and a form
of declarations in which what a compiler said can be compared with what was written."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

from symbridge.declarations import (
    Alias,
    Array,
    Description,
    Enum,
    FunctionType,
    Kind,
    Pointer,
    Qualifier,
    Record,
    Scalar,
    Type,
    Void,
    parse,
)

GCC = shutil.which("gcc")
CLANG = shutil.which("clang") or shutil.which("clang-14")
OBJCOPY = shutil.which("objcopy") or "objcopy"
COMPILERS = [name for name in (GCC, CLANG) if name]

#: What parse() and compilers both read. Each function reaches one construct.
CONSTRUCTS = """\
typedef struct point { int x; int y; } point_t;
typedef point_t const *const_point;
typedef int callback(int value, void *user);
typedef callback *callback_pointer;
typedef struct { short a; char b[3]; } unnamed;
typedef unnamed unnamed_too;
struct opaque;
typedef struct opaque opaque_t;
union number { long l; double d; unsigned char bytes[sizeof(double)]; };
struct bits { unsigned a : 3; int b : 9; unsigned long c : 40; _Bool d : 1; unsigned char e : 7; };
struct wide_bits { unsigned long long a : 33; unsigned long long b : 31; int tail; };
struct packed { char c; int i; short s; } __attribute__((packed));
struct packed_bits { char c; unsigned i : 17; unsigned j : 15; } __attribute__((packed));
struct aligned { int i; } __attribute__((aligned(32)));
struct inner { struct { int deep; union { int i; float f; }; }; int last; };
struct flexible { unsigned long count; double items[]; };
struct matrix { float rows[2][3][4]; const char *names[5]; };
struct node { struct node *next, *previous; struct node **link; callback_pointer call; };
enum plain { PLAIN_ZERO, PLAIN_FIVE = 5, PLAIN_SIX };
enum negative { NEGATIVE_ONE = -1, NEGATIVE_BIG = 2147483647 };
enum large { LARGE_LOW = 1, LARGE_HIGH = 4294967295u };
enum wide { WIDE_ONE = 1, WIDE_HUGE = 0x123456789abcLL };
typedef enum { FIRST_OF_UNNAMED = 7 } unnamed_enum;

signed char integers(unsigned char a, short b, unsigned short c, int d, unsigned e, long f,
                     unsigned long g, long long h, unsigned long long i, char j, _Bool k);
double floats(float a, double b, long double c, float _Complex d, double _Complex e);
void pointers(const char *a, char *const b, volatile int *c, char *const *d, void **restrict e);
const_point aliases(point_t a, unnamed b, unnamed_too *c, opaque_t *d);
void records(union number a, struct bits *b, struct wide_bits *c, struct packed *d,
             struct packed_bits *e, struct aligned *f, struct inner *g, struct flexible *h,
             struct matrix *i, struct node *j);
enum plain enums(enum negative a, enum large b, unnamed_enum c, enum wide d);
callback_pointer functions(callback *a, callback_pointer b, void (*c)(int (*)(char), ...));
int arrays(int a[3], const char *const b[], int (*c)[4], double d[2][3]);
int variadic(const char *format, ...);
int nothing(void);
extern int number;
extern const char text[12];
extern point_t grid[2][3];
extern callback_pointer hook;
extern volatile unsigned long counter;
"""

#: The definitions to them.
DEFINITIONS = """
struct opaque { int hidden; };
signed char integers(unsigned char a, short b, unsigned short c, int d, unsigned e, long f,
                     unsigned long g, long long h, unsigned long long i, char j, _Bool k)
{ return (signed char)(a + b + c + d + (int)e + f + (long)g + h + (long long)i + j + k); }
double floats(float a, double b, long double c, float _Complex d, double _Complex e)
{ return a + b + (double)c + __real__ d + __real__ e; }
void pointers(const char *a, char *const b, volatile int *c, char *const *d, void **restrict e)
{ *b = *a; *c = d != 0; *e = b; }
const_point aliases(point_t a, unnamed b, unnamed_too *c, opaque_t *d)
{ static point_t p; p = a; p.x += b.a + c->a + d->hidden; return &p; }
void records(union number a, struct bits *b, struct wide_bits *c, struct packed *d,
             struct packed_bits *e, struct aligned *f, struct inner *g, struct flexible *h,
             struct matrix *i, struct node *j)
{ b->a = (unsigned)a.l; c->tail = d->i + (int)e->i + f->i + g->deep + (int)h->count;
  i->rows[0][0][0] = 0; j->next = 0; }
enum plain enums(enum negative a, enum large b, unnamed_enum c, enum wide d)
{ return (enum plain)(a + (int)b + (int)c + (int)d); }
callback_pointer functions(callback *a, callback_pointer b, void (*c)(int (*)(char), ...))
{ c(0); return a ? a : b; }
int arrays(int a[3], const char *const b[], int (*c)[4], double d[2][3])
{ return a[0] + b[0][0] + (*c)[0] + (int)d[0][0]; }
int variadic(const char *format, ...) { return format[0]; }
int nothing(void) { return 0; }
int number = 3;
const char text[12] = "text";
point_t grid[2][3];
callback_pointer hook;
volatile unsigned long counter;
"""


def described(text: str = CONSTRUCTS) -> Description:
    """The declarations that were written."""
    return parse(text)


def compiled(
    directory: Path, source: str, *flags: str, compiler: str = "", name: str = "made"
) -> Path:
    """A shared library of C source."""
    assert compiler or COMPILERS, "the tests need a C compiler"
    file = directory / f"{name}.c"
    file.write_text(source)
    library = directory / f"lib{name}.so"
    subprocess.run(
        [
            compiler or COMPILERS[0],
            "-shared",
            "-fPIC",
            "-O1",
            "-w",
            *flags,
            "-o",
            library,
            file.name,
        ],
        check=True,
        cwd=directory,
    )
    return library


def run(*command: str | os.PathLike[str]) -> str:
    """Run a tool of binutils; what it printed."""
    done = subprocess.run([*command], check=True, capture_output=True, text=True)
    return done.stdout


# ---- declarations as plain data


def shape(type: Type, qualifiers: Qualifier = Qualifier.NONE) -> Any:
    """A type without its typedefs: numbers by kind and size, records and enums by name."""
    mark = "".join(q.name[0].lower() for q in Qualifier if q & qualifiers and q.name)
    match type:
        case Alias():
            return shape(type.target, type.qualifiers | qualifiers)
        case Void():
            return mark + "void"
        case Scalar():
            name = type.name if type.kind is Kind.FOREIGN else type.kind.name
            return f"{mark} {name} {type.size} {type.align}"
        case Pointer():
            return (mark + "*", shape(type.target, type.qualifiers))
        case Array():
            return (mark + "[]", type.length, shape(type.element, type.qualifiers))
        case FunctionType():
            # What qualifies a parameter itself is the function's own affair.
            parameters = [shape(p.type) for p in type.parameters]
            return ("()", shape(type.result), parameters, type.variadic, type.prototyped)
        case Record():
            return f"{mark} {type.name}" if type.name else (mark, record_shape(type))
        case Enum():
            return f"{mark} {type.name}" if type.name else (mark, enum_shape(type))


def record_shape(record: Record) -> Any:
    """The layout of a record."""
    fields = record.fields
    return (
        record.kind,
        record.size,
        record.align,
        None
        if fields is None
        else [
            (f.name, shape(f.type, f.qualifiers), f.offset, f.bit_offset, f.bit_width)
            for f in fields
        ],
    )


def enum_shape(enum: Enum) -> Any:
    """The values of an enum, and the bits that hold them."""
    values = None if enum.enumerators is None else [(e.name, e.value) for e in enum.enumerators]
    return (values, enum.underlying and (enum.underlying.kind, enum.underlying.size))


def shapes(description: Description) -> dict[str, Any]:
    """All that a description declares, by name."""
    result: dict[str, Any] = {}
    for function in description.functions():
        result[f"function {function.name}"] = shape(function.type)
    for variable in description.variables():
        result[f"variable {variable.name}"] = shape(variable.type, variable.qualifiers)
    for record in description.records():
        if record.name:
            result[record.name] = record_shape(record)
    for enum in description.enums():
        if enum.name:
            result[enum.name] = enum_shape(enum)
    for typedef in description.typedefs():
        result[f"typedef {typedef.name}"] = shape(typedef.type, typedef.qualifiers)
    return result


# ---- DWARF by hand

STRING, UDATA, DATA1, REF4, PRESENT, SIG8, BLOCK1 = 0x08, 0x0F, 0x0B, 0x13, 0x19, 0x20, 0x0A
NAME, SIZE, ENCODING, TYPE, EXTERNAL, MEMBER_AT = 0x03, 0x0B, 0x3E, 0x49, 0x3F, 0x38
BASE, POINTER, STRUCT, TYPEDEF, MEMBER, SUBPROGRAM, PARAMETER = (
    0x24, 0x0F, 0x13, 0x16, 0x0D, 0x2E, 0x05,
)  # fmt: skip
ARRAY, SUBRANGE, SUBROUTINE, COUNT, UNIT, LANGUAGE = 0x01, 0x21, 0x15, 0x37, 0x11, 0x13
PROTOTYPED, SIBLING, BLOCK, LOCAL = 0x27, 0x01, 0x0B, 0x34


def leb(value: int) -> bytes:
    result = bytearray()
    while True:
        result.append(value & 0x7F | (0x80 if value > 0x7F else 0))
        value >>= 7
        if not value:
            return bytes(result)


class Dwarf:
    """One unit of DWARF 4, written entry by entry. A place is an offset in the section."""

    def __init__(self) -> None:
        self.info = bytearray(11)
        self.abbreviations: dict[tuple[Any, ...], int] = {}
        self.add(UNIT, True, {LANGUAGE: (DATA1, 0x0C)})

    def add(self, tag: int, children: bool, attributes: dict[int, tuple[int, Any]]) -> int:
        """Add an entry; its place."""
        key = (tag, children, tuple((a, form) for a, (form, _) in attributes.items()))
        code = self.abbreviations.setdefault(key, len(self.abbreviations) + 1)
        place = len(self.info)
        self.info += leb(code)
        for form, value in attributes.values():
            if form == STRING:
                self.info += value.encode() + b"\0"
            elif form == UDATA:
                self.info += leb(value)
            elif form == DATA1:
                self.info += bytes((value,))
            elif form == REF4:
                self.info += struct.pack("<I", value)
            elif form == SIG8:
                self.info += struct.pack("<Q", value)
        return place

    def end(self) -> None:
        """End the children of an entry."""
        self.info.append(0)

    def integer(self) -> int:
        return self.add(
            BASE, False, {NAME: (STRING, "int"), SIZE: (DATA1, 4), ENCODING: (DATA1, 5)}
        )

    def pointer(self, to: int) -> int:
        return self.add(POINTER, False, {TYPE: (REF4, to)})

    def function(self, *parameters: int) -> None:
        """f, with parameters of these types."""
        attributes = {NAME: (STRING, "f"), EXTERNAL: (PRESENT, None), PROTOTYPED: (PRESENT, None)}
        self.add(SUBPROGRAM, True, attributes)
        for place in parameters:
            self.add(PARAMETER, False, {TYPE: (REF4, place)})
        self.end()

    def sections(self) -> dict[str, bytes]:
        """The sections, of a unit that is ended."""
        info = self.info + b"\0"
        struct.pack_into("<IHIB", info, 0, len(info) - 4, 4, 0, 8)
        table = bytearray()
        for (tag, children, attributes), code in self.abbreviations.items():
            table += leb(code) + leb(tag) + bytes((children,))
            for attribute, form in attributes:
                table += leb(attribute) + leb(form)
            table += b"\0\0"
        return {".debug_info": bytes(info), ".debug_abbrev": bytes(table) + b"\0"}


def with_sections(bare: Path, directory: Path, sections: dict[str, bytes]) -> Path:
    """The library with more sections."""
    arguments = []
    for name, data in sections.items():
        file = directory / name.lstrip(".")
        file.write_bytes(data)
        arguments.append(f"--add-section={name}={file}")
    made = directory / "libhostile.so"
    run(OBJCOPY, *arguments, bare, made)
    return made
