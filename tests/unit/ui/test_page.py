from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from components.errors import DiskFull
from components.generation.capabilities import Capabilities, Extra
from components.services.preview.service import Preview
from components.services.registry import Services
from components.settings import Settings
from components.studio.wording import Wording
from components.ui.events import Generate
from components.ui.form import extra_id, field_names, union
from components.ui.page import STYLES, page_head, script_json
from components.ui.texts import ASSETS, Texts
from components.ui.theme import studio_theme, tokens
from components.ui.widgets import widget
from tests.doubles.local import Local

if TYPE_CHECKING:
    from pathlib import Path

    from components.generation.request import Request

TICKET = {"service": "preview", "image": "upload-1", "audio": None, "audio_start_s": 0, "client_token": "t1"}
FORM = ("Boats.", True, "auto", 5, "720p", "single", 7)


class View:
    def model_dump(self, mode: str) -> dict[str, str]:
        return {"id": "job-1", "mode": mode}


class FakeStudio:
    """Takes every order."""

    def __init__(self, error: Exception | None = None) -> None:
        self.services = Services(Preview(), Local())
        self.wording = Wording.read()
        self.orders: list[tuple[str, Request]] = []
        self._error = error

    def submit(self, visitor: str, request: Request) -> tuple[View, bool]:
        if self._error:
            raise self._error
        self.orders.append((visitor, request))
        return View(), True


def generate(studio: FakeStudio) -> Generate:
    tables = [service.capabilities for service in studio.services.values()]
    return Generate(studio, field_names(tables))  # type: ignore[arg-type] # it stands in for the studio


async def test_an_order_has_the_controls_values_and_the_ticket() -> None:
    studio = FakeStudio()
    answer = await generate(studio).order("visitor", *FORM, TICKET)
    assert answer == {"token": "t1", "job": {"id": "job-1", "mode": "json"}}
    [(visitor, request)] = studio.orders
    assert visitor == "visitor"
    assert (request.prompt, request.duration, request.seed, request.image, request.client_token) == ("Boats.", 5, 7, "upload-1", "t1")


async def test_a_field_that_the_service_does_not_have_stays_out() -> None:
    studio = FakeStudio()
    await generate(studio).order("visitor", *FORM, {**TICKET, "service": "local"})
    assert studio.orders[0][1].seed is None


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ((*FORM, {**TICKET, "service": "nobody"}), "invalid_request"),
        ((*FORM, {**TICKET, "more": 1}), "invalid_request"),
        ((*FORM[:-1], TICKET), "invalid_request"),
        ((*FORM, None), "invalid_request"),
        ((), "invalid_request"),
        (("Boats.", True, "loud", 5, "720p", "single", None, TICKET), "invalid_request"),
        (("Boats.", True, "auto", None, "720p", "single", None, {**TICKET, "image": None}), "invalid_request"),
    ],
)
async def test_whatever_a_browser_sends_the_answer_is_words(values: tuple[Any, ...], code: str) -> None:
    studio = FakeStudio()
    answer = await generate(studio).order("visitor", *values)
    assert answer["error"]["code"] == code
    assert answer["error"]["message"]
    assert studio.orders == []


async def test_a_refusal_of_the_studio_is_worded() -> None:
    answer = await generate(FakeStudio(DiskFull())).order("visitor", *FORM, TICKET)
    assert (answer["token"], answer["error"]["code"]) == ("t1", "disk_full")


async def test_what_nobody_expected_is_told_without_its_trace() -> None:
    answer = await generate(FakeStudio(RuntimeError("secret"))).order("visitor", *FORM, TICKET)
    assert answer["error"]["code"] == "internal"
    assert "secret" not in json.dumps(answer)


def test_the_form_has_every_field_of_every_service_once() -> None:
    more = Preview.capabilities.model_copy(update={"fields": {"negative_prompt": Extra(max=500), "seed": Extra(start=0, to=9)}})
    assert field_names([Preview.capabilities, more])[6:] == ["seed", "negative_prompt"]
    assert union([("a", "b"), ("b", "c")]) == ["a", "b", "c"]
    assert extra_id("negative_prompt") == "extra-negative-prompt"


def test_nothing_in_the_data_can_end_the_script_it_stands_in() -> None:
    said = script_json({"text": "</script><!-- \u2028"})
    assert "<" not in said
    assert json.loads(said) == {"text": "</script><!-- \u2028"}


def test_the_head_tells_the_page_what_it_has_to_know(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir_set=tmp_path)
    head = page_head(settings, FakeStudio(), version="v1")  # type: ignore[arg-type] # as above
    found = re.search(r'id="studio-boot">(.*?)</script>', head)
    assert found
    data = json.loads(found[1])
    assert [service["id"] for service in data["services"]] == ["preview", "local"]
    assert data["fields"] == ["prompt", "prompt_extend", "sound", "duration", "quality", "shot_type", "seed"]
    assert data["services"][0]["capabilities"]["fields"]["seed"] == {"from": 0, "to": 2_147_483_647}
    assert (data["service"], data["base"], data["lasting"], data["local"]) == ("preview", "/gradio_api/studio", True, True)
    assert '<script type="module" src="/gradio_api/studio/assets/v1/js/main.js">' in head


def test_every_style_is_in_the_head_and_nested() -> None:
    for name in STYLES:
        css = re.sub(r"/\*.*?\*/", "", (ASSETS / "css" / f"{name}.css").read_text(encoding="utf-8"), flags=re.DOTALL)
        depth, outside = 0, ""
        for letter in css:
            depth += (letter == "{") - (letter == "}")
            outside += letter if depth == 0 else ""
        assert depth == 0, name
        if name not in {"tokens", "page"}:
            selectors = [part.strip() for part in outside.replace("}", "\n").splitlines() if part.strip()]
            assert all(part.startswith((".gradio-container", "@")) for part in selectors), (name, selectors)


def test_a_template_with_a_placeholder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "bad.html").write_text("<p>${value}</p>")
    with pytest.raises(ValueError, match="placeholder"):
        widget(tmp_path, "bad", elem_id="bad")


def test_the_first_paint_has_the_tokens_colours() -> None:
    theme = studio_theme()
    assert theme.body_background_fill == tokens(ASSETS, ":root {")["ground"]
    assert theme.body_background_fill_dark == tokens(ASSETS, ":root.dark")["ground"]
    assert theme.block_title_text_color_dark == "var(--ink-2)"


def test_a_text_that_is_missing_is_an_error_and_figures_are_filled_in() -> None:
    texts = Texts({"a": {"b": "{n} of {max}"}})
    assert texts("a.b", n=1, max=2) == "1 of 2"
    assert texts.maybe("a.c") is None
    with pytest.raises(KeyError):
        texts("a")


def test_no_service_is_named_in_the_page_or_its_scripts() -> None:
    names = re.compile(r"evolink|aimlapi|apimart|dashscope|\bpreview\b(?!\s*[:=,})]|\.)", re.IGNORECASE)
    folder = ASSETS.parent / "components" / "ui"
    for path in (*folder.glob("*.py"), *(ASSETS / "js" / "form").glob("*.js")):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if names.search(line) and "image.preview" not in line]
        assert lines == [], path.name


def test_capabilities_are_read_by_the_form_as_the_page_gets_them() -> None:
    dumped = Preview.capabilities.model_dump(mode="json", by_alias=True)
    assert Capabilities.model_validate(dumped) == Preview.capabilities
