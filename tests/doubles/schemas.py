"""The sellers' own schemas (``contracts/``), and what they forgot to say."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTRACTS = Path(__file__).parent / "contracts"
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


@cache
def document(name: str) -> dict[str, Any]:
    """An OpenAPI file of ``contracts/``."""
    text = (CONTRACTS / name).read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text) if name.endswith(".json") else yaml.safe_load(text)
    return loaded


@cache
def validator(name: str, schema: str) -> Draft202012Validator:
    """A validator for ``#/components/schemas/<schema>`` of an OpenAPI file, formats included."""
    whole = _modern(document(name)) if document(name)["openapi"].startswith("3.0") else document(name)
    root = {"$ref": f"#/components/schemas/{schema}", "components": whole["components"]}
    checker = FormatChecker(formats=())
    checker.checks("uri")(_is_uri)
    return Draft202012Validator(root, format_checker=checker)


def complaint(name: str, schema: str, body: object) -> tuple[str, str] | None:
    """The first thing the schema has against a body: (where, what), or None."""
    errors = sorted(validator(name, schema).iter_errors(body), key=lambda error: [str(step) for step in error.absolute_path])
    return (".".join(str(step) for step in errors[0].absolute_path) or "body", errors[0].message[:300]) if errors else None


def unknown_fields(name: str, schema: str, body: Mapping[str, Any]) -> list[str]:
    """Fields that the schema does not have: it lets them pass, a client of ours must not send them."""
    properties: Mapping[str, Any] = document(name)["components"]["schemas"][schema]["properties"]
    unknown = [field for field in body if field not in properties]
    for field, value in body.items():
        inner = properties.get(field, {}).get("properties")
        if inner is not None and isinstance(value, dict):
            unknown += [f"{field}.{key}" for key in value if key not in inner]
    return unknown


def _is_uri(value: object) -> bool:
    """``format: uri``: the library checks it only with a package more; data URIs are URIs."""
    return not isinstance(value, str) or _URI.fullmatch(value) is not None


def _modern(node: Any) -> Any:  # noqa: ANN401 - JSON
    """OpenAPI 3.0's ``nullable`` in the words of JSON Schema."""
    if isinstance(node, list):
        return [_modern(item) for item in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _modern(value) for key, value in node.items() if key != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if node.get("nullable") else plain
