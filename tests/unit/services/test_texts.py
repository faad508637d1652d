from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from components.errors import AddressRefused, FetchFailed, SellerError, StudioError
from tests.unit.services.bench import OtherSide, services

CATALOGUE: dict[str, Any] = json.loads((Path(__file__).parents[3] / "assets" / "texts" / "en.json").read_text(encoding="utf-8"))
CAUSES: list[type[StudioError]] = [*SellerError.__subclasses__(), AddressRefused, FetchFailed]


@pytest.mark.parametrize("cause", CAUSES)
def test_every_cause_is_said_in_a_sentence_with_a_next_step(cause: type[StudioError]) -> None:
    text = CATALOGUE["errors"][cause.code]
    for sentence in (text["message"], text["hint"]):
        assert sentence.format(service="EvoLink").endswith(".")


def test_every_service_says_in_a_sentence_where_a_picture_goes() -> None:
    for service in services(OtherSide({})).values():
        assert service.name in CATALOGUE["keeps"][service.keeps].format(service=service.name)
