"""A short form of `make mutate`: changed descriptions of libcore, and whether check notices."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mutate.mutations import ALTERING, NEUTRAL, mutations
from mutate.run import run, sample
from mutate.subjects import libcore
from mutate.text import text_of
from symbridge import declarations

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
