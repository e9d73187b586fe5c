"""FFI's memory: new, allocators, gc, release, handles, memmove, string, unpack."""

from __future__ import annotations

import gc
import sys
import weakref
from typing import Any

import pytest

from growth import growth
from symbridge.cffi import FFI

ffi = FFI()
ffi.cdef("""
    struct point { int x, y; };
    struct packet { int size; short data[]; };
    struct unknown;
    union number { int i; float f; };
    enum color { RED, GREEN = 5, BLUE };
    typedef int (*callback)(int);
    typedef struct { char text[8]; struct point at[2]; } nested;
""")


class Unraisable:
    """What reached sys.unraisablehook."""

    def __init__(self) -> None:
        self.caught: list[Any] = []

    def __enter__(self) -> Unraisable:
        self.before = sys.unraisablehook
        sys.unraisablehook = lambda info: self.caught.append((info.exc_type, info.err_msg))
        return self

    def __exit__(self, *_: object) -> None:
        sys.unraisablehook = self.before


@pytest.fixture
def freed() -> list[Any]:
    return []


class TestNew:
    def test_memory_is_zero(self):
        assert ffi.new("int *")[0] == 0
        assert list(ffi.new("int[5]")) == [0] * 5
        assert bytes(ffi.buffer(ffi.new("nested *"))) == bytes(ffi.sizeof("nested"))

    @pytest.mark.parametrize(
        ("cdecl", "init", "expected"),
        [
            ("int[1]", [5], [5]),
            ("int[]", 3, [0, 0, 0]),
            ("int[]", [1, 2], [1, 2]),
            ("int[4]", [1, 2], [1, 2, 0, 0]),
            ("int[]", (x for x in ()), None),
            ("double[]", (1.5,), [1.5]),
            ("char[]", b"ab", [b"a", b"b", b"\0"]),
            ("char[2]", b"ab", [b"a", b"b"]),
            ("char16_t[]", "a\U0001f34f", ["a", "\ud83c", "\udf4f", "\0"]),
            ("int[][2]", [[1, 2], [3]], None),
        ],
    )
    def test_initialisers(self, cdecl, init, expected):
        if expected is not None:
            assert list(ffi.new(cdecl, init)) == expected
        elif cdecl == "int[][2]":
            assert [list(row) for row in ffi.new(cdecl, init)] == [[1, 2], [3, 0]]
        else:
            with pytest.raises(TypeError):
                ffi.new(cdecl, init)

    def test_a_record(self):
        p = ffi.new("struct point *", [1, 2])
        assert (p.x, p.y) == (1, 2)
        q = ffi.new("struct point *", {"y": 5})
        assert (q.x, q.y) == (0, 5)
        r = ffi.new("struct point *", p[0])
        assert (r.x, r.y) == (1, 2) and r != p

    def test_a_flexible_array_gets_its_room(self):
        packet = ffi.new("struct packet *", [3, [7, 8, 9]])
        assert [packet.data[i] for i in range(3)] == [7, 8, 9]
        assert ffi.sizeof(packet[0]) >= 4 + 6
        assert len(ffi.buffer(packet)) == ffi.sizeof(packet[0])
        assert ffi.sizeof(ffi.new("struct packet *", [0, 100])[0]) == 4 + 200

    def test_a_char_has_a_terminator_behind_it(self):
        assert ffi.string(ffi.new("char *", b"x")) == b"x"

    def test_the_record_outlives_its_pointer(self):
        p = ffi.new("struct point *", [1, 2])
        record = p[0]
        del p
        gc.collect()
        assert (record.x, record.y) == (1, 2)

    @pytest.mark.parametrize(
        ("cdecl", "init", "error", "message"),
        [
            ("int", None, TypeError, "expected a pointer or array ctype, got 'int'"),
            ("callback", None, TypeError, r"expected a pointer or array ctype, got 'int\(\*\)"),
            ("void *", None, TypeError, "cannot instantiate ctype 'void' of unknown size"),
            ("struct unknown *", None, TypeError, "cannot instantiate ctype 'struct unknown'"),
            ("int[]", -1, ValueError, "negative array length"),
            ("int[]", 2**62, OverflowError, "array size would overflow a Py_ssize_t"),
            ("int[]", 2**70, OverflowError, "cannot fit 'int' into an index-sized integer"),
            ("char[]", 2**62, MemoryError, None),
            ("int[2]", [1, 2, 3], IndexError, "too many initializers for 'int\\[2\\]' \\(got 3\\)"),
        ],
    )
    def test_what_cannot_be_made(self, cdecl, init, error, message):
        with pytest.raises(error, match=message):
            ffi.new(cdecl, init)

    def test_a_failed_initialiser_leaves_nothing(self):
        def work() -> None:
            for bad in ([1, "x"], {"z": 1}, [1, 2, 3], "text"):
                with pytest.raises((TypeError, KeyError, ValueError)):
                    ffi.new("struct point *", bad)

        assert growth(work, 200) < 1

    def test_leaves_no_memory_behind(self):
        def work() -> None:
            ffi.new("struct point *", [1, 2])[0]
            ffi.new("int[]", [1, 2, 3])
            ffi.new("struct packet *", [1, [1, 2]])

        assert growth(work) < 1


class TestAllocator:
    def test_alloc_gets_the_size_and_free_what_it_returned(self, freed):
        sizes = []

        def alloc(size: int) -> Any:
            sizes.append(size)
            return ffi.new("char[]", b"X" * size)

        new = ffi.new_allocator(alloc, freed.append)
        p = new("int[]", 15)
        assert (sizes, list(p)) == ([60], [0] * 15)
        raw = ffi.cast("char *", p)
        del p
        assert freed == [raw]

    def test_memory_that_is_not_cleared(self):
        new = ffi.new_allocator(
            lambda n: ffi.new("char[]", b"X" * n), should_clear_after_alloc=False
        )
        assert bytes(ffi.buffer(new("int[2]"))) == b"X" * 8
        assert new("int *", 7)[0] == 7

    def test_without_alloc_it_is_new(self):
        p = ffi.new_allocator()("int[3]", [1, 2])
        assert list(p) == [1, 2, 0]
        ffi.release(p)
        q = ffi.new_allocator(should_clear_after_alloc=False)("int[3]", [1, 2])
        assert list(q)[:2] == [1, 2]

    def test_a_record_lives_as_long_as_any_part_of_it(self, freed):
        new = ffi.new_allocator(lambda n: ffi.new("char[]", n), freed.append)
        p = new("struct point *", [1, 2])
        record = p[0]
        del p
        gc.collect()
        assert (record.x, record.y, freed) == (1, 2, [])
        del record
        gc.collect()
        assert len(freed) == 1

    def test_a_flexible_array(self, freed):
        new = ffi.new_allocator(lambda n: ffi.new("char[]", n), freed.append)
        packet = new("struct packet *", [3, [7, 8, 9]])
        assert packet.data[2] == 9
        assert len(ffi.buffer(packet)) >= 4 + 6
        del packet
        assert len(freed) == 1

    @pytest.mark.parametrize(
        ("alloc", "error", "message"),
        [
            (lambda n: 5, TypeError, r"alloc\(\) must return a cdata object \(got int\)"),
            (
                lambda n: ffi.cast("int", 5),
                TypeError,
                r"alloc\(\) must return a cdata pointer, not 'int'",
            ),
            (lambda n: ffi.NULL, MemoryError, r"alloc\(\) returned NULL"),
            (lambda n: 1 // 0, ZeroDivisionError, None),
            (5, TypeError, "'int' object is not callable"),
        ],
    )
    def test_what_alloc_may_not_return(self, freed, alloc, error, message):
        new = ffi.new_allocator(alloc, freed.append)
        for cdecl in ("int *", "struct point *", "int[3]"):
            with pytest.raises(error, match=message):
                new(cdecl)
        assert freed == []

    def test_a_failed_initialiser_frees(self, freed):
        new = ffi.new_allocator(lambda n: ffi.new("char[]", n), freed.append)
        for cdecl in ("int *", "struct point *"):
            with pytest.raises(TypeError):
                new(cdecl, "text")
        gc.collect()
        assert len(freed) == 2

    def test_free_without_alloc(self):
        with pytest.raises(TypeError, match="cannot pass 'free' without 'alloc'"):
            ffi.new_allocator(free=lambda p: None)

    def test_wrong_types(self):
        new = ffi.new_allocator(lambda n: ffi.new("char[]", n))
        for wrong in ("int", "void *", "callback"):
            with pytest.raises(TypeError):
                new(wrong)

    def test_a_cycle_is_collected(self):
        class Pool:
            def alloc(self, size: int) -> Any:
                return ffi.new("char[]", size)

            def free(self, p: Any) -> None:
                pass

        pool = Pool()
        pool.new = ffi.new_allocator(pool.alloc, pool.free)  # type: ignore[attr-defined]
        pool.memory = pool.new("int *")  # type: ignore[attr-defined]
        gone = weakref.ref(pool)
        del pool
        gc.collect()
        assert gone() is None


class TestGc:
    def test_the_destructor_gets_the_origin_once(self, freed):
        p = ffi.new("int *", 5)
        q = ffi.gc(p, freed.append)
        assert q == p and q is not p and q[0] == 5
        del q
        assert freed == [p] and freed[0] is p

    def test_release_calls_it_at_once_and_only_once(self, freed):
        p = ffi.new("int *", 5)
        q = ffi.gc(p, freed.append, 100)
        ffi.release(q)
        ffi.release(q)
        assert freed == [p]
        del q
        gc.collect()
        assert freed == [p]

    def test_with(self, freed):
        with ffi.gc(ffi.new("int *", 5), freed.append) as q:
            assert q[0] == 5 and freed == []
        assert len(freed) == 1

    def test_none_takes_the_destructor_away(self, freed):
        p = ffi.new("int *")
        q = ffi.gc(p, freed.append)
        assert ffi.gc(q, None) is None
        ffi.release(q)
        del q
        assert freed == []
        with pytest.raises(TypeError, match="previously returned by ffi.gc"):
            ffi.gc(p, None)

    def test_several_run_from_the_outside_in(self, freed):
        p = ffi.new("int *")
        q = ffi.gc(ffi.gc(p, lambda _: freed.append("inner")), lambda _: freed.append("outer"))
        del q
        assert freed == ["outer", "inner"]

    def test_a_cycle_through_the_destructor_is_collected(self, freed):
        class Owner:
            def close(self, p: Any) -> None:
                freed.append((self.name, p[0]))

        owner = Owner()
        owner.name = "whole"  # type: ignore[attr-defined]
        owner.p = ffi.gc(ffi.new("int *", 7), owner.close)  # type: ignore[attr-defined]
        del owner
        gc.collect()
        assert freed == [("whole", 7)]

    def test_a_destructor_that_raises_is_reported(self):
        def fail(p: Any) -> None:
            raise KeyError("lost")

        with Unraisable() as seen:
            q = ffi.gc(ffi.new("int *"), fail)
            ffi.release(q)
            ffi.gc(ffi.new("int *"), 5)
        assert [kind for kind, _ in seen.caught] == [KeyError, TypeError]
        assert "from callback for ffi.gc <cdata 'int *' owning 4 bytes>" in seen.caught[0][1]

    def test_a_pending_exception_survives_a_destructor(self, freed):
        def work() -> None:
            q = ffi.gc(ffi.new("int *"), freed.append)
            raise LookupError(str(q))

        with pytest.raises(LookupError):
            work()
        gc.collect()
        assert len(freed) == 1

    def test_a_destructor_may_release_and_make_others(self, freed):
        other = ffi.gc(ffi.new("int *"), freed.append)

        def destroy(p: Any) -> None:
            ffi.release(other)
            ffi.gc(ffi.new("int *"), freed.append)
            freed.append(p)

        q = ffi.gc(ffi.new("int *"), destroy)
        ffi.release(q)
        assert len(freed) == 3

    def test_a_destructor_that_releases_itself(self, freed):
        held = []

        def destroy(p: Any) -> None:
            freed.append(p)
            ffi.release(held[0])

        held.append(ffi.gc(ffi.new("int *"), destroy))
        ffi.release(held[0])
        assert len(freed) == 1

    def test_a_long_chain_ends_without_overflow(self):
        p = ffi.new("int *")
        for _ in range(100_000):
            p = ffi.gc(p, id)
        del p

    def test_weak_references(self):
        q = ffi.gc(ffi.new("int *"), id)
        gone = weakref.ref(q)
        assert gone() is q
        del q
        assert gone() is None

    def test_only_cdata(self):
        for wrong in (5, None, "x"):
            with pytest.raises(TypeError):
                ffi.gc(wrong, id)

    def test_leaves_no_memory_behind(self):
        def work() -> None:
            ffi.release(ffi.gc(ffi.new("int[3]"), id))
            ffi.gc(ffi.gc(ffi.new("struct point *"), id), id)
            ffi.gc(ffi.gc(ffi.new("int *"), id), None)

        assert growth(work) < 1


class TestRelease:
    def test_what_new_made_stays(self):
        for p in (ffi.new("int *"), ffi.new("int[5]"), ffi.new("struct point *")):
            with p as same:
                assert same is p
            ffi.release(p)
            ffi.release(p)

    def test_what_an_allocator_made_is_freed(self, freed):
        new = ffi.new_allocator(lambda n: ffi.new("char[]", n), freed.append)
        for cdecl in ("int *", "int[5]", "struct point *"):
            p = new(cdecl)
            with p:
                assert freed == []
            assert len(freed) == 1
            ffi.release(p)
            del p
            assert len(freed) == 1
            freed.clear()

    @pytest.mark.parametrize(
        "make",
        [
            lambda: ffi.NULL,
            lambda: ffi.cast("int *", 5),
            lambda: ffi.cast("int", 5),
            lambda: ffi.new("struct point *")[0],
            lambda: ffi.new_handle(5),
            lambda: ffi.addressof(ffi.new("struct point *")[0]),
        ],
    )
    def test_what_owns_nothing_is_refused(self, make):
        value = make()
        with pytest.raises(ValueError, match="only 'cdata' object from ffi.new"):
            ffi.release(value)
        with pytest.raises(ValueError, match="only 'cdata' object from ffi.new"), value:
            pass

    def test_only_cdata(self):
        with pytest.raises(TypeError):
            ffi.release(5)


class TestHandles:
    def test_the_object_comes_back(self):
        thing = [1, 2]
        handle = ffi.new_handle(thing)
        assert ffi.typeof(handle) is ffi.typeof("void *")
        assert ffi.from_handle(handle) is thing
        assert ffi.from_handle(ffi.cast("char *", handle)) is thing
        number = int(ffi.cast("intptr_t", handle))
        assert ffi.from_handle(ffi.cast("void *", number)) is thing
        assert repr(handle) == "<cdata 'void *' handle to [1, 2]>"

    def test_each_handle_is_its_own(self):
        handles = [ffi.new_handle("same") for _ in range(1000)]
        assert len(set(handles)) == 1000
        assert all(int(ffi.cast("intptr_t", h)) % 8 == 0 for h in handles if sys.maxsize > 2**32)

    def test_a_handle_that_is_gone_is_an_error(self):
        handle = ffi.new_handle(["old"])
        stale = ffi.cast("void *", handle)
        del handle
        with pytest.raises(RuntimeError, match="garbage collected"):
            ffi.from_handle(stale)
        others = [ffi.new_handle(["new"]) for _ in range(100)]
        with pytest.raises(RuntimeError, match="garbage collected"):
            ffi.from_handle(stale)
        assert [ffi.from_handle(h) for h in others] == [["new"]] * 100

    @pytest.mark.parametrize("address", [1, 8, 16, 4096, 2**31, 2**47 - 16, 2**64 - 16])
    def test_garbage_is_an_error(self, address):
        kept = [ffi.new_handle(i) for i in range(20)]
        with pytest.raises(RuntimeError):
            ffi.from_handle(ffi.cast("void *", address))
        assert ffi.from_handle(kept[7]) == 7

    def test_null(self):
        with pytest.raises(RuntimeError, match="cannot use from_handle.. on NULL pointer"):
            ffi.from_handle(ffi.NULL)

    @pytest.mark.parametrize("cdecl", ["int *", "unsigned char *", "void **", "intptr_t"])
    def test_other_types_are_refused(self, cdecl):
        handle = ffi.new_handle(5)
        with pytest.raises(TypeError, match="expected a 'cdata' object with a 'void \\*'"):
            ffi.from_handle(ffi.cast(cdecl, handle))
        with pytest.raises(TypeError, match="expected a 'cdata' object"):
            ffi.from_handle(5)

    def test_a_cycle_is_collected(self):
        class Thing:
            pass

        thing = Thing()
        thing.handle = ffi.new_handle(thing)  # type: ignore[attr-defined]
        gone = weakref.ref(thing)
        del thing
        gc.collect()
        assert gone() is None

    def test_a_long_chain_ends_without_overflow(self):
        handle = ffi.new_handle(None)
        for _ in range(100_000):
            handle = ffi.new_handle(handle)
        del handle

    def test_leaves_no_memory_behind(self):
        def work() -> None:
            kept = [ffi.new_handle(i) for i in range(5)]
            assert ffi.from_handle(kept[3]) == 3

        assert growth(work) < 1


class TestMemmove:
    def test_between_cdata_and_buffers(self):
        p = ffi.new("short[]", [1, 2, 3, 4, 5])
        ffi.memmove(p, p + 1, 4)
        assert list(p) == [2, 3, 3, 4, 5]
        ffi.memmove(p + 2, p, 6)
        assert list(p) == [2, 3, 2, 3, 3]
        target = bytearray(b"abcdef")
        ffi.memmove(dest=target, src=ffi.new("char[]", b"XY"), n=2)
        ffi.memmove(memoryview(target)[4:], b"Z", 1)
        assert target == b"XYcdZf"
        ffi.memmove(ffi.buffer(p, 2), b"\1\0", 2)
        assert p[0] == (1 if sys.byteorder == "little" else 256)

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            ((bytearray(1), b"a", -1), ValueError, "negative size"),
            ((b"ab", b"ab", 1), BufferError, "not writable"),
            ((ffi.cast("int", 4), b"ab", 1), TypeError, "expected a pointer or array ctype"),
            ((bytearray(2), 5, 1), TypeError, "bytes-like object is required, not 'int'"),
            ((bytearray(2), "ab", 1), TypeError, "bytes-like object is required, not 'str'"),
            ((ffi.NULL, b"ab", 1), RuntimeError, "memmove.. on <cdata 'void \\*' NULL>"),
            ((bytearray(2), b"ab", 3), ValueError, "only 2"),
            ((bytearray(2), b"abc", 3), ValueError, "only 2"),
            ((ffi.new("int *"), b"12345", 5), ValueError, "only 4"),
        ],
    )
    def test_what_is_refused(self, arguments, error, message):
        with pytest.raises(error, match=message):
            ffi.memmove(*arguments)

    def test_nothing(self):
        ffi.memmove(ffi.NULL, ffi.NULL, 0)
        ffi.memmove(bytearray(), b"", 0)

    def test_buffers_are_let_go(self):
        source, target = bytearray(4), bytearray(4)
        ffi.memmove(target, source, 4)
        with pytest.raises(ValueError, match="negative"):
            ffi.memmove(target, source, -4)
        with pytest.raises(TypeError):
            ffi.memmove(5, source, 4)
        source.append(1)
        target.append(1)


class TestString:
    @pytest.mark.parametrize(
        ("cdecl", "init", "expected"),
        [
            ("char[]", b"abc", b"abc"),
            ("char[3]", b"abc", b"abc"),
            ("char[10]", b"abc", b"abc"),
            ("signed char[]", [65, 66, 0, 67], b"AB"),
            ("uint8_t[2]", [200, 201], b"\xc8\xc9"),
            ("wchar_t[]", "h\u00e9\U0001f34f", "h\u00e9\U0001f34f"),
            ("char16_t[]", "h\u00e9\U0001f34f", "h\u00e9\U0001f34f"),
            ("char32_t[]", "h\u00e9\U0001f34f", "h\u00e9\U0001f34f"),
            ("char16_t[2]", ["a", "\ud83c"], "a\ud83c"),
        ],
    )
    def test_arrays(self, cdecl, init, expected):
        array = ffi.new(cdecl, init)
        assert ffi.string(array) == expected
        assert ffi.string(array, 1) == expected[:1]
        assert ffi.string(array, 0) == expected[:0]
        assert ffi.string(cdata=array, maxlen=-7) == expected

    def test_pointers_end_at_nul(self):
        text = ffi.new("char[]", b"abc\0def")
        assert ffi.string(text + 0) == b"abc"
        assert ffi.string(text + 1, 1) == b"b"
        assert ffi.string(text + 4, 100) == b"def"
        wide = ffi.new("wchar_t[]", "abc\0def")
        assert ffi.string(wide + 1) == "bc"
        assert ffi.string(wide + 4, 2) == "de"

    def test_surrogates_meet_or_stay_alone(self):
        text = ffi.new("char16_t[]", "a\U00012345b")
        assert ffi.string(text, 2) == "a\ud808"
        assert ffi.string(text, 3) == "a\U00012345"
        assert ffi.unpack(text + 2, 2) == "\udf45b"

    def test_scalars(self):
        assert ffi.string(ffi.cast("char", 65)) == b"A"
        assert ffi.string(ffi.cast("int8_t", -1)) == b"\xff"
        assert ffi.string(ffi.cast("char16_t", 0x20AC)) == "\u20ac"
        assert ffi.string(ffi.cast("wchar_t", 0x1F34F)) == "\U0001f34f"

    def test_enums(self):
        assert ffi.string(ffi.cast("enum color", 5)) == "GREEN"
        assert ffi.string(ffi.cast("enum color", 77)) == "77"

    def test_null_and_released(self):
        with pytest.raises(RuntimeError, match=r"cannot use string\(\) on <cdata 'char \*' NULL>"):
            ffi.string(ffi.cast("char *", 0))
        gone = ffi.from_buffer(b"abc")
        ffi.release(gone)
        with pytest.raises(RuntimeError, match=r"cannot use string\(\) on .*RELEASED"):
            ffi.string(gone)

    @pytest.mark.parametrize(
        "cdecl", ["int *", "_Bool *", "struct point *", "float *", "char **", "short[3]"]
    )
    def test_other_pointers_are_refused(self, cdecl):
        with pytest.raises(TypeError, match=r"string\(\): unexpected cdata '"):
            ffi.string(ffi.new(cdecl))

    @pytest.mark.parametrize("cdecl", ["int", "_Bool", "double", "void *", "callback"])
    def test_other_values_are_refused(self, cdecl):
        with pytest.raises(TypeError, match=r"string\(\): unexpected cdata '"):
            ffi.string(ffi.cast(cdecl, 1))

    def test_what_is_no_character(self):
        with pytest.raises(ValueError, match="not in range"):
            ffi.string(ffi.from_buffer("char32_t[]", b"\xff" * 8))


class TestUnpack:
    @pytest.mark.parametrize(
        "cdecl",
        ["signed char", "short", "int", "long", "long long", "int8_t", "int16_t", "int32_t",
         "int64_t", "ssize_t", "intptr_t"],
    )  # fmt: skip
    def test_signed(self, cdecl):
        bits = ffi.sizeof(cdecl) * 8
        values = [0, 1, -1, 100, 2 ** (bits - 1) - 1, -(2 ** (bits - 1))]
        assert ffi.unpack(ffi.new(f"{cdecl}[]", values), 6) == values

    @pytest.mark.parametrize(
        "cdecl",
        ["unsigned char", "unsigned short", "unsigned int", "unsigned long", "uint8_t", "uint16_t",
         "uint32_t", "uint64_t", "size_t", "uintptr_t", "unsigned long long"],
    )  # fmt: skip
    def test_unsigned(self, cdecl):
        values = [0, 1, 100, 2 ** (ffi.sizeof(cdecl) * 8) - 1]
        assert ffi.unpack(ffi.new(f"{cdecl}[]", values), 4) == values

    def test_floats(self):
        assert ffi.unpack(ffi.new("float[]", [1.5, -2]), 2) == [1.5, -2.0]
        assert ffi.unpack(ffi.new("double[]", [0.1, float("inf")]), 2) == [0.1, float("inf")]
        kept = ffi.unpack(ffi.new("long double[]", [1.5]), 1)
        assert repr(kept[0]).startswith("<cdata 'long double' 1.5")

    def test_text(self):
        assert ffi.unpack(ffi.new("char[]", b"a\0b"), 4) == b"a\0b\0"
        assert ffi.unpack(ffi.new("wchar_t[]", "a\0b"), 3) == "a\0b"
        assert ffi.unpack(ffi.new("char16_t[]", "\U0001f34f"), 2) == "\U0001f34f"

    def test_others(self):
        points = ffi.new("struct point[2]", [[1, 2], [3, 4]])
        assert [p.y for p in ffi.unpack(points, 2)] == [2, 4]
        assert ffi.unpack(ffi.new("_Bool[]", [True, False]), 2) == [True, False]
        assert ffi.unpack(ffi.new("enum color[]", [5, 6]), 2) == [5, 6]
        p = ffi.new("int *")
        assert ffi.unpack(ffi.new("int *[]", [p, ffi.NULL]), 2) == [p, ffi.NULL]
        rows = ffi.new("int[2][2]", [[1, 2]])
        assert [list(row) for row in ffi.unpack(rows, 2)] == [[1, 2], [0, 0]]

    def test_unaligned(self):
        memory = ffi.new("char[]", b"x\1\0\0\0\2\0\0\0")
        numbers = ffi.cast("int *", memory + 1)
        expected = [1, 2] if sys.byteorder == "little" else [1 << 24, 2 << 24]
        assert ffi.unpack(numbers, 2) == expected

    @pytest.mark.parametrize(
        ("make", "length", "error", "message"),
        [
            (lambda: ffi.new("int *"), -1, ValueError, "'length' cannot be negative"),
            (lambda: ffi.cast("int *", 0), 1, RuntimeError, r"unpack\(\) on <cdata 'int \*' NULL>"),
            (lambda: ffi.cast("int", 0), 1, TypeError, "a pointer or array, got 'int'"),
            (lambda: ffi.cast("callback", 1), 1, TypeError, "a pointer or array, got 'int"),
            (lambda: ffi.cast("void *", 1), 1, ValueError, "'void \\*' points to items of unkno"),
            (lambda: ffi.cast("struct unknown *", 1), 1, ValueError, "items of unknown size"),
            (lambda: ffi.new("int *"), 2**62, MemoryError, None),
            (lambda: ffi.from_buffer("_Bool[]", b"\1\2"), 2, ValueError, "got a _Bool of value 2"),
        ],
    )
    def test_what_is_refused(self, make, length, error, message):
        with pytest.raises(error, match=message):
            ffi.unpack(make(), length)

    def test_leaves_no_memory_behind(self):
        numbers = ffi.new("int[]", list(range(100_000, 100_050)))
        bad = ffi.from_buffer("_Bool[]", b"\1\2")

        def work() -> None:
            ffi.unpack(numbers, 50)
            with pytest.raises(ValueError, match="_Bool"):
                ffi.unpack(bad, 2)

        assert growth(work, 500) < 1


class TestUseAfterRelease:
    def test_a_gc_pointer_is_null(self):
        pointer = ffi.gc(ffi.new("int *", 5), lambda p: None)
        assert pointer[0] == 5
        ffi.release(pointer)
        with pytest.raises(RuntimeError, match="null pointer"):
            pointer[0]

    def test_a_gc_array_is_empty(self):
        with ffi.gc(ffi.new("int[3]"), lambda p: None) as array:
            array[2] = 1
        with pytest.raises(IndexError):
            array[2]
        with pytest.raises(IndexError):
            array[0] = 1

    def test_a_gc_value_that_is_no_pointer_stays(self):
        number = ffi.gc(ffi.cast("int", 7), lambda n: None)
        ffi.release(number)
        assert int(number) == 7

    def test_an_array_of_an_allocator_is_empty(self):
        kept = []

        def allocate(size):
            kept.append(ffi.new("char[]", size))
            return kept[-1]

        array = ffi.new_allocator(allocate, lambda p: None)("int[4]")
        iterator = iter(array)
        assert next(iterator) == 0
        ffi.release(array)
        assert array == kept[0]
        for use in (lambda: array[0], lambda: array[0:1]):
            with pytest.raises(IndexError):
                use()
        with pytest.raises(RuntimeError):
            next(iterator)
