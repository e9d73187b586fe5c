"""Tests of cffi's that cannot apply to symbridge.cffi, each with the reason."""

_COMPILES = "has an extension module compiled, whose constants only the C compiler knows"
_WORKS_HERE = "expects structs with bit-fields by value to be refused; here they work"
_EMITS_C = "writes the C source of an extension module"
_PRIVATE = "reads cffi's private tables of declarations"

EXCLUDED: dict[str, str] = {
    "cffi0/test_ffi_backend.py::TestFFI::test_not_supported_bitfield_in_result": _WORKS_HERE,
    "cffi1/test_new_ffi_1.py::TestNewFFI1::test_not_supported_bitfield_in_result": _WORKS_HERE,
    "cffi1/test_new_ffi_1.py::TestNewFFI1::test_import_from_lib": _COMPILES,
    "cffi1/test_new_ffi_1.py::TestNewFFI1::test_emit_c_code": _EMITS_C,
    "cffi1/test_new_ffi_1.py::TestNewFFI1::test_emit_c_code_to_file_obj": _EMITS_C,
    "cffi1/test_re_python.py::test_include_1": _PRIVATE,
    "cffi1/test_re_python.py::test_check_version": (
        "gives the constructor of cffi's private out-of-line form an unknown version"
    ),
}
