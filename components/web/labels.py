"""What a mend on offer is called, in the words that the page's buttons have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.errors import Param

_BOXES = {"image": "frame", "audio": "track"}
CATALOGUE = "texts/en.json"


class Labels:
    """Names of mends.

    Args:
        mends: ``{"image": {code: label}, "audio": …}``; a label holds ``{figures}``.
    """

    def __init__(self, mends: Mapping[str, Mapping[str, str]]) -> None:
        self._mends = mends

    @classmethod
    def read(cls, catalogue: bytes) -> Self:
        """Out of the catalogue of texts."""
        tree = json.loads(catalogue)
        return cls({kind: tree[box]["mends"] for kind, box in _BOXES.items()})

    def of(self, kind: str, code: str, params: Mapping[str, Param]) -> str:
        """The label of one mend with its figures filled in; a mend without a name is called by its code."""
        text = self._mends[kind].get(code, code)
        for name, value in params.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text
