"""Errors: what failed calls raise, their messages, and what wrong arguments are told."""

from __future__ import annotations

import errno
import gc
import os
import pathlib
import pickle
import sys
import traceback
import types

import pytest

import symbridge
from growth import growth

DESCRIPTION = """
    [[prefix("err_")]];
    /** An apple is stuck in the throat. */
    [[exception(AppleStuckInThroat)]];
    [[exception(DbError, RuntimeError)]];
    [[exception(DbValueError, DbError)]];
    [[exception(StorageError, OSError)]];

    enum [[status(DbError)]] err_status {
        ERR_OK = 0,
        ERR_INVALID [[raises(ValueError)]] = 1,
        ERR_OVERFLOW [[raises(OverflowError)]] = 2,
        ERR_IO [[raises(OSError)]] = 3,
        ERR_STUCK [[raises(AppleStuckInThroat)]] = 4,
        ERR_DONE [[stop]] = 5,
        ERR_WARNING [[ok]] = 6,
        ERR_LARGE = -2000000000,
    };
    enum [[status]] err_plain { ERR_PLAIN_OK, ERR_PLAIN_BAD };
    enum [[status]] err_zero { ERR_ZERO_BAD [[raises(KeyError)]], ERR_ZERO_GOOD [[ok]] };
    enum [[status(StorageError)]] err_storage { ERR_STORAGE_OK, ERR_STORAGE_BAD };
    [[message]] const char *err_message(enum err_status status);

    [[name("raise_")]] enum err_status err_raise(int status, int number) __asm__("err_status_as");
    [[name("raise_plain")]] enum err_plain err_raise_plain(int status, int number)
        __asm__("err_status_as");
    [[name("raise_zero")]] enum err_zero err_raise_zero(int status, int number)
        __asm__("err_status_as");
    [[name("raise_storage")]] enum err_storage err_raise_storage(int status, int number)
        __asm__("err_status_as");
    [[fails(negative)]] int err_open(const char *path [[filename]], int number);
    [[fails(nonzero)]] int err_rename(const char *from [[filename]], const char *to [[filename]]);
    [[fails(null, MemoryError)]] void *err_null(int fail);
    [[fails(null)]] [[name("null_os")]] void *err_null_os(int fail) __asm__("err_null");
    [[fails(negative, IndexError)]] int err_code(int n);
    [[fails(zero, LookupError), name("found")]] int err_found(int n) __asm__("err_code");
    [[fails(nonzero, AppleStuckInThroat), name("checked")]] int err_checked(int n)
        __asm__("err_code");

    int err_live(void);
    typedef struct err_db err_db;
    typedef struct err_row err_row;
    [[class_method, fails(nonzero, DbError)]] int err_db_open(const char *name,
        err_db **out [[out, owned(err_db_close)]]);
    [[destructor]] void err_db_close(err_db *db);
    [[message]] const char *err_db_message(const err_db *db);
    [[method, fails(nonzero, DbValueError)]] int err_db_execute(err_db *db, const char *text);
    [[method, keeps(db), fails(nonzero, DbError)]] int err_db_first(err_db *db,
        err_row **out [[out, owned]]);
    [[destructor]] void err_row_free(err_row *row);
    [[method, fails(nonzero, DbError)]] int err_row_column(err_row *row, int index);

    [[name("plain_arguments")]] int err_arguments(int first, int) __asm__("err_status_as");
    struct err_pair { int a, b; };
    [[method, name("add")]] int err_pair_add(const struct err_pair *self, int other)
        __asm__("err_status_as");
    [[setter("total")]] void err_pair_set_total(struct err_pair *self, int total)
        __asm__("err_status_as");
    [[operator("*")]] int err_pair_scale(const struct err_pair *self, unsigned char by)
        __asm__("err_status_as");
"""


@pytest.fixture(scope="module")
def e(native_library) -> types.ModuleType:
    return symbridge.load(native_library("errors"), DESCRIPTION, name="errors_under_test")


class TestStatus:
    def test_ok_returns_nothing(self, e) -> None:
        assert e.raise_(0, 0) is None

    def test_other_codes_that_are_no_error(self, e) -> None:
        assert e.raise_(6, 0) is None
        assert e.raise_(5, 0) is None

    def test_exception_and_message_of_a_status(self, e) -> None:
        with pytest.raises(ValueError, match="^the argument is not valid$"):
            e.raise_(1, 0)

    def test_exception_of_the_module(self, e) -> None:
        with pytest.raises(e.AppleStuckInThroat, match="^an apple is stuck$"):
            e.raise_(4, 0)

    def test_status_without_words(self, e) -> None:
        with pytest.raises(e.DbError, match="^err_status_as failed with ERR_LARGE$"):
            e.raise_(-2000000000, 0)

    def test_status_that_is_not_in_the_enum(self, e) -> None:
        with pytest.raises(
            e.DbError, match=r"^err_status_as failed with status 17 \(not in enum err_status\)$"
        ):
            e.raise_(17, 0)

    def test_message_that_is_not_utf8(self, e) -> None:
        with pytest.raises(OverflowError, match="^h\ufffd$"):
            e.raise_(2, 0)

    def test_runtime_error_by_default(self, e) -> None:
        with pytest.raises(RuntimeError, match="^err_status_as failed with ERR_PLAIN_BAD$") as info:
            e.raise_plain(1, 0)
        assert type(info.value) is RuntimeError

    def test_zero_may_be_a_failure(self, e) -> None:
        assert e.raise_zero(1, 0) is None
        with pytest.raises(KeyError, match="ERR_ZERO_BAD"):
            e.raise_zero(0, 0)

    def test_errno(self, e) -> None:
        with pytest.raises(PermissionError) as info:
            e.raise_(3, errno.EACCES)
        assert info.value.errno == errno.EACCES
        assert info.value.strerror == os.strerror(errno.EACCES)
        assert info.value.filename is None

    def test_os_error_without_errno(self, e) -> None:
        with pytest.raises(OSError, match="^err_status_as failed with ERR_IO$") as info:
            e.raise_(3, 0)
        assert info.value.errno is None

    def test_errno_of_a_derived_exception(self, e) -> None:
        with pytest.raises(e.StorageError) as info:
            e.raise_storage(1, errno.ENOSPC)
        assert info.value.errno == errno.ENOSPC

    def test_interpreter_goes_on(self, e) -> None:
        for status in (1, 2, 3, 4, 17):
            with pytest.raises((ValueError, RuntimeError, OverflowError, OSError, Exception)):
                e.raise_(status, 0)
        assert e.raise_(0, 0) is None


class TestResults:
    def test_file_not_found(self, e) -> None:
        with pytest.raises(FileNotFoundError) as info:
            e.open("/no/such/file", errno.ENOENT)
        assert info.value.filename == "/no/such/file"
        assert str(info.value) == "[Errno 2] No such file or directory: '/no/such/file'"

    def test_path_object(self, e) -> None:
        with pytest.raises(IsADirectoryError) as info:
            e.open(pathlib.PurePosixPath("/tmp"), errno.EISDIR)
        assert info.value.filename == "/tmp"

    def test_two_names(self, e) -> None:
        with pytest.raises(FileNotFoundError) as info:
            e.rename("/no/such/file", "/no/such/other")
        assert info.value.filename == "/no/such/file"
        assert info.value.filename2 == "/no/such/other"

    def test_without_errno(self, e) -> None:
        with pytest.raises(OSError, match="^err_open returned -1$"):
            e.open("x", 0)

    def test_null(self, e) -> None:
        assert e.null(0) != 0
        with pytest.raises(MemoryError, match="^err_null returned NULL$"):
            e.null(1)
        with pytest.raises(OSError, match="^err_null returned NULL$"):
            e.null_os(1)

    def test_negative(self, e) -> None:
        assert e.code(5) == 5
        with pytest.raises(IndexError, match="^err_code returned -3$"):
            e.code(-3)

    def test_zero(self, e) -> None:
        assert e.found(1) is None
        with pytest.raises(LookupError):
            e.found(0)

    def test_nonzero(self, e) -> None:
        assert e.checked(0) is None
        with pytest.raises(e.AppleStuckInThroat, match="^err_code returned 9$"):
            e.checked(9)


class TestMessagesOfHandles:
    def test_of_the_receiver(self, e) -> None:
        with e.db.open("x") as db, pytest.raises(e.DbValueError, match="^near '!': syntax error$"):
            db.execute("!")

    def test_of_the_owner_of_the_receiver(self, e) -> None:
        with e.db.open("x") as db:
            row = db.first()
            with pytest.raises(e.DbError, match="^no column -1$"):
                row.column(-1)
            row.close()

    def test_of_the_handle_that_the_failed_call_made(self, e) -> None:
        before = e.live()
        with pytest.raises(e.DbError, match="^cannot open bad$"):
            e.db.open("bad")
        gc.collect()
        assert e.live() == before


class TestExceptionClasses:
    def test_name_and_module(self, e) -> None:
        assert e.AppleStuckInThroat.__module__ == "errors_under_test"
        assert e.AppleStuckInThroat.__qualname__ == "AppleStuckInThroat"
        assert e.AppleStuckInThroat.__doc__ == "An apple is stuck in the throat."
        assert e.AppleStuckInThroat.__mro__[1] is Exception

    def test_bases(self, e) -> None:
        assert issubclass(e.DbError, RuntimeError)
        assert e.DbValueError.__bases__ == (e.DbError,)
        assert e.StorageError.__bases__ == (OSError,)

    def test_same_class_each_time(self, e) -> None:
        assert e.DbError is e.DbError

    def test_pickles(self, e) -> None:
        error = pickle.loads(pickle.dumps(e.AppleStuckInThroat("x")))
        assert type(error) is e.AppleStuckInThroat
        assert error.args == ("x",)


class TestArguments:
    def test_function_and_argument_are_named(self, e) -> None:
        with pytest.raises(
            TypeError, match=r"^plain_arguments\(\) argument 'first': expected int, got str$"
        ):
            e.plain_arguments("x", 1)

    def test_parameter_without_a_name(self, e) -> None:
        with pytest.raises(
            TypeError, match=r"^plain_arguments\(\) argument 2: expected int, got str$"
        ):
            e.plain_arguments(1, "x")

    def test_method(self, e) -> None:
        with pytest.raises(TypeError, match=r"^pair\.add\(\) argument 'other': expected int, got"):
            e.pair(1, 2).add("x")

    def test_setter(self, e) -> None:
        pair = e.pair(1, 2)
        with pytest.raises(TypeError, match=r"^pair\.total: expected int, got str$"):
            pair.total = "x"
        with pytest.raises(OverflowError, match=r"^pair\.total: 4294967296 is out of range"):
            pair.total = 2**32

    def test_operator_out_of_range(self, e) -> None:
        with pytest.raises(OverflowError, match=r"^pair\.__mul__\(\) argument 'by': 256 is out of"):
            e.pair(1, 2) * 256

    def test_exception_of_python_code_is_left_alone(self, e) -> None:
        class Bad:
            def __index__(self) -> int:
                raise TypeError("mine")

        with pytest.raises(TypeError, match="^mine$"):
            e.plain_arguments(Bad(), 1)

    def test_unicode_error_keeps_its_attributes(self, e) -> None:
        with pytest.raises(UnicodeEncodeError) as info:
            e.db.open("a\ud800b")
        assert (info.value.start, info.value.end) == (1, 2)
        assert info.value.object == "a\ud800b"
        assert info.value.reason == "surrogates not allowed, in db.open() argument 'name'"

    def test_context_is_kept(self, e) -> None:
        try:
            raise KeyError("first")
        except KeyError:
            with pytest.raises(TypeError) as info:
                e.plain_arguments("x", 1)
        assert isinstance(info.value.__context__, KeyError)


class TestDescriptionErrors:
    def test_is_a_syntax_error_with_a_place(self) -> None:
        with pytest.raises(symbridge.DescriptionError) as info:
            symbridge.load("", "int a;\n  int f(int b;\n")
        error = info.value
        assert isinstance(error, SyntaxError)
        assert (error.filename, error.lineno) == ("<description>", 2)
        assert error.text is not None
        assert error.text.strip() == "int f(int b;"

    def test_traceback_shows_the_caret(self) -> None:
        with pytest.raises(symbridge.DescriptionError) as info:
            symbridge.load("", "  int f(int b, wrong c);\n")
        lines = traceback.format_exception_only(info.value)
        assert lines[1].strip() == "int f(int b, wrong c);"
        assert lines[1].index("wrong") == lines[2].index("^")

    def test_caret_counts_characters(self) -> None:
        with pytest.raises(symbridge.DescriptionError) as info:
            symbridge.load("", 'int g [[name("\u00e4\u00f6\u00fc")]]; wrong x;\n')
        error = info.value
        assert error.text is not None
        assert error.offset is not None
        if "wrong" in error.text and "\u00e4" in error.text:
            assert error.text[error.offset - 1 :].startswith(("wrong", "\u00e4", '"'))

    def test_file_is_named(self, tmp_path) -> None:
        path = tmp_path / "broken.bridge"
        path.write_text("int f(\n")
        with pytest.raises(symbridge.DescriptionError) as info:
            symbridge.load("", file=path)
        assert info.value.filename == str(path)

    def test_library_error_is_an_os_error(self) -> None:
        with pytest.raises(symbridge.LibraryError, match="libnosuch") as info:
            symbridge.load("libnosuch.so.9", "int f(void);")
        assert isinstance(info.value, OSError)

    def test_symbol_error_lists_all(self) -> None:
        with pytest.raises(symbridge.SymbolError, match="no_such_b") as info:
            symbridge.load("libc.so.6", "int no_such_a(void); int no_such_b(void); int abs(int n);")
        assert info.value.missing == ["no_such_a", "no_such_b"]
        assert isinstance(info.value, LookupError)


def test_nothing_leaks(e) -> None:
    pair = e.pair(1, 2)
    db = e.db.open("x")
    wrong = [
        (e.raise_, (1, 0)), (e.raise_, (3, errno.EACCES)), (e.raise_, (3, 0)), (e.raise_, (4, 0)),
        (e.raise_, (17, 0)), (e.open, ("/nope", errno.ENOENT)), (e.rename, ("/nope", "/nope2")),
        (e.null, (1,)), (e.code, (-3,)), (db.execute, ("!",)), (e.db.open, ("bad",)),
        (e.plain_arguments, ("x", 1)), (pair.add, ("x",)), (e.db.open, ("\ud800",)),
        (symbridge.load, ("", "int f(")), (symbridge.load, ("libnosuch.so.9", "int f(void);")),
        (symbridge.load, ("libc.so.6", "int no_such_a(void);")),
    ]  # fmt: skip

    def failing() -> None:
        for call, arguments in wrong:
            try:
                call(*arguments)
            except Exception:
                continue
            raise AssertionError("it did not fail")

    for _ in range(10):
        failing()
    gc.collect()
    references = [sys.getrefcount(kind) for kind in (ValueError, OSError, e.AppleStuckInThroat)]
    assert growth(failing, 1000) < 16
    assert references == [
        sys.getrefcount(kind) for kind in (ValueError, OSError, e.AppleStuckInThroat)
    ]
    assert e.live() == 1
