"""Plain sentences for codes: every error and every stage of a film, from ``assets/texts``.

A placeholder is ``{name}``; ``{name:MB}`` shows bytes as megabytes, ``{name:s}`` seconds without needless zeros.
"""

from __future__ import annotations

import json
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from components.errors import Param, StudioError

TEXTS = Path(__file__).parents[2] / "assets" / "texts"
MEGABYTE = 1_000_000


class _Filler(Formatter):
    """As ``str.format_map``, but a figure that is missing never costs the sentence."""

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:  # noqa: ANN401, ARG002 - as inherited
        return kwargs.get(str(key), "?")

    def format_field(self, value: Any, format_spec: str) -> str:  # noqa: ANN401 - as inherited
        if format_spec == "MB" and isinstance(value, int | float):
            return f"{value / MEGABYTE:.1f} MB".replace(".0 MB", " MB")
        if format_spec == "s" and isinstance(value, int | float):
            return f"{value:.2f}".rstrip("0").rstrip(".")
        return str(value)


class Wording:
    """The sentences of one language.

    Args:
        errors: ``{code: {"message", "hint"}}``.
        stages: ``{stage: sentence}``.
    """

    def __init__(self, errors: Mapping[str, Mapping[str, str]], stages: Mapping[str, str]) -> None:
        self._errors = errors
        self._stages = stages
        self._fill = _Filler()

    @classmethod
    def read(cls, file: Path = TEXTS / "en.json") -> Self:
        """The catalogue's sections ``errors`` and ``stages``."""
        catalogue = json.loads(file.read_text(encoding="utf-8"))
        return cls(catalogue["errors"], catalogue["stages"])

    def error(self, code: str, params: Mapping[str, Param]) -> tuple[str, str]:
        """(message, hint) for a code; a code without a sentence of its own is told as an internal error."""
        texts = self._errors.get(code) or self._errors["internal"]
        return self._fill.vformat(texts["message"], (), params), self._fill.vformat(texts["hint"], (), params)

    def stage(self, stage: str, service: str) -> str:
        """What a film is at, for people; ``service`` is the seller's name."""
        return self._fill.vformat(self._stages[stage], (), {"service": service})

    def word(self, error: StudioError) -> dict[str, Any]:
        """The ``error`` object of API.md §3."""
        return self.worded(record(error))

    def worded(self, kept: Mapping[str, Any]) -> dict[str, Any]:
        """The same, of an error that was kept in a row by ``record``."""
        message, hint = self.error(kept["code"], kept["params"])
        return {**kept, "message": message, "hint": hint}


def record(error: StudioError) -> dict[str, Any]:
    """An error as data, without words: what a row keeps."""
    return {"code": error.text_code, "field": error.field, "params": error.params, "charged": error.charged.value}
