from __future__ import annotations

import gzip
import json
import logging
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from components.errors import TooManyUploads
from components.web.answers import json_answer
from tests.unit.web.asgi import ANSWERS

if TYPE_CHECKING:
    from starlette.responses import Response


def error(answer: Response) -> dict[str, object]:
    found: dict[str, object] = json.loads(bytes(answer.body))["error"]
    return found


def test_a_known_error_is_told_with_its_status_and_when_to_come_again() -> None:
    answer = ANSWERS.failure(TooManyUploads(retry_after=2.6))
    assert (answer.status_code, answer.headers["retry-after"], error(answer)["code"]) == (429, "3", "too_many_uploads")


def test_an_unexpected_error_is_logged_under_an_id_and_told_without_its_cause(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        answer = ANSWERS.failure(RuntimeError("the secret cause"))
    told = error(answer)
    assert (answer.status_code, told["code"]) == (500, "internal")
    assert "secret" not in bytes(answer.body).decode()
    params = told["params"]
    assert isinstance(params, dict)
    assert f"internal error {params['id']}" in caplog.text
    assert "the secret cause" in caplog.text


def test_a_body_of_another_shape_is_422_and_names_the_field() -> None:
    class Body(BaseModel):
        keep: bool

    with pytest.raises(ValidationError) as wrong:
        Body.model_validate({"keep": "maybe"})
    answer = ANSWERS.failure(wrong.value)
    assert (answer.status_code, error(answer)["code"]) == (422, "invalid_request")


@pytest.mark.parametrize(("status", "code"), [(405, "method_not_allowed"), (404, "not_found")])
def test_what_the_router_refuses_has_our_shape(status: int, code: str) -> None:
    answer = ANSWERS.failure(HTTPException(status))
    assert (answer.status_code, error(answer)["code"]) == (status, code)


def test_what_stands_beside_an_error_stays_beside_it() -> None:
    answer = ANSWERS.error(TooManyUploads(), fixes=["shrink"])
    assert json.loads(bytes(answer.body))["fixes"] == ["shrink"]


@pytest.mark.parametrize(("accepts", "length", "packed"), [("gzip", 5000, True), ("gzip", 10, False), ("", 5000, False)])
async def test_json_is_packed_when_it_is_large_and_wanted(accepts: str, length: int, *, packed: bool) -> None:
    request = Request({"type": "http", "headers": [(b"accept-encoding", accepts.encode())]})
    answer = await json_answer(request, {"x": "y" * length})
    assert (answer.headers.get("content-encoding") == "gzip") is packed
    body = gzip.decompress(bytes(answer.body)) if packed else bytes(answer.body)
    assert json.loads(body) == {"x": "y" * length}
