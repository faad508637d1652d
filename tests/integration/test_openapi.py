"""``assets/openapi.json`` is what the code says, and the program does what it says."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from tests.integration.server import API
from tests.openapi import ASSETS, described

if TYPE_CHECKING:
    import httpx

    from tests.integration.shop import Shop

EXAMPLES = 5
"""Of each call and kind; the same ones every time."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
TEXT = (ASSETS / "openapi.json").read_text(encoding="utf-8")
SCHEMA = schemathesis.openapi.from_dict(json.loads(TEXT))
FOUND = [found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)]
OPERATIONS = {f"{operation.method.upper()} {operation.path}": operation for operation in FOUND}
PLAIN = frozenset({"title", "type"})
"""What is said of a parameter that any text is right for."""
AGREED = """
POST uploads · POST uploads/{} /fix · GET uploads/{} · DELETE uploads/{} · POST uploads/fetch · GET services · POST estimate · POST jobs
GET jobs · GET jobs/{} · DELETE jobs/{} · POST jobs/{} /restore · POST jobs/{} /cancel · POST jobs/{} /look · POST jobs/{} /resolve
POST jobs/{} /keep · GET media/{} · GET draft · PUT draft · GET keys · PUT keys/{} · DELETE keys/{} · POST hook/{} /{} · GET proof/{}
GET me · POST me/owner · PUT me/paid · GET healthz
"""


def can_be_wrong(name: str) -> bool:
    """Whether anything can be said in this call that is not of the described shape."""
    method, _, path = name.partition(" ")
    call = json.loads(TEXT)["paths"][path][method.lower()]
    body = call.get("requestBody", {}).get("content", {}).get("application/json", {})
    return bool(body.get("schema")) or any(one["schema"].keys() - PLAIN for one in call.get("parameters", ()))


RANDOM = [(name, GenerationMode.POSITIVE) for name in sorted(OPERATIONS)] + [
    (name, GenerationMode.NEGATIVE) for name in sorted(OPERATIONS) if can_be_wrong(name)
]


def test_the_file_is_what_the_code_says() -> None:
    assert described() == TEXT, "python -m tests.openapi writes it anew"


@pytest.mark.parametrize("call", [call.strip().replace("} /", "}/") for call in re.split(r"[·\n]", AGREED) if call.strip()])
def test_every_agreed_call_is_described(call: str) -> None:
    method, _, path = call.partition(" ")
    assert f"{method} {API}/{path}" in {re.sub(r"{[^}]*}", "{}", name) for name in OPERATIONS}


def test_nothing_of_gradio_is_described() -> None:
    assert all(path.startswith(f"{API}/") for path in json.loads(TEXT)["paths"])


@pytest.mark.parametrize(("name", "mode"), RANDOM, ids=[f"{name} {mode.value}" for name, mode in RANDOM])
def test_what_is_called_at_random_answers_as_described(shop: Shop, buyer: httpx.Client, name: str, mode: GenerationMode) -> None:
    operation = OPERATIONS[name]
    token = {"Authorization": buyer.headers["authorization"]}

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def called(case: Any) -> None:  # noqa: ANN401 - schemathesis' own
        case.headers = {**(case.headers or {}), **token}
        case.call_and_validate(base_url=shop.program.base, checks=CHECKS, timeout=60)

    called()
