"""One ``Range`` header (RFC 9110 §14): closed, open or suffix, in bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ONE = re.compile(r"bytes\s*=\s*(?P<first>\d{0,18})\s*-\s*(?P<last>\d{0,18})\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes ``start`` to ``end`` (exclusive) of ``size``."""

    start: int
    end: int
    size: int

    @property
    def header(self) -> str:
        """``Content-Range`` of a 206."""
        return f"bytes {self.start}-{self.end - 1}/{self.size}"

    @property
    def length(self) -> int:
        """Bytes in it."""
        return self.end - self.start


class Unsatisfiable(ValueError):
    """No byte of the file is in the range: 416."""


def parse_range(text: str | None, size: int) -> Span | None:
    """The bytes that a header asks for, or None for the whole file.

    Several ranges, other units and nonsense mean the whole file, as the standard allows.

    Raises:
        Unsatisfiable: The range lies behind the end of the file, or is a suffix of nothing.
    """
    found = _ONE.fullmatch(text.strip()) if text is not None else None
    if found is None or not (found["first"] or found["last"]):
        return None
    if not found["first"]:
        start, end = max(0, size - int(found["last"])), size
    else:
        start = int(found["first"])
        end = min(int(found["last"]) + 1, size) if found["last"] else size
        if found["last"] and int(found["last"]) < start:
            return None
    if start >= end:
        raise Unsatisfiable
    return Span(start, end, size)
