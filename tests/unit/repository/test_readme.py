"""The README says what is so."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from components.settings import known_names

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")

# https://huggingface.co/docs/hub/spaces-config-reference
SPACE_KEYS = {
    "title", "emoji", "colorFrom", "colorTo", "sdk", "sdk_version", "python_version", "app_file", "app_port", "base_path", "fullWidth",
    "header", "short_description", "models", "datasets", "tags", "thumbnail", "pinned", "hf_oauth", "hf_oauth_scopes",
    "hf_oauth_expiration_minutes", "hf_oauth_authorized_org", "disable_embedding", "startup_duration_timeout", "custom_headers",
    "preload_from_hub", "suggested_hardware", "suggested_storage", "license",
}  # fmt: skip
ONLY_IN_THE_PAGE = {"offline", "unfit"}
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
SHORT_DESCRIPTION_MAX = 60


def front_matter() -> dict[str, str]:
    block = README.split("---")[1]
    return dict(re.findall(r"^(\w+):[ ]*(.*)$", block, re.MULTILINE))


def shell_blocks() -> list[str]:
    return re.findall(r"```sh\n(.*?)```", README, re.DOTALL)


def all_codes() -> set[str]:
    """Every code that an answer, a job or the start can carry: those of the catalogue but the page's own."""
    catalogue = json.loads((ROOT / "assets" / "texts" / "en.json").read_text(encoding="utf-8"))["errors"]
    return set(catalogue) - ONLY_IN_THE_PAGE


def test_the_first_shell_block_is_one_line_that_starts_the_app() -> None:
    (line,) = shell_blocks()[0].strip().splitlines()
    assert line.startswith("python3 -m venv .venv && ")
    assert line.endswith(".venv/bin/python app.py")


def test_the_second_shell_block_is_what_ci_runs() -> None:
    (line,) = shell_blocks()[1].strip().splitlines()
    assert line == (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1]


def test_every_setting_stands_in_the_table() -> None:
    table = set(re.findall(r"`([A-Z]+_[A-Z_]+)`", "\n".join(row for row in README.splitlines() if row.startswith("| `"))))
    assert table == set(known_names())


@pytest.mark.parametrize("code", sorted(all_codes()))
def test_every_error_code_stands_in_the_readme(code: str) -> None:
    assert f"`{code}`" in README


def test_the_front_matter_has_only_documented_keys() -> None:
    assert set(front_matter()) <= SPACE_KEYS


def test_the_front_matter_asks_for_a_gradio_space_on_python_3_11() -> None:
    matter = front_matter()
    assert (matter["sdk"], matter["python_version"], matter["app_file"]) == ("gradio", '"3.11"', "app.py")
    assert {matter["colorFrom"], matter["colorTo"]} <= COLOURS
    assert len(matter["short_description"]) <= SHORT_DESCRIPTION_MAX


def test_the_space_gets_the_gradio_that_is_pinned() -> None:
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert f"gradio=={front_matter()['sdk_version']}\n" in pins
