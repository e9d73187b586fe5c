"""What symbridge describe proposes, what it says is left open, and how people confirm."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import symbridge
from symbridge import declarations
from symbridge.cli import main
from symbridge.declarations import Attribute, Description

pytest.importorskip("clang.cindex", reason="PyPI's libclang is not installed")

from symbridge.describe.making import Made, Source, make
from symbridge.describe.propose import PROPOSAL, accept_text

HANDLES = """\
#include <stddef.h>
typedef struct lib_db lib_db;
struct lib_row;
typedef enum { LIB_OK = 0, LIB_NOMEM, LIB_BUSY } lib_status;
lib_status lib_db_open(const char *path, lib_db **db);
lib_status lib_db_close(lib_db *db);
struct lib_row *lib_row_new(size_t n_values);
struct lib_row *lib_row_copy(const struct lib_row *row);
void lib_row_free(struct lib_row *row);
struct lib_row *lib_db_first(lib_db *db);
const char *lib_strerror(lib_status status);
"""

Describe = Callable[..., Made]


@pytest.fixture
def describe(tmp_path: Path) -> Describe:
    """Describe the text of a header, with or without what is proposed confirmed."""

    def described(text: str, annotations: str = "", **options: bool | str) -> Made:
        header = tmp_path / "lib.h"
        header.write_text(text)
        source = Source(headers=[str(header)], **options)  # type: ignore[arg-type]
        if annotations:
            source.annotations = str(tmp_path / "lib.notes")
            Path(source.annotations).write_text(annotations)
        return make(source)

    return described


def shown(attributes: tuple[Attribute, ...]) -> list[str]:
    return [
        a.name + (f"({', '.join(map(str, a.arguments))})" if a.arguments else "")
        for a in attributes
    ]


def at(description: Description, function: str, parameter: str = "") -> list[str]:
    """The attributes of a function or of one of its parameters."""
    (f,) = (f for f in description.functions() if f.name == function)
    if not parameter:
        return shown(f.attributes)
    (p,) = (p for p in f.type.parameters if p.name == parameter)
    return shown(p.attributes)


def accepted(made: Made) -> Description:
    return declarations.parse(accept_text(made.text)[0])


def test_new_and_free_of_an_opaque_struct_make_a_class(describe: Describe) -> None:
    found = accepted(describe(HANDLES))
    assert at(found, "lib_row_new") == ["constructor", "fails(null, MemoryError)"]
    assert at(found, "lib_row_free") == ["destructor"]
    assert at(found, "lib_row_copy") == ["owned", "fails(null, MemoryError)"]
    (row,) = (r for r in found.records() if r.tag == "lib_row")
    assert shown(row.attributes) == ["class(Row)"]


def test_a_handle_through_a_pointer_is_an_out_parameter(describe: Describe) -> None:
    found = accepted(describe(HANDLES))
    assert at(found, "lib_db_open") == ["constructor"]
    assert at(found, "lib_db_open", "db") == ["out"]
    assert at(found, "lib_db_open", "path") == ["filename"]
    assert at(found, "lib_db_close") == ["destructor"]


def test_a_handle_that_is_got_is_not_proposed_to_be_owned(describe: Describe) -> None:
    text = HANDLES + "int lib_db_next_row(lib_db *db, struct lib_row **row);\n"
    text += "int lib_db_query(lib_db *db, struct lib_row **row);\n"
    found = accepted(describe(text))
    assert at(found, "lib_db_next_row", "row") == ["out"]
    assert at(found, "lib_db_query", "row") == ["out", "owned"]


def test_a_handle_that_is_not_made_stays_borrowed(describe: Describe) -> None:
    made = describe(HANDLES)
    assert at(accepted(made), "lib_db_first") == []
    assert ("lib_db_first", "result") in [(u.function, u.parameter) for u in made.unsaid]


def test_an_enum_that_functions_return_with_0_for_success_is_a_status(describe: Describe) -> None:
    found = accepted(describe(HANDLES))
    (status,) = found.enums()
    assert shown(status.attributes) == ["status"]
    assert at(found, "lib_strerror") == ["message"]


@pytest.mark.parametrize(
    ("prototype", "parameter", "attributes"),
    [
        ("int f(const void *data, size_t len);", "data", ["array(len)"]),
        ("int f(const char *s, int n);", "s", ["array(n)"]),
        ("int f(const int *values, size_t n_values);", "values", ["array(n_values)"]),
        ("int f(const unsigned char *source, unsigned long sourceLen);", "source",
         ["array(sourceLen)"]),
        ("int f(char *buf, size_t size);", "buf", ["out", "array(size)", "capacity(256)"]),
        ("int f(void *buffer, size_t len);", "buffer", ["out", "array(len)"]),
        ("int f(unsigned char *dest, unsigned long *destLen);", "dest", ["out", "array(destLen)"]),
        ("int f(unsigned char *dest, unsigned long *destLen);", "destLen", ["inout"]),
        ("int f(int *result);", "result", ["out"]),
        ("int f(double *out);", "out", ["out"]),
        ("int f(const char *filename);", "filename", ["filename"]),
        # What is not plain is not proposed.
        ("void f(int n, double *in, double *out);", "out", []),
        ("int lib_open_memory(void *buffer, size_t size);", "buffer", []),
        ("int f(const char *name, int n_args);", "name", []),
        ("int f(const char *a, const char *b, size_t n);", "b", []),
        ("int f(int *values, int n);", "values", []),
        ("int f(int *state);", "state", []),
        ("int f(const int *result);", "result", []),
        ("int f(const char *name, double size);", "name", []),
        ("int f(const char *text);", "text", []),
    ],
)  # fmt: skip
def test_parameters(
    prototype: str, parameter: str, attributes: list[str], describe: Describe
) -> None:
    found = accepted(describe(f"#include <stddef.h>\n{prototype}\n"))
    (f,) = found.functions()
    assert at(found, f.name, parameter) == attributes


def test_user_data_goes_with_its_callback(describe: Describe) -> None:
    made = describe(
        "typedef int (*visit)(int n, void *user);\n"
        "int each(visit f, void *user);\n"
        "int walk(int (*f)(void *ctx, const char *name), void *ctx);\n"
        "void lib_set_hook(void (*hook)(void *data), void *data);\n"
        "void plain(void (*f)(int n), void *data);\n"
        "struct h; int h_read(struct h *h, visit f, void *user); int h_walk(struct h *h, visit f,\n"
        "                                                                 void *user);\n"
    )
    found = accepted(made)
    assert at(found, "each", "f") == ["user_data(user)"]
    assert at(found, "walk", "f") == ["user_data(ctx)"]
    assert at(found, "lib_set_hook", "hook") == ["user_data(data)", "scope(forever)"]
    assert at(found, "plain", "f") == []
    assert at(found, "h_read", "f") == ["user_data(user)", "scope(forever)"]
    assert at(found, "h_walk", "f") == ["user_data(user)"]
    assert "typedef int (*visit)(int n, void *user /*? [[user_data]] */);" in made.text


def test_accepted_callbacks_work(describe: Describe, tmp_path: Path) -> None:
    source = tmp_path / "each.c"
    source.write_text(
        "int each(int (*f)(int n, void *user), void *user)\n"
        "{ int sum = 0; for (int i = 1; i < 4; i++) sum += f(i, user); return sum; }\n"
    )
    library = tmp_path / "libeach.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    made = describe("int each(int (*f)(int n, void *user), void *user);\n", accept=True)
    assert symbridge.load(library, made.text).each(lambda n: n * n) == 14


def test_text_that_the_librarys_own_free_frees_is_owned(describe: Describe) -> None:
    made = describe(
        "char *lib_name(int n);\nconst char *lib_fixed(void);\nvoid lib_free(void *memory);\n"
        "char *lib_fill(char *buffer);\n"
    )
    found = accepted(made)
    assert at(found, "lib_name") == ["string", "owned(lib_free)"]
    assert at(found, "lib_fixed") == [] and at(found, "lib_fill") == []


def test_int_errors_below_zero_are_failures(describe: Describe) -> None:
    found = accepted(describe(
        "enum lib_error_code { LIB_OK = 0, LIB_ERROR = -1, LIB_ENOTFOUND = -3 };\n"
        "typedef struct lib_x lib_x; int lib_x_open(lib_x **out); void lib_x_free(lib_x *x);\n"
        "int lib_do(lib_x *x); int lib_is_open(lib_x *x);\n"
    ))  # fmt: skip
    assert at(found, "lib_do") == ["fails(negative, RuntimeError)"]
    assert at(found, "lib_x_open") == ["constructor", "fails(nonzero, RuntimeError)"]
    assert at(found, "lib_is_open") == []


def test_proposals_say_nothing_until_they_are_confirmed(describe: Describe) -> None:
    made = describe(HANDLES)
    found = declarations.parse(made.text)
    assert len(made.proposals) > 8
    assert not any(f.attributes for f in found.functions())
    assert not any(p.attributes for f in found.functions() for p in f.type.parameters)
    assert not any(r.attributes for r in found.records())
    assert len(PROPOSAL.findall(made.text)) >= 8


def test_accepting_in_the_text_and_while_making_is_the_same(describe: Describe) -> None:
    proposed, confirmed = describe(HANDLES), describe(HANDLES, accept=True)
    text = declarations.parse(accept_text(proposed.text)[0])
    made = declarations.parse(confirmed.text)
    assert [shown(f.attributes) for f in text.functions()] == [
        shown(f.attributes) for f in made.functions()
    ]
    assert not confirmed.proposals and "/*?" not in confirmed.text


def test_the_command_accepts_what_is_left_in_a_file(
    describe: Describe, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "lib.bridge"
    path.write_text(describe(HANDLES).text.replace("/*? [[filename]] */", ""))
    assert main(["describe", "--accept", str(path)]) == 0
    found = declarations.parse_file(path)
    assert at(found, "lib_db_open") == ["constructor"]
    assert at(found, "lib_db_open", "path") == []
    assert "proposals confirmed" in capsys.readouterr().err


def test_proposals_that_do_not_hold_together_are_taken_back(describe: Describe) -> None:
    made = describe(
        "typedef struct a_t a_t; a_t *lib_a_new(void); void lib_a_free(a_t *a);\n"
        "int lib_a_pair(a_t **out, int *out_count, const a_t *result);\n"
        "typedef struct Row Row; Row *row_new(void); void row_free(Row *r);\n"
        "typedef struct row row; row *lib_row_new(void); void lib_row_free(row *r);\n"
    )
    declarations.parse(accept_text(made.text)[0])


def test_no_propose_proposes_nothing(describe: Describe) -> None:
    made = describe(HANDLES, propose=False)
    assert made.proposals == [] and "/*?" not in made.text


# ---- what is left open


def test_pointers_whose_ownership_is_unsaid_are_listed(describe: Describe) -> None:
    made = describe(
        "char *a(void); void b(int *x, const int *y, char **z); const char *c(const char *s);\n"
        "struct s { int x; }; struct s *d(struct s *p); void e(void (*f)(void));"
    )
    found = [(u.function, u.parameter, u.type) for u in made.unsaid]
    assert found == [
        ("a", "result", "char *"), ("b", "x", "int *"), ("b", "z", "char **"),
        ("d", "result", "struct s *"), ("e", "f", "void (*)(void)"),
    ]  # fmt: skip
    assert [u.location.line for u in made.unsaid] == [1, 1, 1, 2, 2]
    assert "/* Pointers whose ownership is unsaid:\n a: result: char *\n" in made.text


def test_what_is_said_is_not_unsaid(describe: Describe) -> None:
    made = describe(
        "#include <stdlib.h>\nchar *a(void); void b(int *x, char *p, int n); int *c(int *);\n",
        "a [[owned]]; b (x [[inout]], p [[array(n)]]); c [[hidden]];",
    )
    assert made.unsaid == []


def test_the_report_is_a_table_or_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    header = tmp_path / "lib.h"
    header.write_text(HANDLES)
    assert main(["describe", str(header), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert {"declaration": "lib_db_open", "parameter": "db", "attribute": "[[out]]",
            "reason": "it points at a handle to be set"} in report["proposals"]  # fmt: skip
    first = next(u for u in report["unsaid"] if u["function"] == "lib_db_open")
    assert (first["parameter"], first["type"], first["line"]) == ("db", "lib_db **", 5)
    assert main(["describe", str(header), "--report"]) == 0
    out = capsys.readouterr().out
    assert "ownership unsaid" in out and "[[destructor]]" in out


# ---- annotations


def test_annotations_are_merged_in(describe: Describe) -> None:
    made = describe(
        "struct p { int x, y; };\nenum e { E_A, E_B };\n#define N 3\nextern int v;\n"
        "int f(int a, int *b);\nint g(void);\n"
        "typedef int (*cb)(void *, int);\nint h(cb call, void *u);",
        """\
        /** The module. */
        [[library("libx.so.1"), module("x")]];
        struct p [[class("P")]] { x [[readonly]]; y [[hidden]] };
        enum e { E_B [[name("b")]] };
        N [[name("count")]];
        v [[readonly]];
        /** Does f. */
        f [[quick, name("ef")]] (a [[default(0x10)]], 2 out [[out]]);
        cb (1 user [[user_data]]);
        h (call [[user_data(u), scope(call)]]);
        """,
        propose=False,
    )
    found = declarations.parse(made.text)
    assert found.library == "libx.so.1"
    (p,) = found.records()
    assert [shown(p.attributes), *(shown(f.attributes) for f in p.fields or ())] == [
        ["class(P)"], ["readonly"], ["hidden"],
    ]  # fmt: skip
    (e,) = found.enums()
    assert [shown(x.attributes) for x in e.enumerators or ()] == [[], ["name(b)"]]
    assert at(found, "f") == ["quick", "name(ef)"]
    assert at(found, "f", "a") == ["default(16)"] and at(found, "f", "out") == ["out"]
    (f, *_) = found.functions()
    assert f.doc == "Does f."
    assert [shown(c.attributes) for c in found.constants()] == [["name(count)"]]
    assert at(found, "h", "call") == ["user_data(u)", "scope(call)"]
    assert "void *user [[user_data]]" in made.text


def test_patterns_numbers_and_omissions(describe: Describe) -> None:
    made = describe(
        "int a_one(int *); int a_two(int *); int b(void); int gone(void); struct s { int x; };",
        "a_* [[quick]] (1 [[out]]); omit gone; omit s; b [[hidden]];",
    )
    found = declarations.parse(made.text)
    assert [f.name for f in found.functions()] == ["a_one", "a_two", "b"]
    assert at(found, "a_two") == ["quick"]
    (f, *_) = found.functions()
    assert shown(f.type.parameters[0].attributes) == ["out"]
    assert not list(found.records())


def test_nothing_is_proposed_for_what_annotations_name(describe: Describe) -> None:
    made = describe(HANDLES, "lib_row_new;\nlib_db_open;")
    assert not {p.declaration for p in made.proposals} & {"lib_row_new", "lib_db_open"}
    assert "lib_row_free" in {p.declaration for p in made.proposals}


@pytest.mark.parametrize(
    ("annotations", "message"),
    [
        ("lib_opne [[quick]];", "notes:1:1: 'lib_opne' is not declared; did you mean 'lib_open'?"),
        ("\n\nlib_open (pth [[filename]]);", "notes:3:11: 'pth' is not a parameter of lib_open()"),
        ("lib_open (3 [[out]]);", "there is no number 3: 2 is the last"),
        ("struct pnt;", "'struct pnt' is not declared; did you mean 'point' or 'pnt_t'?"),
        ("struct point { z [[hidden]] };", "'z' is not a field of struct point"),
        ("nothing_* [[quick]];", "nothing matches 'nothing_*'"),
        ("lib_open { path [[filename]] };", "its parameters stand in '( )'"),
        ("N (x);", "'N' has no parameters and no fields"),
        ("lib_open [[quick];", "lib.notes:1:17: unexpected ']'"),
        ("lib_open [[quick]]", "expected ';' after what is said of 'lib_open', found the end"),
        ("lib_open [[quick(]];", "expected a value"),
        ("lib_open (path [[filename]] n);", "expected ',' or ')'"),
        ("[[library(\"x\"", "expected ',' or ')', found the end of the file"),
        ("\nlib_open [[qick]];", "notes:2:12: with what annotations"),
        ("lib_open (path [[out]]);", "notes:1:18: with what annotations"),
        ("3 [[quick]];", "'3' is no name and no parameter's number"),
    ],
)  # fmt: skip
def test_wrong_annotations_are_errors_with_their_lines(
    annotations: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header, notes = tmp_path / "lib.h", tmp_path / "lib.notes"
    header.write_text(
        "#define N 3\nstruct point { int x; }; typedef struct point pnt_t;\n"
        "int lib_open(const char *path, int n);\n"
    )
    notes.write_text(annotations)
    assert main(["describe", str(header), "--annotations", str(notes)]) == 2
    assert message in capsys.readouterr().err


def test_annotations_outlive_a_change_of_the_header(describe: Describe) -> None:
    annotations = "f (n [[out]]);"
    before = describe("int f(int *n);", annotations)
    after = describe("typedef long count;\nextern count f(const char *s, count *n);", annotations)
    for made in (before, after):
        assert at(declarations.parse(made.text), "f", "n") == ["out"]
