"""What Python code can do to break the interpreter, and must not: see tests/native/hostile.c."""

from __future__ import annotations

import array
import copy
import gc
import pickle
import random
import subprocess
import sys
import textwrap
import threading
import time
import types
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import symbridge
from symbridge import _bridge

DESCRIPTION = """
[[quick, name("live")]] int hostile_live(void);
[[quick, name("bad")]] int hostile_bad(void);

typedef struct empty {} empty;
typedef struct base { int32_t a; } base;
typedef struct left { base b [[base]]; int32_t c; } left;
typedef struct right { base b [[base]]; int32_t d; } right;
[[quick, class_method, name("left.make")]] left left_make(void);
[[quick, method]] int base_get(const base *b);
[[quick, method]] int left_sum(const left *l);
[[class("Node")]] typedef struct node { struct node *next; const char *name; int32_t value; } node;
[[quick, method]] int node_total(const node *n);

[[adapt("test_hostile.Odd", part)]] typedef struct odd { int32_t part; } odd;
[[class("Item")]] typedef struct item {
    int32_t value; odd first; odd second[3]; int32_t weights[4]; uint32_t alive;
} item;
[[class("Store")]] typedef struct store store;
[[quick, constructor]] store *store_new(size_t count);
[[quick, destructor]] void store_free(store *s);
[[quick, length]] size_t store_length(const store *s);
[[quick, getitem, keeps(s)]] item *store_at(store *s, size_t i);
[[quick, method, array(n)]] const odd *store_odds(const store *s, size_t *n [[out]]);
[[method]] int item_wait(const item *i, int milliseconds);
[[quick]] int items_count(const item *const *items [[array(n)]], size_t n,
                          const int32_t *extra [[array(k)]], size_t k);
int items_wait(const item *const *items [[array(n)]], size_t n, int milliseconds);

[[class("Token")]] typedef struct token token;
[[quick, constructor]] token *token_new(void);
[[quick, destructor]] void token_free(token *t);
[[quick, method]] int token_check(const token *t);
[[quick, method]] int token_with(const token *t, int number);
[[quick]] int tokens_count(token *const *tokens [[array(n)]], size_t n,
                           const int32_t *extra [[array(k)]], size_t k);
int tokens_wait(token *const *tokens [[array(n)]], size_t n, int milliseconds);

[[class("Ticket")]] typedef struct ticket ticket;
[[quick, constructor]] ticket *ticket_new(void);
[[quick, destructor]] void ticket_free(ticket *t);
[[method]] int ticket_wait(const ticket *t, int milliseconds);
[[quick, method]] int ticket_check(const ticket *t);
[[method, fails(nonzero, ValueError)]] int ticket_redeem(ticket *t [[consumed]], int milliseconds);

int64_t sum_slowly(const int32_t *values [[array(n)]], size_t n, int milliseconds [[default(0)]]);
enum [[status]] outcome { OUTCOME_OK = 0, OUTCOME_BAD [[raises(ValueError)]] };
[[message]] const char *bad_message(enum outcome status);
[[quick]] enum outcome fail_badly(int code);
[[quick]] const char *not_text(void);
typedef union either { int32_t whole; float part; } either;
[[quick]] int either_whole(either e);
[[quick]] int text_first(const char *text, int number);
"""

Module = Any


class Odd:
    """What struct odd crosses as: its making may do anything."""

    hook: Callable[[], object] | None = None

    def __init__(self, part: int) -> None:
        self.part = part
        if Odd.hook is not None:
            Odd.hook()


class Evil:
    """A number whose reading does something else first."""

    def __init__(self, action: Callable[[], object], value: int = 1) -> None:
        self.action = action
        self.value = value

    def __index__(self) -> int:
        self.action()
        return self.value


@pytest.fixture(scope="module")
def library(native_library: Callable[[str], Path]) -> Path:
    return native_library("hostile")


@pytest.fixture(scope="module")
def loaded(library: Path) -> types.ModuleType:
    return symbridge.load(library, DESCRIPTION)


@pytest.fixture
def m(loaded: Module) -> Iterator[Module]:
    """The module; afterwards C was given nothing dead and nothing is left."""
    gc.collect()
    before = loaded.live()
    yield loaded
    Odd.hook = None
    gc.collect()
    assert loaded.bad() == 0
    assert loaded.live() == before


def attempt(action: Callable[[], object], *expected: type[BaseException]) -> object:
    """What the action gives, or the expected exception that it raises."""
    try:
        return action()
    except expected as error:
        return error


def in_thread(action: Callable[[], object], head_start: float = 0.1) -> Callable[[], object]:
    """Start the action; give a function that waits for its result."""
    results: list[object] = []
    thread = threading.Thread(target=lambda: results.append(attempt(action, Exception)))
    thread.start()
    time.sleep(head_start)

    def join() -> object:
        thread.join()
        return results[0]

    return join


class TestConversionsThatClose:
    """Python code that runs while arguments or results are converted closes what C is to use."""

    def test_a_handle_closed_by_an_argument_is_refused(self, m: Module) -> None:
        token = m.Token()
        with pytest.raises(ValueError, match="closed Token"):
            token.with_(Evil(token.close))

    def test_handles_in_an_array_cannot_be_closed_by_a_later_argument(self, m: Module) -> None:
        token = m.Token()
        with pytest.raises(ValueError, match="in use"):
            m.tokens_count([token], [Evil(token.close)])
        token.close()

    def test_nor_can_what_views_in_an_array_look_at(self, m: Module) -> None:
        store = m.Store(3)
        with pytest.raises(BufferError, match="in use"):
            m.items_count([store[1]], [Evil(store.close)])
        store.close()

    def test_assignment_keeps_the_memory_open(self, m: Module) -> None:
        store = m.Store(2)
        item = store[0]
        with pytest.raises(BufferError):
            item.value = Evil(store.close)
        with pytest.raises(BufferError):
            item.weights = [1, 2, 3, Evil(store.close)]

    @pytest.mark.parametrize(
        "action", [repr, pickle.dumps, lambda item: item.second, lambda item: item.first]
    )
    def test_so_does_reading(self, m: Module, action: Callable[[Any], object]) -> None:
        store = m.Store(2)
        item = store[0]
        Odd.hook = store.close
        attempt(lambda: action(item), BufferError, pickle.PicklingError)

    def test_an_array_of_the_handle_is_read_before_python_code_runs(self, m: Module) -> None:
        store = m.Store(2)
        Odd.hook = store.close
        assert [odd.part for odd in store.odds()] == [8, 9, 10]

    def test_a_list_may_shrink_while_it_is_converted(self, m: Module) -> None:
        values: list[Any] = [1, 2, 3]
        values[1] = Evil(values.clear, 2)
        assert m.sum_slowly(values) == 6

    def test_lengths_may_lie(self, m: Module) -> None:
        class Lying(list[int]):
            def __len__(self) -> int:
                return 1000

        assert m.sum_slowly(Lying([1, 2])) == 3

    def test_keywords_may_go_while_they_are_converted(self, m: Module) -> None:
        class Sub(m.Node):  # type: ignore[misc]
            def __init__(self) -> None:
                pass

        node = Sub()
        keywords: dict[Any, Any] = {"value": Evil(lambda: keywords.clear()), "name": "x" * 50}
        done = threading.Event()
        run_with(lambda: None, {})  # the way is there
        run_with(m.Node.__init__, keywords, node, done)
        assert (node.value, node.name) == (1, "x" * 50) or node.value == 0

    def test_keywords_are_strings(self, m: Module) -> None:
        class Sub(m.Node):  # type: ignore[misc]
            def __init__(self) -> None:
                pass

        node = Sub()
        run_with(m.Node.__init__, {1: 2}, node)
        assert node.value == 0


def run_with(function: Any, keywords: dict[Any, Any], *args: Any) -> None:
    """Call with this very dict of keywords, which only starting a thread does."""
    import _thread

    hook, sys.unraisablehook = sys.unraisablehook, lambda _: None
    try:
        _thread.start_new_thread(function, args[:1], keywords)
        time.sleep(0.1)
    finally:
        sys.unraisablehook = hook


class TestThreads:
    def test_what_a_view_looks_at_stays_open_during_a_call(self, m: Module) -> None:
        store = m.Store(3)
        item = store[1]
        result = in_thread(lambda: item.wait(300))
        with pytest.raises(BufferError, match="in use"):
            store.close()
        assert result() == 1
        store.close()

    def test_also_when_the_view_is_in_an_array(self, m: Module) -> None:
        store = m.Store(3)
        item = store[1]
        result = in_thread(lambda: m.items_wait([item, item], 300))
        with pytest.raises(BufferError, match="in use"):
            store.close()
        assert result() == 2

    def test_handles_in_an_array_stay_open_during_a_call(self, m: Module) -> None:
        token = m.Token()
        result = in_thread(lambda: m.tokens_wait([token], 300))
        with pytest.raises(ValueError, match="in use"):
            token.close()
        assert result() == 1

    def test_a_handle_in_use_is_not_consumed(self, m: Module) -> None:
        ticket = m.Ticket()
        result = in_thread(lambda: ticket.wait(300))
        with pytest.raises(ValueError, match=r"Ticket\.redeem\(\): Ticket is in use"):
            ticket.redeem(0)
        assert result() == 1
        ticket.redeem(0)

    def test_a_handle_being_consumed_is_not_used(self, m: Module) -> None:
        ticket = m.Ticket()
        result = in_thread(lambda: ticket.redeem(300))
        with pytest.raises(ValueError, match="closed"):
            ticket.check()
        ticket.close()
        assert result() is None

    def test_a_call_that_failed_has_consumed_nothing(self, m: Module) -> None:
        ticket = m.Ticket()
        with pytest.raises(ValueError):
            ticket.redeem(-1)
        assert ticket.check() == 1

    def test_buffers_in_use_keep_their_size(self, m: Module) -> None:
        values = array.array("i", [1] * 1000)
        result = in_thread(lambda: m.sum_slowly(values, 300))
        with pytest.raises(BufferError):
            values.extend([1] * 1000)
        assert result() == 1000

    def test_many_threads_use_and_close_one_handle(self, m: Module) -> None:
        box = [m.Store(5)]
        end = time.monotonic() + 1
        unexpected: list[BaseException] = []

        def replace() -> None:
            box[0].close()
            box[0] = m.Store(5)

        actions: list[Callable[[], object]] = [
            replace,
            lambda: box[0][2].wait(0),
            lambda: m.items_wait([box[0][i] for i in range(4)], 0),
            lambda: memoryview(box[0][1].weights).release(),
            lambda: (repr(box[0][1]), box[0].odds()),
        ]

        def run(action: Callable[[], object]) -> None:
            while time.monotonic() < end:
                try:
                    attempt(action, ValueError, BufferError)
                except BaseException as error:
                    unexpected.append(error)

        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        try:
            threads = [threading.Thread(target=run, args=(action,)) for action in actions]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            sys.setswitchinterval(interval)
        assert unexpected == []

    def test_many_threads_ask_first_for_one_class(self, tmp_path: Path) -> None:
        count = 30
        library = build(
            tmp_path, "".join(f"int c{i}_m(void *c, int e) {{ return e; }}\n" for i in range(count))
        )
        text = "".join(
            f"enum e{i} {{ E{i}_A, E{i}_B }}; typedef struct c{i} {{ enum e{i} e; }} c{i};\n"
            f'#define K{i} {i} [[name("c{i}.K")]]\n'
            for i in range(count)
        ) + "".join(
            f"[[quick, method]] int c{i}_m(c{i} *c, enum e{(i + 7) % count} e);\n"
            for i in range(count)
        )
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        try:
            for _ in range(5):
                module: Module = symbridge.load(library, text)
                joins = [in_thread(partial(ask, module, count, n * 11), 0) for n in range(5)]
                seen = [join() for join in joins]
                assert seen == [seen[0]] * 5 and isinstance(seen[0], list)
        finally:
            sys.setswitchinterval(interval)

    def test_the_interpreter_ends_while_threads_are_in_c(self, library: Path) -> None:
        alone(
            library,
            """
            store = m.Store(1)
            item = store[0]
            for _ in range(3):
                threading.Thread(target=item.wait, args=(2000,), daemon=True).start()
            time.sleep(0.1)
            """,
        )


def ask(module: Module, count: int, offset: int) -> list[int]:
    """Use `count` classes, from another one on; give their identities in order."""
    found = {}
    for i in range(count):
        k = (i * 7 + offset) % count
        cls = getattr(module, f"c{k}")
        assert (cls(0).m(1), cls.K) == (1, k)
        found[k] = id(cls)
    return [found[k] for k in range(count)]


def build(directory: Path, source: str) -> Path:
    """A library made of this C text."""
    path = directory / "made.c"
    path.write_text(source)
    library = directory / "libmade.so"
    command = ["cc", "-shared", "-fPIC", "-w", "-o", str(library), str(path)]
    subprocess.run(command, check=True)
    return library


def alone(library: Path, source: str) -> str:
    """Run Python code on the module `m` in an interpreter of its own; it must end well."""
    head = f"""
import gc, sys, threading, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
import symbridge
from test_hostile import *
m = symbridge.load({str(library)!r}, DESCRIPTION)
"""
    command = [sys.executable, "-X", "faulthandler", "-c", head + textwrap.dedent(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


class TestWhatPointersPointAt:
    """A record keeps what its pointers point at, until no pointer points there any more."""

    def test_what_goes_sees_the_record_as_it_is_now(self, m: Module) -> None:
        seen: list[Any] = []
        root = m.Node()

        class Watching(m.Node):  # type: ignore[misc]
            def __del__(self) -> None:
                seen.append(root.next)

        root.next = Watching(value=5)
        root.next = None
        root.next = Watching(value=5)
        root.next = m.Node(value=6)
        gc.collect()
        assert [node and node.value for node in seen] == [None, 6]

    def test_long_chains_end_without_recursion(self, m: Module) -> None:
        node = m.Node()
        for _ in range(50_000):
            node = m.Node(next=node)
        repr(node)
        del node

    def test_circles_are_collected(self, m: Module) -> None:
        class Sub(m.Node):  # type: ignore[misc]
            pass

        node = Sub()
        node.next = node
        gone = weakref.ref(node)
        assert node == node and "Sub" in repr(node)
        del node
        gc.collect()
        assert gone() is None


class TestSubclasses:
    def test_an_empty_struct_beside_a_class_without_layout(self, m: Module) -> None:
        class Mixin:
            pass

        class Both(Mixin, m.empty):  # type: ignore[misc]
            pass

        both = Both()
        assert both == both and repr(both) == "Both()"
        assert type(copy.copy(both)) is Both

    def test_two_described_classes_do_not_mix(self, m: Module) -> None:
        for bases in [(m.empty, m.base), (m.base, m.Store), (m.Store, m.Token), (m.base, int)]:
            with pytest.raises(TypeError, match="lay-out"):
                type("Both", bases, {})

    def test_siblings_of_one_layout_can_be_mixed(self, m: Module) -> None:
        class Middle(m.base):  # type: ignore[misc]
            pass

        class Both(Middle, m.left):  # type: ignore[misc]
            pass

        both = Both(1)
        both.c = 4
        assert both.sum() == 5
        assert isinstance(Both.make(), m.left)

    def test_an_object_without_a_handle_is_closed(self, m: Module) -> None:
        class Lazy(m.Store):  # type: ignore[misc]
            __slots__ = ("__weakref__",)

            def __init__(self) -> None:
                pass

        lazy = Lazy()
        for action in (lazy.odds, lambda: lazy[0], lambda: len(lazy), lazy.__enter__):
            with pytest.raises(ValueError, match="closed"):
                action()
        lazy.close()

    def test_resurrection(self, m: Module) -> None:
        kept: list[Any] = []

        class Undead(m.Store):  # type: ignore[misc]
            def __del__(self) -> None:
                kept.append(self)

        Undead(2)
        assert len(kept.pop()) == 2

    @pytest.mark.parametrize("name", ["base", "left", "Item", "Store", "Node"])
    def test_a_described_type_cannot_be_changed(self, m: Module, name: str) -> None:
        cls = getattr(m, name)
        changes: list[Callable[[], object]] = [
            lambda: setattr(cls, "x", 1),
            lambda: setattr(cls, "__init__", 1),
            lambda: delattr(cls, "__init__"),
            lambda: setattr(cls, "__bases__", (object,)),
        ]
        for change in changes:
            with pytest.raises((TypeError, AttributeError)):
                change()

    def test_objects_do_not_change_class(self, m: Module) -> None:
        class A(m.base):  # type: ignore[misc]
            pass

        class B(m.left):  # type: ignore[misc]
            pass

        for o, cls in [(m.base(1), A), (A(1), m.base), (A(1), B), (m.Store(1)[0], m.Item)]:
            with pytest.raises(TypeError):
                o.__class__ = cls

    def test_methods_called_by_hand_with_anything(self, m: Module) -> None:
        store = m.Store(1)
        view = store[0]
        names = ["__init__", "__new__", "__repr__", "__eq__", "__reduce__", "__copy__", "__hash__"]
        things = [1, None, m.base, m.base(1), m.left(1, 2), store, view, type(view), m.Node(), ""]
        for cls in (m.base, m.left, m.Item, m.Node, m.Store, m.empty, m.either, type(view)):
            for name in names:
                function = getattr(cls, name, None)
                for first in things:
                    for rest in ((), (1,), (first,), (cls, 1)):
                        if function is not None:
                            errors = (TypeError, ValueError, AttributeError, OverflowError)
                            attempt(partial(function, first, *rest), *errors)


class TestUseAfterClose:
    def test_everything_says_so(self, m: Module) -> None:
        store = m.Store(3)
        item, iterator, weights = store[1], iter(store), store[1].weights
        with pytest.raises(BufferError):
            store.close()
        weights.release()
        store.close()
        store.close()
        actions: list[Callable[[], object]] = [
            lambda: item.value,
            lambda: setattr(item, "value", 1),
            lambda: item == item,
            lambda: repr(item),
            lambda: copy.copy(item),
            lambda: copy.deepcopy(item),
            lambda: pickle.dumps(item),
            lambda: item.wait(0),
            lambda: item.weights,
            lambda: len(store),
            lambda: store[0],
            lambda: store.odds(),
            lambda: next(iterator),
            lambda: m.items_count([item], []),
        ]
        for action in actions:
            with pytest.raises(ValueError, match="closed"):
                action()
        assert "closed" in repr(store)


class TestArguments:
    def test_names_that_are_derived_strings(self, m: Module) -> None:
        class Name(str):
            def __eq__(self, other: object) -> bool:
                raise ZeroDivisionError

            __hash__ = str.__hash__

        assert m.text_first(**{Name("text"): Name("abc"), Name("number"): 1}) == 98
        assert m.base(**{Name("a"): 1}).a == 1

    def test_absurdly_many(self, m: Module) -> None:
        calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
            ((1,) * 10_000, {}),
            ((), {f"k{i}": i for i in range(1000)}),
            (("a", 1), {"text": "b"}),
            ((), {"": 1}),
            ((), {"\ud800": 1}),
        ]
        for args, kwargs in calls:
            for function in (m.text_first, m.base, m.Store, m.Node, m.live, m.sum_slowly):
                with pytest.raises(TypeError):
                    function(*args, **kwargs)

    def test_derived_ints_that_lie(self, m: Module) -> None:
        class Liar(int):
            def __index__(self) -> int:
                raise ZeroDivisionError

            __str__ = __index__  # type: ignore[assignment]

            def bit_length(self) -> int:
                return -1

        assert m.text_first("a", Liar(3)) == 100
        for number in (Liar(10**30), Liar(-(10**5000)), 10**5000, Liar(2**31)):
            for function in (lambda n: m.text_first("a", n), m.base):
                with pytest.raises((OverflowError, ZeroDivisionError, ValueError)):
                    function(number)

    def test_text_of_the_library_that_is_none(self, m: Module) -> None:
        with pytest.raises(UnicodeDecodeError):
            m.not_text()
        with pytest.raises(ValueError, match="is no text"):
            m.fail_badly(1)

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
            lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner),
        )
    )
    def test_any_value_in_any_place(self, loaded: Module, value: object) -> None:
        errors = (TypeError, ValueError, OverflowError, BufferError, MemoryError)
        for function in (
            loaded.sum_slowly,
            loaded.base,
            loaded.Node,
            loaded.either,
            loaded.Store if not isinstance(value, int) else loaded.base,
            lambda v: loaded.text_first(v, v),
            lambda v: loaded.Node(next=v, name=v),
            lambda v: setattr(loaded.Node(), "name", v),
            lambda v: _bridge._rebuild(loaded.base, v),
            lambda v: _bridge._rebuild(v, ()),
        ):
            attempt(lambda f=function: f(value), *errors)  # type: ignore[misc]


class TestPickles:
    def test_forged_ones_are_refused(self, m: Module) -> None:
        view = type(m.Store(1)[0])
        forged: list[tuple[Any, Any]] = [
            (m.Node, ()),
            (m.Store, ()),
            (int, (1,)),
            (type, ()),
            (Odd, (1,)),
            (m.base, ()),
            (m.base, [1]),
            (m.base, ("x",)),
            (m.either, b""),
            (view, (1, 2, 3, 4, 5)),
        ]
        for cls, values in forged:
            with pytest.raises((TypeError, ValueError)):
                _bridge._rebuild(cls, values)

    def test_the_class_of_views_makes_objects(self, m: Module) -> None:
        odd = Odd(1)
        made = _bridge._rebuild(type(m.Store(1)[0]), (1, odd, (odd,) * 3, [1, 2, 3, 4], 5))
        assert type(made) is m.Item and made.alive == 5


class TestModules:
    def test_getattr_called_by_hand(self, library: Path) -> None:
        module: Module = symbridge.load(library, DESCRIPTION)
        namespace = module.__dict__
        get = namespace["__getattr__"]
        del namespace["__name__"]
        for name in ("zz", 5, None, b"x", "a\0b"):
            with pytest.raises(AttributeError):
                get(name)
        namespace.clear()
        assert get("base")(1).a == 1

    @pytest.mark.parametrize(
        "arguments",
        [
            (None, b"", "f", None),
            (None, None, "f", None),
            ("", b"int x", "f", 5),
            ("libm.so.6", b"double cos(double);", "f", 123),
            ("libm.so.6", b"double cos(double);", "f", "\ud800"),
            ("libm.so.6", bytearray(b"double cos(double);"), "f", "x"),
            ("libm.so.6", "double cos(double);", "f", "x"),
            ("libm.so.6", b"double cos(double);", None, "x"),
            ("a\0b", b"", "f", None),
            (b"x", b"", "f", None),
            ("libm.so.6", b"(" * 1000, "f\u1234", "x"),
        ],
    )
    def test_load_called_with_anything(self, arguments: tuple[Any, ...]) -> None:
        errors = (TypeError, ValueError, symbridge.DescriptionError, symbridge.LibraryError)
        with pytest.raises(errors):
            _bridge.load(*arguments, print)

    def test_without_the_import_system(self, library: Path) -> None:
        module: Module = symbridge.load(library, '[[name("a.b.f")]] int hostile_live(void);')
        saved = dict(sys.modules)
        sys.modules.clear()
        try:
            with pytest.raises(ImportError):
                getattr(module, "a")  # noqa: B009
        finally:
            sys.modules.update(saved)
        assert module.a.b.f() >= 0

    def test_a_variable_whose_module_goes_while_it_is_set(self, tmp_path: Path) -> None:
        library = build(tmp_path, "int number = 3;")
        package: Module = types.ModuleType("package")
        native = symbridge.load(library, "int number;")
        _bridge.serve_variables(package, native)
        del native

        def forget() -> None:
            del package.__native__
            gc.collect()

        package.number = Evil(forget, 5)
        assert not hasattr(package, "number")

    def test_chains_of_classes_of_any_length(self, tmp_path: Path) -> None:
        count = 3000
        library = build(
            tmp_path,
            "".join(f"int s{i}_f(void *a, void *b) {{ return 0; }}\n" for i in range(count)),
        )
        text = "".join(f"typedef struct s{i} {{ int x; }} s{i};\n" for i in range(count))
        text += "".join(
            f"[[quick, method]] int s{i}_f(s{i} *a, s{(i + 1) % count} *b);\n" for i in range(count)
        )
        module: Module = symbridge.load(library, text)
        assert module.s0(1).f(module.s1(2)) == 0
        assert module.s2999(1).f(module.s0(2)) == 0


class TestDeletion:
    def test_in_any_order(self, library: Path) -> None:
        thresholds = gc.get_threshold()
        gc.set_threshold(1)
        try:
            for seed in range(20):
                print("seed", seed)
                module: Module = symbridge.load(library, DESCRIPTION)

                class Sub(module.Store):  # type: ignore[misc]
                    def __init__(self, n: int) -> None:
                        super().__init__(n)
                        self.me = self

                node = module.Node(name="abc")
                node.next = node
                store, sub = module.Store(4), Sub(2)
                things = [module, store, store[1], memoryview(store[2].weights), node, Sub, sub]
                things += [sub[0], module.Item, module.left.make, store.odds, module.text_first]
                del module, store, sub, node, Sub
                random.Random(seed).shuffle(things)
                while things:
                    things.pop()
        finally:
            gc.set_threshold(*thresholds)

    @pytest.mark.parametrize("order", range(4))
    def test_functions_are_called_while_their_module_is_collected(
        self, library: Path, order: int
    ) -> None:
        module: Module = symbridge.load(library, DESCRIPTION)
        calls: list[str] = []

        class Last:
            __slots__ = ()
            things = (module.items_wait, module.base, module.Store, module.Node, module.Item)
            record = module.base(1)

            def __del__(self, calls: list[str] = calls, known: Any = Exception) -> None:
                for thing in type(self).things:
                    for args, kwargs in [((), {"value": 1}), ((1,), {}), ((), {}), ((1, 2, 3), {})]:
                        try:
                            repr(thing(*args, **kwargs))
                        except known:
                            calls.append("failed")
                try:
                    del type(self).record.a
                except known:
                    calls.append("failed")

        box = [Last()]
        if order & 1:
            module.box = box
        else:
            Last.box = box  # type: ignore[attr-defined]
        Last.module = module  # type: ignore[attr-defined]
        if order & 2:
            module.Last = Last
        del Last, box, module
        gc.collect()  # the order decides whether anything is left to be called


class TestMemoryErrors:
    """An allocation fails: an exception, and everything works again afterwards."""

    ACTIONS = """
        store = m.Store(3); item = store[0]; node = m.Node(name="x")
        actions = [
            lambda: m.sum_slowly([1, 2, 3]), lambda: m.sum_slowly(values=[1], milliseconds=0),
            lambda: m.items_count([item, item], []), lambda: store.odds(), lambda: repr(item),
            lambda: copy.copy(node), lambda: m.Node(name="ab\\u1234", next=node),
            lambda: setattr(node, "name", "zz"), lambda: setattr(node, "next", m.Node()),
            lambda: item.weights, lambda: setattr(item, "weights", [1, 2, 3, 4]),
            lambda: m.fail_badly(3), lambda: m.sum_slowly(["a"]), lambda: m.Store(2)[1].second,
            lambda: m.Ticket().redeem(0), lambda: m.text_first("\\u1234", 5),
        ]
        if sys.version_info < (3, 13):  # CPython 3.13.0 itself drops a reference of a type's dict
            actions.append(lambda: symbridge.load(LIBRARY, DESCRIPTION).Item)
            actions.append(lambda: symbridge.load(LIBRARY, DESCRIPTION).outcome)
        for action in actions:
            attempt(action, RuntimeError, TypeError)
            done = n = 0
            while done < 3 and n < 1000:
                _testcapi.set_nomemory(n, n + 1)
                try:
                    action()
                    done += 1
                except MemoryError:
                    done = 0
                except Exception:
                    done += 1
                finally:
                    _testcapi.remove_mem_hooks()
                n += 1
        assert m.Store(3)[1].value == 1 and m.sum_slowly([1, 2]) == 3
    """

    def test_of_python(self, library: Path) -> None:
        pytest.importorskip("_testcapi")
        head = f"import _testcapi\nLIBRARY = {str(library)!r}\n"
        alone(library, head + textwrap.dedent(self.ACTIONS))

    def test_of_the_engine(self, library: Path) -> None:
        for n in range(500):
            _bridge._fail_allocations_after(n)
            try:
                module: Module = symbridge.load(library, DESCRIPTION)
                assert module.Store(1)[0].value == 0
                break
            except MemoryError:
                continue
            finally:
                _bridge._fail_allocations_after(-1)
        else:
            pytest.fail("never enough memory")
