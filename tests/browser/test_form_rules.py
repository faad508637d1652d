"""The browser's rules and the server's are one: the same requests, the same table, the same violations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.generation.capabilities import COMMON_RULES, Capabilities, CouplingRule, DurationChoice, Extra
from components.generation.request import Request
from components.generation.rules import violations
from components.services.preview.service import Preview

if TYPE_CHECKING:
    from playwright.sync_api import Page

FIELDS = {
    "negative_prompt": Extra(max=5),
    "seed": Extra(start=0, to=2_147_483_647),
    "watermark": Extra(),
    "template": Extra(advanced=True),
}


def capabilities(**changes: object) -> Capabilities:
    """The Preview's, with ``changes``."""
    return Preview.capabilities.model_copy(update=changes)


DISTANT = Preview.capabilities.audio.model_copy(update={"needs_public_url": True}) if Preview.capabilities.audio else None

TABLES = {
    "distant": capabilities(audio=DISTANT, sound=("auto", "own", "under", "silent"), fields=FIELDS, rules=COMMON_RULES),
    "wide": capabilities(fields=FIELDS, rules=COMMON_RULES),
    "narrow": capabilities(
        duration=DurationChoice(one_of=(5, 10, 15)),
        quality=("720p",),
        sound=("auto", "silent"),
        shot_type=("single",),
        audio=None,
        rules=(*COMMON_RULES, CouplingRule(when={"quality": "1080p"}, needs={"watermark": True}, code="large_needs_mark")),
    ),
}
CHANGES: tuple[dict[str, Any], ...] = (
    {},
    {"prompt": ""},
    {"prompt": " \n\t "},
    {"prompt": "\u00a0\u3000\u2003"},
    {"prompt": "\ufeff"},
    {"prompt": "x" * 1500},
    {"prompt": "x" * 1501},
    {"prompt": "🎞" * 1501},
    {"prompt": "a\x00b"},
    {"prompt": "a\x1fb\x7f"},
    {"prompt": "line\r\nline\ttab"},
    {"sound": "own"},
    {"sound": "own", "audio": "upload-of-a-sound"},
    {"sound": "silent", "audio": "upload-of-a-sound"},
    {"sound": "under"},
    *({"duration": seconds} for seconds in (1, 2, 7, 8, 12, 13, 15, 16, 600)),
    {"quality": "1080p"},
    {"quality": "1080p", "watermark": True},
    {"shot_type": "multi"},
    {"shot_type": "multi", "prompt_extend": False},
    {"negative_prompt": ""},
    {"negative_prompt": "12345"},
    {"negative_prompt": "123456"},
    {"seed": 0},
    {"seed": -1},
    {"seed": 2_147_483_648},
    {"watermark": True},
    {"template": "dance"},
)
SCRIPT = """async cases => {
  const main = document.querySelector('script[src*="/studio/assets/"]').src;
  const { violations } = await import(main.replace('main.js', 'form/rules.js'));
  return cases.map(([request, caps, reachable]) => violations(request, caps, { reachable }));
}"""


def as_json(request: Request, caps: Capabilities, *, reachable: bool) -> list[dict[str, Any]]:
    """The server's violations as the browser tells them."""
    return [
        {
            "field": found.field,
            "code": found.code,
            "params": dict(found.params),
            "fix": {"field": found.fix.field, "value": found.fix.value} if found.fix else None,
        }
        for found in violations(request, caps, reachable=reachable)
    ]


def test_browser_and_server_find_the_same_in_every_request(studio_page: Page) -> None:
    plain = {"service": "any", "prompt": "Boats.", "image": "upload-of-a-picture", "client_token": "t"}
    rows = [
        (Request.model_validate({**plain, **change}), caps, reachable)
        for caps in TABLES.values()
        for change in CHANGES
        for reachable in ((False, True) if caps is TABLES["distant"] else (False,))
    ]
    cases = [(request.model_dump(mode="json"), caps.model_dump(mode="json", by_alias=True), reachable) for request, caps, reachable in rows]
    assert studio_page.evaluate(SCRIPT, cases) == [as_json(request, caps, reachable=reachable) for request, caps, reachable in rows]
