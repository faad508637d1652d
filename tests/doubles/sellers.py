"""All doubles, by the id of the service that they stand for."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - part of a public constant
from types import MappingProxyType

from tests.doubles.aimlapi import AimlApi
from tests.doubles.apimart import ApiMart
from tests.doubles.dashscope import DashScope
from tests.doubles.evolink import EvoLink
from tests.doubles.seller import Double  # noqa: TC001 - part of a public constant

SELLERS: Mapping[str, type[Double]] = MappingProxyType({double.service: double for double in (EvoLink, AimlApi, ApiMart, DashScope)})


def environment(double: Double) -> dict[str, str]:
    """The variables that point the app at a double."""
    prefix = double.service.upper()
    found = {f"{prefix}_API_KEY": double.key, f"{prefix}_BASE_URL": double.base_url}
    if double.files_url != double.base_url:
        found[f"{prefix}_FILES_BASE_URL"] = double.files_url
    return found
