"""Arrays: buffers and sequences into C, and lists, bytes, text and dicts out of it."""

from __future__ import annotations

import array
import collections
import ctypes
import datetime
import gc
import os
import sys
import types
from collections.abc import Callable, Iterator

import pytest

import symbridge
from growth import growth, resident

DESCRIPTION = """
    [[prefix("arr_")]];
    double arr_sum(const double *values [[array(n)]], size_t n);
    size_t arr_address(const double *values [[array(n)]], size_t n);
    double arr_dot(const double *xs [[array(n)]], const double *ys [[array(n)]], int n);
    double arr_weighted(const double *xs [[array(n)]], const double *weights [[array(n), nullable]],
        size_t n);
    unsigned arr_count8(const int32_t *values [[array(n)]], uint8_t n);
    int64_t arr_trace(const int64_t *matrix [[array(16)]]);
    int64_t arr_sum_to_zero(const int32_t *values [[zero_terminated]]);
    unsigned arr_checksum(const void *data [[array(size)]], size_t size);
    size_t arr_count_byte(const char *text [[array(n)]], size_t n, char c);
    [[name("count_latin1")]] size_t arr_count_byte_(
        const char *text [[array(n), string("latin-1")]], size_t n, char c)
        __asm__("arr_count_byte");
    size_t arr_wide_length(const wchar_t *text [[array(n)]], size_t n);
    size_t arr_joined_length(const char *const *parts [[array(n)]], size_t n);
    int arr_count_strings(const char *const *argv [[zero_terminated]]);
    int8_t arr_sum_int8(const int8_t *values [[array(n)]], size_t n);
    uint8_t arr_sum_uint8(const uint8_t *values [[array(n)]], size_t n);
    int16_t arr_sum_int16(const int16_t *values [[array(n)]], size_t n);
    uint16_t arr_sum_uint16(const uint16_t *values [[array(n)]], size_t n);
    int32_t arr_sum_int32(const int32_t *values [[array(n)]], size_t n);
    uint32_t arr_sum_uint32(const uint32_t *values [[array(n)]], size_t n);
    int64_t arr_sum_int64(const int64_t *values [[array(n)]], size_t n);
    uint64_t arr_sum_uint64(const uint64_t *values [[array(n)]], size_t n);
    float arr_sum_float(const float *values [[array(n)]], size_t n);
    long double arr_sum_longdouble(const long double *values [[array(n)]], size_t n);
    int arr_count_true(const _Bool *values [[array(n)]], size_t n);

    void arr_scale(double *values [[array(n)]], size_t n, double factor);
    void arr_fill_bytes(unsigned char *bytes [[array(n)]], size_t n, unsigned char value);

    struct arr_point { int32_t x, y; };
    enum arr_color { ARR_RED, ARR_GREEN, ARR_BLUE };
    enum arr_size { ARR_SMALL, ARR_LARGE };
    [[adapt("datetime.date", year, month, day)]]
    struct arr_day { int32_t year; uint8_t month, day; };
    struct arr_box;
    int64_t arr_sum_points(const struct arr_point *points [[array(n)]], size_t n);
    int64_t arr_sum_point_pointers(const struct arr_point *const *points [[array(n)]], size_t n);
    void arr_move_points(struct arr_point *points [[array(n)]], size_t n, int32_t by);
    int arr_count_color(const enum arr_color *colors [[array(n)]], size_t n, enum arr_color wanted);
    int64_t arr_sum_years(const struct arr_day *days [[array(n)]], size_t n);
    [[constructor]] struct arr_box *arr_box_new(int value);
    [[destructor]] void arr_box_free(struct arr_box *box);
    int arr_sum_boxes(struct arr_box *const *boxes [[array(n)]], size_t n);

    void arr_squares(int32_t *values [[out, array(n)]], size_t n);
    void arr_half_filled(int64_t *values [[out, array(n, written)]], int n, int *written [[out]]);
    void arr_identity(double *matrix [[out, array(4)]]);
    void arr_untouched(uint64_t *values [[out, array(n)]], size_t n);
    void arr_random_bytes(uint8_t *bytes [[out, array(n)]], size_t n);
    void arr_name(const char *name,
        char *buffer [[out, string, array(capacity, length), capacity(8)]],
        size_t capacity, size_t *length [[out]]);
    [[name("name_bytes")]] void arr_name_(const char *name,
        char *buffer [[out, bytes, array(capacity, length), capacity(8)]],
        size_t capacity, size_t *length [[out]]) __asm__("arr_name");
    void arr_greeting(char *buffer [[out, string, array(16)]]);
    void arr_up_to(int32_t *values [[out, array(n)]], size_t *n [[inout]], int32_t end);
    [[name("up_to_grown")]] void arr_up_to_(int32_t *values [[out, array(n), capacity(4), grow]],
        size_t *n [[inout]], int32_t end) __asm__("arr_up_to");
    [[fails(nonzero, ValueError)]] int arr_many(
        int32_t *values [[out, array(capacity, needed), capacity(2), grow]],
        double *halves [[out, array(capacity)]],
        size_t capacity, size_t *needed [[out]], int32_t end);
    int arr_many_calls(void);
    [[fails(negative, ValueError)]] int arr_fails_by_size(
        int32_t *values [[out, array(capacity, needed), capacity(2), grow]], size_t capacity,
        size_t *needed [[out]]);
    void arr_negate(double *negated [[out, array(n)]], const double *values [[array(n)]], size_t n);
    void arr_make_points(struct arr_point *points [[out, array(n)]], size_t n);
    void arr_make_colors(enum arr_color *colors [[out, array(n)]], size_t n);
    void arr_make_days(struct arr_day *days [[out, array(n)]], size_t n);

    void arr_free(void *memory);
    int arr_live_blocks(void);
    [[fails(negative, ValueError), result(drop)]] int arr_evens(size_t n,
        int64_t **values [[out, array(count), owned(arr_free)]], size_t *count [[out]]);
    void arr_with_malloc(int32_t **values [[out, array(count), owned]], int *count [[out]]);
    void arr_blob(uint8_t **bytes [[out, array(count), owned(arr_free)]], size_t *count [[out]]);
    void arr_bad_strings(char ***strings [[out, array(count), owned(arr_free)]],
        size_t *count [[out]]);
    void arr_histogram(const char *text,
        char ***letters [[out, array(n), dict(counts), owned(arr_free)]],
        uint32_t **counts [[out, array(n), owned(arr_free)]], size_t *n [[out]]);
    void arr_squares_dict(int32_t *keys [[out, array(n), dict(values)]],
        int64_t *values [[out, array(n)]], size_t n);
    double arr_total(const char *const *names [[array(n), dict(prices)]],
        const double *prices [[array(n)]], size_t n, const char *skip [[default(NULL)]]);

    [[array(n)]] const int32_t *arr_primes(size_t *n [[out]]);
    [[zero_terminated]] const int32_t *arr_primes_to_zero(void);
    [[array(n), nullable]] const int32_t *arr_first_primes(size_t n);
    [[array(3), owned(arr_free)]] int32_t *arr_copied_primes(void);
    [[zero_terminated]] const char *const *arr_days(void);
    [[array(n)]] const double *arr_nothing(size_t *n [[out]], size_t claimed);
"""


@pytest.fixture(scope="module")
def a(native_library) -> types.ModuleType:
    return symbridge.load(native_library("arrays"), DESCRIPTION, name="arrays_under_test")


class TestBuffers:
    def test_array_of_doubles(self, a) -> None:
        assert a.sum(array.array("d", [1, 2, 3.5])) == 6.5

    def test_memory_is_passed_without_a_copy(self, a) -> None:
        values = array.array("d", [1, 2])
        assert a.address(values) == values.buffer_info()[0]

    def test_ctypes_array(self, a) -> None:
        assert a.sum((ctypes.c_double * 3)(1, 2, 3)) == 6

    def test_memoryview(self, a) -> None:
        assert a.sum(memoryview(array.array("d", [1, 2, 3]))[1:]) == 5

    def test_numpy_array(self, a) -> None:
        numpy = pytest.importorskip("numpy")
        assert a.sum(numpy.arange(5.0)) == 10
        assert a.sum(numpy.ones((2, 3))) == 6

    def test_empty_buffer(self, a) -> None:
        assert a.sum(array.array("d")) == 0

    def test_buffer_is_released_afterwards(self, a) -> None:
        values = array.array("d", [1])
        a.sum(values)
        values.append(2.0)  # BufferError while exported

    def test_buffer_is_released_after_an_error(self, a) -> None:
        values = array.array("d", [1])
        with pytest.raises(ValueError, match="go together"):
            a.dot(values, [1, 2])
        with pytest.raises(TypeError):
            a.sum(array.array("f", [1]))
        values.append(2.0)

    def test_wrong_item_type_names_both(self, a) -> None:
        with pytest.raises(
            TypeError,
            match=r"^sum\(\) argument 'values': expected items of double \('d', 8 bytes each\), "
            r"got a buffer with items of format 'i' \(4 bytes each\)$",
        ):
            a.sum(array.array("i", [1, 2]))

    def test_wrong_size_of_integers(self, a) -> None:
        with pytest.raises(TypeError, match="int32_t"):
            a.sum_int32(array.array("q", [1]))

    def test_wrong_sign_of_integers(self, a) -> None:
        with pytest.raises(TypeError, match="uint32_t"):
            a.sum_uint32(array.array("i", [1]))

    def test_bytes_are_no_doubles(self, a) -> None:
        with pytest.raises(TypeError, match="items of double"):
            a.sum(b"12345678")

    def test_non_contiguous_memoryview_is_refused(self, a) -> None:
        with pytest.raises(BufferError):
            a.sum(memoryview(array.array("d", [1, 2, 3, 4]))[::2])

    def test_non_contiguous_numpy_array_is_refused(self, a) -> None:
        numpy = pytest.importorskip("numpy")
        with pytest.raises((ValueError, BufferError), match="contiguous"):
            a.sum(numpy.arange(6.0)[::2])

    def test_byte_order_of_the_machine_only(self, a) -> None:
        numpy = pytest.importorskip("numpy")
        other = ">" if sys.byteorder == "little" else "<"
        with pytest.raises(TypeError, match="items of double"):
            a.sum(numpy.arange(3.0).astype(f"{other}f8"))

    def test_misaligned_buffer_is_copied(self, a) -> None:
        raw = bytearray(1) + bytearray(array.array("d", [1, 2]).tobytes())
        assert a.sum(memoryview(raw)[1:].cast("d")) == 3

    def test_misaligned_buffer_cannot_be_changed_in_place(self, a) -> None:
        raw = bytearray(17)
        with pytest.raises(BufferError, match="aligned"):
            a.scale(memoryview(raw)[1:].cast("d"), 2)

    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("int8", "b"), ("uint8", "B"), ("int16", "h"), ("uint16", "H"), ("int32", "i"),
            ("uint32", "I"), ("int64", "q"), ("uint64", "Q"), ("int64", "l"), ("uint64", "L"),
            ("float", "f"),
        ],
    )  # fmt: skip
    def test_every_item_type(self, a, name: str, code: str) -> None:
        assert getattr(a, f"sum_{name}")(array.array(code, [1, 2, 3])) == 6

    def test_bytes_for_one_byte_integers(self, a) -> None:
        assert a.sum_uint8(b"\x01\x02") == 3
        assert a.sum_int8(bytearray(b"\x01\x02")) == 3
        assert a.sum_uint8(array.array("b", [1, 2])) == 3

    def test_bytes_are_no_bools(self, a) -> None:
        with pytest.raises(TypeError, match="_Bool"):
            a.count_true(b"\x01\x02")


class TestSequences:
    @pytest.mark.parametrize(
        "values",
        [[1, 2.5, True], (1, 2.5, 1), range(1, 3), (x for x in (1, 2)), [], {1: 2}.values()],
    )
    def test_any_sequence_or_iterable(self, a, values) -> None:
        expected = sum(values := list(values))
        assert a.sum(values) == expected

    def test_generator(self, a) -> None:
        assert a.sum(x / 2 for x in range(4)) == 3

    def test_deque(self, a) -> None:
        assert a.sum(collections.deque([1, 2])) == 3

    def test_bools(self, a) -> None:
        assert a.count_true([True, False, True, 1]) == 3

    def test_long_doubles(self, a) -> None:
        assert a.sum_longdouble([1.5, 2]) == 3.5

    def test_wrong_element_names_its_position(self, a) -> None:
        with pytest.raises(
            TypeError, match=r"^sum\(\) argument 'values': item 2: expected float, got str$"
        ):
            a.sum([1, 2, "3"])

    def test_element_out_of_range(self, a) -> None:
        with pytest.raises(OverflowError, match=r"sum_int8\(\) argument 'values': item 1: 128 is"):
            a.sum_int8([127, 128])

    @pytest.mark.parametrize("value", ["12", {1: 2}, {1, 2}, frozenset([1]), 5, object()])
    def test_what_is_no_sequence(self, a, value) -> None:
        with pytest.raises(TypeError, match="expected a buffer or sequence of double items, got"):
            a.sum(value)

    def test_none_where_it_is_not_nullable(self, a) -> None:
        with pytest.raises(TypeError, match="got NoneType"):
            a.sum(None)

    def test_list_that_changes_during_conversion(self, a) -> None:
        values: list[object] = []

        class Shrinks:
            def __float__(self) -> float:
                values.clear()
                gc.collect()
                return 1.0

        values.extend([Shrinks(), 2.0, 3.0, 4.0])
        assert a.sum(values) == 10
        assert values == []

    def test_list_that_grows_during_conversion(self, a) -> None:
        values: list[object] = []

        class Grows:
            def __float__(self) -> float:
                values.extend(range(1000))
                return 1.0

        values.append(Grows())
        assert a.sum(values) == 1

    def test_exception_of_an_element_is_left_alone(self, a) -> None:
        class Bad:
            def __float__(self) -> float:
                raise ValueError("mine")

        with pytest.raises(ValueError, match="^mine$"):
            a.sum([1, Bad()])

    def test_exception_of_an_iterator(self, a) -> None:
        def broken() -> Iterator[int]:
            yield 1
            raise KeyError("inside")

        with pytest.raises(KeyError, match="inside"):
            a.sum(broken())


class TestLengths:
    def test_arrays_that_share_a_length(self, a) -> None:
        assert a.dot([1, 2], array.array("d", [3, 4])) == 11

    def test_shared_length_must_agree(self, a) -> None:
        with pytest.raises(
            ValueError,
            match=r"^dot\(\) argument 'ys': has 3 items, but 'xs' has 2; they go together$",
        ):
            a.dot([1, 2], [1, 2, 3])

    def test_none_has_no_length(self, a) -> None:
        assert a.weighted([1, 2], None) == 3
        assert a.weighted([1, 2], [2, 2]) == 6

    def test_shared_length_must_agree_with_nullable(self, a) -> None:
        with pytest.raises(ValueError, match="go together"):
            a.weighted([1, 2], [])

    def test_length_must_fit_its_type(self, a) -> None:
        assert a.count8(range(255)) == 255
        with pytest.raises(OverflowError, match=r"count8\(\) argument 'values': 256 elements"):
            a.count8(range(256))

    def test_length_is_not_an_argument(self, a) -> None:
        with pytest.raises(TypeError):
            a.sum([1], 1)
        with pytest.raises(TypeError):
            a.sum([1], n=1)

    def test_fixed_length(self, a) -> None:
        assert a.trace(range(16)) == 0 + 5 + 10 + 15
        with pytest.raises(ValueError, match="expected exactly 16 items, got 15"):
            a.trace(range(15))
        with pytest.raises(ValueError, match="expected exactly 16 items, got 17"):
            a.trace(array.array("q", range(17)))

    def test_zero_is_added(self, a) -> None:
        assert a.sum_to_zero([1, 2, 3]) == 6
        assert a.sum_to_zero(array.array("i", [1, 2, 3])) == 6
        assert a.sum_to_zero([]) == 0

    def test_zero_within_is_refused(self, a) -> None:
        with pytest.raises(ValueError, match="item 1: is zero, which marks the end"):
            a.sum_to_zero([1, 0, 3])

    def test_zero_terminated_buffer_of_another_type(self, a) -> None:
        with pytest.raises(TypeError, match="items of int32_t"):
            a.sum_to_zero(array.array("d", [1]))


class TestBytesAndText:
    @pytest.mark.parametrize(
        "data",
        [b"abc", bytearray(b"abc"), memoryview(b"abc"), array.array("B", b"abc"), "abc"],
    )
    def test_bytes_like(self, a, data) -> None:
        assert a.checksum(data) == a.checksum(b"abc")

    def test_void_takes_the_bytes_of_any_items(self, a) -> None:
        values = array.array("d", [1.5, 2.5])
        assert a.checksum(values) == a.checksum(values.tobytes())

    def test_void_does_not_take_numbers(self, a) -> None:
        with pytest.raises(TypeError, match="expected a bytes-like object, got list"):
            a.checksum([1, 2])

    def test_text_is_passed_as_utf8(self, a) -> None:
        assert a.count_byte("häß", "\xc3") == 2
        assert a.count_byte(b"a\0b\0", "\0") == 2

    def test_text_may_hold_nul_where_it_is_counted(self, a) -> None:
        assert a.count_byte("a\0b\0", b"\0") == 2

    def test_text_in_another_encoding(self, a) -> None:
        assert a.count_latin1("häß", "\xe4") == 1
        with pytest.raises(UnicodeEncodeError, match=r"in count_latin1\(\) argument 'text'"):
            a.count_latin1("\u20ac", "x")

    def test_wide_text(self, a) -> None:
        assert a.wide_length("h\u00e4\U0001f600") == 3

    def test_strings(self, a) -> None:
        assert a.joined_length(["a", "bc", "\u00e9"]) == 5
        assert a.joined_length(()) == 0

    def test_strings_end_with_null(self, a) -> None:
        assert a.count_strings(["a", "b"]) == 2
        assert a.count_strings([]) == 0

    def test_wrong_string(self, a) -> None:
        with pytest.raises(TypeError, match="item 1: expected str, got bytes"):
            a.joined_length(["a", b"b"])
        with pytest.raises(TypeError, match="item 0: expected str, got NoneType"):
            a.joined_length([None])
        with pytest.raises(ValueError, match="item 1: embedded null character"):
            a.joined_length(["a", "b\0"])
        with pytest.raises(TypeError, match="sequence of str items, got str"):
            a.joined_length("ab")
        with pytest.raises(
            UnicodeEncodeError, match="surrogates not allowed, in item 0, in joined"
        ):
            a.joined_length(["\ud800"])


class TestInPlace:
    def test_writable_buffer(self, a) -> None:
        values = array.array("d", [1, 2])
        assert a.scale(values, 3) is None
        assert list(values) == [3, 6]

    def test_slice_of_a_buffer(self, a) -> None:
        values = array.array("d", [1, 2, 3])
        a.scale(memoryview(values)[1:], 2)
        assert list(values) == [1, 4, 6]

    def test_bytearray(self, a) -> None:
        data = bytearray(3)
        a.fill_bytes(data, 7)
        assert data == b"\7\7\7"

    def test_read_only_buffer_is_refused(self, a) -> None:
        with pytest.raises(BufferError):
            a.fill_bytes(b"abc", 7)
        with pytest.raises(BufferError):
            a.scale(memoryview(array.array("d", [1])).toreadonly(), 2)

    def test_read_only_numpy_array_is_refused(self, a) -> None:
        numpy = pytest.importorskip("numpy")
        values = numpy.ones(3)
        values.flags.writeable = False
        with pytest.raises((ValueError, BufferError), match="read-only"):
            a.scale(values, 2)

    def test_sequence_is_refused(self, a) -> None:
        with pytest.raises(TypeError, match="expected a writable buffer of double items, got list"):
            a.scale([1.0], 2)

    def test_buffer_cannot_be_resized_during_the_call(self, a) -> None:
        values = array.array("d", [1.0])

        class Resizes:
            def __float__(self) -> float:
                values.append(1.0)
                return 2.0

        # Numbers are converted before buffers are taken, so that this is no error.
        a.scale(values, Resizes())
        assert list(values) == [2, 2]


class TestRecords:
    def test_sequence_of_instances(self, a) -> None:
        assert a.sum_points([a.point(1, 2), a.point(3, 4)]) == 10
        assert a.sum_points(()) == 0

    def test_wrong_instance(self, a) -> None:
        with pytest.raises(TypeError, match="item 1: expected point, got int"):
            a.sum_points([a.point(1, 2), 3])

    def test_buffer_of_records(self, a) -> None:
        numpy = pytest.importorskip("numpy")
        points = numpy.array([(1, 2), (3, 4)], dtype=[("x", "i4"), ("y", "i4")])
        assert a.sum_points(points) == 10
        a.move_points(points, 1)
        assert points["x"].tolist() == [2, 4]

    def test_buffer_of_another_size(self, a) -> None:
        with pytest.raises(TypeError, match=r"expected items of point \(8 bytes each\)"):
            a.sum_points(bytes(12))
        assert a.sum_points(bytes(16)) == 0

    def test_array_of_instances_in_numpy(self, a) -> None:
        numpy = pytest.importorskip("numpy")
        points = numpy.array([a.point(1, 2), a.point(3, 4)], dtype=object)
        assert a.sum_points(points) == 10

    def test_records_in_place_need_a_buffer(self, a) -> None:
        with pytest.raises(TypeError, match="writable buffer of point items, got list"):
            a.move_points([a.point(1, 2)], 1)

    def test_pointers_to_records(self, a) -> None:
        point = a.point(1, 2)
        assert a.sum_point_pointers([point, point]) == 6

    def test_adapted_records(self, a) -> None:
        assert a.sum_years([datetime.date(2000, 1, 1), datetime.date(24, 1, 1)]) == 2024
        with pytest.raises(TypeError, match=r"item 0: expected datetime.date, got str"):
            a.sum_years(["2000"])

    def test_enums(self, a) -> None:
        colors = [a.color.RED, a.color.BLUE, 2]
        assert a.count_color(colors, a.color.BLUE) == 2
        assert a.count_color(array.array("I", [1, 1, 2]), a.color.GREEN) == 2

    def test_members_of_another_enum(self, a) -> None:
        with pytest.raises(TypeError, match=r"item 1: expected color or int, got <size.LARGE: 1>"):
            a.count_color([0, a.size.LARGE], a.color.RED)

    def test_handles(self, a) -> None:
        boxes = [a.box(1), a.box(2)]
        assert a.sum_boxes(boxes) == 3
        boxes[0].close()
        with pytest.raises(ValueError, match="item 0: operation on a closed box"):
            a.sum_boxes(boxes)

    def test_out_records(self, a) -> None:
        points = a.make_points(3)
        assert [(p.x, p.y) for p in points] == [(0, 0), (1, -1), (2, -2)]

    def test_out_enums(self, a) -> None:
        assert a.make_colors(4) == [a.color.RED, a.color.GREEN, a.color.BLUE, a.color.RED]
        assert isinstance(a.make_colors(1)[0], a.color)

    def test_out_adapted(self, a) -> None:
        assert a.make_days(2) == [datetime.date(2000, 1, 1), datetime.date(2001, 1, 2)]
        with pytest.raises(ValueError, match="day"):
            a.make_days(32)


class TestOut:
    def test_length_argument_is_the_room(self, a) -> None:
        assert a.squares(4) == [0, 1, 4, 9]
        assert a.squares(n=0) == []

    def test_only_what_was_written(self, a) -> None:
        assert a.half_filled(7) == [0, 1, 2]

    def test_negative_length(self, a) -> None:
        with pytest.raises(ValueError, match="'n' must not be negative"):
            a.half_filled(-1)

    def test_absurd_length(self, a) -> None:
        with pytest.raises(OverflowError, match="there is no room for"):
            a.squares(2**62)
        with pytest.raises((MemoryError, OverflowError)):
            a.squares(2**59)

    def test_fixed_length(self, a) -> None:
        assert a.identity() == [1, 0, 0, 1]

    def test_what_c_does_not_write_is_zero(self, a) -> None:
        junk = [b"\xff" * 800 for _ in range(100)]
        del junk
        assert a.untouched(100) == [0] * 100

    def test_bytes(self, a) -> None:
        assert a.random_bytes(5) == b"\1\2\3\4\5"
        assert a.random_bytes(1) == b"\1"
        assert a.random_bytes(0) == b""

    def test_one_byte_results_do_not_share_memory(self, a) -> None:
        assert a.random_bytes(1) == b"\1"
        assert bytes([0]) == b"\0"

    def test_text(self, a) -> None:
        assert a.name("h\u00e9llo") == "h\u00e9llo"
        assert a.name("") == ""
        assert a.greeting() == "hello"

    def test_text_as_bytes(self, a) -> None:
        assert a.name_bytes("h\u00e9") == b"h\xc3\xa9"

    def test_more_reported_than_there_was_room_for(self, a) -> None:
        with pytest.raises(
            BufferError, match="arr_name reported 9 elements in 'buffer', but there"
        ):
            a.name("123456789")

    def test_length_that_is_in_and_out(self, a) -> None:
        assert a.up_to(10, 3) == [0, 1, 2]
        with pytest.raises(BufferError):
            a.up_to(2, 3)

    def test_room_depends_on_an_array_that_comes_later(self, a) -> None:
        assert a.negate([1, 2, 3]) == [-1, -2, -3]

    def test_grow(self, a) -> None:
        assert a.up_to_grown(3) == [0, 1, 2]
        assert a.up_to_grown(100) == list(range(100))

    def test_arrays_of_one_length_grow_together(self, a) -> None:
        before = a.many_calls()
        values, halves = a.many(50)
        assert values == list(range(50))
        assert halves[:50] == [i / 2 for i in range(50)]
        assert a.many_calls() == before + 2

    def test_call_that_fits_is_made_once(self, a) -> None:
        before = a.many_calls()
        assert a.many(2)[0] == [0, 1]
        assert a.many_calls() == before + 1

    def test_absurd_size_is_left_to_the_status(self, a) -> None:
        with pytest.raises(ValueError, match="arr_fails_by_size"):
            a.fails_by_size()


class TestCalleeAllocated:
    def test_list(self, a) -> None:
        assert a.evens(3) == [0, 2, 4]
        assert a.live_blocks() == 0

    def test_null_for_no_elements(self, a) -> None:
        assert a.evens(0) == []

    def test_failure_sets_nothing(self, a) -> None:
        with pytest.raises(ValueError, match="arr_evens returned -1"):
            a.evens(2_000_000)
        assert a.live_blocks() == 0

    def test_memory_of_the_c_library(self, a) -> None:
        assert a.with_malloc() == [1, 2, 3]

    def test_bytes(self, a) -> None:
        assert a.blob() == b"\x00\x01\xff\x80"
        assert a.live_blocks() == 0

    def test_freed_when_it_cannot_be_decoded(self, a) -> None:
        with pytest.raises(UnicodeDecodeError):
            a.bad_strings()
        assert a.live_blocks() == 0

    def test_dict(self, a) -> None:
        assert a.histogram("hello") == {"e": 1, "h": 1, "l": 2, "o": 1}
        assert a.histogram("") == {}
        assert a.live_blocks() == 0

    def test_dict_in_memory_of_the_caller(self, a) -> None:
        assert a.squares_dict(3) == {0: 0, 1: 1, 2: 4}


class TestDicts:
    def test_dict(self, a) -> None:
        assert a.total({"apple": 1.5, "pear": 2}) == 3.5
        assert a.total({"apple": 1.5, "pear": 2}, "pear") == 1.5
        assert a.total({}) == 0

    def test_other_mappings(self, a) -> None:
        assert a.total(types.MappingProxyType({"a": 1})) == 1
        assert a.total(collections.ChainMap({"a": 1}, {"b": 2})) == 3
        assert a.total(collections.OrderedDict(a=1)) == 1

    def test_what_is_no_mapping(self, a) -> None:
        for value in ([("a", 1)], "a", 5, None):
            with pytest.raises(TypeError, match="expected a dict or other mapping"):
                a.total(value)

    def test_wrong_key_and_value(self, a) -> None:
        with pytest.raises(TypeError, match=r"total\(\) argument 'names': item 1: expected str"):
            a.total({"a": 1, 2: 2})
        with pytest.raises(TypeError, match="value of 'pear': expected float, got str"):
            a.total({"a": 1, "pear": "x"})

    def test_later_argument_that_fails(self, a) -> None:
        for _ in range(100):
            with pytest.raises(TypeError, match="skip"):
                a.total({"a": 1}, 5)


class TestResults:
    def test_length_that_is_reported(self, a) -> None:
        assert a.primes() == [2, 3, 5, 7, 11]

    def test_to_the_first_zero(self, a) -> None:
        assert a.primes_to_zero() == [2, 3, 5, 7, 11]

    def test_length_that_is_an_argument(self, a) -> None:
        assert a.first_primes(2) == [2, 3]

    def test_null_is_none_where_nullable(self, a) -> None:
        assert a.first_primes(6) is None

    def test_owned(self, a) -> None:
        assert a.copied_primes() == [2, 3, 5]
        assert a.live_blocks() == 0

    def test_strings_to_null(self, a) -> None:
        assert a.days() == ["Mon", "Tue", "Wed"]

    def test_null_for_no_elements(self, a) -> None:
        assert a.nothing(0) == []

    def test_null_for_elements(self, a) -> None:
        with pytest.raises(RuntimeError, match="arr_nothing gave a null pointer for 3 elements"):
            a.nothing(3)


def expect(error: type[BaseException], call: Callable[[], object]) -> Callable[[], None]:
    def work() -> None:
        try:
            call()
        except error:
            return
        raise AssertionError(f"no {error.__name__}")

    return work


def test_nothing_leaks(a) -> None:
    doubles = array.array("d", range(100))
    boxes = [a.box(1), a.box(2)]
    points = [a.point(1, 2)] * 50
    operations = [
        lambda: a.sum(doubles),
        lambda: a.sum(list(doubles)),
        lambda: a.sum_points(points),
        lambda: a.sum_point_pointers(points),
        lambda: a.sum_boxes(boxes),
        lambda: a.joined_length(["a", "b", "\u00e9" * 10]),
        lambda: a.count_latin1("\u00e9" * 10, "x"),
        lambda: a.wide_length("\u00e9" * 10),
        lambda: a.total({"a": 1, "b": 2}),
        lambda: a.squares(1000),
        lambda: a.random_bytes(1000),
        lambda: a.name("hello"),
        lambda: a.up_to_grown(500),
        lambda: a.many(500),
        lambda: a.evens(100),
        lambda: a.histogram("hello"),
        lambda: a.make_points(10),
        lambda: a.make_days(3),
        lambda: a.days(),
        expect(TypeError, lambda: a.sum([1.5] * 50 + ["x"])),
        expect(TypeError, lambda: a.sum(array.array("f", [1]))),
        expect(ValueError, lambda: a.dot([1] * 50, [1])),
        expect(TypeError, lambda: a.joined_length(["a", 1])),
        expect(TypeError, lambda: a.total({"a": 1, "b": "x"})),
        expect(TypeError, lambda: a.total({"a": 1}, 5)),
        expect(BufferError, lambda: a.name("123456789")),
        expect(ValueError, lambda: a.make_days(40)),
        expect(UnicodeDecodeError, a.bad_strings),
        expect(UnicodeEncodeError, lambda: a.joined_length(["\ud800"])),
        expect(RuntimeError, lambda: a.nothing(3)),
    ]
    for operation in operations:
        assert growth(operation, 1000) < 16
    assert a.live_blocks() == 0
    before = resident()
    for operation in operations:
        for _ in range(2000):
            operation()
    if "SB_SANITIZED" not in os.environ:  # sanitizers keep freed memory for a while
        assert resident() - before < 16_000_000
    assert sys.getrefcount(points[0]) < 60
