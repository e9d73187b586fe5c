"""A short form of `make mutate`: changed descriptions of libcore, and whether check notices."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from mutate.mutations import ALTERING, NEUTRAL, mutations
from mutate.run import Case, Subject, run, sample
from mutate.subjects import libcore
from mutate.text import text_of
from symbridge import binary, declarations
from symbridge.check.compiler import Options

#: What libraries have seldom: bit-fields, callbacks that give callbacks, records by value, unions.
ODD = """
typedef int (*callback)(void *user, int argc, char **argv);
callback odd_set(callback f, void *user);
void (*odd_signal(int sig, void (*handler)(int)))(int);
typedef struct odd_list { struct odd_list *next, *prev; short n; } odd_list;
union odd_union { int i; float f; unsigned char b[8]; };
struct odd_bits { unsigned int a : 1, : 3, b : 4; long long c : 33; signed char d : 2; };
struct odd_nested { char c; struct { int q[2]; double w; } in[3]; union { int u; float v; }; };
enum odd_big { ODD_BIG = 0x123456789LL };
struct odd_bits odd_value(enum odd_big b, struct odd_nested by, odd_list *list);
extern const char odd_names[3][8];
extern int (*odd_hook)(int);
int odd_array(int n, int a[3]);
float _Complex odd_complex(double _Complex z, long double x);
#define ODD_FLAG (1u << 31)
#define ODD_NEGATIVE (-1LL)
#define ODD_TEXT "a b"
#define ODD_RATIO 1.5
"""

SEED = 20260
COUNT = 110

EVERYTHING = """
enum e { A, B = 5 };
struct handle; struct other;
struct s { int x; uint8_t y; struct { float z; } in; unsigned b : 3; char text[4]; };
typedef struct { double d; } t;
extern int v[2];
#define C 3
#define S "text"
int f(struct s by, int *p, char *text, struct handle *h, enum e e, int (*call)(void *, int),
      double d);
void g(const char *format, ...);
char **k(void);
int l(int a, int b) __asm__("m");
"""


def test_plain_text_says_the_same() -> None:
    plain = text_of(declarations.parse(EVERYTHING))
    assert text_of(declarations.parse(plain)) == plain
    assert 'int l(int a, int b) __asm__("m");' in plain
    assert "struct { float z; } in;" in plain


def test_every_kind_of_change_is_made() -> None:
    found = list(mutations(declarations.parse(EVERYTHING)))
    assert {m.kind for m in found} == {*ALTERING, *NEUTRAL}
    before = text_of(declarations.parse(EVERYTHING))
    for mutation in found:
        description = declarations.parse(EVERYTHING)
        description.declarations[mutation.index] = mutation.declaration
        assert text_of(description) != before, mutation


@pytest.mark.skipif(not shutil.which("gcc"), reason="CTF is made by gcc alone")
def test_check_notices_each_change_of_the_abi_and_no_other(tmp_path: Path) -> None:
    subject = libcore(tmp_path)
    outcome = run(subject, sample(subject, COUNT, SEED))
    print(f"SEED={SEED}")
    assert outcome.survivors == []
    assert outcome.altering >= 80
    assert sum(outcome.neutral.values()) >= 10
    for rung in ("headers", "DWARF", "CTF", "own facts"):
        assert outcome.met[rung] == outcome.expected[rung] > 60


@pytest.mark.parametrize(("compiler", "count"), [("gcc", 140), ("clang", 60)])
def test_the_headers_rung_notices_each_change_of_odd_declarations(
    tmp_path: Path, compiler: str, count: int
) -> None:
    if not shutil.which(compiler):
        pytest.skip(f"no {compiler}")
    header, library = tmp_path / "odd.h", tmp_path / "libodd.so"
    header.write_text(ODD)
    # Without symbols: that rung is not what is tested.
    subprocess.run(["cc", "-shared", "-x", "c", os.devnull, "-o", library], check=True)
    options = Options(compiler=compiler)
    case = Case("", binary.read(library), [str(header)], options, use_debug=False)
    subject = Subject("odd", ODD, [case])
    outcome = run(subject, sample(subject, count, SEED))
    assert outcome.survivors == []
    assert outcome.met["headers"] == outcome.expected["headers"] > count // 2
    assert {"bit width", "array length", "class"} <= set(outcome.made)
