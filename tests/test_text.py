"""Text: encodings, wide characters, bytes, paths, NULL, ownership."""

from __future__ import annotations

import gc
import os
import pathlib
import sys
import types

import pytest

import symbridge
from growth import growth

DESCRIPTION = """
    [[prefix("txt_")]];
    int64_t txt_bytes(const char *text [[nullable]]);
    [[name("latin1")]] int64_t txt_latin1_in(const char *text [[string("latin-1")]])
        __asm__("txt_bytes");
    [[name("latin1_or_question_mark")]] int64_t txt_replaced(
        const char *text [[string("latin-1", "replace")]]) __asm__("txt_bytes");
    [[name("utf8_escaped")]] int64_t txt_escaped(
        const char *text [[string("utf-8", "surrogateescape")]]) __asm__("txt_bytes");
    [[name("null_utf16")]] int64_t txt_utf16_in(const char *text [[string("utf-16-le")]])
        __asm__("txt_bytes");
    [[name("unknown")]] int64_t txt_unknown(const char *text [[string("no-such-encoding")]])
        __asm__("txt_bytes");
    [[name("raw")]] int64_t txt_raw(const char *text [[bytes]]) __asm__("txt_bytes");
    [[name("raw_or_none")]] int64_t txt_raw_or_none(const char *text [[bytes, nullable]])
        __asm__("txt_bytes");
    [[name("path_length")]] size_t txt_path(const char *path [[filename]]) __asm__("txt_length");
    [[name("path_or_none")]] int64_t txt_path_or_none(const char *path [[filename, nullable]])
        __asm__("txt_bytes");
    size_t txt_length(const char *text);
    size_t txt_wide_length(const wchar_t *text [[nullable]]);
    size_t txt_length16(const char16_t *text);
    uint32_t txt_first32(const char32_t *text);
    size_t txt_upper(char *text [[string]]);
    [[name("upper_raw")]] size_t txt_upper_raw(char *text [[bytes]]) __asm__("txt_upper");

    const char *txt_utf8(void);
    [[string("latin-1")]] const char *txt_from_latin1(void);
    [[name("latin1_as_utf8")]] const char *txt_latin1_as_utf8(void) __asm__("txt_from_latin1");
    [[bytes, name("latin1_raw")]] const char *txt_latin1_raw(void) __asm__("txt_from_latin1");
    [[string("utf-8", "surrogateescape"), name("latin1_escaped")]] const char *txt_escaped_out(void)
        __asm__("txt_from_latin1");
    const char *txt_null(void);
    const wchar_t *txt_wide(void);
    const char16_t *txt_utf16(void);
    const char16_t *txt_half_pair(void);
    const char32_t *txt_utf32(void);

    void txt_free(void *memory);
    int txt_live_blocks(void);
    [[owned(txt_free)]] char *txt_copy(const char *text [[nullable]]);
    [[owned(txt_free)]] char *txt_bad_copy(void);
    [[fails(nonzero, ValueError)]] int txt_out(const char *text [[nullable]], int status,
        char **out [[out, owned(txt_free)]]);
    void txt_two(char **first [[out, owned(txt_free)]], char **second [[out, owned(txt_free)]]);
    [[owned]] char *txt_malloced(void);
"""


@pytest.fixture(scope="module")
def t(native_library) -> types.ModuleType:
    return symbridge.load(native_library("text"), DESCRIPTION, name="text_under_test")


def number(data: bytes) -> int:
    return int.from_bytes(data, "little")


class TestIn:
    def test_none_where_nullable(self, t) -> None:
        assert t.bytes(None) == -1
        assert t.bytes("a\u00e9") == number("a\u00e9".encode())

    def test_wrong_type_where_nullable(self, t) -> None:
        with pytest.raises(
            TypeError, match=r"^bytes\(\) argument 'text': expected str or None, got bytes$"
        ):
            t.bytes(b"a")

    def test_other_encoding(self, t) -> None:
        assert t.latin1("a\u00e9") == number(b"a\xe9")

    def test_what_the_encoding_does_not_have(self, t) -> None:
        with pytest.raises(UnicodeEncodeError, match=r"in latin1\(\) argument 'text'") as caught:
            t.latin1("\u20ac")
        assert caught.value.object == "\u20ac"
        assert caught.value.encoding == "latin-1"

    def test_error_handler(self, t) -> None:
        assert t.latin1_or_question_mark("\u20aca") == number(b"?a")
        assert t.utf8_escaped("\udcff") == 0xFF

    def test_lone_surrogate(self, t) -> None:
        with pytest.raises(UnicodeEncodeError, match=r"surrogates not allowed, in length\(\) arg"):
            t.length("\ud800")
        with pytest.raises(UnicodeEncodeError, match=r"surrogates not allowed, in bytes\(\) arg"):
            t.bytes("\ud800")

    @pytest.mark.parametrize("name", ["bytes", "latin1", "length", "wide_length", "length16"])
    def test_embedded_null(self, t, name: str) -> None:
        with pytest.raises(ValueError, match=rf"^{name}\(\) argument 'text': embedded null char"):
            getattr(t, name)("a\0b")

    def test_embedded_null_in_bytes_and_paths(self, t) -> None:
        with pytest.raises(ValueError, match="embedded null byte"):
            t.raw(b"a\0b")
        with pytest.raises(ValueError, match="embedded null byte"):
            t.path_length("a\0b")

    def test_encoding_with_null_bytes(self, t) -> None:
        with pytest.raises(ValueError, match="utf-16-le writes null bytes"):
            t.null_utf16("a")

    def test_unknown_encoding(self, t) -> None:
        with pytest.raises(LookupError, match="no-such-encoding"):
            t.unknown("a")

    def test_bytes(self, t) -> None:
        for data in (b"abc", bytearray(b"abc"), memoryview(b"xabc")[1:]):
            assert t.raw(data) == number(b"abc")
        with pytest.raises(TypeError, match="expected a bytes-like object, got str"):
            t.raw("abc")
        with pytest.raises(TypeError, match="got NoneType"):
            t.raw(None)
        assert t.raw_or_none(None) == -1

    def test_memory_that_c_may_write_into_is_a_copy(self, t) -> None:
        text = "".join(["abc", "def"])
        assert t.upper(text) == 6
        assert text == "abcdef"
        data = bytes(bytearray(b"abc"))
        assert t.upper_raw(data) == 3
        assert data == b"abc"

    def test_paths(self, t) -> None:
        assert t.path_length("/tmp") == 4
        assert t.path_length(b"/tmp") == 4
        assert t.path_length(pathlib.PurePosixPath("/tmp")) == 4
        assert t.path_length("\udcff") == 1
        assert t.path_or_none(None) == -1
        with pytest.raises(TypeError, match="PathLike"):
            t.path_length(5)

    def test_wide(self, t) -> None:
        assert t.wide_length("a\u20ac\U0001f600") == 3
        assert t.wide_length("") == 0
        assert t.wide_length(None) == 0
        assert t.length16("a\U0001f600") == 3
        assert t.first32("\U0001f600") == 0x1F600
        with pytest.raises(TypeError, match="expected str, got bytes"):
            t.length16(b"a")
        with pytest.raises(UnicodeEncodeError):
            t.wide_length("\ud800")


class TestOut:
    def test_utf8(self, t) -> None:
        assert t.utf8() == "h\u00e9llo"

    def test_other_encoding(self, t) -> None:
        assert t.from_latin1() == "h\u00e9llo"
        assert t.latin1_raw() == b"h\xe9llo"
        assert t.latin1_escaped() == "h\udce9llo"

    def test_not_utf8(self, t) -> None:
        with pytest.raises(UnicodeDecodeError):
            t.latin1_as_utf8()

    def test_null_is_none(self, t) -> None:
        assert t.null() is None

    def test_wide(self, t) -> None:
        assert t.wide() == "wide \u20ac \U0001f600"
        assert t.utf32() == "a\U0001f600"

    def test_surrogate_pairs(self, t) -> None:
        with pytest.raises(UnicodeDecodeError):
            t.half_pair()

    def test_owned_result(self, t) -> None:
        assert t.copy("abc") == "abc"
        assert t.copy("") == ""
        assert t.copy(None) is None
        assert t.malloced() == "ok"
        assert t.live_blocks() == 0

    def test_owned_result_that_cannot_be_decoded(self, t) -> None:
        with pytest.raises(UnicodeDecodeError):
            t.bad_copy()
        assert t.live_blocks() == 0

    def test_owned_out_parameter(self, t) -> None:
        assert t.out("abc", 0) == "abc"
        assert t.out(None, 0) is None
        assert t.live_blocks() == 0

    def test_owned_out_parameter_of_a_call_that_fails(self, t) -> None:
        with pytest.raises(ValueError, match="txt_out returned 5"):
            t.out("abc", 5)
        assert t.live_blocks() == 0

    def test_all_are_freed_when_the_first_cannot_be_decoded(self, t) -> None:
        with pytest.raises(UnicodeDecodeError):
            t.two()
        assert t.live_blocks() == 0


def test_text_of_a_real_library() -> None:
    libc = symbridge.load("libc.so.6", "const char *getenv(const char *name);")
    assert libc.getenv("PATH") == os.environ["PATH"]
    assert libc.getenv("SYMBRIDGE_TEST_NOT_THERE") is None


def test_nothing_leaks(t) -> None:
    wrong = [
        (t.latin1, ("\u20ac",)),
        (t.latin1, ("a\0",)),
        (t.raw, ("x",)),
        (t.wide_length, ("\ud800",)),
        (t.path_length, (5,)),
        (t.null_utf16, ("a",)),
        (t.two, ()),
        (t.bad_copy, ()),
    ]

    def failing() -> None:
        for call, arguments in wrong:
            try:
                call(*arguments)
            except (ValueError, TypeError):
                continue
            raise AssertionError("it did not fail")

    text, data, path = "\u00e9" * 40, b"x" * 40, pathlib.PurePosixPath("/x" * 20)

    def working() -> None:
        t.latin1_or_question_mark(text)
        t.raw(data)
        t.raw(bytearray(data))
        t.upper("abc")
        t.wide_length(text)
        t.length16(text)
        t.path_length(path)
        t.copy("abc")
        t.out("abc", 0)
        t.wide()

    for _ in range(10):
        working()
        failing()
    gc.collect()
    references = sys.getrefcount(text), sys.getrefcount(data)
    assert growth(lambda: (working(), failing())) < 16
    assert references == (sys.getrefcount(text), sys.getrefcount(data))
