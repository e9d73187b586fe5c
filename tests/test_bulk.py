"""Data in bulk: C's arrays of records and numbers, and NumPy's, without a copy."""

from __future__ import annotations

import array
import contextlib
import ctypes
import gc
import random
import types
import weakref

import numpy as np
import pytest

import corelib
import symbridge
from growth import growth

DESCRIPTION = """
    [[prefix("bulk_")]];
    struct [[hidden]] inner { uint8_t tag; uint16_t code; };
    [[class("Sample")]] struct sample {
        int8_t kind; double value;
        struct { uint8_t tag; uint16_t code; } parts[2];
        char name[6]; _Bool good; unsigned low : 3, high : 5;
        float matrix[2][2]; int64_t hidden [[hidden]]; uint8_t last;
    };
    #pragma pack(push, 1)
    [[class("Tight")]] struct tight { uint8_t flag; uint32_t number; double weight; };
    #pragma pack(pop)
    [[class("Flat")]] struct flat { int32_t x, y, z; };
    [[class("Node")]] struct node { struct node *next; int32_t value; };

    size_t bulk_sample_size(void);
    double bulk_sum_samples(const struct sample *samples [[array(n)]], size_t n);
    void bulk_double_samples(struct sample *samples [[array(n)]], size_t n);
    size_t bulk_samples_address(const struct sample *samples [[array(n)]], size_t n);
    int64_t bulk_sum_flat(const struct flat *items [[array(n)]], size_t n);
    size_t bulk_live(void);

    enum [[status]] outcome { FINE, WRONG [[raises(ValueError)]] };
    [[class("Store")]] typedef struct store store;
    [[constructor]] store *bulk_store_new(size_t n);
    [[destructor]] void bulk_store_free(store *s);
    [[length]] size_t bulk_store_size(const store *s);
    [[buffer]] struct sample *bulk_store_samples(store *s);
    [[getter("numbers"), keeps(s), array(count)]]
    const double *bulk_store_numbers(store *s, int *count [[out]]);
    [[method, name("tight"), keeps(s)]]
    enum outcome bulk_store_tight(store *s, struct tight **items [[out, array(n)]],
                                  uint32_t *n [[out]]);
    [[method, name("nodes"), keeps(s), array(n)]]
    struct node *bulk_store_nodes(store *s, size_t *n [[out]]);
    [[method, name("value_at")]] double bulk_store_get(const store *s, size_t i);
    [[name("lost"), owned]] store *bulk_store_lost(void);
"""


@pytest.fixture(scope="module")
def m(native_library) -> types.ModuleType:
    return symbridge.load(native_library("bulk"), DESCRIPTION, name="bulk_under_test")


SAMPLE = np.dtype(
    [
        ("kind", "i1"),
        ("value", "f8"),
        ("parts", [("tag", "u1"), ("code", "u2")], 2),
        ("name", "S6"),
        ("good", "?"),
        ("bits", "u1"),
        ("matrix", "f4", (2, 2)),
        ("hidden", "i8"),
        ("last", "u1"),
    ],
    align=True,
)
FLAT = np.dtype([("x", "i4"), ("y", "i4"), ("z", "i4")])


class TestPointArray:
    def test_numpy_sees_the_memory_itself(self):
        points = corelib.PointArray(1000)
        table = np.asarray(points)
        assert table.dtype == np.dtype([("x", "u4"), ("y", "u4")])
        assert table.shape == (1000,)
        table["x"] = np.arange(1000)
        assert points[777] == corelib.Point(777, 0)
        points[5].y = 9
        assert table[5]["y"] == 9

    def test_memoryview(self):
        points = corelib.PointArray(3)
        with memoryview(points) as view:
            assert view.format == "T{I:x:I:y:}"
            assert (view.itemsize, view.shape, view.nbytes, view.readonly) == (8, (3,), 24, False)
            assert view.obj is points
            assert view.contiguous
            view.cast("B")[8] = 5
        assert points[1] == corelib.Point(5, 0)

    def test_close_is_refused_while_a_buffer_is_in_use(self):
        points = corelib.PointArray(3)
        view = memoryview(points)
        second = memoryview(points)
        for held in (view, second):
            with pytest.raises(BufferError, match="PointArray is in use"):
                points.close()
            held.release()
        points.close()
        with pytest.raises(ValueError, match="closed PointArray"):
            memoryview(points)

    def test_a_buffer_keeps_the_array_alive(self):
        points = corelib.PointArray(100)
        table = np.asarray(points)
        element = points[7]
        del points
        gc.collect()
        table["x"] = 4
        assert element.x == 4
        del table
        gc.collect()
        assert element.x == 4

    def test_an_array_without_points(self):
        empty = np.asarray(corelib.PointArray(0))
        assert empty.shape == (0,)
        assert memoryview(corelib.PointArray(0)).nbytes == 0

    def test_buffers_of_an_array_of_a_subclass(self):
        class Mine(corelib.PointArray):
            pass

        mine = Mine(2)
        assert memoryview(mine).obj is mine
        assert np.asarray(mine).shape == (2,)

    def test_a_subclass_cannot_make_the_memory_longer(self):
        class Liar(corelib.PointArray):
            def __len__(self) -> int:
                return 1_000_000

        assert memoryview(Liar(2)).nbytes == 16

    def test_nearest_sees_what_numpy_wrote(self):
        points = corelib.PointArray(100_000)
        np.asarray(points)["x"] = 1_000_000
        np.asarray(points)["x"][54_321] = 3
        assert points.nearest(corelib.Point(1, 1)) == 54_321

    def test_slices_are_views_of_the_elements(self):
        points = corelib.PointArray(10)
        for i, point in enumerate(points[2:8:3]):
            point.x = i + 1
        assert np.asarray(points)["x"].tolist() == [0, 0, 1, 0, 0, 2, 0, 0, 0, 0]

    def test_leaves_no_memory_behind(self):
        points = corelib.PointArray(4)

        def work() -> None:
            memoryview(points)
            memoryview(points).release()

        assert growth(work) < 1


class TestBuffer:
    def test_every_field_lies_where_c_has_it(self, m):
        store = m.Store(4)
        table = np.asarray(store)
        assert table.dtype.itemsize == m.sample_size()
        assert table.dtype.names == ("kind", "value", "parts", "name", "good", "matrix", "last")
        for name in table.dtype.names:
            assert table.dtype.fields[name][1] == SAMPLE.fields[name][1], name
        table[2]["value"] = 2.5
        assert store.value_at(2) == 2.5

    def test_numbers_that_are_not_aligned(self, m):
        store = m.Store(2)
        table = np.asarray(store.tight())
        assert table.dtype.fields["number"][1] == 1
        assert table.dtype.fields["weight"][1] == 5
        assert table.dtype.itemsize == 13
        table["weight"] = [1.5, 2.5]
        assert np.asarray(store.tight())["weight"].tolist() == [1.5, 2.5]

    def test_const_memory_is_read_only(self, m):
        numbers = m.Store(3).numbers
        assert numbers.readonly
        assert (numbers.format, numbers.tolist()) == ("d", [0.0, 0.0, 0.0])
        with pytest.raises(ValueError, match="read-only"):
            np.asarray(numbers)[0] = 1

    def test_elements_that_hold_pointers_are_read_only(self, m):
        nodes = m.Store(3).nodes()
        assert nodes.readonly
        assert np.asarray(nodes).dtype.names == ("next", "value")

    def test_a_failed_function_raises(self, m):
        with pytest.raises(ValueError, match="WRONG"):
            m.Store(13).tight()

    def test_what_is_kept_cannot_be_closed(self, m):
        before = m.live()
        store = m.Store(3)
        tight = store.tight()
        with pytest.raises(BufferError):
            store.close()
        del store
        gc.collect()
        assert m.live() == before + 1
        assert len(tight) == 3
        del tight
        gc.collect()
        assert m.live() == before

    def test_memory_that_is_not_there(self, m):
        lost = m.lost()
        assert len(lost) == 5
        with pytest.raises(RuntimeError, match="null pointer for 5 elements"):
            memoryview(lost)
        assert m.Store(0).tight().nbytes == 0

    def test_a_writable_buffer_of_const_memory_is_refused(self, m):
        class Buffer(ctypes.Structure):
            _fields_ = [("room", ctypes.c_char * 200)]

        get = ctypes.pythonapi.PyObject_GetBuffer
        get.argtypes = [ctypes.py_object, ctypes.POINTER(Buffer), ctypes.c_int]
        with pytest.raises(BufferError):
            get(m.Store(3).numbers, Buffer(), 1)

    def test_leaves_no_memory_behind(self, m):
        def work() -> None:
            store = m.Store(3)
            memoryview(store)
            store.tight().release()
            store.numbers.tolist()

        assert growth(work) < 1


class TestArguments:
    def test_a_structured_array_is_passed_without_a_copy(self, m):
        samples = np.zeros(5, SAMPLE)
        samples["value"] = range(5)
        samples["parts"]["code"][:, 1] = 100
        samples["last"] = 1
        assert m.sum_samples(samples) == 10 + 500 + 5
        assert m.samples_address(samples) == samples.ctypes.data
        m.double_samples(samples)
        assert samples["value"].tolist() == [0, 2, 4, 6, 8]

    def test_an_object_with_a_buffer_is_passed_as_its_elements(self, m):
        store = m.Store(3)
        np.asarray(store)["value"] = 7
        assert m.sum_samples(store) == 21
        m.double_samples(store)
        assert store.value_at(1) == 14
        with memoryview(store) as view:
            assert m.sum_samples(view) == 42

    def test_names_do_not_count(self, m):
        other = np.dtype({"names": ["a", "b", "c"], "formats": ["i4", "i4", "i4"]})
        assert m.sum_flat(np.array([(1, 2, 3)], other)) == 321

    def test_rows_of_numbers_are_records(self, m):
        rows = np.array([[1, 2, 3], [4, 5, 6]], np.int32)
        assert m.sum_flat(rows) == 321 + 654
        assert m.sum_flat(np.zeros((0, 3), np.int32)) == 0

    def test_raw_bytes_are_records(self, m):
        assert m.sum_flat(array.array("i", [1, 2, 3]).tobytes()) == 321
        assert m.sum_flat(np.zeros(2, "V12")) == 0

    def test_sequences_are_converted(self, m):
        assert m.sum_flat([m.Flat(1, 2, 3), m.Flat(1, 0, 0)]) == 322

    @pytest.mark.parametrize(
        "dtype",
        [
            [("x", "u4"), ("y", "i4"), ("z", "i4")],
            [("x", "f4"), ("y", "i4"), ("z", "i4")],
            [("x", "i2"), ("w", "i2"), ("y", "i4"), ("z", "i4")],
            [("x", "i4"), ("y", "i8")],
            [("x", ">i4"), ("y", ">i4"), ("z", ">i4")],
            [("x", "S4"), ("y", "i4"), ("z", "i4")],
        ],
    )
    def test_other_numbers_in_their_place_are_refused(self, m, dtype):
        with pytest.raises(TypeError, match="sum_flat.* 'items': expected items of Flat in"):
            m.sum_flat(np.zeros(2, dtype))

    @pytest.mark.parametrize(
        "wrong",
        [
            np.zeros(4, np.int32),
            np.zeros((2, 4), np.int32),
            np.zeros((3, 2, 2), np.int32),
            np.zeros(2, [("x", "i4"), ("y", "i4")]),
        ],
    )
    def test_items_of_another_size_are_refused(self, m, wrong):
        with pytest.raises(TypeError, match="expected items of Flat"):
            m.sum_flat(wrong)

    def test_rows_of_other_numbers_are_refused(self, m):
        with pytest.raises(TypeError, match="expected items of Flat"):
            m.sum_flat(np.zeros((2, 3), np.float32))

    def test_arrays_with_gaps_are_refused(self, m):
        with pytest.raises((BufferError, ValueError)):
            m.sum_flat(np.zeros(8, FLAT)[::2])

    def test_a_read_only_array_cannot_be_changed(self, m):
        samples = np.zeros(3, SAMPLE)
        samples.flags.writeable = False
        assert m.sum_samples(samples) == 0
        with pytest.raises((BufferError, ValueError)):
            m.double_samples(samples)

    def test_a_record_type_of_ctypes(self, m):
        class Flat(ctypes.Structure):
            _fields_ = [("x", ctypes.c_int32), ("y", ctypes.c_int32), ("z", ctypes.c_int32)]

        assert m.sum_flat((Flat * 2)(Flat(1, 2, 3), Flat(0, 0, 1))) == 421

    def test_the_array_cannot_be_resized_while_c_has_it(self, m):
        raw = bytearray(24)
        assert m.sum_flat(raw) == 0
        raw.extend(b"12 more byte")
        assert len(raw) == 36

    def test_formats_that_are_nonsense_are_refused(self, m, native_library):
        """Whatever a format says, it is a TypeError, or the item fits."""
        seed = random.randrange(2**32)
        print(f"seed {seed}")
        chance = random.Random(seed)
        exporter = _Exporter(12)
        pieces = [*"bBhHiIlLqQ?fdgsxPZT{}(,):=<>@^ 123456789", "T{", "3x", ":a:", "(2)", "Zd"]
        for _ in range(3000):
            text = "".join(chance.choice(pieces) for _ in range(chance.randrange(1, 12)))
            with contextlib.suppress(TypeError):
                m.sum_flat(exporter.view(text))

    @pytest.mark.parametrize(
        ("text", "fits"),
        [
            ("T{i:x:i:y:i:z:}", True),
            ("T{<i:x:<i:y:<i:z:}", True),
            ("T{=lll}", True),
            ("3i", True),
            ("(3)i", True),
            ("T{i2i}", True),
            ("T{T{ii}:a:i:z:}", True),
            ("12x", True),
            ("i8x", True),
            ("T{i:x:}8x", True),
            ("T{>i:x:>i:y:>i:z:}", False),
            ("T{i:x:i:y:i:z:", False),
            ("T{i:x", False),
            ("hi4x", False),
            ("T{f:x:i:y:i:z:}", False),
            ("T{ii:y:i:z:}}", False),
            ("4i", False),
            ("(99999999,99999999)i", False),
            ("99999999999999999999i", False),
            ("T{" * 40 + "i" + "}" * 40, False),
            ("O8x", False),
            ("Zf8x", False),
        ],
    )
    def test_formats(self, m, text, fits):
        exporter = _Exporter(12)
        if fits:
            assert m.sum_flat(exporter.view(text)) == 0
        else:
            with pytest.raises(TypeError, match="expected items of Flat"):
                m.sum_flat(exporter.view(text))


class _Exporter:
    """Memory of `size` bytes, and memoryviews that call it one item of any format."""

    def __init__(self, size: int) -> None:
        self.memory = (ctypes.c_char * size)()
        self.size = size

    def view(self, text: str) -> memoryview:
        class View(ctypes.Structure):
            _fields_ = [
                ("buf", ctypes.c_void_p), ("obj", ctypes.c_void_p), ("len", ctypes.c_ssize_t),
                ("itemsize", ctypes.c_ssize_t), ("readonly", ctypes.c_int),
                ("ndim", ctypes.c_int), ("format", ctypes.c_char_p),
                ("shape", ctypes.POINTER(ctypes.c_ssize_t)),
                ("strides", ctypes.POINTER(ctypes.c_ssize_t)),
                ("suboffsets", ctypes.c_void_p), ("internal", ctypes.c_void_p),
            ]  # fmt: skip

        make = ctypes.pythonapi.PyMemoryView_FromBuffer
        make.restype, make.argtypes = ctypes.py_object, [ctypes.POINTER(View)]
        self.format = text.encode()
        self.one, self.stride = (ctypes.c_ssize_t * 1)(1), (ctypes.c_ssize_t * 1)(self.size)
        made = View(
            ctypes.addressof(self.memory), None, self.size, self.size, 0, 1, self.format,
            self.one, self.stride, None, None,
        )  # fmt: skip
        view: memoryview = make(made)
        return view


def test_windows_on_records_stay_when_the_module_goes(native_library):
    module = symbridge.load(native_library("bulk"), DESCRIPTION)
    store = module.Store(3)
    tight = np.asarray(store.tight())
    gone = weakref.ref(module)
    del module, store
    gc.collect()
    tight["number"] = 5
    assert tight["number"].tolist() == [5, 5, 5]
    del tight, gone
    gc.collect()
