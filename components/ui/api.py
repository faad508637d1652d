"""For programs (API.md §6): ``start_job``, ``get_job`` and ``list_services``, for ``gradio_client`` and as MCP tools.

The annotations are read by Gradio while the program starts, so they are real ones here, not texts.
"""

import asyncio
import json
import secrets
from typing import TYPE_CHECKING, Any, Literal, TypedDict, TypeVar, cast

import gradio as gr
from gradio.events import api
from mcp.types import TextContent

from components.errors import RequestInvalid
from components.generation.request import Request as FilmRequest
from components.web.address import Address, place_of
from components.web.answers import Answers
from components.web.catalogue import services_for
from components.web.fetching import fetch_upload
from components.web.jobs import order

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from starlette.types import Scope

    from components.settings import Settings
    from components.studio.studio import Studio
    from components.studio.uploaded import Kind

T = TypeVar("T")

Quality = Literal["720p", "1080p"]
ShotType = Literal["single", "multi"]
Sound = Literal["auto", "own", "under", "silent"]

LINKS = frozenset({"url", "download_url", "poster_url", "original_url"})
"""Fields of a job that hold an address of ours."""
_SCHEMES = ("https://", "http://")


class Started(TypedDict):
    """A film that was ordered; the token stands for the visitor that it belongs to."""

    job_id: str
    visitor_token: str
    state: str


class Refused(gr.Error):
    """A failure as it is told to programs: the plain sentence (Gradio's own would stand in quotation marks)."""

    def __str__(self) -> str:
        return str(self.message)


class Programs:
    """What programs may call. Every failure is told in a sentence, with its code at the end.

    Args:
        studio: Does the work.
        settings: How the program is reached.
    """

    def __init__(self, studio: "Studio", settings: "Settings") -> None:
        self._studio = studio
        self._address = Address.of(settings)
        self._answers = Answers(studio.wording.word)

    async def start_job(  # noqa: PLR0917 - programs name them
        self,
        request: gr.Request,
        image: str,
        prompt: str,
        audio: str | None = None,
        service: str | None = None,
        duration: int = 5,
        quality: Quality = "720p",
        shot_type: ShotType = "single",
        sound: Sound | None = None,
        prompt_extend: bool = True,  # noqa: FBT001, FBT002 - programs name them
        negative_prompt: str | None = None,
        seed: int | None = None,
        audio_start_s: float = 0,
        price_at_most: str | None = None,
        client_token: str | None = None,
        visitor_token: str | None = None,
    ) -> Started:
        """Order a film: a picture begins to move as the prompt says. It takes minutes; ask get_job how it stands.

        Give a client_token of your own: whoever got no answer and asks again with the same one gets the same job and pays once.

        Args:
            request: The call itself.
            image: The first frame: a public https address of a picture (JPEG, PNG, WebP), or the id of an upload.
            prompt: What happens, in words.
            audio: A soundtrack: a public https address of an mp3, or the id of an upload.
            service: Who makes it: an id of list_services; the free one makes a draft. Left out: the studio's own choice.
            duration: Seconds; which ones there are, list_services says.
            quality: 720p or 1080p.
            shot_type: single or multi; multi needs prompt_extend.
            sound: auto (the service makes one), own (the film follows the audio), under (the audio is laid under it), silent.
            prompt_extend: Have the service improve the prompt.
            negative_prompt: What must not be seen, where the service takes that.
            seed: The same one gives about the same film, where the service takes that.
            audio_start_s: Where in the audio the film begins, in seconds.
            price_at_most: In USD, as "0.25": nothing is ordered if it may cost more.
            client_token: Any text up to 64 characters that names this order.
            visitor_token: As an earlier call gave it: orders with the same one belong together. It may also come as a bearer token.

        Returns:
            job_id, visitor_token (keep it, get_job wants it) and state
        """
        if isinstance(price_at_most, int | float):  # some programs send figures
            price_at_most = f"{price_at_most:f}"
        asked = (client_token, image, audio, prompt, place_of(_scope(request)) or None)
        visitor, token = self._visitor(request, visitor_token, words=json.dumps(asked) if client_token else None)
        name = client_token or secrets.token_urlsafe(24)
        job = await self._told(self._known(visitor, name))
        if job is None:
            chosen = service or self._studio.services.default.id
            film = {
                "service": chosen,
                "prompt": prompt,
                "image": await self._told(self._upload(visitor, "image", image, chosen)),
                "audio": await self._told(self._upload(visitor, "audio", audio, chosen)) if audio else None,
                "audio_start_s": audio_start_s,
                "sound": sound,
                "duration": duration,
                "quality": quality,
                "shot_type": shot_type,
                "prompt_extend": prompt_extend,
                "negative_prompt": negative_prompt or None,
                "seed": seed,
                "price_at_most": price_at_most,
                "client_token": name,
            }
            job = await self._told(self._order(visitor, film))
        return {"job_id": job["id"], "visitor_token": token, "state": job["state"]}

    async def get_job(self, request: gr.Request, job_id: str, visitor_token: str | None = None) -> dict[str, Any]:
        """How a film stands: state, stage, progress, cost; once it is completed, video.url and video.download_url lead to it.

        Args:
            request: The call itself.
            job_id: As start_job gave it.
            visitor_token: As start_job gave it; it may also come as a bearer token.

        Returns:
            the job; its state is queued, submitting, pending, processing, saving, unconfirmed, completed, failed or cancelled
        """
        visitor, _ = self._visitor(request, visitor_token)
        job = await self._told(asyncio.to_thread(self._studio.job, visitor, job_id))
        told: dict[str, Any] = with_host(job.model_dump(mode="json"), self._address.base(_scope(request)))
        return told

    async def list_services(self, request: gr.Request, visitor_token: str | None = None) -> list[dict[str, Any]]:
        """Who can make films: what each one can do (lengths, qualities, sound), whether it is ready for you, and its prices in USD.

        Args:
            request: The call itself.
            visitor_token: As start_job gave it; it may also come as a bearer token.

        Returns:
            the services
        """
        visitor, _ = self._visitor(request, visitor_token)
        return await self._told(services_for(self._studio, visitor))

    def _visitor(self, request: gr.Request, token: str | None, *, words: str | None = None) -> tuple[str, str]:
        """Who asks, and their token: by what they say, else somebody new.

        Somebody new with a token for the order is always the same one for the same order from the same place: who got no
        answer to the first call has no visitor token yet, and must not pay twice.
        """
        visitors = self._studio.visitors
        if token:
            visitor = visitors.read(token)
            if visitor is None:
                raise self._failure(RequestInvalid(field="visitor_token"))
            return visitor, token
        state = _scope(request)["state"]
        if words is None or state["visitor_known"]:
            return state["visitor"], state["visitor_token"]
        return visitors.named(words)

    async def _known(self, visitor: str, name: str) -> dict[str, Any] | None:
        row = await asyncio.to_thread(self._studio.jobs.named, visitor, name)
        return {"id": row.id, "state": row.state} if row is not None else None

    async def _order(self, visitor: str, film: dict[str, Any]) -> dict[str, Any]:
        job, _ = await order(self._studio, visitor, FilmRequest.model_validate(film))
        return {"id": job.id, "state": job.state.value}

    async def _upload(self, visitor: str, kind: "Kind", named: str, service: str) -> str:
        """The id of the upload that is meant; what comes from an address is mended as far as nobody has to choose."""
        if not named.lower().startswith(_SCHEMES):
            return named
        outcome = await fetch_upload(self._studio, visitor, kind, named, service)
        if outcome.error is None:
            return outcome.upload.id
        uploads = self._studio.uploads
        return (await uploads.pooled(uploads.fix, visitor, outcome.upload.id, "auto", service)).id

    async def _told(self, work: "Awaitable[T]") -> T:
        try:
            return await work
        except Exception as cause:  # noqa: BLE001 - told in words, and logged where nobody expected it
            raise self._failure(cause) from None

    def _failure(self, cause: Exception) -> Refused:
        error = json.loads(bytes(self._answers.failure(cause).body))["error"]
        about = f", {error['field']}" if error["field"] else ""
        return Refused(f"{error['message']} {error['hint']} ({error['code']}{about})", print_exception=False)


def offer(demo: gr.Blocks, programs: Programs) -> None:
    """Let programs call these three of the page, and nothing else."""
    with demo:
        for call in (programs.start_job, programs.get_job, programs.list_services):
            # not queued: an MCP call then runs right here instead of calling this very program over HTTP
            api(call, api_name=call.__name__, queue=False)


def speak_json(demo: gr.Blocks) -> None:
    """Let MCP tools answer in JSON.

    Gradio would send Python's notation, and would look for files of this machine in what is told.
    """
    server = demo.mcp_server_obj
    if server is not None:
        server.postprocess_output_data = _json_texts  # type: ignore[method-assign, assignment] # held by tests/integration/test_programs.py


def _json_texts(data: Any, root_url: str) -> list[TextContent]:  # noqa: ANN401, ARG001 - as Gradio calls it
    return [TextContent(type="text", text=json.dumps(told, ensure_ascii=False)) for told in data]


def with_host(told: Any, base: str) -> Any:  # noqa: ANN401 - JSON
    """The same data with whole addresses in place of those that begin at the root."""
    if isinstance(told, dict):
        return {name: _whole(value, base) if name in LINKS else with_host(value, base) for name, value in told.items()}
    return [with_host(value, base) for value in told] if isinstance(told, list) else told


def _whole(address: Any, base: str) -> Any:  # noqa: ANN401 - JSON
    return f"{base}{address}" if isinstance(address, str) and address.startswith("/") else address


def _scope(request: gr.Request) -> "Scope":
    """The call itself; over MCP Gradio gives the bare request."""
    return cast("Scope", (getattr(request, "request", None) or request).scope)
