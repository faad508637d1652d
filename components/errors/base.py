"""The root of the error tree."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

Param = str | int | float


class Charged(StrEnum):
    """Whether the service took money for what failed."""

    NO = "no"
    MAYBE = "maybe"
    YES = "yes"


class StudioError(Exception):
    """Root of the tree.

    Args:
        field: Which input it is about (``image``, ``audio``, ``prompt`` …), or None.
        retry_after: Seconds after which the same call may succeed, or None.
        **params: Figures for the sentence that the edge builds from the code.
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    charged: Charged = Charged.NO
    """Of the cause; where a single answer says otherwise, of this very error."""
    retryable: ClassVar[bool] = False

    def __init__(self, *, field: str | None = None, retry_after: float | None = None, **params: Param) -> None:
        super().__init__(self.code)
        self.field = field
        self.retry_after = retry_after
        self.params: dict[str, Param] = params

    @property
    def text_code(self) -> str:
        """The stable code of this very error (a broken rule names the rule)."""
        return self.code


class Coded(StudioError):
    """An error whose code is data: a broken rule, a fault of a file.

    Args:
        code: The rule's or fault's own code.
        field: Which input it is about, or None.
        **params: Figures for the sentence.
    """

    def __init__(self, code: str, *, field: str | None = None, **params: Param) -> None:
        super().__init__(field=field)
        self.params = params
        self._text_code = code

    @property
    def text_code(self) -> str:
        """The code given at construction."""
        return self._text_code
