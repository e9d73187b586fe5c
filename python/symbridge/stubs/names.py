"""How the text of one stub file reaches each name: imports, and aliases where a name is shadowed.

An annotation within a class is looked up in the class first, so a property called `int` hides the
type. Such a type is reached by its module, under a name that nothing else has.
"""

from __future__ import annotations

from collections.abc import Iterable

from symbridge.annotation import Annotation, Name, Own, spell

__all__ = ["Names"]


class Names:
    """The names of one file. Scopes are entered and left as the text is written."""

    def __init__(self, path: tuple[str, ...], is_package: bool, bound: Iterable[str]) -> None:
        """path: the file's module, from the top one; bound: what the file defines itself."""
        self.path = path
        self._depth = len(path) + 1 if is_package else len(path)
        self._scopes = [set(bound)]
        self._imports: dict[str, set[str]] = {}
        self._modules: set[str] = set()
        self._aliases: dict[str, str] = {}

    def enter(self, bound: Iterable[str]) -> None:
        """Enter a class that binds these names."""
        self._scopes.append(set(bound))

    def leave(self) -> None:
        """Leave the innermost class."""
        self._scopes.pop()

    def spell(self, annotation: Annotation) -> str:
        """The annotation as it is written here."""
        return spell(annotation, self.reach)

    def reach(self, name: Name | Own) -> str:
        """The text that reaches a name from here."""
        if isinstance(name, Own):
            return self._reach_own(name)
        first = name.name.partition(".")[0]
        if name.module == "builtins":
            if first in ("None", "...") or not self._is_bound(first):
                return name.name
        elif not self._is_bound(first):
            self._imports.setdefault(name.module, set()).add(first)
            return name.name
        self._modules.add(name.module)
        return f"{_alias(name.module)}.{name.name}"

    def builtin(self, name: str) -> str:
        """A name of builtins: a decorator, a base."""
        return self.reach(Name("builtins", name))

    def typing(self, name: str) -> str:
        """A name of typing."""
        return self.reach(Name("typing", name))

    def _is_bound(self, name: str) -> bool:
        return any(name in scope for scope in self._scopes)

    def _reach_own(self, own: Own) -> str:
        first, dot, rest = own.name.partition(".")
        if own.module == self.path:
            if not any(first in scope for scope in self._scopes[1:]):
                return own.name
            self._aliases[first] = f"_{first}"
            return f"_{first}{dot}{rest}"
        source = "." * self._depth + ".".join(own.module)
        if not self._depth:
            raise AssertionError(f"{own} lies outside of a module without a package")
        local = f"_{first}" if self._is_bound(first) else first
        what = first if local == first else f"{first} as {local}"
        self._imports.setdefault(source, set()).add(what)
        return f"{local}{dot}{rest}"

    def imports(self) -> list[str]:
        """The import statements that what was reached needs."""
        lines = [f"import {module} as {_alias(module)}" for module in self._modules]
        for module, what in self._imports.items():
            plain = sorted(name for name in what if " as " not in name)
            if plain:
                lines.append(f"from {module} import {', '.join(plain)}")
            lines += [f"from {module} import {name}" for name in what if " as " in name]
        return lines

    def aliases(self) -> list[str]:
        """Second names of the file's own classes, for where the first is shadowed."""
        if not self._aliases:
            return []
        alias = self.typing("TypeAlias")
        return [f"{second}: {alias} = {first}" for first, second in sorted(self._aliases.items())]


def _alias(module: str) -> str:
    return "_" + module.replace(".", "_")
