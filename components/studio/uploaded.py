"""Uploads as data: what is shown of one, what would mend it, and what its name may be."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - pydantic reads it
from typing import TYPE_CHECKING, Any, Literal

from components.errors import FileUnfit
from components.studio.views import View

if TYPE_CHECKING:
    from components.errors import Param
    from components.generation.fitness import Fault

Kind = Literal["image", "audio"]

NAME_CHARACTERS = 120
_NAMELESS = {"image": "picture", "audio": "sound"}
_TURNERS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
"""Signs that make a name read differently from what it is ("gpj.exe")."""

MEND_PARAMS: dict[str, dict[str, Param]] = {"flatten": {"color": "#ffffff"}}
"""What an offered mend carries beside its code; it can be sent back as it is."""


class UploadView(View):
    """API.md §3 *upload*; ``fit`` is false while only a mended copy of it could be used."""

    id: str
    kind: Kind
    name: str
    bytes: int
    report: dict[str, Any]
    applied: tuple[str, ...]
    original: dict[str, Any] | None
    url: str
    expires_at: datetime
    fit: bool


@dataclass(frozen=True, slots=True)
class Fix:
    """A mend on offer. Its label is worded at the edge, from the code."""

    code: str
    params: dict[str, Param]


class UnfitUpload(FileUnfit):
    """A readable file that breaks rules of the service: the error is about the first, ``faults`` are all of them.

    Args:
        kind: Which input it is.
        faults: At least one.
    """

    def __init__(self, kind: Kind, faults: tuple[Fault, ...]) -> None:
        super().__init__(faults[0].code, field=kind, **dict(faults[0].params))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class UploadOutcome:
    """A stored upload; with an error and the mends that would cure it where it is not fit as it is."""

    upload: UploadView
    error: UnfitUpload | None = None
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True)
class Usable:
    """A file that a film may be made from; ``size`` is (width, height) in px of a picture, None of a sound."""

    id: str
    key: str
    name: str
    report: dict[str, Any]
    size: tuple[int, int] | None


def fixes_for(faults: tuple[Fault, ...]) -> tuple[Fix, ...]:
    """The mends of all faults, each once."""
    codes = dict.fromkeys(fault.fix for fault in faults if fault.fix)
    return tuple(Fix(code, dict(MEND_PARAMS.get(code, {}))) for code in codes)


def clean_name(name: str, kind: Kind) -> str:
    """A file name in any script that is safe to show and to save: no folders, no controls, at most 120 characters."""
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    plain = "".join(ch for ch in base if unicodedata.category(ch) not in {"Cc", "Cs", "Zl", "Zp"} and ch not in _TURNERS)
    plain = re.sub(r"\s+", " ", plain).strip(" .")
    stem, dot, extension = plain.rpartition(".")
    if not dot or len(extension) > 10:  # noqa: PLR2004 - longer is no extension
        return plain[:NAME_CHARACTERS].rstrip() or _NAMELESS[kind]
    return f"{stem[: NAME_CHARACTERS - len(extension) - 1].rstrip()}.{extension}"
