from __future__ import annotations

import inspect
import json
import re
from string import Formatter

import pytest

from components import errors
from components.errors import Coded, StudioError, TooManyJobs
from components.generation import capabilities, fitness, rules
from components.generation.job import Stage
from components.studio.wording import TEXTS, Wording

ONLY_IN_THE_BROWSER = {"offline"}
"""Codes that never come from the server."""


def leaves(root: type[StudioError]) -> set[type[StudioError]]:
    below = root.__subclasses__()
    return set().union(*(leaves(one) for one in below)) if below else {root}


def codes() -> set[str]:
    """All that the server can say: leaves of the tree, rules and faults as they stand in the source."""
    ours = {leaf for leaf in leaves(StudioError) if leaf.__module__.startswith(f"{errors.__name__}.")}
    of_tree = {leaf.code for leaf in ours if not issubclass(leaf, Coded)} | {StudioError.code, errors.FileUnfit.code}
    of_rules = set(re.findall(r'Violation\(\s*(?:"\w+"|name), "(\w+)"', inspect.getsource(rules)))
    of_faults = set(re.findall(r'Fault\("(\w+)"', inspect.getsource(fitness)))
    return of_tree | of_rules | of_faults | {rule.code for rule in capabilities.COMMON_RULES}


def catalogue() -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = json.loads((TEXTS / "en.json").read_text(encoding="utf-8"))
    return found


def test_the_source_is_searched_for_real_codes() -> None:
    assert {"not_offered", "duration_choice", "image_too_long", "audio_too_heavy", "preview_died", "multi_needs_improve"} <= codes()


@pytest.mark.parametrize("code", sorted(codes()))
def test_every_code_has_a_sentence_and_a_next_step(code: str) -> None:
    texts = catalogue()["errors"][code]
    assert set(texts) == {"message", "hint"}
    for text in texts.values():
        assert text[-1] in ".!?"


def test_no_sentence_is_left_over() -> None:
    assert set(catalogue()["errors"]) - codes() - ONLY_IN_THE_BROWSER == set()


def test_every_stage_has_its_words_and_none_is_left_over() -> None:
    assert set(catalogue()["stages"]) == {stage.value for stage in Stage}


@pytest.mark.parametrize("code", sorted(codes()))
def test_placeholders_are_plain_names(code: str) -> None:
    for text in catalogue()["errors"][code].values():
        for _, name, spec, conversion in Formatter().parse(text):
            assert name is None or name.isidentifier()
            assert spec in {None, "", "MB", "s"}
            assert conversion is None


@pytest.mark.parametrize(("value", "shown"), [(10_000_000, "10 MB"), (12_340_000, "12.3 MB")])
def test_bytes_are_said_in_megabytes(value: int, shown: str) -> None:
    message, _ = Wording.read().error("image_too_heavy", {"bytes": value, "max": 99_000_000})
    assert shown in message


def test_seconds_are_said_without_needless_zeros() -> None:
    message, _ = Wording.read().error("audio_too_short", {"seconds": 2.99, "min": 3.0})
    assert "2.99 s" in message
    assert "3 s" in message


def test_a_missing_figure_never_costs_the_sentence() -> None:
    message, _ = Wording.read().error("image_too_large", {})
    assert "?" in message


def test_a_figure_cannot_bring_placeholders_of_its_own() -> None:
    message, _ = Wording.read().error("not_offered", {"value": "{max}"})
    assert "{max}" in message


def test_an_unknown_code_is_told_as_an_internal_error() -> None:
    assert Wording.read().error("never heard of", {}) == Wording.read().error("internal", {})


def test_an_error_is_worded_in_the_shape_of_the_contract() -> None:
    worded = Wording.read().word(TooManyJobs(field="jobs", max=10))
    assert set(worded) == {"code", "message", "hint", "field", "params", "charged"}
    assert worded["message"].startswith("10 films")
    assert worded["charged"] == "no"
