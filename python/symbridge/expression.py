"""Arguments written in a shell as Python values: literals, and calls of what a module offers.

Nothing else is evaluated: no operators on names, no comprehensions, no attributes that begin with
an underscore.
"""

from __future__ import annotations

import ast
import datetime
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from symbridge.failure import ToolError

__all__ = ["evaluate", "look_up"]

#: Python's own names that arguments may use, besides the module's.
NAMES: Mapping[str, Any] = {
    "datetime": datetime,
    "bytes": bytes,
    "bytearray": bytearray,
    "complex": complex,
    "float": float,
    "inf": float("inf"),
    "nan": float("nan"),
}

MAX_LENGTH = 1 << 20  # characters of one argument


def evaluate(text: str, module: ModuleType) -> Any:
    """The value of an argument: "3", "[1, 2]", "Point(1, y=2)", "Status.OK", "-inf".

    Raises ToolError when it is no such expression, and what a call in it raises.
    """
    if len(text) > MAX_LENGTH:
        raise ToolError(f"an argument of {len(text)} characters; at most {MAX_LENGTH} are read")
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ToolError(
            f"argument {text!r} is no Python value: {getattr(error, 'msg', error)}",
            hint="quote text twice, as in '\"text\"'",
        ) from None
    return _value(tree, text, module)


def look_up(path: str, module: ModuleType) -> Any:
    """What a dotted path such as "date_ex.before" names in the module; raises AttributeError."""
    value: Any = module
    for name in path.split("."):
        if name.startswith("_"):
            raise AttributeError(f"{path!r} is not offered")
        value = getattr(value, name)
    return value


def _value(node: ast.expr, text: str, module: ModuleType) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            value = _value(operand, text, module)
            if isinstance(value, int | float | complex):
                return -value if isinstance(sign, ast.USub) else +value
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            # 1+2j is two numbers to Python.
            a, b = _value(left, text, module), _value(right, text, module)
            if isinstance(a, int | float) and isinstance(b, complex):
                return a + b if isinstance(op, ast.Add) else a - b
        case ast.Tuple(elts=elements):
            return tuple(_value(e, text, module) for e in elements)
        case ast.List(elts=elements):
            return [_value(e, text, module) for e in elements]
        case ast.Set(elts=elements):
            return {_value(e, text, module) for e in elements}
        case ast.Dict(keys=keys, values=values) if None not in keys:
            return {
                _value(k, text, module): _value(v, text, module)
                for k, v in zip(keys, values, strict=True)
                if k is not None
            }
        case ast.Name() | ast.Attribute():
            return _named(node, text, module)
        case ast.Call(func=ast.Name() | ast.Attribute() as function, args=args, keywords=keywords):
            called = _named(function, text, module)
            if all(k.arg is not None for k in keywords):
                return called(
                    *(_value(a, text, module) for a in args),
                    **{str(k.arg): _value(k.value, text, module) for k in keywords},
                )
    raise ToolError(
        f"argument {text!r} is neither a Python literal nor a call of what the module offers"
    )


def _named(node: ast.expr, text: str, module: ModuleType) -> Any:
    path = ast.unparse(node)
    first, _, rest = path.partition(".")
    try:
        if not hasattr(module, first) and first in NAMES:
            return look_up(rest, NAMES[first]) if rest else NAMES[first]
        return look_up(path, module)
    except AttributeError:
        raise ToolError(
            f"argument {text!r}: {module.__name__} offers no {path!r}",
            hint="quote text twice, as in '\"text\"'",
        ) from None
