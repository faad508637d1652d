"""The sellers' own examples fit the schemas that the doubles judge by, and so does what the doubles answer."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from tests.doubles.apimart import Create as ApiMartCreate
from tests.doubles.dashscope import Create as DashScopeCreate
from tests.doubles.dashscope import bad_value
from tests.doubles.evolink import EvoLink
from tests.doubles.handover import Got
from tests.doubles.ledger import Charge, Ledger
from tests.doubles.schemas import CONTRACTS, complaint, document, unknown_fields
from tests.doubles.sellers import SELLERS
from tests.doubles.tasks import Doom, Price, Task, Wanted

if TYPE_CHECKING:
    from pathlib import Path

    from tests.doubles.tasks import State
    from tests.doubles.words import Refusal

PRICE = Price(Decimal("0.175"), Decimal("11.9"), "credits")
EVOLINK, TASKS, AIMLAPI = "evolink.openapi.yaml", "evolink-tasks.openapi.yaml", "aimlapi.openapi.json"


def example(name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((CONTRACTS / "examples" / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "schema", "of"),
    [
        (EVOLINK, "Wan26ImageToVideoFlashRequest", "evolink.create.request"),
        (EVOLINK, "VideoGenerationResponse", "evolink.create.answer"),
        (AIMLAPI, "CreateVideoRequest", "aimlapi.create.request"),
        (AIMLAPI, "VideoGeneration", "aimlapi.create.answer"),
        (AIMLAPI, "VideoGeneration", "aimlapi.read.completed"),
        (AIMLAPI, "VideoGeneration", "aimlapi.read.failed"),
    ],
)
def test_an_example_fits_its_schema(name: str, schema: str, of: str) -> None:
    assert complaint(name, schema, example(of)) is None


def examples_in(name: str, path: str, method: str) -> list[tuple[str, str, Any]]:
    found = []
    for status, answer in document(name)["paths"][path][method]["responses"].items():
        content = answer["content"]["application/json"]
        schema = content["schema"]["$ref"].rsplit("/", 1)[1]
        values = [content["example"]] if "example" in content else [one["value"] for one in content.get("examples", {}).values()]
        found += [(status, schema, value) for value in values]
    return found


@pytest.mark.parametrize(("status", "schema", "value"), examples_in(EVOLINK, "/v1/videos/generations", "post"))
def test_evolinks_error_examples_fit(status: str, schema: str, value: object) -> None:
    assert complaint(EVOLINK, schema, value) is None


@pytest.mark.parametrize(("status", "schema", "value"), examples_in(TASKS, "/v1/tasks/{task_id}", "get"))
def test_evolinks_task_examples_fit(status: str, schema: str, value: object) -> None:
    assert complaint(TASKS, schema, value) is None


@pytest.mark.parametrize(("status", "schema", "value"), examples_in(EVOLINK, "/v1/videos/generations", "post"))
def test_evolinks_double_refuses_a_create_in_the_words_of_its_document(status: str, schema: str, value: dict[str, Any]) -> None:
    with EvoLink() as double:
        said = {str(saying.status): saying for saying in (double.saying(why, "create") for why in REFUSALS)}[status]
        assert double.envelope(said, "create", None) == value


REFUSALS: tuple[Refusal, ...] = ("bad_request", "wrong_key", "no_money", "no_access", "rate_limited", "server_error")


def test_evolinks_own_example_lacks_what_its_schema_requires() -> None:
    against = complaint(EVOLINK, "Wan26ImageToVideoFlashRequest", example("evolink.create.request.incomplete"))
    assert against is not None
    assert "image_urls" in against[1]


def test_aimlapis_own_sample_breaks_its_schema_twice() -> None:
    sample = example("aimlapi.create.request.sample")
    against = complaint(AIMLAPI, "CreateVideoRequest", sample)
    assert against is not None
    assert against[0] == "duration"
    assert unknown_fields(AIMLAPI, "CreateVideoRequest", sample) == ["tail_image_url"]


def test_the_schemas_let_pass_what_the_doubles_must_refuse_themselves() -> None:
    body = {**example("evolink.create.request"), "image_urls": [], "quality": "480p", "seed": 1}
    assert complaint(EVOLINK, "Wan26ImageToVideoFlashRequest", body) is None
    assert unknown_fields(EVOLINK, "Wan26ImageToVideoFlashRequest", body) == ["seed"]


def test_an_unknown_field_is_found_within_a_field() -> None:
    body = {**example("evolink.create.request"), "model_params": {"shot_type": "single", "style": "noir"}}
    assert unknown_fields(EVOLINK, "Wan26ImageToVideoFlashRequest", body) == ["model_params.style"]


@pytest.mark.parametrize("uri", ["no uri", "example.com/a.png", "", "https://a b"])
def test_an_address_that_is_none_does_not_fit(uri: str) -> None:
    body = {**example("evolink.create.request"), "image_urls": [uri]}
    assert complaint(EVOLINK, "Wan26ImageToVideoFlashRequest", body) is not None


def test_apimarts_example_fits_and_keeps_its_defaults() -> None:
    body = ApiMartCreate.model_validate_json(json.dumps(example("apimart.create.request")))
    assert (body.resolution, body.duration, body.seed) == ("1080p", 5, 12345)
    bare = ApiMartCreate.model_validate({"model": "wan2.6-i2v-flash", "image_urls": ["https://example.com/a.png"]})
    assert (bare.resolution, bare.duration, bare.audio) == ("1080p", 5, True)


@pytest.mark.parametrize(
    "change",
    [
        {"duration": 1},
        {"duration": "5"},
        {"resolution": "480p"},
        {"seed": -1},
        {"negative_prompt": "x" * 501},
        {"image_urls": []},
        {"image_urls": ["https://example.com/a.png", "https://example.com/b.png"]},
        {"image_urls": ["iVBORw0KGgo="]},
        {"callback_url": "https://example.com/"},
        {"shot_type": "many"},
    ],
)
def test_apimart_refuses_what_its_page_does_not_have(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ApiMartCreate.model_validate_json(json.dumps({**example("apimart.create.request"), **change}))


def test_dashscopes_example_fits_and_bad_values_are_found_only_later() -> None:
    body = DashScopeCreate.model_validate_json(json.dumps(example("dashscope.create.request")))
    assert bad_value(body.parameters) is None
    late = DashScopeCreate.model_validate_json(json.dumps({**example("dashscope.create.request"), "parameters": {"resolution": "720p"}}))
    assert bad_value(late.parameters) == Doom("InvalidParameter", "The parameter resolution is invalid.")


@pytest.mark.parametrize("change", [{"size": "1280*720"}, {"duration": "5"}, {"audio": "yes"}])
def test_dashscope_refuses_wrong_types_and_unknown_parameters_at_once(change: dict[str, object]) -> None:
    body = {**example("dashscope.create.request"), "parameters": change}
    with pytest.raises(ValidationError):
        DashScopeCreate.model_validate_json(json.dumps(body))


# ----------------------------------------------------------------------------- what the doubles answer has the same shape


def task(state: State) -> Task:
    wanted = Wanted("A boat", "https://example.com/a.png", None, 5, "720p", silent=False)
    made = Task("task-unified-1-a", {}, wanted, PRICE, at=1.0, state=state, image=Got("", size=(16, 9)))
    made.doom = Doom("code", "words") if state == "failed" else None
    made.reads, made.ended_at = 2, 2.0
    return made


@pytest.mark.parametrize("state", ["pending", "processing", "completed", "failed", "cancelled"])
def test_what_evolink_shows_fits_its_task_schema(state: State) -> None:
    with SELLERS["evolink"]() as double:
        assert complaint(TASKS, "TaskDetail", double.view(task(state))) is None


@pytest.mark.parametrize("state", ["pending", "processing", "completed", "failed"])
def test_what_aimlapi_shows_fits_its_schema(state: State) -> None:
    with SELLERS["aimlapi"]() as double:
        assert complaint(AIMLAPI, "VideoGeneration", double.view(task(state))) is None


def shape(value: object) -> object:
    """Names and kinds, without the values."""
    match value:
        case dict():
            return {name: shape(inner) for name, inner in value.items()}
        case list():
            return [shape(inner) for inner in value]
        case bool() | None:
            return type(value).__name__
        case int() | float():
            return "number"
        case _:
            return type(value).__name__


@pytest.mark.parametrize(
    ("service", "state", "of", "more"),
    [
        ("apimart", "completed", "apimart.read.completed", {"data": {"cost": "number"}}),
        ("apimart", "failed", "apimart.read.failed", {"data": {"estimated_time": "number"}}),
        ("dashscope", "completed", "dashscope.read.completed", {}),
        ("dashscope", "failed", "dashscope.read.failed", {}),
    ],
)
def test_what_the_others_show_has_the_shape_of_their_examples(service: str, state: State, of: str, more: dict[str, Any]) -> None:
    with SELLERS[service]() as double:
        shown = shape(double.view(task(state)))
    expected = shape(example(of))
    assert isinstance(expected, dict)
    for name, fields in more.items():
        expected[name] = {**expected[name], **fields}
    assert shown == expected


@pytest.mark.parametrize("service", sorted(SELLERS.keys() - {"evolink"}))
def test_a_refusal_has_the_shape_of_the_sellers_example(service: str) -> None:
    with SELLERS[service]() as double:
        said = double.envelope(double.saying("no_access", "create"), "create", None)
    assert shape(said) == shape(example(f"{service}.error"))


def test_a_ledger_that_is_opened_again_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    first, second = (Charge(task_id, 1.0, PRICE.usd, PRICE.amount, PRICE.unit) for task_id in "ab")
    Ledger(path).reserve(first)
    again = Ledger(path)
    again.reserve(second)
    again.settle("a", PRICE.usd)
    assert again.read() == [replace(first, settled_usd=PRICE.usd), second]
