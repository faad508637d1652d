"""Generate: the one event of the page. The form comes in, a job or an error goes out, both as data."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import gradio as gr  # noqa: TC002 - gradio reads the annotation of the event's function

from components.errors import RequestInvalid
from components.generation.request import Request as FilmRequest
from components.web.answers import Answers
from components.web.jobs import order as order_film
from components.web.visitor import visitor_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from components.studio.studio import Studio
    from components.ui.form import Controls

GENERATE = "generate"
BEFORE = "async () => await window.studioGenerate()"
"""Leads to what is missing or saves the draft, and throws then: a throw keeps Gradio from sending anything."""
FAILED = "() => window.studioGenerateFailed()"
TICKET = frozenset({"service", "image", "audio", "audio_start_s", "price_at_most", "client_token"})
"""What only the page knows of a request; everything else is in the native controls."""


class Generate:
    """What the button does.

    Args:
        studio: Takes the order.
        fields: Names of the request's fields, in the order in which the controls' values come in.
    """

    def __init__(self, studio: Studio, fields: Sequence[str]) -> None:
        self._studio = studio
        self._fields = tuple(fields)
        self._answers = Answers(studio.wording.word)

    async def order(self, visitor: str, *values: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a browser sends
        """Order a film.

        Args:
            visitor: Who asks.
            *values: The controls' values, then the ticket.

        Returns:
            ``{"token", "job"}`` or ``{"token", "error"}``; it never raises, so that the page can word what went wrong.
        """
        ticket = values[-1] if values and isinstance(values[-1], dict) else {}
        token = ticket.get("client_token")
        try:
            request = self._request(values[:-1], ticket)
            job, _ = await order_film(self._studio, visitor, request)
        except Exception as cause:  # noqa: BLE001 - told in words, and logged where nobody expected it
            return {"token": token, **json.loads(bytes(self._answers.failure(cause).body))}
        return {"token": token, "job": job.model_dump(mode="json")}

    def _request(self, values: Sequence[Any], ticket: Mapping[str, Any]) -> FilmRequest:
        if len(values) != len(self._fields) or not ticket.keys() <= TICKET:
            raise RequestInvalid
        service = self._studio.services.get(str(ticket.get("service")))
        if service is None:
            raise RequestInvalid(field="service")
        offered = set(self._fields) - all_extras(self._studio) | service.capabilities.fields.keys()
        # an empty text is none at all; a field that this service does not have stays out
        form = {name: value for name, value in zip(self._fields, values, strict=True) if name in offered and value not in (None, "")}
        return FilmRequest.model_validate({**form, **ticket})


def all_extras(studio: Studio) -> set[str]:
    """Names of the fields that only some services have."""
    return {name for service in studio.services.values() for name in service.capabilities.fields}


def connect(studio: Studio, controls: Controls) -> None:
    """Let the button order films."""
    generate = Generate(studio, list(controls.fields))

    async def order(request: gr.Request, *values: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a browser sends
        return await generate.order(visitor_of(request.request), *values)  # type: ignore[arg-type] # gradio names it Optional

    pressed = controls.generate.click(
        order,
        inputs=[*controls.fields.values(), controls.answer],
        outputs=controls.answer,
        js=BEFORE,
        queue=False,
        show_progress="hidden",
        trigger_mode="multiple",  # whether a press counts is decided by the page, which knows what is on its way
        api_name=GENERATE,
        api_visibility="private",
    )
    pressed.failure(None, js=FAILED, queue=False, show_progress="hidden", api_visibility="private")
