"""FFI's buffers: ffi.buffer, from_buffer, and NumPy's arrays on both sides."""

from __future__ import annotations

import array
import gc
import mmap
import weakref

import numpy as np
import pytest

from growth import growth
from symbridge.cffi import FFI

ffi = FFI()
ffi.cdef("""
    struct point { int x, y; };
    struct padded { char kind; double value; short last; };
    struct packet { int size; short data[]; };
    struct empty { };
    typedef int (*callback)(int);
""")


class TestBuffer:
    def test_bytes_of_memory(self):
        p = ffi.new("char[]", b"hello")
        b = ffi.buffer(p)
        assert len(b) == 6
        assert b[:] == b"hello\0"
        assert (b[0], b[-2], b[1:3], b[4:100], b[3:1]) == (b"h", b"o", b"el", b"o\0", b"")
        assert list(b)[:2] == [b"h", b"e"]
        assert bytes(b) == bytes(memoryview(b)) == b"hello\0"

    def test_writing(self):
        p = ffi.new("char[]", b"hello")
        b = ffi.buffer(p)
        b[0] = b"J"
        b[-2] = b"y"
        b[1:3] = b"ol"
        b[3:3] = b""
        assert ffi.string(p) == b"Jolly"
        b[:] = bytearray(b"123456")
        memoryview(b)[0] = 57
        assert list(p) == [b"9", b"2", b"3", b"4", b"5", b"6"]

    def test_a_slice_may_be_set_from_itself(self):
        b = ffi.buffer(ffi.new("char[]", b"abcdef"))
        b[1:4] = memoryview(b)[0:3]
        assert b[:] == b"aabcef\0"

    def test_sizes(self):
        p = ffi.new("int[10]")
        assert len(ffi.buffer(p)) == 40
        assert len(ffi.buffer(p, 3)) == 3
        assert len(ffi.buffer(p + 1)) == 4
        assert len(ffi.buffer(cdata=p, size=0)) == 0
        assert len(ffi.buffer(p, -1)) == 40
        assert len(ffi.buffer(ffi.new("struct point *"))) == 8
        assert len(ffi.buffer(ffi.new("struct packet *", [2, [1, 2]]))) == 8
        assert len(ffi.buffer(ffi.cast("void *", p), 7)) == 7

    def test_a_warning_for_more_than_there_is(self):
        p = ffi.new("int *")
        with pytest.warns(UserWarning, match="buffer of 100 bytes over a cdata that owns only 4"):
            ffi.buffer(p, 100)
        ffi.buffer(p + 0, 100)

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: ffi.cast("int", 3), "expected a pointer or array cdata, got 'int'"),
            (lambda: ffi.cast("callback", 3), "expected a pointer or array cdata, got 'int"),
            (lambda: ffi.new("struct point *")[0], "expected a pointer or array cdata"),
            (lambda: ffi.cast("void *", 3), "don't know the size pointed to by 'void \\*'"),
            (lambda: 5, "buffer.. argument 1 must be"),
            (lambda: b"abc", "buffer.. argument 1 must be"),
        ],
    )
    def test_what_is_refused(self, make, message):
        with pytest.raises(TypeError, match=message):
            ffi.buffer(make())

    def test_wrong_indices(self):
        b = ffi.buffer(ffi.new("char[4]"))
        for call, error, message in [
            (lambda: b[4], IndexError, "buffer index out of range"),
            (lambda: b[-5], IndexError, "buffer index out of range"),
            (lambda: b[2**70], IndexError, "cannot fit"),
            (lambda: b["a"], TypeError, "buffer indices must be integers, not str"),
            (lambda: b[::2], TypeError, "doesn't support slicing with step != 1"),
            (lambda: b.__setitem__(4, b"a"), IndexError, "assignment index out of range"),
            (lambda: b.__setitem__(0, b"ab"), TypeError, "must assign a bytes of length 1, not b"),
            (lambda: b.__setitem__(0, 5), TypeError, "must assign a bytes of length 1, not int"),
            (lambda: b.__setitem__(slice(0, 2), b"a"), ValueError, "must match slice length"),
            (lambda: b.__setitem__(slice(0, 2), "ab"), TypeError, "bytes-like object is required"),
            (lambda: b.__setitem__(slice(0, 4, 2), b"ab"), TypeError, "step != 1"),
            (lambda: b.__setitem__("a", b"ab"), TypeError, "indices must be integers"),
            (lambda: b.__delitem__(0), TypeError, "'del x\\[n\\]' not supported for buffer ob"),
        ]:
            with pytest.raises(error, match=message):
                call()

    def test_comparison(self):
        b = ffi.buffer(ffi.new("char[]", b"abc"))
        assert b == b"abc\0" and b == ffi.buffer(ffi.new("char[]", b"abc"))
        assert b == memoryview(b"abc\0") and b == b"abc\0"
        assert b != b"abc" and b != b"abd\0"
        assert b < b"abd" and b <= b"abc\0" and b > b"abc" and b >= b"abb" and not b < b"a"
        assert b < b"\xff"
        assert b != "abc" and b != 5
        with pytest.raises(TypeError):
            b < "abc"  # noqa: B015
        with pytest.raises(TypeError):
            hash(b)

    def test_it_keeps_the_memory_alive(self):
        b = ffi.buffer(ffi.new("char[]", b"x" * 1000))
        view = memoryview(b)
        gc.collect()
        assert b[:1000] == b"x" * 1000
        del b
        gc.collect()
        assert bytes(view[:10]) == b"x" * 10

    def test_it_is_a_type(self):
        assert isinstance(ffi.buffer, type)
        assert type(ffi.buffer(ffi.new("int *"))) is ffi.buffer
        with pytest.raises(TypeError):
            type("Derived", (ffi.buffer,), {})

    def test_weak_references(self):
        b = ffi.buffer(ffi.new("int *"))
        gone = weakref.ref(b)
        assert gone() is b
        del b
        assert gone() is None

    def test_null(self):
        b = ffi.buffer(ffi.cast("int *", 0), 4)
        with pytest.raises(RuntimeError):
            b[0]
        with pytest.raises(RuntimeError):
            b[:]
        with pytest.raises(RuntimeError):
            b[0:4] = b"abcd"
        with pytest.raises(BufferError):
            memoryview(b)
        assert ffi.buffer(ffi.NULL, 0)[:] == b""

    def test_memory_that_was_released(self):
        c = ffi.from_buffer(bytearray(b"abc"))
        b = ffi.buffer(c)
        ffi.release(c)
        for use in (lambda: b[0], lambda: b[:], lambda: b.__setitem__(0, b"x")):
            with pytest.raises(ValueError, match="released"):
                use()
        with pytest.raises(BufferError, match="released"):
            memoryview(b)
        assert b != b"abc"

    def test_memory_is_not_released_under_a_memoryview(self):
        c = ffi.from_buffer(bytearray(b"abc"))
        view = memoryview(ffi.buffer(c))
        with pytest.raises(BufferError, match="in use"):
            ffi.release(c)
        with pytest.raises(BufferError, match="in use"), c:
            pass
        view.release()
        ffi.release(c)

    def test_files_and_numbers_read_into_it(self, tmp_path):
        path = tmp_path / "data"
        path.write_bytes(b"0123456789")
        p = ffi.new("char[]", 5)
        with path.open("rb", buffering=0) as file:
            assert file.readinto(ffi.buffer(p)) == 5
        assert ffi.unpack(p, 5) == b"01234"

    def test_leaves_no_memory_behind(self):
        p = ffi.new("char[]", b"hello")

        def work() -> None:
            b = ffi.buffer(p)
            b[1:3] = memoryview(b)[2:4]
            assert b[0] == b"h" and b != b"x"
            with pytest.raises(ValueError, match="must match"):
                b[0:2] = b"x"

        assert growth(work, 500) < 1


class TestFromBuffer:
    def test_it_is_the_memory_itself(self):
        raw = bytearray(b"xyz")
        c = ffi.from_buffer(raw)
        assert repr(c) == "<cdata 'char[]' buffer len 3 from 'bytearray' object>"
        assert ffi.typeof(c) is ffi.typeof("char[]")
        assert len(c) == 3 and c[2] == b"z"
        c[1] = b"Y"
        assert raw == b"xYz"

    @pytest.mark.parametrize(
        ("cdecl", "size", "length"),
        [
            ("int[]", 17, 4),
            ("int[2]", 17, 2),
            ("struct point[]", 24, 3),
            ("struct padded[]", 48, 2),
            ("short[][3]", 20, 3),
            ("char[0]", 0, 0),
        ],
    )
    def test_the_length_comes_from_the_buffer(self, cdecl, size, length):
        c = ffi.from_buffer(cdecl, bytes(size))
        assert len(c) == length
        with pytest.raises(IndexError):
            c[length]

    def test_pointers(self):
        raw = bytearray(ffi.buffer(ffi.new("struct point[]", [[1, 2], [3, 4]])))
        p = ffi.from_buffer("struct point *", raw)
        assert (p.x, p.y, p[1].x, p[1].y) == (1, 2, 3, 4)
        assert repr(p) == "<cdata 'struct point *' buffer from 'bytearray' object>"
        assert len(ffi.buffer(p)) == 8
        ffi.from_buffer("struct point *", b"")

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            (("int[5]", b"123"), ValueError, r"too small \(3 bytes\) for 'int\[5\]' \(20 bytes\)"),
            (("int", b"123"), TypeError, "expected a pointer or array ctype, got 'int'"),
            (("callback", b"123"), TypeError, "expected a pointer or array ctype, got 'int"),
            (("text",), TypeError, "cannot return the address of a unicode object"),
            ((5,), TypeError, "bytes-like object is required, not 'int'"),
            (("int[]", "text"), TypeError, "cannot return the address of a unicode object"),
            (("char[]", b"abc", True), BufferError, "not writable"),
            (("struct empty[]", b"abc"), ZeroDivisionError, "cannot be computed"),
        ],
    )
    def test_what_is_refused(self, arguments, error, message):
        with pytest.raises(error, match=message):
            ffi.from_buffer(*arguments)

    def test_require_writable(self):
        c = ffi.from_buffer("char[]", bytearray(b"abc"), require_writable=True)
        c[0] = b"x"
        with pytest.raises(BufferError):
            ffi.from_buffer(b"abc", require_writable=True)
        assert ffi.from_buffer(python_buffer=b"abc", cdecl="char[]")[0] == b"a"

    def test_what_it_holds_cannot_be_resized(self):
        raw = bytearray(b"abc")
        c = ffi.from_buffer(raw)
        with pytest.raises(BufferError):
            raw.append(1)
        ffi.release(c)
        ffi.release(c)
        raw.append(1)
        d = ffi.from_buffer(raw)
        del d
        raw.append(1)
        with ffi.from_buffer(raw), pytest.raises(BufferError):
            raw.append(1)
        raw.append(1)

    def test_use_after_release_is_an_error(self):
        raw = bytearray(16)
        open_array = ffi.from_buffer("int[]", raw)
        fixed = ffi.from_buffer("int[2]", raw)
        pointer = ffi.from_buffer("int *", raw)
        record = ffi.from_buffer("struct point *", raw)
        for c in (open_array, fixed, pointer, record):
            ffi.release(c)
            assert repr(c).endswith("buffer RELEASED>")
            with pytest.raises((IndexError, RuntimeError)):
                c[0]
            with pytest.raises((IndexError, RuntimeError)):
                c[0] = 1
        with pytest.raises(RuntimeError):
            record.x  # noqa: B018
        with pytest.raises((IndexError, RuntimeError)):
            open_array[0:2]
        with pytest.raises(RuntimeError):
            ffi.unpack(open_array, 1)
        with pytest.raises(RuntimeError):
            ffi.memmove(bytearray(4), open_array, 4)
        assert list(open_array) == []

    def test_it_keeps_the_exporter_alive(self):
        class Raw(bytearray):
            pass

        raw = Raw(b"abc")
        gone = weakref.ref(raw)
        c = ffi.from_buffer(raw)
        del raw
        gc.collect()
        assert gone() is not None and c[0] == b"a"
        del c
        gc.collect()
        assert gone() is None

    def test_a_cycle_is_collected(self):
        class Raw(bytearray):
            pass

        raw = Raw(b"abc")
        raw.c = ffi.from_buffer(raw)  # type: ignore[attr-defined]
        gone = weakref.ref(raw)
        del raw
        gc.collect()
        assert gone() is None

    def test_exporters(self):
        numbers = array.array("i", [1, 2, 3])
        assert list(ffi.from_buffer("int[]", numbers)) == [1, 2, 3]
        assert list(ffi.from_buffer("int[]", memoryview(numbers)[1:])) == [2, 3]
        with mmap.mmap(-1, 4096) as area:
            c = ffi.from_buffer("char[]", area)
            c[5] = b"x"
            with pytest.raises(BufferError):
                area.close()
            ffi.release(c)
            assert area[5] == ord("x")
        p = ffi.new("int[]", [1, 2])
        assert list(ffi.from_buffer("int[]", ffi.buffer(p))) == [1, 2]
        with pytest.raises(BufferError):
            ffi.from_buffer("int[]", memoryview(numbers)[::2])

    def test_a_long_chain_ends_without_overflow(self):
        c = ffi.from_buffer(bytearray(8))
        for _ in range(50_000):
            c = ffi.from_buffer(ffi.buffer(c))
        del c

    def test_leaves_no_memory_behind(self):
        raw = bytearray(16)

        def work() -> None:
            ffi.from_buffer("int[]", raw)
            ffi.release(ffi.from_buffer("struct point *", raw))
            with pytest.raises(ValueError, match="too small"):
                ffi.from_buffer("int[50]", raw)
            with pytest.raises(BufferError):
                ffi.from_buffer("int[]", b"", require_writable=True)

        assert growth(work, 500) < 1


class TestNumPy:
    PADDED = np.dtype([("kind", "S1"), ("value", "f8"), ("last", "i2")], align=True)

    def test_a_structured_array_as_records(self):
        table = np.zeros(3, self.PADDED)
        table["value"] = [1.5, 2.5, 3.5]
        records = ffi.from_buffer("struct padded[]", table)
        assert len(records) == 3
        assert [r.value for r in records] == [1.5, 2.5, 3.5]
        records[1].last = 7
        assert table["last"].tolist() == [0, 7, 0]
        assert int(ffi.cast("uintptr_t", records)) == table.ctypes.data

    def test_records_as_a_structured_array(self):
        records = ffi.new("struct padded[]", [[b"a", 1.5, 1], [b"b", 2.5, 2]])
        table = np.frombuffer(ffi.buffer(records), dtype=self.PADDED)
        assert table["kind"].tolist() == [b"a", b"b"]
        table["value"] *= 2
        assert records[1].value == 5.0

    def test_the_memory_stays_while_numpy_has_it(self):
        table = np.frombuffer(ffi.buffer(ffi.new("int[]", [1, 2, 3])), dtype=np.int32)
        gc.collect()
        assert table.tolist() == [1, 2, 3]

    def test_bytes(self):
        p = ffi.new("uint8_t[]", [1, 2, 3])
        seen = np.asarray(ffi.buffer(p))
        assert (seen.dtype, seen.tolist()) == (np.uint8, [1, 2, 3])
        seen[0] = 9
        assert p[0] == 9

    def test_arrays_with_gaps_are_refused(self):
        with pytest.raises((BufferError, ValueError, TypeError)):
            ffi.from_buffer("int[]", np.zeros(8, np.int32)[::2])

    def test_a_read_only_array(self):
        table = np.zeros(3, np.int32)
        table.flags.writeable = False
        assert list(ffi.from_buffer("int[]", table)) == [0, 0, 0]
        with pytest.raises((BufferError, ValueError)):
            ffi.from_buffer("int[]", table, require_writable=True)

    def test_an_array_is_not_moved_while_c_has_it(self):
        table = np.zeros(3, np.int32)
        c = ffi.from_buffer("int[]", table)
        with pytest.raises(ValueError, match="resize"):
            table.resize(100)
        del c
