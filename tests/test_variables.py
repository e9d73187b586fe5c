"""Global variables: read and assigned live, as attributes of the module."""

from __future__ import annotations

import array
import gc
import sys
import types
from datetime import date

import pytest

import symbridge

DESCRIPTION = """
    [[prefix("va_")]];
    extern int va_counter;
    extern const int va_limit;
    extern uint8_t va_small;
    extern double va_ratio;
    extern _Bool va_enabled;
    extern char va_letter;
    extern const char *va_name;
    extern const char *va_no_name;
    extern char va_title[16];
    extern uint8_t va_raw[4];
    extern const uint8_t va_const_raw[2];
    extern int32_t va_numbers[4];
    extern double va_matrix[2][3];
    extern const int16_t va_table[3];
    extern const char *const va_days[3];
    enum [[name("Color")]] va_color { VA_RED, VA_GREEN };
    enum va_other { VA_OTHER };
    extern enum va_color va_paint;
    struct va_point { int32_t x, y; };
    extern struct va_point va_origin;
    extern const struct va_point va_fixed;
    extern struct va_point va_corners[2];
    extern const struct va_point va_const_corners[2];
    extern struct va_point *va_current;
    [[adapt("datetime.date", year, month, day)]]
    struct va_day { int32_t year; uint8_t month, day; };
    extern struct va_day va_today;
    struct va_named { const char *text; int n; };
    extern struct va_named va_labelled;
    struct va_box;
    extern struct va_box *va_box_pointer;
    extern void *va_address;
    [[readonly]] extern int va_locked;
    [[optional]] extern int va_not_there;
    [[name("inner.depth")]] extern int va_depth;
    int va_read_counter(void);
    int va_read_depth(void);
    int va_read_number(int i);
    int va_read_origin(void);
    [[method, name("value")]] int va_box_value(const struct va_box *box);
    void va_count(void);
"""


@pytest.fixture
def v(native_library) -> types.ModuleType:
    return symbridge.load(native_library("variables"), DESCRIPTION, name="variables_under_test")


class TestNumbers:
    def test_live(self, v) -> None:
        v.counter = 5
        v.count()
        assert v.counter == 6
        v.count()
        assert v.counter == 7

    def test_assigned(self, v) -> None:
        v.counter = 40
        assert v.read_counter() == 40
        v.counter += 2
        assert v.read_counter() == 42

    def test_every_kind(self, v) -> None:
        assert (v.small, v.ratio, v.enabled, v.letter) == (7, 0.5, True, "x")
        v.ratio, v.enabled, v.letter = 1.5, False, "y"
        assert (v.ratio, v.enabled, v.letter) == (1.5, False, "y")
        v.ratio, v.enabled, v.letter = 0.5, True, "x"

    def test_wrong_values(self, v) -> None:
        with pytest.raises(TypeError, match="^variable 'va_counter': expected int, got str$"):
            v.counter = "1"
        with pytest.raises(OverflowError, match="^variable 'va_small': 256 is out of range"):
            v.small = 256
        assert v.small == 7

    def test_const(self, v) -> None:
        assert v.limit == 100
        with pytest.raises(AttributeError, match="variable 'va_limit' is const"):
            v.limit = 5
        assert v.limit == 100

    def test_read_only(self, v) -> None:
        assert v.locked == 3
        with pytest.raises(AttributeError, match="variable 'va_locked' is read-only"):
            v.locked = 5

    def test_deletion_is_refused(self, v) -> None:
        with pytest.raises(AttributeError, match="cannot be deleted"):
            del v.counter
        assert "counter" in dir(v)

    def test_enum(self, v) -> None:
        assert v.paint is v.Color.GREEN
        v.paint = v.Color.RED
        assert v.paint is v.Color.RED
        with pytest.raises(TypeError, match="expected Color or int"):
            v.paint = v.other.OTHER
        v.paint = 1

    def test_optional(self, v) -> None:
        assert not hasattr(v, "not_there")
        assert "not_there" not in dir(v)


class TestTextAndPointers:
    def test_text(self, v) -> None:
        assert v.name == "name"
        assert v.no_name is None

    def test_pointers_to_text_cannot_be_assigned(self, v) -> None:
        with pytest.raises(AttributeError, match="only the library can keep alive"):
            v.name = "other"

    def test_array_of_characters(self, v) -> None:
        assert v.title == "title"
        v.title = "new"
        assert v.title == "new"
        with pytest.raises(ValueError, match="variable 'va_title'"):
            v.title = "x" * 17
        v.title = "title"

    def test_address(self, v) -> None:
        old = v.address
        assert isinstance(old, int)
        v.address = None
        assert v.address is None
        v.address = old

    def test_handle(self, v) -> None:
        assert v.box_pointer.value() == 42
        assert type(v.box_pointer) is v.box

    def test_pointer_to_a_record(self, v) -> None:
        v.current.x = 11
        assert v.origin.x == 11
        v.current.x = 1


class TestArrays:
    def test_numbers_are_a_view(self, v) -> None:
        numbers = v.numbers
        assert isinstance(numbers, memoryview)
        assert numbers.tolist() == [1, 2, 3, 4]
        numbers[1] = 20
        assert v.read_number(1) == 20
        numbers[1] = 2

    def test_assigned_as_a_whole(self, v) -> None:
        v.numbers = [5, 6, 7, 8]
        assert v.read_number(3) == 8
        v.numbers = array.array("i", [1, 2, 3, 4])
        assert v.numbers.tolist() == [1, 2, 3, 4]
        with pytest.raises(ValueError, match="exactly 4 items"):
            v.numbers = [1]
        with pytest.raises(TypeError, match="item 3"):
            v.numbers = [9, 9, 9, "x"]
        assert v.numbers.tolist() == [1, 2, 3, 4]

    def test_several_dimensions(self, v) -> None:
        assert v.matrix.shape == (2, 3)
        assert v.matrix[1, 2] == 6

    def test_const_numbers_cannot_be_changed(self, v) -> None:
        assert v.table.tolist() == [10, 20, 30]
        with pytest.raises(TypeError, match="read-only"):
            v.table[0] = 1
        with pytest.raises(AttributeError, match="is const"):
            v.table = [1, 2, 3]

    def test_bytes(self, v) -> None:
        assert bytes(v.raw) == b"\1\2\3\xff"
        assert bytes(v.const_raw) == b"\x09\x08"

    def test_strings(self, v) -> None:
        assert list(v.days) == ["Mon", "Tue", "Wed"]

    def test_records(self, v) -> None:
        assert [p.x for p in v.corners] == [1, 2]
        v.corners[1].x = 9
        assert v.corners[1].x == 9
        v.corners[1].x = 2

    def test_const_records_are_copies(self, v) -> None:
        corners = v.const_corners
        corners[0].x = 50
        assert v.const_corners[0].x == 5

    def test_view_keeps_the_library(self, native_library) -> None:
        module = symbridge.load(native_library("variables"), DESCRIPTION, name="variables_gone")
        numbers, origin = module.numbers, module.origin
        sys.modules.pop("variables_gone")
        sys.modules.pop("variables_gone.inner", None)
        del module
        gc.collect()
        assert numbers[0] == 1
        assert origin.y == 2


class TestRecords:
    def test_view(self, v) -> None:
        origin = v.origin
        assert (origin.x, origin.y) == (1, 2)
        origin.x = 7
        assert v.read_origin() == 702
        origin.x = 1

    def test_assigned(self, v) -> None:
        v.origin = v.point(8, 9)
        assert v.read_origin() == 809
        v.origin = v.fixed
        assert v.read_origin() == 304
        v.origin = v.point(1, 2)
        with pytest.raises(TypeError, match="variable 'va_origin': expected point, got tuple"):
            v.origin = (1, 2)

    def test_const_is_a_copy_made_once(self, v) -> None:
        assert (v.fixed.x, v.fixed.y) == (3, 4)
        assert v.fixed is v.fixed

    def test_adapted(self, v) -> None:
        assert v.today == date(2018, 2, 20)
        v.today = date(2020, 1, 1)
        assert v.today == date(2020, 1, 1)
        with pytest.raises(TypeError, match="expected datetime.date"):
            v.today = "2020"
        v.today = date(2018, 2, 20)

    def test_record_with_pointers(self, v) -> None:
        assert (v.labelled.text, v.labelled.n) == ("label", 3)
        v.labelled.n = 4
        assert v.labelled.n == 4
        v.labelled.n = 3
        with pytest.raises(AttributeError, match="holds pointers"):
            v.labelled = v.named("x", 1)


class TestModules:
    def test_submodule(self, v) -> None:
        v.inner.depth = 12
        assert v.read_depth() == 12
        assert v.inner.depth == 12

    def test_other_attributes_are_ordinary(self, v) -> None:
        v.mine = 1
        assert v.mine == 1
        del v.mine
        assert not hasattr(v, "mine")
        assert isinstance(v, types.ModuleType)
        with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
            v.nothing  # noqa: B018

    def test_dir_lists_variables(self, v) -> None:
        assert {"counter", "limit", "numbers", "read_counter"} <= set(dir(v))

    def test_from_import_takes_the_value(self, v) -> None:
        namespace: dict[str, object] = {}
        v.counter = 3
        exec("from variables_under_test import counter", namespace)
        v.counter = 4
        assert namespace["counter"] == 3

    def test_module_without_variables_is_an_ordinary_one(self, native_library) -> None:
        module = symbridge.load(
            native_library("variables"), "extern const int va_limit; int va_read_counter(void);"
        )
        assert type(module) is types.ModuleType
        assert module.va_limit == 100

    def test_package_serves_variables_of_its_library(self) -> None:
        import corelib

        corelib.backend.greetings = 5
        assert corelib.backend.greetings == 5
        corelib.backend.greetings = 0

    def test_extended_package(self, native_library, tmp_path, monkeypatch) -> None:
        package = tmp_path / "variables_package"
        package.mkdir()
        (package / "__init__.py").write_text(
            "import symbridge\n"
            "letter = 'own'\n"
            f"symbridge.extend(__name__, {str(native_library('variables'))!r}, {DESCRIPTION!r})\n"
        )
        monkeypatch.syspath_prepend(str(tmp_path))
        import variables_package  # type: ignore[import-not-found]

        variables_package.counter = 21
        assert variables_package.counter == 21
        assert variables_package.read_counter() == 21
        assert variables_package.letter == "own"
        variables_package.letter = "changed"
        assert variables_package.letter == "changed"
        assert variables_package.__native__.letter == "x"


def test_nothing_leaks(v) -> None:
    def work() -> None:
        v.counter = v.counter + 1
        v.paint = v.paint
        v.title = v.title
        v.numbers[0] = v.numbers[0]
        v.origin.x = v.origin.x
        v.origin = v.point(1, 2)
        v.today = v.today
        v.corners  # noqa: B018
        v.days  # noqa: B018
        v.box_pointer  # noqa: B018
        try:
            v.small = 256
        except OverflowError:
            return
        raise AssertionError("it did not fail")

    for _ in range(10):
        work()
    gc.collect()
    objects = len(gc.get_objects())
    references = [sys.getrefcount(o) for o in (v, v.point, v.Color)]
    for _ in range(2000):
        work()
    gc.collect()
    assert len(gc.get_objects()) < objects + 50
    assert [sys.getrefcount(o) for o in (v, v.point, v.Color)] == references
