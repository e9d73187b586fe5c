"""`symbridge call`: functions from the shell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import corelib
from symbridge.cli import main

LIBRARY = str(Path(corelib.__file__).parent / "libcore.so.1")
CORE = str(Path(__file__).parents[1] / "libcore" / "core.bridge")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Give a function that calls one of libcore's: exit code, output, errors."""

    def called(*arguments: str) -> tuple[int, str, str]:
        code = main(["call", LIBRARY, *arguments, "--description", CORE])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return called


Call = Callable[..., tuple[int, str, str]]


def test_a_function_is_called_by_its_python_name(call: Call) -> None:
    assert call("fact", "20") == (0, "2432902008176640000\n", "")


def test_a_function_is_called_by_its_c_name(call: Call) -> None:
    assert call("core_fact", "5") == (0, "120\n", "")


def test_the_c_name_of_a_function_in_a_submodule_is_found(call: Call) -> None:
    code, output, _ = call("core_from_timestamp", "0")
    assert (code, output) == (0, "datetime.date(1970, 1, 1)\n")


def test_a_method_is_called_by_its_path(call: Call) -> None:
    code, output, _ = call("Point.dist", "Point(0, 0)", "Point(3, y=4)")
    assert (code, output) == (0, "5.0\n")


def test_the_c_name_of_a_method_is_found(call: Call) -> None:
    code, output, _ = call("core_point_dist", "Point(0, 0)", "Point(3, 4)")
    assert (code, output) == (0, "5.0\n")


def test_arguments_may_be_named(call: Call) -> None:
    assert call("sum_as_string_native", "a=1", "b=2") == (0, "'3'\n", "")


def test_values_of_python_classes_can_be_written(call: Call) -> None:
    code, output, _ = call("date_ex.seconds_before", "datetime.date(2020, 3, 1)", "1")
    assert (code, output) == (0, "datetime.date(2020, 2, 29)\n")


def test_members_of_enums_can_be_written(call: Call) -> None:
    code, output, _ = call("status_message", "Status.OK")
    assert code == 0
    assert output.startswith("'")


def test_text_needs_no_quotes_of_its_own(call: Call) -> None:
    code, output, _ = call("core_count_lines", CORE)
    assert (code, int(output)) == (0, len(Path(CORE).read_text(encoding="utf-8").splitlines()))


def test_digits_are_text_where_text_is_taken(call: Call) -> None:
    code, output, _ = call("word_count", "123")
    assert (code, output) == (0, "{'123': 1}\n")


def test_an_exception_is_told_with_exit_code_1(call: Call) -> None:
    code, output, error = call("fact", "21")
    assert (code, output) == (1, "")
    assert error.startswith("OverflowError: ")


def test_a_wrong_argument_is_told(call: Call) -> None:
    code, _, error = call("fact", "many")
    assert code == 1
    assert "fact() argument 'n'" in error


@pytest.mark.parametrize(
    "text", ["__import__('os')", "().__class__", "[x for x in y]", "open('f')"]
)
def test_nothing_else_is_evaluated(call: Call, text: str) -> None:
    code, _, error = call("fact", text)
    assert code == 2
    assert "argument" in error


def test_a_property_is_read_by_the_c_name_of_its_getter(call: Call) -> None:
    assert call("core_point_norm", "Point(3, 4)") == (0, "5.0\n", "")


def test_an_operator_is_called_by_its_c_name(call: Call) -> None:
    assert call("core_point_add", "Point(1, 2)", "Point(3, 4)") == (0, "Point(x=4, y=6)\n", "")


def test_a_constructor_is_called_by_its_c_name(call: Call) -> None:
    code, output, _ = call("core_point_array_new", "2")
    assert code == 0
    assert "PointArray" in output


def test_a_misspelled_function_has_near_ones(call: Call) -> None:
    code, _, error = call("fct", "3")
    assert code == 2
    assert "did you mean fact or core_fact?" in error


def test_prototypes_can_be_given_with_the_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["call", "libm.so.6", "hypot", "3", "4", "-s", "double hypot(double, double)"]) == 0
    assert capsys.readouterr().out == "5.0\n"


def test_negative_numbers_are_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["call", "libc.so.6", "-s", "int abs(int n)", "--", "abs", "-3"]
    assert main(arguments) == 0
    assert capsys.readouterr().out == "3\n"


def test_a_library_without_a_description_says_what_to_give(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["call", "libm.so.6", "cos", "1"]) == 2
    assert "--source" in capsys.readouterr().err
