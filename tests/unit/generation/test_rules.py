"""The rules of a request, read off the capabilities table."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from components.generation.capabilities import (
    COMMON_RULES,
    AudioLimits,
    Capabilities,
    DurationChoice,
    DurationRange,
    Extra,
    ImageLimits,
    PromptLimits,
)
from components.generation.request import Request
from components.generation.rules import nearest_duration, violations


def table(**changes: object) -> Capabilities:
    base: dict[str, object] = {
        "prompt": PromptLimits(max=20),
        "image": ImageLimits(formats=("jpeg",), side=(360, 2000), bytes=10_000_000),
        "audio": AudioLimits(formats=("mp3",), seconds=(3, 30), bytes=15_000_000),
        "duration": DurationRange.model_validate({"from": 2, "to": 15}),
        "quality": ("720p",),
        "sound": ("auto", "own", "silent"),
        "shot_type": ("single", "multi"),
        "fields": {"seed": Extra.model_validate({"from": 0, "to": 10}), "negative_prompt": Extra(max=5)},
        "rules": COMMON_RULES,
        "paid": False,
        "cancel": "always",
        "progress": True,
    }
    return Capabilities.model_validate({**base, **changes})


def ask(**changes: object) -> Request:
    return Request.model_validate({"service": "x", "prompt": "Waves", "image": "up_12345678", "client_token": "t", **changes})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"prompt": "  "}, [("prompt", "prompt_missing")]),
        ({"prompt": "x" * 20}, []),
        ({"prompt": "🚣" * 20}, []),
        ({"prompt": "x" * 21}, [("prompt", "prompt_too_long")]),
        ({"prompt": "a\x00b"}, [("prompt", "prompt_control_characters")]),
        ({"prompt": "a\nb\tc"}, []),
        ({"sound": "own"}, [("audio", "own_sound_needs_file")]),
        ({"sound": "own", "audio": "up_12345679"}, []),
        ({"sound": "silent", "audio": "up_12345679"}, [("sound", "sound_conflict")]),
        ({"sound": "auto", "audio": "up_12345679"}, [("sound", "sound_conflict")]),
        ({"sound": "under"}, [("sound", "not_offered"), ("audio", "own_sound_needs_file")]),
        ({"sound": "under", "audio": "up_12345679"}, [("sound", "not_offered")]),
        ({"duration": 1}, [("duration", "duration_range")]),
        ({"duration": 2}, []),
        ({"duration": 16}, [("duration", "duration_range")]),
        ({"quality": "1080p"}, [("quality", "not_offered")]),
        ({"shot_type": "multi"}, []),
        ({"shot_type": "multi", "prompt_extend": False}, [("prompt_extend", "multi_needs_improve")]),
        ({"seed": 11}, [("seed", "number_range")]),
        ({"seed": -1}, [("seed", "number_range")]),
        ({"seed": 0}, []),
        ({"negative_prompt": "123456"}, [("negative_prompt", "text_too_long")]),
        ({"negative_prompt": ""}, []),
        ({"watermark": True}, [("watermark", "not_offered")]),
        ({"template": "x"}, [("template", "not_offered")]),
    ],
)
def test_a_request_breaks_just_these_rules(changes: dict[str, object], expected: list[tuple[str, str]]) -> None:
    assert [(v.field, v.code) for v in violations(ask(**changes), table())] == expected


def test_a_broken_rule_names_the_value_that_would_mend_it() -> None:
    (broken,) = violations(ask(shot_type="multi", prompt_extend=False), table())
    assert broken.fix is not None
    assert (broken.fix.field, broken.fix.value) == ("prompt_extend", True)


@pytest.mark.parametrize(("asked", "nearest"), [(2, 5), (5, 5), (7, 5), (8, 10), (12, 10), (13, 15), (99, 15)])
def test_fixed_lengths_snap_to_the_nearest(asked: int, nearest: int) -> None:
    assert nearest_duration(asked, table(duration=DurationChoice(one_of=(5, 10, 15)))) == nearest


def test_a_length_between_the_fixed_ones_is_refused_with_the_nearest() -> None:
    (broken,) = violations(ask(duration=8), table(duration=DurationChoice(one_of=(5, 10, 15))))
    assert (broken.code, broken.fix and broken.fix.value) == ("duration_choice", 10)


def test_sound_left_out_means_own_when_an_mp3_is_given() -> None:
    assert ask(audio="up_12345679").sound == "own"


def test_sound_left_out_means_automatic_without_an_mp3() -> None:
    assert ask().sound == "auto"


@pytest.mark.parametrize(
    "changes", [{"image": "../etc"}, {"surprise": 1}, {"client_token": ""}, {"audio_start_s": -1}, {"price_at_most": "-1"}]
)
def test_a_request_of_another_shape_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ask(**changes)


def test_the_table_is_shown_under_the_names_of_the_contract() -> None:
    shown = table().model_dump(mode="json", by_alias=True)
    assert shown["duration"] == {"from": 2, "to": 15}
    assert shown["rules"][0] == {"if": {"shot_type": "multi"}, "needs": {"prompt_extend": True}, "code": "multi_needs_improve"}
