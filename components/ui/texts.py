"""The catalogue of the page's words: one JSON file per language in ``assets/texts``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

ASSETS = Path(__file__).parents[2] / "assets"
"""Texts, markup, styles and scripts of the page."""
LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Texts:
    """One language's catalogue; a text is found by its path, ``form.prompt.label``."""

    tree: Mapping[str, object]

    @classmethod
    def read(cls, assets: Path = ASSETS, language: str = LANGUAGE) -> Self:
        """Load ``assets/texts/<language>.json``."""
        return cls(json.loads((assets / "texts" / f"{language}.json").read_text(encoding="utf-8")))

    def __call__(self, key: str, **params: str | float) -> str:
        """The text with its ``{figures}`` filled in.

        Raises:
            KeyError: The catalogue has no such text.
        """
        text = self._find(key)
        if text is None:
            raise KeyError(key)
        for name, value in params.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def maybe(self, key: str) -> str | None:
        """The text as it stands, or None where the catalogue has none."""
        return self._find(key)

    def _find(self, key: str) -> str | None:
        at: object = self.tree
        for part in key.split("."):
            if not isinstance(at, dict) or part not in at:
                return None
            at = at[part]
        return at if isinstance(at, str) else None
