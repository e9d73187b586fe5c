"""The cdefs in a Python file, read without running it.

Strings that are written in the file are found: literals, their concatenation, and names that the
file gives to such strings once. What is read from files, formatted or computed while the program
runs is not; each such call is told, and --import runs the module instead.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass, field

from symbridge.convert import Remark
from symbridge.convert.cdef import Source
from symbridge.declarations import Location
from symbridge.failure import ToolError

__all__ = ["PythonSource", "read_python"]

#: Sums and names that a text is followed through.
DEEPEST = 200


@dataclass(slots=True)
class PythonSource:
    """What a Python file says to cffi: its cdefs, the libraries that it opens."""

    cdefs: list[Source] = field(default_factory=list)
    libraries: list[str] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    imports_ctypes: bool = False


def read_python(text: bytes, file: str, *, conditional: bool = False) -> PythonSource:
    """Read a Python file's source. conditional: take also the cdefs that stand under an `if`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in its strings, say
            tree = ast.parse(text, file)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ToolError(f"{file} is no Python source: {error}") from None
    reader = _Reader(file, conditional)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                reader.assigned(target, node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            reader.assigned(node.target, node.value)
        elif isinstance(node, (ast.AugAssign, ast.For, ast.NamedExpr)):
            reader.assigned(node.target, None)
    try:
        reader.visit(tree)
    except RecursionError:
        raise ToolError(f"{file}: its expressions are nested too deep") from None
    return reader.found


class _Reader(ast.NodeVisitor):
    def __init__(self, file: str, conditional: bool) -> None:
        self.file = file
        self.conditional = conditional
        self.found = PythonSource()
        self.values: dict[str, ast.expr | None] = {}  # None: more than one, or unknown
        self.conditions: list[ast.If] = []

    def assigned(self, target: ast.expr, value: ast.expr | None) -> None:
        if isinstance(target, ast.Name):
            self.values[target.id] = None if target.id in self.values else value

    # ---- visiting

    def visit_Import(self, node: ast.Import) -> None:
        self.found.imports_ctypes |= any(a.name.split(".")[0] == "ctypes" for a in node.names)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self.found.imports_ctypes |= (node.module or "").split(".")[0] == "ctypes"

    def visit_If(self, node: ast.If) -> None:
        if _is_main(node.test):
            self.generic_visit(node)
            return
        self.conditions.append(node)
        self.generic_visit(node)
        self.conditions.pop()

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        if not isinstance(node.func, ast.Attribute):
            return
        if node.func.attr == "cdef":
            self._cdef(node)
        elif node.func.attr == "dlopen" and node.args:
            name = self._text(node.args[0])
            if name is not None and name not in self.found.libraries:
                self.found.libraries.append(name)
        elif node.func.attr == "include":
            self._remark(node, "include()", "convert what it includes together with this", False)

    # ---- cdef(...)

    def _cdef(self, node: ast.Call) -> None:
        keywords = {keyword.arg: keyword.value for keyword in node.keywords}
        argument = node.args[0] if node.args else keywords.get("csource")
        if argument is None:
            return
        if self.conditions and not self.conditional:
            line = self.conditions[-1].lineno
            self._remark(
                node,
                "cdef()",
                f"left out: it stands under the if of line {line}; see --conditional",
            )
            return
        text = self._text(argument)
        if text is None:
            self._remark(
                node,
                "cdef()",
                "left out: its text is made while the program runs; give the file that it is read "
                "from, or --import, which runs the module",
            )
            return
        pack = self._pack(node, keywords)
        line = argument.lineno if isinstance(argument, ast.Constant) else node.lineno
        self.found.cdefs.append(Source(text, self.file, line, pack))

    def _pack(self, node: ast.Call, keywords: dict[str | None, ast.expr]) -> int:
        for name in ("packed", "pack"):
            value = keywords.get(name)
            if value is None:
                continue
            if not isinstance(value, ast.Constant) or not isinstance(value.value, (int, bool)):
                self._remark(node, "cdef()", f"{name}= is no number here, and is not applied")
            elif value.value:
                return 1 if name == "packed" else int(value.value)
        return 0

    def _text(self, node: ast.expr, depth: int = 0) -> str | None:
        """The string that an expression is, if the file says it."""
        if depth > DEEPEST:
            return None
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self._text(node.left, depth + 1), self._text(node.right, depth + 1)
            return None if left is None or right is None else left + right
        if isinstance(node, ast.Name):
            value = self.values.get(node.id)
            return None if value is None else self._text(value, depth + 1)
        return None

    def _remark(self, node: ast.Call, subject: str, text: str, lost: bool = True) -> None:
        self.found.remarks.append(Remark(subject, text, Location(self.file, node.lineno), lost))


def _is_main(test: ast.expr) -> bool:
    """if __name__ == "__main__":"""
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
    )
