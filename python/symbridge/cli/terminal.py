"""What commands say: tables, colour on a terminal only, progress of what takes over a second."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

__all__ = ["Progress", "Terminal"]

STYLES = {"good": "32", "bad": "31", "warn": "33", "dim": "2", "bold": "1"}

#: Seconds of work before progress is shown, and between two of its lines.
PATIENCE = 1.0
INTERVAL = 0.1


class Progress:
    """One line on stderr that is rewritten, once the work has taken a while.

    A thread writes it, so that work which says nothing of itself is seen to go on too.
    """

    def __init__(self, label: str, shown: bool) -> None:
        self.label = label
        self._said = ""
        self._width = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True) if shown else None
        if self._thread is not None:
            self._thread.start()

    def step(self, done: int, total: int | None = None, what: str = "") -> None:
        """Say how far the work is. Cheap: may be called as often as one likes."""
        if self._thread is not None:
            count = f"{done}" if total is None else f"{done}/{total}"
            self._said = f"{count} {what}"

    def end(self) -> None:
        """Remove the line."""
        if self._thread is not None:
            self._done.set()
            self._thread.join()
            self._write("")

    def _run(self) -> None:
        started = time.monotonic()
        if self._done.wait(PATIENCE):
            return
        while not self._done.wait(INTERVAL):
            seconds = int(time.monotonic() - started)
            self._write(f"{self.label}: {self._said or '...'} ({seconds} s)"[:78])

    def _write(self, line: str) -> None:
        if line or self._width:
            sys.stderr.write(f"\r{line.ljust(self._width)}\r{line}")
            sys.stderr.flush()
        self._width = len(line)


class Terminal:
    """Where a command's output goes: results to stdout, errors and progress to stderr."""

    def __init__(self, color: str = "auto") -> None:
        self._color = {"always": True, "never": False}.get(color)

    def styled(self, text: str, style: str, stream: object = None) -> str:
        """The text in a style of STYLES, where the stream (stdout) shows colour."""
        stream = sys.stdout if stream is None else stream
        color = self._color
        if color is None:
            isatty = getattr(stream, "isatty", lambda: False)
            color = isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if color else text

    def print(self, text: str = "", style: str = "") -> None:
        """Write a line to stdout."""
        print(self.styled(text, style) if style else text)

    def note(self, text: str) -> None:
        """Write a line to stderr that is no part of the result."""
        print(text, file=sys.stderr)

    def error(self, text: str, hint: str = "") -> None:
        """Write an error to stderr, and what to do about it."""
        sys.stdout.flush()
        print(self.styled(text, "bad", sys.stderr), file=sys.stderr)
        if hint:
            print(f"  try: {hint}", file=sys.stderr)

    def table(self, rows: Sequence[Sequence[str]], styles: Sequence[str] = ()) -> None:
        """Write rows in columns, the heading first; styles has a style, or "", for each row."""
        if not rows:
            return
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        for number, row in enumerate(rows):
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
            line = "  ".join(cells).rstrip()
            style = styles[number] if number < len(styles) else ""
            self.print(line, "bold" if number == 0 and not style else style)

    @contextmanager
    def progress(self, label: str) -> Iterator[Progress]:
        """Show how work goes on, on a terminal, when it takes over a second."""
        progress = Progress(label, sys.stderr.isatty())
        try:
            yield progress
        finally:
            progress.end()
