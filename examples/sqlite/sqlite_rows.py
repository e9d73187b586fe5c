"""SQLite through symbridge: a database in a few lines, with the library's own error messages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import symbridge

if TYPE_CHECKING:  # example_sqlite.pyi: symbridge stubs sqlite.bridge -o .
    import example_sqlite as sqlite
else:
    sqlite = symbridge.load(file=Path(__file__).with_name("sqlite.bridge"))

Value = int | float | str | bytes | None


def execute(db: sqlite.Connection, sql: str, *values: Value) -> Iterator[tuple[Value, ...]]:
    """Run one statement and give its rows."""
    with sqlite.Statement(db, sql) as statement:
        for index, value in enumerate(values, 1):
            _bind(statement, index, value)
        for _ in statement:
            yield tuple(_column(statement, i) for i in range(len(statement)))


def run(db: sqlite.Connection, sql: str, *values: Value) -> list[tuple[Value, ...]]:
    """Run one statement to its end."""
    return list(execute(db, sql, *values))


def _bind(statement: sqlite.Statement, index: int, value: Value) -> None:
    match value:
        case None:
            statement.bind_null(index)
        case int():
            statement.bind_int(index, value)
        case float():
            statement.bind_float(index, value)
        case str():
            statement.bind_text(index, value)
        case bytes():
            statement.bind_blob(index, value)


def _column(statement: sqlite.Statement, column: int) -> Value:
    match statement.type(column):
        case sqlite.type.SQLITE_INTEGER:
            return statement.int(column)
        case sqlite.type.SQLITE_FLOAT:
            return statement.float(column)
        case sqlite.type.SQLITE_NULL:
            return None
        case _:
            return statement.text(column)


def main() -> None:
    """Make a table, fill it, ask it, and make a mistake."""
    with sqlite.Connection(":memory:") as db:
        run(db, "create table planets (name text, moons integer, gravity real)")
        for planet in [("Earth", 1, 9.81), ("Mars", 2, 3.71), ("Saturn", 146, 10.44)]:
            run(db, "insert into planets values (?, ?, ?)", *planet)
        print("rows:", run(db, "select name, moons from planets where gravity < ?", 10.0))
        print("sum: ", run(db, "select sum(moons), null from planets"))
        print("last row id:", db.last_insert_rowid())
        try:
            run(db, "select * from comets")
        except sqlite.SqliteError as error:
            print("error:", error)


if __name__ == "__main__":
    main()
