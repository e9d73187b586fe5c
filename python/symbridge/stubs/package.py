"""What the Python part of a package says in its stub.

A package that `symbridge.extend` fills is half Python: its `__init__.py` defines names of its own,
which win over the library's. Those are read from the source, without running it: functions,
classes, annotated variables and what it imports for others to use. What is kept must say its types.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from symbridge.failure import ToolError

__all__ = ["PythonPart", "read_package"]


@dataclass(frozen=True, slots=True)
class PythonPart:
    """The Python part of a package, as stub text."""

    doc: str = ""
    imports: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    names: frozenset[str] = frozenset()


def read_package(source: str, file: str) -> PythonPart:
    """Read the source of a package's __init__.

    Raises ToolError for a public function or variable that does not say its types, with its line.
    """
    try:
        tree = ast.parse(source, file)
    except SyntaxError as error:
        raise ToolError(f"{file}:{error.lineno}: {error.msg}") from error
    reader = _Reader(file)
    reader.statements(tree.body)
    return PythonPart(
        ast.get_docstring(tree) or "",
        reader.imports_kept(),
        reader.body(),
        frozenset(reader.kept) | reader.exported(),
    )


def _is_public(name: str) -> bool:
    return not name.startswith("_") or (name.startswith("__") and name.endswith("__"))


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.kept: dict[str, list[ast.stmt]] = {}
        #: Imported names: the statement that imports each, and whether others are meant to use it.
        self.imported: dict[str, tuple[str, bool]] = {}

    def statements(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self.statement(statement)

    def statement(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Import() | ast.ImportFrom():
                self.import_(statement)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                if _is_public(statement.name) and statement.name not in ("__getattr__", "__dir__"):
                    overloads = self.kept.setdefault(statement.name, [])
                    overloads.append(self.declared(statement))
            case ast.AnnAssign(target=ast.Name(id=name)):
                if _is_public(name):
                    self.kept[name] = [_annotated(statement)]
            case ast.Assign(targets=[ast.Name(id=name)]):
                if _is_public(name):
                    self.kept[name] = [self.assigned(name, statement)]
            case ast.If() | ast.Try():
                for part in ("body", "orelse", "finalbody"):
                    self.statements(getattr(statement, part, []))
            case ast.Delete():
                for target in statement.targets:
                    if isinstance(target, ast.Name):
                        self.kept.pop(target.id, None)
                        self.imported.pop(target.id, None)

    def import_(self, statement: ast.Import | ast.ImportFrom) -> None:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            return
        for alias in statement.names:
            name = alias.asname or alias.name.partition(".")[0]
            shared = alias.asname == alias.name
            if isinstance(statement, ast.Import):
                one: ast.stmt = ast.Import(names=[alias])
            else:
                one = ast.ImportFrom(statement.module, [alias], statement.level)
            self.imported[name] = (ast.unparse(one), shared)

    def fail(self, statement: ast.stmt, name: str, what: str) -> ToolError:
        return ToolError(
            f"{self.file}:{statement.lineno}: {what} '{name}' does not say its types",
            hint="annotate it, or begin its name with an underscore",
        )

    def declared(
        self, statement: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    ) -> ast.stmt:
        """The definition without what only runs."""
        if isinstance(statement, ast.ClassDef):
            inner = _Reader(self.file)
            inner.statements(statement.body)
            body = [s for group in inner.kept.values() for s in group]
            statement.body = _body(statement, body)
            return statement
        arguments = statement.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
        receivers = ("self", "cls")
        if any(a.annotation is None and a.arg not in receivers for a in every):
            raise self.fail(statement, statement.name, "function")
        if statement.returns is None and statement.name != "__init__":
            raise self.fail(statement, statement.name, "function")
        plain = (ast.Constant, ast.UnaryOp)
        dots = ast.Constant(value=...)
        arguments.defaults = [d if isinstance(d, plain) else dots for d in arguments.defaults]
        arguments.kw_defaults = [
            d if d is None or isinstance(d, plain) else dots for d in arguments.kw_defaults
        ]
        statement.body = _body(statement, [])
        return statement

    def assigned(self, name: str, statement: ast.Assign) -> ast.stmt:
        if name == "__all__":
            return statement
        if isinstance(statement.value, ast.Constant) and statement.value.value is not None:
            kind = type(statement.value.value).__name__
            return ast.AnnAssign(ast.Name(name), ast.Name(kind), None, 1)
        raise self.fail(statement, name, "variable")

    # ---- what becomes of it

    def exported(self) -> set[str]:
        return {name for name, (_, shared) in self.imported.items() if shared}

    def imports_kept(self) -> list[str]:
        """What is imported for others, and what the kept definitions mention."""
        used = {name for group in self.kept.values() for s in group for name in _mentioned(s)}
        listed = self._listed()
        return [
            text
            for name, (text, shared) in self.imported.items()
            if shared or name in used or name in listed
        ]

    def _listed(self) -> set[str]:
        """The names in __all__."""
        for statement in self.kept.get("__all__", []):
            value = statement.value if isinstance(statement, ast.Assign) else None
            if isinstance(value, (ast.List, ast.Tuple)):
                return {str(e.value) for e in value.elts if isinstance(e, ast.Constant)}
        return set()

    def body(self) -> list[str]:
        lines: list[str] = []
        for group in self.kept.values():
            for statement in group:
                lines += ast.unparse(ast.fix_missing_locations(statement)).split("\n")
        return lines


def _body(
    statement: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, body: list[ast.stmt]
) -> list[ast.stmt]:
    """The docstring, then the body, or "..."."""
    doc = ast.get_docstring(statement)
    first: list[ast.stmt] = [] if doc is None else [ast.Expr(ast.Constant(doc))]
    return first + body or [ast.Expr(ast.Constant(...))]


def _annotated(statement: ast.AnnAssign) -> ast.AnnAssign:
    spelled = ast.unparse(statement.annotation)
    if not spelled.endswith(("Final", "TypeAlias")):
        statement.value = None
    return statement


def _mentioned(statement: ast.stmt) -> Iterator[str]:
    """The names in a definition, those in quoted annotations too."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                quoted = ast.parse(node.value, mode="eval")
            except SyntaxError:
                continue
            yield from (inner.id for inner in ast.walk(quoted) if isinstance(inner, ast.Name))
