"""What a service's answer says, whatever shape it has: codes, words, addresses, amounts.

Four sellers have four envelopes for errors, and gateways before them answer HTML or nothing at all. Everything here
takes any JSON value and never raises over its shape.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from components.services.http import Reply

LONGEST_WORDS = 200
LINK_LIVES_S = 86_400.0
"""Result links of all sellers die about a day after the film was made."""

_NAMES = {
    "image_url": "image",
    "image_urls": "image",
    "img_url": "image",
    "image": "image",
    "picture": "image",
    "audio_url": "audio",
    "audio": "audio",
    "mp3": "audio",
    "negative_prompt": "negative_prompt",
    "prompt": "prompt",
    "text": "prompt",
    "duration": "duration",
    "resolution": "quality",
    "quality": "quality",
    "shot_type": "shot_type",
    "seed": "seed",
    "watermark": "watermark",
    "template": "template",
}
"""Names that services use for an input -> ours."""
_NAMED = re.compile(r"(?<![a-z])(" + "|".join(sorted(_NAMES, key=len, reverse=True)) + r")(?![a-z])")

FILTER_WORDS = re.compile(
    r"content.?polic|moderat|inappropriate|sensitive|nsfw|safety|data.?inspection|prohibited|infring|copyright", re.IGNORECASE
)
FETCH_WORDS = re.compile(
    r"(fail|unable|could ?n.t|can ?not|can.t|time.?out).{0,40}(download|fetch|access|load|read).{0,40}(image|audio|url|media|file)"
    r"|(image|audio|url|media|file).{0,40}(unreachable|not accessible|download failed)",
    re.IGNORECASE,
)
SERVICE_WORDS = re.compile(r"time.?d?.?out|overload|unavailable|internal|upstream|capacity|busy|try again", re.IGNORECASE)
_LINK = re.compile(r"(https?://[^\s/?#\"'<>]+)[/?#][^\s\"'<>]*")
"""Secrets of links lie in the path too: our own media links and callbacks have theirs there."""
_DATA_URI = re.compile(r"data:[\w/+.;-]*,[A-Za-z0-9+/=_-]+")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f\s]+")


@dataclass(frozen=True, slots=True)
class Said:
    """What went wrong, in the service's own terms.

    Args:
        status: The HTTP status; of a 2xx that holds an error's number, that number.
        code: The service's code, or "".
        words: What it says, in one line, or "".
        param: The input that it names, or "".
    """

    status: int
    code: str = ""
    words: str = ""
    param: str = ""

    @property
    def about(self) -> str | None:
        """Our name of the one input that it is about, or None."""
        if self.param:
            found = _NAMED.search(self.param.lower())
            return _NAMES[found[1]] if found else None
        named = {_NAMES[match[1]] for match in _NAMED.finditer(self.words.lower())}
        return named.pop() if len(named) == 1 else None


def said(reply: Reply) -> Said:
    """What an answer says went wrong: any of the known envelopes, else its status and first words."""
    body = reply.data
    if not isinstance(body, dict):
        return Said(reply.status, words=_line(body) if isinstance(body, (str, list)) else _line(_without_tags(reply.text)))
    inner = body.get("error") or body
    code = _first(inner, "code", "name", "type") if isinstance(inner, dict) else ""
    if code in {"", "200", "0"} and body is not inner:
        code = _first(body, "code")
    words = _line(_first_any(inner, "message", "msg", "detail") if isinstance(inner, dict) else inner)
    number = int(code) if code.isascii() and code.isdigit() and len(code) == 3 else 0  # noqa: PLR2004 - an HTTP status
    status = number if reply.ok and number >= 400 else reply.status  # noqa: PLR2004 - errors begin there
    return Said(status, code, words or _line(_first_any(body, "message", "msg")), _first(inner, "param") if isinstance(inner, dict) else "")


def task_said(error: Any) -> Said:  # noqa: ANN401 - any JSON value
    """What the ``error`` of a failed task says: an object, a list of faults, or a string."""
    if not isinstance(error, dict):
        return Said(0, words=_line(error))
    return Said(0, _first(error, "code", "name", "type"), _line(_first_any(error, "message", "msg", "detail")), _first(error, "param"))


def public_words(words: str, secret: str | None) -> str:
    """A service's words as they may be shown and kept: no key, no address but its host, no picture, one short line."""
    if secret:
        words = words.replace(secret, "…")
    words = _DATA_URI.sub("data:…", _LINK.sub(r"\1/…", words))
    return words if len(words) <= LONGEST_WORDS else words[: LONGEST_WORDS - 1] + "…"


def at(value: Any, *path: str | int) -> Any:  # noqa: ANN401 - any JSON value
    """The value at a path of keys and indexes, or None where the shape is another."""
    for step in path:
        if isinstance(step, int) and isinstance(value, list) and len(value) > step:
            value = value[step]
        elif isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        else:
            return None
    return value


def text_at(value: Any, *path: str | int) -> str:  # noqa: ANN401 - any JSON value
    """The text (or whole number, as text) at a path, or ""."""
    found = at(value, *path)
    if isinstance(found, str):
        return found.strip()
    return str(found) if isinstance(found, int) and not isinstance(found, bool) else ""


def number_at(value: Any, *path: str | int) -> Decimal | None:  # noqa: ANN401 - any JSON value
    """The finite number (or a text that is one) at a path, exactly, or None."""
    found = at(value, *path)
    if isinstance(found, bool) or not isinstance(found, (int, float, str)):
        return None
    try:
        number = Decimal(str(found).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal(10) ** 15 else None


def links(*values: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON values
    """The web addresses among values that may be texts or lists of texts, in order."""
    for value in values:
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str) and item.strip().lower().startswith(("https://", "http://")):
                yield item.strip()


def link_dies_at(link: str, now: float) -> float:
    """UTC seconds at which a result link dies: as its signature says, else a day from now at the latest."""
    try:
        query = parse_qs(urlsplit(link).query)
    except ValueError:
        return now + LINK_LIVES_S
    expires = number_at(query, "Expires", 0)
    return float(expires) if expires is not None and expires > 1_000_000_000 else now + LINK_LIVES_S  # noqa: PLR2004 - seconds since 1970


def progress_of(value: Any) -> int | None:  # noqa: ANN401 - any JSON value
    """A progress of 0–100, or None."""
    number = number_at({"value": value}, "value")
    return None if number is None else int(min(max(number, Decimal(0)), Decimal(100)))


def eta_of(task: Mapping[str, Any], estimated: Any, now: float) -> float | None:  # noqa: ANN401 - any JSON value
    """Seconds left by the service's own estimate for a whole task, or None where it gives none or is past it."""
    begun, whole = number_at(task, "created"), number_at({"value": estimated}, "value")
    if begun is None or whole is None:
        return None
    left = float(begun + whole) - now
    return left if 0 < left < LINK_LIVES_S else None


def _first_any(value: Mapping[str, Any], *names: str) -> Any:  # noqa: ANN401 - any JSON value
    return next((value[name] for name in names if value.get(name)), "")


def _first(value: Mapping[str, Any], *names: str) -> str:
    return next((text for name in names if (text := text_at(value, name))), "")


def _line(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        value = " ".join(filter(None, (_line(value.get(name)) for name in ("loc", "message", "msg", "detail"))))
    elif isinstance(value, list):
        value = " ".join(filter(None, map(_line, value[:5])))
    return _INVISIBLE.sub(" ", str(value if value is not None else "")[:2000]).strip()


def _without_tags(text: str) -> str:
    return re.sub(r"<[^>]{0,500}>", " ", text[:2000])
