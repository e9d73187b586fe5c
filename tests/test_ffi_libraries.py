"""Libraries that symbridge.FFI opens: functions, variables and constants by name."""

import gc
import os
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from symbridge._ffi import CoreFFI, rebuild
from symbridge.cffi import FFI, FFIError, VerificationMissing

SOURCE = """
struct point { int x, y; };
int counter = 5;
const int fixed = 17;
const char *greeting = "hello";
int table[4] = {1, 2, 3, 4};
struct point origin = {3, 4};
int add(int a, int b) { return a + b; }
int renamed_in_c(void) { return 99; }
int get_counter(void) { return counter; }
"""

DECLARATIONS = """
struct point { int x, y; };
extern int counter;
const int fixed;
extern const char *greeting;
extern int table[4];
extern struct point origin;
int add(int a, int b);
int get_counter(void);
int no_such_function(int);
extern int no_such_variable;
#define LIMIT 42
#define NEGATIVE -7
#define LARGE 0xffffffffffffffff
static const int STATIC = 8;
static const double RATIO = 2.5;
enum color { RED, GREEN = 5 };
enum { UNNAMED = 11 };
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    directory = tmp_path_factory.mktemp("libraries")
    (directory / "own.c").write_text(SOURCE)
    made = directory / "libown.so"
    command = ["cc", "-shared", "-fPIC", "-o", str(made), str(directory / "own.c")]
    subprocess.run(command, check=True)
    return str(made)


@pytest.fixture
def ffi():
    made = FFI()
    made.cdef(DECLARATIONS)
    return made


@pytest.fixture
def lib(ffi, path):
    made = ffi.dlopen(path)
    made.counter = 5
    return made


@pytest.fixture
def core():
    """An FFI as a written module has it."""
    return rebuild("module", 1, [(DECLARATIONS, 0, 0, -1)], [])


# ---- what is in them -----------------------------------------------------------------------------


def test_a_function_is_made_once(lib):
    assert lib.add(2, 3) == 5
    assert lib.add is lib.add


def test_variables_are_read_and_written_in_place(lib):
    assert lib.counter == 5
    lib.counter = 6
    assert lib.get_counter() == 6


def test_variables_of_all_kinds(ffi, lib):
    assert ffi.string(lib.greeting) == b"hello"
    assert list(lib.table) == [1, 2, 3, 4]
    assert (lib.origin.x, lib.origin.y) == (3, 4)
    lib.origin.x = 9
    assert lib.origin.x == 9
    lib.origin = {"x": 3, "y": 4}
    lib.table[2] = 30
    assert lib.table[2] == 30
    lib.table = [1, 2, 3, 4]
    assert list(lib.table) == [1, 2, 3, 4]


def test_a_value_of_the_wrong_type_is_refused(lib):
    with pytest.raises(TypeError):
        lib.counter = "five"
    with pytest.raises(OverflowError):
        lib.counter = 2**40
    assert lib.counter == 5


def test_constants_and_enumerators(lib):
    assert (lib.LIMIT, lib.NEGATIVE, lib.LARGE, lib.STATIC) == (42, -7, 2**64 - 1, 8)
    assert (lib.RED, lib.GREEN, lib.UNNAMED) == (0, 5, 11)


def test_a_constant_variable_can_be_read_alone(ffi, lib):
    assert lib.fixed == 17
    with pytest.raises(AttributeError, match="cannot write to function or constant 'fixed'"):
        lib.fixed = 18
    with pytest.raises(AttributeError, match="cannot take the address of the constant 'fixed'"):
        ffi.addressof(lib, "fixed")


def test_constants_that_are_no_integers_cannot_be_read(lib):
    with pytest.raises(NotImplementedError, match="non-integer constant 'RATIO'"):
        _ = lib.RATIO


def test_integer_const_needs_no_library(ffi):
    assert ffi.integer_const("LIMIT") == 42
    assert ffi.integer_const(name="GREEN") == 5
    with pytest.raises(FFIError, match="must be fetched from its original 'lib' object"):
        ffi.integer_const("add")
    with pytest.raises(AttributeError, match="integer constant 'missing' not found"):
        ffi.integer_const("missing")


def test_enumerators_of_an_unfinished_enum_have_no_value():
    ffi = FFI()
    ffi.cdef("enum partial { FIRST, ... };")
    lib = ffi.dlopen(None)
    with pytest.raises(VerificationMissing):
        _ = lib.FIRST


@pytest.mark.parametrize("name", ["add", "LIMIT", "RED"])
def test_functions_and_constants_cannot_be_written(lib, name):
    with pytest.raises(AttributeError, match=f"cannot write to function or constant '{name}'"):
        setattr(lib, name, 1)


def test_nothing_can_be_deleted(lib):
    with pytest.raises(AttributeError, match="cannot be deleted"):
        del lib.counter


def test_names_that_are_not_declared(lib):
    with pytest.raises(AttributeError, match="undeclared"):
        _ = lib.undeclared
    with pytest.raises(AttributeError, match="undeclared"):
        lib.undeclared = 1
    assert not hasattr(lib, "__path__")


def test_symbols_that_are_missing(lib):
    with pytest.raises(
        AttributeError,
        match=r"function/symbol 'no_such_function' not found in library '.*libown.so'",
    ):
        _ = lib.no_such_function
    with pytest.raises(KeyError, match="variable 'no_such_variable' not found in library"):
        _ = lib.no_such_variable
    with pytest.raises(KeyError):
        lib.no_such_variable = 1


def test_dir_lists_what_is_declared(lib):
    variables = ["counter", "greeting", "table", "origin", "no_such_variable"]
    functions = ["add", "get_counter", "no_such_function"]
    constants = [
        "fixed",
        "LIMIT",
        "NEGATIVE",
        "LARGE",
        "STATIC",
        "RATIO",
        "RED",
        "GREEN",
        "UNNAMED",
    ]
    assert dir(lib) == sorted(variables + functions + constants)


def test_dict_holds_values_and_pointers_to_variables(path):
    ffi = FFI()
    ffi.cdef("extern int counter; int add(int, int);\n#define LIMIT 42")
    lib = ffi.dlopen(path)
    assert sorted(lib.__dict__) == ["LIMIT", "add", "counter"]
    assert lib.__dict__["LIMIT"] == 42
    assert lib.__all__ == ["LIMIT", "add"]


def test_the_symbol_may_have_another_name(path):
    ffi = FFI()
    ffi.cdef('int get(void) __asm__("renamed_in_c");')
    assert ffi.dlopen(path).get() == 99


def test_addressof_variables_and_functions(ffi, lib):
    counter = ffi.addressof(lib, "counter")
    assert ffi.typeof(counter) is ffi.typeof("int *")
    counter[0] = 8
    assert lib.counter == 8
    assert ffi.typeof(ffi.addressof(lib, "table")) is ffi.typeof("int(*)[4]")
    assert ffi.addressof(lib, "add") is lib.add
    with pytest.raises(AttributeError, match="cannot take the address of the constant 'LIMIT'"):
        ffi.addressof(lib, "LIMIT")
    with pytest.raises(AttributeError):
        ffi.addressof(lib, "undeclared")
    with pytest.raises(TypeError):
        ffi.addressof(lib)
    with pytest.raises(TypeError):
        ffi.addressof(lib, 5)


def test_declarations_may_come_after_the_library(path):
    ffi = FFI()
    lib = ffi.dlopen(path)
    with pytest.raises(AttributeError):
        _ = lib.add
    ffi.cdef("int add(int, int);")
    assert lib.add(1, 2) == 3


def test_a_replaced_declaration_is_seen(path):
    ffi = FFI()
    ffi.cdef("long add(long, long);\n#define LIMIT 1")
    lib = ffi.dlopen(path)
    assert (ffi.typeof(lib.add).cname, lib.LIMIT) == ("long(*)(long, long)", 1)
    ffi.cdef("int add(int, int);\n#define LIMIT 2", override=True)
    assert (ffi.typeof(lib.add).cname, lib.LIMIT) == ("int(*)(int, int)", 2)


def test_many_names_are_each_found(path):
    ffi = FFI()
    ffi.cdef("".join(f"#define NAME{i} {i}\n" for i in range(3000)))
    for i in range(3000, 3010):
        ffi.cdef(f"#define NAME{i} {i}")
    lib = ffi.dlopen(path)
    assert [getattr(lib, f"NAME{i}") for i in range(3010)] == list(range(3010))


# ---- opening -------------------------------------------------------------------------------------


def test_a_path_may_be_str_bytes_or_a_path(ffi, path):
    for name in (path, os.fsencode(path), Path(path)):
        assert ffi.dlopen(name).add(1, 1) == 2


def test_none_is_the_running_program(ffi):
    ffi.cdef("int abs(int);")
    assert ffi.dlopen(None).abs(-3) == 3


def test_a_plain_name_is_searched_as_the_linker_does(ffi):
    ffi.cdef("double cos(double);")
    assert ffi.dlopen("m").cos(0) == 1.0


def test_a_library_that_is_not_there(ffi):
    with pytest.raises(OSError, match="cannot load library '/no/such/library.so'"):
        ffi.dlopen("/no/such/library.so")
    with pytest.raises(OSError, match=r"ctypes.util.find_library\(\) did not manage"):
        ffi.dlopen("no_such_library_at_all")


def test_the_working_directory_is_not_searched(ffi, path, monkeypatch):
    monkeypatch.chdir(Path(path).parent)
    with pytest.raises(OSError):
        ffi.dlopen("libown.so")
    with pytest.raises(OSError):
        ffi.dlopen("own")


def test_a_handle_that_is_open_already(path):
    ffi = FFI()
    ffi.cdef("void *dlopen(const char *, int); int dlclose(void *); int add(int, int);")
    program = ffi.dlopen(None)
    handle = program.dlopen(os.fsencode(path), ffi.RTLD_NOW)
    lib = ffi.dlopen(handle)
    assert lib.add(2, 2) == 4
    ffi.dlclose(lib)
    assert program.dlclose(handle) == 0


def test_handles_that_are_none(ffi):
    with pytest.raises(RuntimeError, match=r"cannot call dlopen\(NULL\)"):
        ffi.dlopen(ffi.NULL)
    with pytest.raises(TypeError, match="takes a file name or 'void \\*' handle, not 'int'"):
        ffi.dlopen(ffi.cast("int", 3))
    with pytest.raises(TypeError, match="name must be a file name, None"):
        ffi.dlopen(42)


def test_flags_are_passed_on(ffi, path):
    with pytest.raises(OSError):
        FFI().dlopen("/usr/lib/none.so", FFI.RTLD_NOLOAD | FFI.RTLD_NOW)
    assert ffi.dlopen(path, flags=ffi.RTLD_LAZY | ffi.RTLD_LOCAL).add(1, 2) == 3


def test_names_that_no_file_can_have(ffi):
    with pytest.raises(ValueError, match="null"):
        ffi.dlopen("a/b\0c")


def test_repr_names_the_library(lib, path):
    assert repr(lib) == f"<Lib object for '{path}'>"


# ---- closing -------------------------------------------------------------------------------------


def test_a_closed_library_cannot_be_used(ffi, lib):
    assert lib.add(1, 2) == 3
    ffi.dlclose(lib)
    for name in ("add", "counter"):
        with pytest.raises(ValueError, match="has already been closed"):
            getattr(lib, name)
    with pytest.raises(ValueError):
        lib.counter = 1
    with pytest.raises(ValueError):
        ffi.addressof(lib, "counter")
    assert lib.LIMIT == 42
    ffi.dlclose(lib)


def test_the_errors_of_written_modules(core, path):
    lib = core.dlopen(path)
    with pytest.raises(core.error, match="symbol 'no_such_function' not found in library"):
        _ = lib.no_such_function
    with pytest.raises(core.error, match="symbol 'no_such_variable' not found in library"):
        _ = lib.no_such_variable
    with pytest.raises(AttributeError, match="has no function, constant or global variable named"):
        _ = lib.undeclared
    core.dlclose(lib)
    with pytest.raises(core.error, match="has been closed"):
        _ = lib.add


def test_written_modules_read_constants_of_all_types(core, path):
    assert type(core) is CoreFFI
    assert core.dlopen(path).fixed == 17


def test_a_library_stays_open_with_its_ffi(path):
    ffi = FFI()
    ffi.cdef("int add(int, int); extern int counter;")
    add, counter = ffi.dlopen(path).add, ffi.addressof(ffi.dlopen(path), "counter")
    gc.collect()
    assert add(3, 4) == 7
    assert counter[0] == ffi.dlopen(path).counter


def test_a_closed_library_is_forgotten_by_its_ffi(ffi, path):
    lib = ffi.dlopen(path)
    reference = weakref.ref(lib)
    ffi.dlclose(lib)
    del lib
    gc.collect()
    assert reference() is None


def test_an_ffi_and_its_libraries_go_together(path):
    ffi = FFI()
    ffi.cdef(DECLARATIONS)
    lib = ffi.dlopen(path)
    assert lib.add(1, 1) == 2
    references = [weakref.ref(ffi), weakref.ref(lib)]
    del ffi, lib
    gc.collect()
    assert [reference() for reference in references] == [None, None]


def test_only_libraries_can_be_closed(ffi):
    with pytest.raises(TypeError, match="must be a library"):
        ffi.dlclose(5)


def test_opening_and_looking_up_leaks_no_references(path):
    def once():
        ffi = FFI()
        ffi.cdef(DECLARATIONS)
        lib = ffi.dlopen(path)
        for name in ("add", "counter", "table", "LIMIT", "RED"):
            getattr(lib, name)
        for name in ("undeclared", "no_such_function"):
            assert not hasattr(lib, name)
        ffi.dlclose(lib)

    def blocks():
        gc.collect()
        return sys.getallocatedblocks()

    for _ in range(20):
        once()
    before = blocks()
    for _ in range(200):
        once()
    assert blocks() - before < 200
