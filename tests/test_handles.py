"""Opaque structs as classes: handles, how they end, and what they keep alive."""

from __future__ import annotations

import copy
import gc
import pickle
import sys
import threading
import time
import types
from collections.abc import Iterator

import pytest

import symbridge

DESCRIPTION = """
[[module("handles_module")]];

enum [[status]] status {
    STATUS_OK = 0,
    STATUS_INVALID [[raises(ValueError)]],
    STATUS_END [[stop]],
};
[[quick]] int live_count(void);
[[quick]] const char *history_text(void);
[[quick]] void history_clear(void);

/** Counts up. */
[[class("Counter")]] typedef struct counter counter;
[[quick, constructor]]
enum status counter_new(int start, int stop [[default(10)]], counter **out [[out]]);
[[quick, destructor]] void counter_free(counter *c);
[[quick, iternext]] enum status counter_next(counter *c, int *value [[out]]);
[[quick, method]] int counter_left(const counter *c);
[[method]] void counter_wait(counter *c, int milliseconds);
[[quick]] enum status counter_swallow(counter *c [[consumed]], int fail);
[[quick, getter]] int counter_get_stop(const counter *c);
[[quick, setter]] enum status counter_set_stop(counter *c, int stop);
[[quick]] counter *counter_shared(void);

[[class("Cursor")]] typedef struct cursor cursor;
[[quick, constructor, keeps(of)]] cursor *cursor_open(counter *of);
[[quick, method, owned(cursor_close), keeps(c), name("Cursor.after")]]
cursor *cursor_after(cursor *c);
[[quick, method]] int cursor_left(const cursor *c);
[[quick, destructor]] void cursor_close(cursor *c);

[[class("Point"), hashable]] typedef struct point { uint32_t x, y; } point;
[[class("Cell")]] typedef struct cell { point at; double weights[3]; char name[8]; } cell;
[[class("Grid")]] typedef struct grid grid;
[[quick, constructor]] grid *grid_new(size_t count);
[[quick, destructor]] void grid_free(grid *g);
[[quick, length]] size_t grid_length(const grid *g);
[[quick, getitem, keeps(g)]] cell *grid_get(grid *g, size_t i);
[[quick, setitem]] void grid_set(grid *g, size_t i, const cell *value);
[[quick, delitem]] void grid_delete(grid *g, size_t i);
[[quick, contains]] _Bool grid_contains(const grid *g, const point *p);

[[class("Table")]] typedef struct table table;
[[quick, constructor]] table *table_new(void);
[[quick, destructor]] void table_free(table *t);
[[quick, getitem]] enum status table_get(const table *t, const char *name, int *value [[out]]);
[[quick, setitem]] void table_set(table *t, const char *name, int value);
[[quick, length]] int table_length(const table *t);
[[quick, enter]] void table_enter(table *t);
[[quick, exit]] _Bool table_exit(table *t);
[[quick, setter]] void table_set_entered(table *t, int entered);

typedef struct plain plain;
"""


@pytest.fixture(scope="module")
def loaded(native_library) -> types.ModuleType:
    return symbridge.load(native_library("records"), DESCRIPTION)


@pytest.fixture
def m(loaded) -> Iterator[types.ModuleType]:
    """The module; afterwards nothing that a test made may be left."""
    gc.collect()
    before = loaded.live_count()
    loaded.history_clear()
    yield loaded
    gc.collect()
    assert loaded.live_count() == before


class TestType:
    def test_looks_hand_written(self, m):
        assert repr(m.Counter) == "<class 'handles_module.Counter'>"
        assert m.Counter.__doc__ == "Counts up."
        assert m.Counter.__text_signature__ == "(start, stop=10)"

    def test_repr_tells_open_from_closed(self, m):
        c = m.Counter(0)
        assert repr(c).startswith("<handles_module.Counter at 0x")
        c.close()
        assert repr(c) == "<handles_module.Counter closed>"

    def test_objects_hold_a_pointer_and_what_their_use_needs(self, m):
        header = object.__basicsize__
        assert m.Grid.__basicsize__ <= header + 40
        assert m.Table.__basicsize__ == header + 8
        assert not gc.is_tracked(m.Counter(0))

    def test_identity_is_equality(self, m):
        a, b = m.Counter(0), m.Counter(0)
        assert a == a and a != b and hash(a) != hash(b)

    def test_without_a_constructor_none_can_be_made(self, m):
        with pytest.raises(TypeError, match="cannot create 'handles_module.plain' instances"):
            m.plain()
        with pytest.raises(TypeError):
            object.__new__(m.plain)
        assert not hasattr(m.plain, "close")


class TestConstruction:
    def test_by_position_and_keyword(self, m):
        assert m.Counter(1, 5).left() == 4
        assert m.Counter(start=1, stop=5).left() == 4
        assert m.Counter(1).left() == 9

    def test_failure_raises_and_leaves_nothing(self, m):
        with pytest.raises(ValueError):
            m.Counter(5, 1)

    def test_wrong_arguments(self, m):
        for args, kwargs in (((), {}), ((1, 2, 3), {}), ((1,), {"n": 2}), (("x",), {})):
            with pytest.raises(TypeError):
                m.Counter(*args, **kwargs)
        with pytest.raises(OverflowError, match="argument 'start'"):
            m.Counter(2**40)

    def test_calling_init_again_changes_nothing(self, m):
        c = m.Counter(0, 3)
        c.__init__(0, 100)
        assert c.left() == 3

    def test_object_new_is_refused(self, m):
        with pytest.raises(TypeError):
            object.__new__(m.Counter)


class TestEnd:
    def test_close_destroys_once(self, m):
        c = m.Counter(0)
        c.close()
        c.close()
        del c
        assert m.history_text() == "counter "

    def test_collection_destroys(self, m):
        c = m.Counter(0)
        del c
        assert m.history_text() == "counter "

    def test_with_closes(self, m):
        with m.Counter(0, 3) as c:
            assert c.left() == 3
            assert m.history_text() == ""
        assert m.history_text() == "counter "

    def test_with_closes_after_an_exception_and_passes_it_on(self, m):
        with pytest.raises(KeyError), m.Counter(0):
            raise KeyError
        assert m.history_text() == "counter "

    @pytest.mark.parametrize(
        "use",
        [
            lambda c: c.left(),
            lambda c: next(c),
            lambda c: c.stop,
            lambda c: setattr(c, "stop", 3),
            lambda c: c.wait(0),
            lambda c: c.__enter__(),
        ],
    )
    def test_use_after_close_is_a_value_error(self, m, use):
        c = m.Counter(0)
        c.close()
        with pytest.raises(ValueError, match="operation on a closed Counter"):
            use(c)

    def test_a_closed_handle_as_an_argument(self, m):
        c = m.Counter(0)
        c.close()
        with pytest.raises(ValueError, match="closed Counter"):
            m.Cursor(c)
        with pytest.raises(TypeError, match="expected Counter, got int"):
            m.Cursor(1)

    def test_a_pending_exception_survives_the_destructor(self, m):
        def fail() -> None:
            _handle = m.Counter(0)
            raise LookupError("kept")

        with pytest.raises(LookupError, match="kept"):
            fail()

    def test_pickle_and_copy_are_refused_with_the_reason(self, m):
        c = m.Counter(0)
        for refused in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match=r"cannot pickle .*pointer into C memory"):
                refused(c)

    def test_handles_outlive_their_module(self, native_library, m):
        other = symbridge.load(native_library("records"), DESCRIPTION, name="dropped_module")
        cursor = other.Cursor(other.Counter(0, 3))
        sys.modules.pop("dropped_module")
        del other
        gc.collect()
        assert cursor.left() == 3
        del cursor
        assert m.history_text() == "cursor counter "


class TestBusy:
    def test_close_is_refused_while_another_thread_is_in_a_call(self, m):
        c = m.Counter(0)
        thread = threading.Thread(target=c.wait, args=(300,))
        thread.start()
        time.sleep(0.1)
        with pytest.raises(ValueError, match="Counter is in use by a call in another thread"):
            c.close()
        assert c.left() == 9
        thread.join()
        c.close()


class TestConsumed:
    def test_success_closes_without_the_destructor(self, m):
        c = m.Counter(0)
        m.counter_swallow(c, 0)
        assert m.history_text() == "counter "
        with pytest.raises(ValueError, match="closed"):
            c.left()
        with pytest.raises(ValueError, match="closed"):
            m.counter_swallow(c, 0)

    def test_failure_leaves_the_handle(self, m):
        c = m.Counter(0)
        with pytest.raises(ValueError):
            m.counter_swallow(c, 1)
        assert c.left() == 10


class TestBorrowed:
    def test_a_borrowed_handle_is_never_destroyed(self, m):
        shared = m.counter_shared()
        assert type(shared) is m.Counter
        assert shared.stop == 8
        shared.close()
        with pytest.raises(ValueError):
            _ = shared.stop
        del shared
        assert m.history_text() == ""
        assert m.counter_shared().stop == 8


class TestDependence:
    def test_the_owner_outlives_what_depends_on_it(self, m):
        cursor = m.Cursor(m.Counter(0, 5))
        gc.collect()
        assert cursor.left() == 5
        del cursor
        assert m.history_text() == "cursor counter "

    def test_an_owner_closed_first_waits_for_its_dependents(self, m):
        c = m.Counter(0, 5)
        a, b = m.Cursor(c), m.Cursor(c)
        c.close()
        assert m.history_text() == ""
        with pytest.raises(ValueError, match="closed Counter"):
            c.left()
        with pytest.raises(ValueError, match="closed Counter"):
            m.Cursor(c)
        assert a.left() == b.left() == 5
        a.close()
        assert m.history_text() == "cursor "
        b.close()
        assert m.history_text() == "cursor cursor counter "

    def test_an_owner_closed_first_and_dropped(self, m):
        c = m.Counter(0, 5)
        cursor = m.Cursor(c)
        c.close()
        del c
        gc.collect()
        assert cursor.left() == 5
        del cursor
        assert m.history_text() == "cursor counter "

    def test_long_chains_of_owners_end_without_deep_recursion(self, m):
        c = m.Cursor(m.Counter(0))
        for _ in range(100_000):
            c = c.after()
        del c

    def test_cycles_through_subclasses_are_collected_in_order(self, m):
        class Counter(m.Counter):
            pass

        for _ in range(10):
            c = Counter(0)
            c.cursor = m.Cursor(c)
            del c
        gc.collect()
        assert m.history_text() == "cursor counter " * 10


class TestIteration:
    def test_iterates_to_its_end(self, m):
        c = m.Counter(2, 5)
        assert iter(c) is c
        assert list(c) == [2, 3, 4]
        assert list(c) == []
        with pytest.raises(StopIteration):
            next(c)
        assert next(c, None) is None

    def test_properties(self, m):
        c = m.Counter(0, 5)
        c.stop = 2
        assert (c.stop, list(c)) == (2, [0, 1])
        with pytest.raises(ValueError):
            c.stop = 0
        with pytest.raises(TypeError):
            c.stop = "x"
        with pytest.raises(TypeError, match="cannot delete"):
            del c.stop


class TestSequence:
    def test_length_index_and_iteration(self, m):
        g = m.Grid(4)
        assert len(g) == 4
        assert g[2].at == m.Point(2, 4)
        assert g[-1].at == m.Point(3, 9)
        assert [cell.at.x for cell in g] == [0, 1, 2, 3]
        assert [cell.at.x for cell in reversed(g)] == [3, 2, 1, 0]

    @pytest.mark.parametrize("index", [4, -5, 2**62, 2**70, -(2**70)])
    def test_index_out_of_range(self, m, index):
        g = m.Grid(4)
        cell = copy.copy(g[0])
        with pytest.raises(IndexError):
            _ = g[index]
        with pytest.raises(IndexError):
            g[index] = cell
        with pytest.raises(IndexError):
            del g[index]

    def test_slices_are_lists(self, m):
        g = m.Grid(5)
        assert [cell.at.x for cell in g[1:4]] == [1, 2, 3]
        assert [cell.at.x for cell in g[::-2]] == [4, 2, 0]
        assert g[10:] == []

    def test_assignment_and_deletion(self, m):
        g = m.Grid(3)
        cell = copy.copy(g[0])
        cell.at = m.Point(7, 7)
        g[-1] = cell
        assert g[2].at == m.Point(7, 7)
        g[0:2] = [cell, cell]
        assert [c.at.x for c in g] == [7, 7, 7]
        with pytest.raises(ValueError, match="a slice of 2 items cannot be set to 1"):
            g[0:2] = [cell]
        del g[0]
        assert len(g) == 2
        with pytest.raises(TypeError, match="cannot be deleted"):
            del g[0:1]

    def test_wrong_keys_and_values(self, m):
        g = m.Grid(1)
        for key in ("x", 1.0, None):
            with pytest.raises(TypeError, match="indices must be integers or slices"):
                _ = g[key]
        with pytest.raises(TypeError, match="expected Cell"):
            g[0] = 1

    def test_contains(self, m):
        g = m.Grid(3)
        assert m.Point(2, 4) in g and m.Point(5, 5) not in g

    def test_mapping(self, m):
        t = m.Table()
        t["one"] = 1
        t["two"] = 2
        assert (t["one"], t["two"], len(t)) == (1, 2, 2)
        with pytest.raises(ValueError):
            _ = t["three"]
        with pytest.raises(TypeError, match="expected str"):
            _ = t[1]
        with pytest.raises(TypeError, match="does not support item deletion"):
            del t["one"]

    def test_enter_and_exit_functions(self, m):
        t = m.Table()
        with t as entered:
            assert entered is t
        t.entered = 41
        with t:
            raise KeyError("dropped, because the exit function said so")
        t["still"] = 1


class TestViews:
    def test_an_item_is_a_view_that_keeps_its_owner(self, m):
        cell = m.Grid(3)[2]
        gc.collect()
        assert cell.at == m.Point(2, 4)
        cell.at.x = 20
        cell.weights = [1, 2, 3]
        cell.name = "n"
        assert (cell.at.x, cell.weights.tolist(), cell.name) == (20, [1, 2, 3], "n")

    def test_views_of_a_closed_owner_are_value_errors(self, m):
        g = m.Grid(3)
        cell = g[1]
        point, copied = cell.at, copy.copy(cell)
        g.close()
        for use in (
            lambda: cell.at,
            lambda: cell.name,
            lambda: setattr(cell, "name", "x"),
            lambda: point.x,
            lambda: setattr(point, "x", 1),
            lambda: point == m.Point(1, 1),
            lambda: hash(point),
            lambda: repr(cell),
            lambda: copy.copy(point),
            lambda: pickle.dumps(point),
            lambda: cell.weights,
        ):
            with pytest.raises(ValueError, match="the Grid that this .* belongs to was closed"):
                use()
        assert copied.at == m.Point(1, 1)

    def test_memoryviews_of_a_handles_memory_hold_it_open(self, m):
        g = m.Grid(1)
        weights = g[0].weights
        with pytest.raises(BufferError, match="in use"):
            g.close()
        weights[0] = 4.5
        assert g[0].weights[0] == 4.5
        weights.release()
        g.close()

    def test_a_closing_conversion_cannot_pull_the_memory_away(self, m):
        g = m.Grid(1)
        cell = g[0]

        class Closing:
            def __float__(self) -> float:
                g.close()
                return 1.0

        with pytest.raises(BufferError, match="in use"):
            cell.weights = [1.0, Closing(), 1.0]
        assert list(cell.weights) == [0, 0, 0]


class TestSubclasses:
    def test_construct_with_an_init_or_new_of_their_own(self, m):
        class Plain(m.Counter):
            pass

        class Named(m.Counter):
            def __init__(self, name: str, stop: int) -> None:
                super().__init__(0, stop)
                self.name = name

        class Fixed(m.Counter):
            def __new__(cls) -> Fixed:
                return super().__new__(cls, 3, 7)

        assert type(Plain(1)) is Plain and Plain(1).left() == 9
        named = Named("n", 3)
        assert (named.name, list(named)) == ("n", [0, 1, 2])
        assert Fixed().left() == 4
        with pytest.raises(ValueError):
            Named("n", -1)

    def test_forgotten_init_is_a_closed_handle(self, m):
        class Forgetful(m.Counter):
            def __init__(self) -> None:
                pass

        with pytest.raises(ValueError, match="closed Counter"):
            Forgetful().left()

    def test_a_second_init_is_refused(self, m):
        class Twice(m.Counter):
            def __init__(self) -> None:
                super().__init__(0)
                super().__init__(0)

        with pytest.raises(TypeError, match="initialised already"):
            Twice()

    def test_owners_are_kept_by_subclasses(self, m):
        class Sub(m.Cursor):
            def __init__(self, of: object) -> None:
                super().__init__(of)

        cursor = Sub(m.Counter(0, 4))
        gc.collect()
        assert cursor.left() == 4
        del cursor
        assert m.history_text() == "cursor counter "

    def test_resurrection_leaves_a_usable_object(self, m):
        saved = []

        class Phoenix(m.Counter):
            def __del__(self) -> None:
                saved.append(self)

        Phoenix(0, 3)
        assert list(saved.pop()) == [0, 1, 2]
        saved.clear()
