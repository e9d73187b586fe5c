"""What the surface says of a description is what loading it makes: names, signatures, types."""

from __future__ import annotations

import collections.abc
import inspect
import re
import types
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path, PurePath
from typing import Any, SupportsComplex, SupportsFloat, SupportsIndex

import pytest

import corelib
import symbridge
from symbridge import declarations, surface
from symbridge.annotation import (
    BOOL,
    INT,
    NONE,
    OBJECT,
    SELF,
    STR,
    Annotation,
    Literal,
    Name,
    Own,
    Signature,
    Union,
    assignable,
    generic,
    optional,
    spell,
    union,
)
from symbridge.surface import Class, Module, Parameter, ParameterKind

NATIVE = Path(__file__).parent / "native"
ROOT = NATIVE.parent.parent

Loaded = tuple[types.ModuleType, Module]


@pytest.fixture(scope="module")
def sample(native_library: Callable[[str], Path]) -> Loaded:
    """tests/native/surface.bridge, loaded and read."""
    file = NATIVE / "surface.bridge"
    native = symbridge.load(native_library("surface"), file=file)
    return native, surface.read(declarations.parse_file(file))


@pytest.fixture(params=["surface", "records", "callbacks", "core"])
def loaded(request: pytest.FixtureRequest, native_library: Callable[[str], Path]) -> Loaded:
    """A description with its library, loaded and read."""
    if request.param == "core":
        file = ROOT / "libcore" / "core.bridge"
        library = Path(corelib.__file__).parent / "libcore.so.1"
    else:
        file = NATIVE / f"{request.param}.bridge"
        library = native_library(request.param)
    native = symbridge.load(library, file=file)
    return native, surface.read(declarations.parse_file(file))


def modules(loaded: Loaded) -> Iterator[tuple[Any, Module]]:
    native, top = loaded
    for one in top.walk():
        found: Any = native
        for part in one.path:
            found = getattr(found, part)
        yield found, one


def classes(loaded: Loaded) -> Iterator[tuple[Any, Class]]:
    waiting: list[tuple[Any, Class]] = []
    for native, module in modules(loaded):
        waiting += [(getattr(native, c.name), c) for c in module.classes]
    while waiting:
        native, class_ = waiting.pop()
        yield native, class_
        waiting += [(getattr(native, c.name), c) for c in class_.classes]


KINDS = {
    ParameterKind.POSITIONAL_ONLY: inspect.Parameter.POSITIONAL_ONLY,
    ParameterKind.POSITIONAL_OR_KEYWORD: inspect.Parameter.POSITIONAL_OR_KEYWORD,
    ParameterKind.VAR_POSITIONAL: inspect.Parameter.VAR_POSITIONAL,
    ParameterKind.KEYWORD_ONLY: inspect.Parameter.KEYWORD_ONLY,
}


def described(parameters: Sequence[Parameter]) -> list[tuple[object, ...]]:
    return [(p.name, KINDS[p.kind], p.default) for p in parameters]


def actual(signature: inspect.Signature) -> list[tuple[object, ...]]:
    return [
        (
            p.name,
            p.kind,
            ""
            if p.default is inspect.Parameter.empty
            else "..."
            if p.default is ...
            else repr(p.default),
        )
        for p in signature.parameters.values()
        if p.name not in ("self", "type") or p.kind is not inspect.Parameter.POSITIONAL_ONLY
    ]


# ---- names, signatures, values


def test_modules_have_the_names_that_the_surface_says(loaded: Loaded) -> None:
    for native, module in modules(loaded):
        said = {
            *(x.name for x in (*module.constants, *module.variables, *module.exceptions)),
            *(x.name for x in (*module.enums, *module.classes, *module.submodules)),
            *(f.name for f in module.functions if not f.optional),
        }
        assert said == {name for name in dir(native) if not name.startswith("__")}
        assert (native.__doc__ or "") == module.doc


def test_functions_have_the_signatures_that_the_surface_says(loaded: Loaded) -> None:
    seen = 0
    for native, module in modules(loaded):
        for function in module.functions:
            if not function.optional:
                found = getattr(native, function.name)
                signature = inspect.signature(found)
                assert actual(signature) == described(function.parameters), function.name
                assert (found.__doc__ or "") == function.doc
                seen += 1
    assert seen >= 2


def test_classes_have_the_members_that_the_surface_says(loaded: Loaded) -> None:
    for native, class_ in classes(loaded):
        said = {
            *(x.name for x in (*class_.functions, *class_.properties, *class_.constants)),
            *(x.name for x in (*class_.variables, *class_.enums, *class_.classes)),
            *(m.name for m in class_.special_methods if not m.name.startswith("__")),
        }
        own = {name for name in vars(native) if not name.startswith("__")}
        assert said <= own, class_.name
        assert own - said <= set(dir(native.__base__)), class_.name  # fields of the base
        for method in class_.special_methods:
            if method.name != "__buffer__":  # Python sees it from 3.12 on
                assert hasattr(native, method.name), f"{class_.name}.{method.name}"


def test_methods_have_the_signatures_that_the_surface_says(loaded: Loaded) -> None:
    for native, class_ in classes(loaded):
        for method in class_.functions:
            signature = inspect.signature(getattr(native, method.name))
            assert actual(signature) == described(method.parameters), method.name


def test_constructors_have_the_signatures_that_the_surface_says(loaded: Loaded) -> None:
    for native, class_ in classes(loaded):
        if class_.constructor is None:
            with pytest.raises(TypeError, match="cannot create"):
                native()
        elif native.__text_signature__ is not None:
            signature = inspect.signature(native)
            assert actual(signature) == described(class_.constructor.parameters), class_.name


def test_properties_can_be_set_where_the_surface_says(loaded: Loaded) -> None:
    def set_is_refused(descriptor: Any, instance: object) -> bool:
        try:
            descriptor.__set__(instance, object())
        except AttributeError:
            return True
        except (TypeError, ValueError, symbridge.LibraryError):
            return False
        return False

    for native, class_ in classes(loaded):
        if class_.opaque or class_.readonly:
            assert not class_.readonly or all(p.setter is None for p in class_.properties)
            continue
        instance = native.__new__(type("Made", (native,), {"__init__": lambda self: None}))
        for prop in class_.properties:
            descriptor = vars(native)[prop.name]
            refused = set_is_refused(descriptor, instance)
            assert refused == (prop.setter is None), f"{class_.name}.{prop.name}"


def test_bases_and_hashes_are_as_the_surface_says(loaded: Loaded) -> None:
    for native, class_ in classes(loaded):
        base = native.__base__.__qualname__
        assert base == ("object" if class_.base is None else class_.base.name)
        assert (native.__hash__ is not None) == class_.hashable, class_.name
        assert native.__qualname__ == class_.own.name


def test_constants_and_enums_have_the_values_that_the_surface_says(loaded: Loaded) -> None:
    for native, module in modules(loaded):
        for constant in module.constants:
            assert getattr(native, constant.name) == constant.value
        for enum in module.enums:
            found = getattr(native, enum.name)
            members = {name: int(member) for name, member in found.__members__.items()}
            assert members == {member.name: member.value for member in enum.members}
            assert (found.__base__.__name__ == "IntFlag") == enum.flags


def test_exceptions_have_the_bases_that_the_surface_says(loaded: Loaded) -> None:
    for native, module in modules(loaded):
        for exception in module.exceptions:
            assert isinstance(exception.base, (Name, Own))
            base = getattr(native, exception.name).__base__
            assert base.__name__ == exception.base.name


# ---- types: what is accepted, what is given


class Fits:
    """Whether values are what annotations say."""

    def __init__(self, native: types.ModuleType) -> None:
        self.native = native

    def own(self, own: Own) -> Any:
        found: Any = self.native
        for part in (*own.module, *own.name.split(".")):
            found = getattr(found, part)
        return found

    def given(self, value: object, annotation: Annotation) -> bool:
        """The same, where an enum may be a number that no enumerator has."""
        members = annotation.members if isinstance(annotation, Union) else (annotation,)
        enums = [self.own(m) for m in members if isinstance(m, Own)]
        if type(value) is int and any(issubclass(e, int) for e in enums):
            return value not in [int(member) for e in enums for member in e]
        return self(value, annotation)

    def __call__(self, value: object, annotation: Annotation) -> bool:
        match annotation:
            case Union():
                return any(self(value, member) for member in annotation.members)
            case Literal():
                return type(value) is int and value in annotation.values
            case Own():
                return isinstance(value, self.own(annotation))
            case Signature():
                return callable(value)
        arguments = annotation.arguments
        match annotation.name:
            case "None":
                return value is None
            case "object":
                return True
            case "SupportsIndex":
                return isinstance(value, SupportsIndex)
            case "SupportsFloat":
                return isinstance(value, SupportsFloat)
            case "SupportsComplex":
                return isinstance(value, SupportsComplex)
            case "Buffer":
                return is_buffer(value)
            case "PathLike":
                kind = type(value.__fspath__()) if isinstance(value, PurePath) else None
                return kind is not None and kind.__name__ == arguments[0].name  # type: ignore[union-attr]
            case "Sequence":
                # To type checkers a str is a sequence of str; the extension refuses that.
                plain = isinstance(value, collections.abc.Sequence) and not isinstance(value, str)
                return plain and all(self(item, arguments[0]) for item in value)  # type: ignore[attr-defined]
            case "Mapping" | "dict":
                return isinstance(value, Mapping) and all(
                    self(k, arguments[0]) and self(v, arguments[1]) for k, v in value.items()
                )
            case "list":
                return isinstance(value, list) and all(self(v, arguments[0]) for v in value)
            case "tuple" if arguments[-1] != Name("builtins", "..."):
                return (
                    isinstance(value, tuple)
                    and len(value) == len(arguments)
                    and all(self(v, a) for v, a in zip(value, arguments, strict=True))
                )
            case "tuple":
                return isinstance(value, tuple) and all(self(v, arguments[0]) for v in value)
            case "memoryview":
                return isinstance(value, memoryview)
            case "date":
                return isinstance(value, date)
        known = {"int": int, "float": float, "str": str, "bytes": bytes, "bool": bool,
                 "complex": complex}[annotation.name]  # fmt: skip
        return isinstance(value, known)


def is_buffer(value: object) -> bool:
    try:
        memoryview(value)  # type: ignore[arg-type]
    except TypeError:
        return False
    return True


def pool(native: types.ModuleType) -> list[Any]:
    """Values of all kinds."""
    pair, box = native.Pair(1, 2), native.Box(3)
    return [
        *(None, True, False, 0, 1, 2, 1.5, 2j, "a", "ab", "", b"a", b"ab", bytearray(b"abcd")),
        *(array("i", [1, 2, 0]), array("d", [1.0, 2.0]), memoryview(b"x")),
        *([], [1, 2], (1.5, 2), ["a", "b"], [b"a"], [None], [pair], [box], [native.color.RED]),
        *([date(2024, 1, 2)], date(2024, 1, 2), {}, {"a": 1}, {"a": "b"}, {1: 1}, {"a"}),
        *(pair, native.Pair3(1, 2, 3), box, native.either(number=1), native.color.GREEN),
        *(native.Style.BOLD | native.Style.THIN, Path("p"), object(), len, print, Ellipsis),
    ]


def takers(module: Module) -> list[str]:
    return sorted(f.name for f in module.functions if f.name.startswith("take_"))


SAMPLE = surface.read(declarations.parse_file(NATIVE / "surface.bridge"))


@pytest.mark.parametrize("name", takers(SAMPLE))
def test_what_is_accepted_is_what_the_surface_says(sample: Loaded, name: str) -> None:
    native, module = sample
    fits, function = Fits(native), next(f for f in module.functions if f.name == name)
    annotation = function.parameters[0].annotation
    outcomes = {True: 0, False: 0}
    for value in pool(native):
        fitting = fits(value, annotation)
        enum_of_another = isinstance(value, (native.color, native.Style)) and any(
            isinstance(m, Own) and not isinstance(value, fits.own(m))
            for m in (annotation.members if isinstance(annotation, Union) else ())
        )
        if enum_of_another:
            continue  # an int to type checkers; the extension wants its own kind
        if isinstance(value, (native.Box, native.Style)) and "Sequence[" in spell(annotation):
            continue  # what can be iterated does as well; what is promised is sequences
        what = f"{name}({value!r})"
        try:
            result = getattr(native, name)(value)
        except TypeError as error:
            why = str(error)
            decided_by_value = is_buffer(value) or re.search("length 1", why)
            assert not fitting or decided_by_value, f"{what}: {why}"
        except (ValueError, OverflowError, BufferError, symbridge.LibraryError):
            pass  # the type was right, or nothing that fits was expected
        else:
            assert fitting, f"{what} is accepted, but {spell(annotation)} is said"
            assert fits.given(result, function.result), f"{what} gave {result!r}"
        outcomes[fitting] += 1
    assert all(outcomes.values())


@pytest.mark.parametrize(
    "name", sorted(f.name for f in SAMPLE.functions if f.name.startswith("give_"))
)
def test_what_is_given_is_what_the_surface_says(sample: Loaded, name: str) -> None:
    native, module = sample
    function = next(f for f in module.functions if f.name == name)
    arguments = [3] * len(function.parameters)
    if name == "give_wrong":
        with pytest.raises(native.SampleError):
            native.give_wrong()
        return
    result = getattr(native, name)(*arguments)
    assert Fits(native)(result, function.result), f"{name} gave {result!r}"


def test_fields_hold_what_the_surface_says(sample: Loaded) -> None:
    native, module = sample
    fits, rich = Fits(native), native.Rich(color=1, shade=2)
    class_ = next(c for c in module.classes if c.name == "Rich")
    assigned = 0
    for prop in class_.properties:
        assert prop.getter is not None
        assert fits.given(getattr(rich, prop.name), prop.getter), prop.name
        if prop.setter is None:
            continue
        values = [*pool(native), [1, 2, 3], b"1234", [native.Pair(1, 2)] * 2, (1, 2.5),
                  [[1, 2, 3], [4, 5, 6]]]  # fmt: skip
        for value in values:
            fitting = fits(value, prop.setter)
            other = isinstance(value, native.Style) and prop.name in ("color", "shade")
            try:
                setattr(rich, prop.name, value)
            except (ValueError, OverflowError, BufferError):
                continue
            except TypeError as error:
                why = f"{prop.name} = {value!r}: {error}"
                assert not fitting or other or is_buffer(value), why
                continue
            # A struct without a class takes any sequence, of which a tuple says the types.
            assert fitting or prop.name == "tuple", f"{prop.name} = {value!r} is accepted"
            assert fits.given(getattr(rich, prop.name), prop.getter), prop.name
            assigned += 1
    assert assigned > 30


def test_variables_are_what_the_surface_says(sample: Loaded) -> None:
    native, module = sample
    fits = Fits(native)
    seen = []
    for one in module.walk():
        holder: Any = native if not one.path else native.apart
        for variable in one.variables:
            value = getattr(holder, variable.name)
            assert fits(value, variable.annotation), variable.name
            seen.append(variable.name)
            if variable.writable:
                setattr(holder, variable.name, value)
            elif holder is not native:  # modules of constants only are as any others
                with pytest.raises(AttributeError):
                    setattr(holder, variable.name, value)
    assert len(seen) == 8


def test_callbacks_get_what_the_surface_says(sample: Loaded) -> None:
    native, module = sample
    fits = Fits(native)
    functions = {f.name: f for f in module.functions}
    checked = []

    def signature(name: str, index: int) -> Signature:
        annotation = functions[name].parameters[index].annotation
        members = annotation.members if isinstance(annotation, Union) else (annotation,)
        return next(m for m in members if isinstance(m, Signature))

    def check(expected: Signature, result: object) -> Callable[..., object]:
        def callback(*given: object) -> object:
            assert len(given) == len(expected.parameters)
            for value, annotation in zip(given, expected.parameters, strict=True):
                assert fits(value, annotation), value
            assert fits(result, expected.result)
            checked.append(given)
            return result

        return callback

    native.visit(1.0, check(signature("visit", 1), 2.5))
    assert native.each_pair(check(signature("each_pair", 0), 7)) == 7
    native.notify(check(signature("notify", 0), None))
    assert len(checked) == 3
    with pytest.raises(TypeError):
        native.each_pair(lambda *given: "no number")


def test_special_methods_do_what_the_surface_says(sample: Loaded) -> None:
    native, module = sample
    found = {c.name: {m.name: m for m in c.special_methods} for c in module.classes}
    pair, box, shelf = native.Pair(1, 2), native.Box(2), native.Shelf()
    fits = Fits(native)
    results = [
        ("Pair", "__add__", pair + pair),
        ("Pair", "__neg__", -pair),
        ("Pair", "__int__", int(pair)),
        ("Pair", "__float__", float(pair)),
        ("Pair", "__bool__", bool(pair)),
        ("Pair", "__pow__", pair**2),
        ("Pair", "__str__", str(pair)),
        ("Pair", "__hash__", hash(pair)),
        ("Box", "__next__", next(box)),
        ("Box", "__call__", box(1, b=2)),
        ("Box", "__contains__", 2 in box),
        ("Shelf", "__len__", len(shelf)),
        ("Shelf", "__getitem__", shelf[0:2]),
    ]
    for class_name, name, value in results:
        assert fits(value, found[class_name][name].result), f"{class_name}.{name}: {value!r}"
    assert found["Pair"]["__imul__"].result == SELF
    pair *= 3
    assert type(pair) is native.Pair
    shelf[1:3] = [5, 6]
    assert list(shelf) == [0, 5, 6, 0]
    items = next(c for c in module.classes if c.name == "Shelf").items
    assert items == INT


# ---- how it is read


def test_overrides_that_do_not_fit_are_marked() -> None:
    module = surface.read(declarations.parse_file(ROOT / "libcore" / "core.bridge"))
    point3 = next(c for c in module.classes if c.name == "Point3")
    marked = {m.name for m in (*point3.functions, *point3.special_methods) if m.incompatible}
    assert marked == {"dist", "__lt__", "__le__", "__gt__", "__ge__"}


def test_the_name_can_be_given_or_follows_the_library() -> None:
    description = declarations.parse('[[library("/opt/libm.so.6")]]; double cos(double x);')
    assert surface.read(description).name == "libm"
    assert surface.read(description, "maths").name == "maths"


def test_a_description_that_no_text_made_is_refused() -> None:
    with pytest.raises(ValueError, match="must be parsed"):
        surface.read(declarations.Description("x", []))


class TestAnnotations:
    def test_unions_are_flat_and_have_none_last(self) -> None:
        both = union(NONE, union(INT, STR), INT)
        assert spell(both) == "int | str | None"
        assert union(INT, INT) == INT
        assert union(INT, OBJECT) == OBJECT
        assert optional(INT, null=False) == INT

    def test_assignability_follows_unions_and_bases(self) -> None:
        base, derived = Own((), "Point"), Own((), "Point3")
        bases = {derived: base}
        assert assignable(derived, optional(base), bases)
        assert not assignable(base, derived, bases)
        assert not assignable(optional(INT), INT)
        assert assignable(Signature((base,), derived), Signature((derived,), base), bases)
        assert not assignable(Signature((derived,), INT), Signature((base,), INT), bases)

    def test_spelling_can_reach_names_another_way(self) -> None:
        annotation = generic("builtins", "list", BOOL)
        assert spell(annotation, lambda name: f"m.{name.name}") == "m.list[m.bool]"
        assert spell(Literal((0, 1))) == "Literal[0, 1]"
