"""C text cut into its declarations, so that one can be changed and the others stay as they are.

Only what is needed to find where a declaration ends is understood: comments, strings, brackets and
preprocessor lines. What it means is the engine's to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Piece", "Token", "cut"]

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r\f\v\n]+|\\\r?\n)
  | (?P<comment>/\*.*?(?:\*/|\Z)|//(?:\\\r?\n|[^\n])*)
  | (?P<string>(?:u8|[uUL])?"(?:\\.|[^"\\\n])*"|(?:[uUL])?'(?:\\.|[^'\\\n])*')
  | (?P<word>[A-Za-z_$][A-Za-z0-9_$]*)
  | (?P<number>\.?[0-9](?:[eEpP][+-]|[A-Za-z0-9_.])*)
  | (?P<ellipsis>\.\.\.)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A word of C: its kind, its text, where it begins in the whole text."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)


@dataclass(slots=True)
class Piece:
    """A declaration or a preprocessor line: text[start:end] from its first word to its end."""

    start: int
    end: int
    directive: bool  # a preprocessor line
    tokens: list[Token] = field(default_factory=list)

    def words(self) -> list[str]:
        """The texts of its tokens."""
        return [token.text for token in self.tokens]


def cut(text: str) -> list[Piece]:
    """The declarations and preprocessor lines of a text, in order. Comments between are in none."""
    pieces: list[Piece] = []
    piece: Piece | None = None
    depth = 0
    line_start = True
    position = 0
    while position < len(text):
        if line_start and depth == 0 and piece is None and text[position] == "#":
            end = _line_end(text, position)
            tokens = list(_tokens(text, position, end))
            pieces.append(Piece(position, end, True, tokens))
            position = end
            continue
        found = _TOKEN.match(text, position)
        assert found is not None  # "other" takes anything
        kind = found.lastgroup or "other"
        token = Token(kind, found[0], position)
        position = found.end()
        if kind == "space":
            line_start = line_start or "\n" in token.text
            continue
        if kind == "comment":
            continue
        line_start = False
        if piece is None:
            piece = Piece(token.start, token.end, False)
        piece.tokens.append(token)
        piece.end = token.end
        if token.text in "([{":
            depth += 1
        elif token.text in ")]}":
            depth = max(depth - 1, 0)
        if depth == 0 and (token.text == ";" or (token.text == "}" and _is_block(piece))):
            pieces.append(piece)
            piece = None
            line_start = True
    if piece is not None:
        pieces.append(piece)
    return pieces


def _is_block(piece: Piece) -> bool:
    """Whether the piece is `extern "..." { ... }`, which no semicolon ends."""
    tokens = piece.tokens
    return (
        len(tokens) > 2
        and tokens[0].text == "extern"
        and tokens[1].kind == "string"
        and tokens[2].text == "{"
    )


def _line_end(text: str, start: int) -> int:
    """The end of a preprocessor line: a line break that no backslash and no comment hides."""
    position = start
    while position < len(text):
        if text[position] == "\n":
            return position
        if text.startswith(("\\\n", "\\\r\n"), position):
            position = text.index("\n", position) + 1
        elif text.startswith("/*", position):
            close = text.find("*/", position + 2)
            position = len(text) if close < 0 else close + 2
        elif text.startswith("//", position):
            # The comment is not part of it.
            return position
        else:
            position += 1
    return position


def _tokens(text: str, start: int, end: int) -> list[Token]:
    tokens = []
    for found in _TOKEN.finditer(text, start, end):
        kind = found.lastgroup or "other"
        if kind not in ("space", "comment"):
            tokens.append(Token(kind, found[0], found.start()))
    return tokens
