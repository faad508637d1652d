"""The rules for files, by the table that the browser's checks are held to as well."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from components.generation.capabilities import AudioLimits, ImageLimits
from components.generation.fitness import Fault, judge_audio, judge_image, mendable

CASES = json.loads((Path(__file__).parents[2] / "cases" / "fitness.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kind']}: {case['name']}")
def test_finds_the_faults_of_the_table(case: dict[str, Any]) -> None:
    report: Any = SimpleNamespace(**case["report"])
    if case["kind"] == "image":
        found = judge_image(report, ImageLimits(**case["limits"]))
    else:
        found = judge_audio(report, AudioLimits(**case["limits"]))
    assert [{"code": fault.code, "params": dict(fault.params), "fix": fault.fix} for fault in found] == case["faults"]


def test_the_table_holds_every_fault() -> None:
    assert {fault["code"] for case in CASES for fault in case["faults"]} == {
        "image_animated",
        "image_too_long",
        "image_too_small",
        "image_too_large",
        "image_transparent",
        "image_too_heavy",
        "audio_too_short",
        "audio_too_long",
        "audio_too_heavy",
    }


def test_only_a_file_whose_every_fault_has_a_mend_is_mendable() -> None:
    assert mendable((Fault("image_too_large", fix="shrink"), Fault("image_transparent", fix="flatten")))
    assert not mendable((Fault("image_animated"), Fault("image_transparent", fix="flatten")))
    assert not mendable(())
