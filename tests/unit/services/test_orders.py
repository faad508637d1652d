from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from components.errors import RuleBroken
from components.generation.capabilities import Capabilities, DurationChoice
from components.generation.rules import violations
from components.services.base import Order
from tests.doubles.schemas import complaint, unknown_fields
from tests.unit.services.bench import CREATED, NAMES, OtherSide, account, handed, order, request, services

SCHEMAS = {
    "evolink": ("evolink.openapi.yaml", "Wan26ImageToVideoFlashRequest"),
    "aimlapi": ("aimlapi.openapi.json", "CreateVideoRequest"),
}
SOUND = "https://films.example.org/s.mp3"
ORDERS: tuple[dict[str, Any], ...] = (
    {},
    {"duration": 15, "quality": "1080p", "shot_type": "multi"},
    {"prompt_extend": False},
    {"sound": "silent", "duration": 10},
    {"sound": "under", "audio": "sound_01"},
    {"sound": "own", "audio": "sound_01"},
    {"prompt": "ü" * 1500},
    {"prompt": "线条 \N{GRINNING FACE} `${x}` </script>\n"},
)
EXTRAS: tuple[dict[str, Any], ...] = (
    {"negative_prompt": "blurry", "seed": 7},
    {"seed": 0},
    {"seed": 2_147_483_647, "watermark": True, "template": "flying"},
)


POSSIBLE = [
    (name, asked)
    for name, service in services(OtherSide({})).items()
    for asked in ORDERS + EXTRAS
    if name in SCHEMAS and not violations(request(**asked), service.capabilities)
]


async def sent(name: str, folder: Path, asked: dict[str, Any], *, callback: str | None = None) -> OtherSide:
    side = OtherSide(CREATED[name])
    sound = SOUND if asked.get("sound") in {"own", "under"} else None
    await account(name, side).create(order(folder, audio_url=sound, callback_url=callback, **asked), handed(name, sound))
    return side


@pytest.mark.parametrize(("name", "asked"), POSSIBLE)
async def test_every_request_that_a_service_can_take_fits_the_schema_of_its_seller(
    name: str, asked: dict[str, Any], tmp_path: Path
) -> None:
    side = await sent(name, tmp_path, asked, callback="https://films.example.org/hook")
    assert complaint(*SCHEMAS[name], side.body()) is None
    assert unknown_fields(*SCHEMAS[name], side.body()) == []


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn")), min_size=1, max_size=40).filter(str.strip)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "negative_prompt": st.none() | WORDS,
    "seed": st.none() | st.integers(0, 2_147_483_647),
    "watermark": st.booleans(),
    "template": st.sampled_from([None, "flying"]),
}


def requests(can: Capabilities) -> st.SearchStrategy[dict[str, Any]]:
    """What the form of a service could send: nearly all of it is allowed, so nearly nothing is drawn in vain."""
    lengths = st.integers(1, 20).filter(can.duration.allows)
    coupled = st.sampled_from([("auto", None), ("silent", None), ("own", "sound_01"), ("under", "sound_01")])
    shots = st.sampled_from([("single", True), ("single", False), ("multi", True)])
    always = {"prompt": WORDS, "duration": lengths, "quality": st.sampled_from(can.quality), "coupled": coupled, "shots": shots}
    drawn = st.fixed_dictionaries(always | {name: FIELDS[name] for name in can.fields})
    return drawn.map(_uncoupled)


def _uncoupled(drawn: dict[str, Any]) -> dict[str, Any]:
    (sound, audio), (shot_type, extend) = drawn.pop("coupled"), drawn.pop("shots")
    return {**drawn, "sound": sound, "audio": audio, "shot_type": shot_type, "prompt_extend": extend}


@pytest.mark.parametrize("name", SCHEMAS)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_what_the_form_allows_the_schema_allows(name: str, data: st.DataObject) -> None:
    service = services(OtherSide({}))[name]
    wanted = request(**data.draw(requests(service.capabilities)))
    assume(not violations(wanted, service.capabilities))
    ordered = Order("job_0123456789abcdef", wanted, Path("frame"), (640, 360), None, Path())
    _, body, _ = account(name, OtherSide({})).order(ordered, handed(name, SOUND))
    assert complaint(*SCHEMAS[name], body) is None
    assert unknown_fields(*SCHEMAS[name], body) == []


async def test_evolink_gets_every_default_said(tmp_path: Path) -> None:
    side = await sent("evolink", tmp_path, {})
    assert side.body() == {
        "model": "wan2.6-image-to-video-flash",
        "prompt": "A boat drifts off.",
        "image_urls": ["https://files.example.com/in/frame.png"],
        "duration": 5,
        "quality": "720p",
        "prompt_extend": True,
        "model_params": {"shot_type": "single"},
        "generate_audio": True,
    }
    assert str(side.last.url) == "https://api.evolink.ai/v1/videos/generations"


async def test_aimlapi_gets_every_default_said(tmp_path: Path) -> None:
    side = await sent("aimlapi", tmp_path, {"negative_prompt": "blurry", "seed": 7})
    assert side.body() == {
        "model": "alibaba/wan-2-6-image-to-video-flash",
        "prompt": "A boat drifts off.",
        "image_url": "data:image/png;base64,AAAA",
        "resolution": "720p",
        "duration": 5,
        "shot_type": "single",
        "generate_audio": True,
        "enhance_prompt": True,
        "negative_prompt": "blurry",
        "seed": 7,
    }
    assert side.last.headers["x-client-request-id"].endswith("job_0123456789abcdef")


async def test_apimart_gets_every_default_said(tmp_path: Path) -> None:
    side = await sent("apimart", tmp_path, {**EXTRAS[2], "prompt": ""})
    assert side.body() == {
        "model": "wan2.6-i2v-flash",
        "image_urls": ["https://up.example.com/f.png"],
        "resolution": "720p",
        "duration": 5,
        "audio": True,
        "prompt_extend": True,
        "shot_type": "single",
        "watermark": True,
        "seed": 2_147_483_647,
        "template": "flying",
    }


async def test_dashscope_gets_every_default_said(tmp_path: Path) -> None:
    side = await sent("dashscope", tmp_path, {"quality": "1080p", "seed": 0})
    assert side.body() == {
        "model": "wan2.6-i2v-flash",
        "input": {"img_url": "oss://dashscope-instant/x/frame.png", "prompt": "A boat drifts off."},
        "parameters": {
            "resolution": "1080P",
            "duration": 5,
            "prompt_extend": True,
            "shot_type": "single",
            "audio": True,
            "watermark": False,
            "seed": 0,
        },
    }
    assert side.last.headers["x-dashscope-async"] == "enable"
    assert side.last.headers["x-dashscope-ossresourceresolve"] == "enable"


async def test_dashscope_asks_for_resolving_only_with_addresses_of_its_own_store(tmp_path: Path) -> None:
    side = OtherSide(CREATED["dashscope"])
    await account("dashscope", side).create(order(tmp_path), handed("evolink"))
    assert "x-dashscope-ossresourceresolve" not in side.last.headers


SWITCHES = {
    "evolink": ("generate_audio", "audio_url"),
    "aimlapi": ("generate_audio", "audio_url"),
    "apimart": ("audio", "audio_url"),
    "dashscope": ("audio", "audio_url"),
}


@pytest.mark.parametrize(
    ("sound", "on", "given"), [("auto", True, False), ("own", True, True), ("silent", False, False), ("under", False, False)]
)
@pytest.mark.parametrize("name", NAMES)
async def test_the_sound_is_bought_as_it_was_asked_for(name: str, sound: str, on: bool, given: bool, tmp_path: Path) -> None:
    side = await sent(name, tmp_path, {"sound": sound, "audio": "sound_01" if sound in {"own", "under"} else None})
    switch, address = SWITCHES[name]
    body = side.body()
    parameters, media = (body["parameters"], body["input"]) if name == "dashscope" else (body, body)
    assert parameters[switch] is on
    assert (media.get(address) == SOUND) is given


@pytest.mark.parametrize(
    ("address", "given"),
    [("https://f.example.org/h", True), ("http://f.example.org/h", False), (f"https://f.example.org/{'h' * 2048}", False)],
)
async def test_evolink_gets_a_callback_only_under_an_address_that_it_takes(address: str, given: bool, tmp_path: Path) -> None:
    side = await sent("evolink", tmp_path, {}, callback=address)
    assert ("callback_url" in side.body()) is given


async def test_evolink_gets_the_same_idempotency_key_for_the_same_job(tmp_path: Path) -> None:
    keys = {(await sent("evolink", tmp_path, {})).last.headers["idempotency-key"] for _ in range(2)}
    assert len(keys) == 1
    assert 16 <= len(keys.pop()) <= 96


@pytest.mark.parametrize("name", ["evolink", "aimlapi", "apimart"])
async def test_an_own_sound_without_a_public_address_is_refused_before_anything_is_sent(name: str, tmp_path: Path) -> None:
    side = OtherSide({})
    with pytest.raises(RuleBroken) as refused:
        await account(name, side).hand_over(order(tmp_path, sound="own", audio="sound_01"))
    assert (refused.value.text_code, refused.value.field) == ("needs_public_url", "audio")
    assert side.asked == []


@pytest.mark.parametrize("name", NAMES)
def test_every_service_offers_the_sound_that_works_everywhere(name: str) -> None:
    assert "under" in services(OtherSide({}))[name].capabilities.sound


def test_the_tables_say_what_the_contracts_say() -> None:
    tables = {name: service.capabilities for name, service in services(OtherSide({})).items()}
    assert isinstance(tables["aimlapi"].duration, DurationChoice)
    assert [caps.image.side for caps in tables.values()] == [(360, 2000), (360, 2000), (240, 8000), (240, 8000)]
    assert [caps.image.bytes for caps in tables.values()] == [10_000_000, 6_999_999, 10_000_000, 20_000_000]
    assert [bool(caps.audio and caps.audio.needs_public_url) for caps in tables.values()] == [True, True, True, False]
    assert [sorted(caps.fields) for caps in tables.values()] == [
        [],
        ["negative_prompt", "seed"],
        ["negative_prompt", "seed", "template", "watermark"],
        ["negative_prompt", "seed", "template", "watermark"],
    ]
    limits = tables["dashscope"].limits
    assert (limits.queue, limits.tasks_at_once, limits.creates_per_s) == ("films-dashscope", 5, 5)
