"""``uploads/fetch``: a picture or a sound comes from a public address instead of the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from components.errors import AddressRefused, FileRefused
from components.services.download import fetch_public
from components.services.registry import addresses_of
from components.web.receive import file_name

if TYPE_CHECKING:
    from components.studio.studio import Studio
    from components.studio.uploaded import Kind, UploadOutcome


async def fetch_upload(studio: Studio, visitor: str, kind: Kind, url: str, service: str | None) -> UploadOutcome:
    """Fetch what lies at an address, and keep it if it is fit or can be made so.

    Raises:
        AddressRefused: It is no public https address (nor one of a configured service), or leads to such a one.
        FetchFailed: It cannot be fetched now.
        FileRefused: What came cannot be used.
        TooManyUploads: Too many at once, or too many that were never used.
    """
    name = name_in(url, kind)
    uploads = studio.uploads
    async with uploads.begin(visitor, kind) as part:
        try:
            await fetch_public(url, part, limit_bytes=uploads.most_bytes(kind), trusted_origins=addresses_of(studio.settings).all)
        except FileRefused as error:
            error.field = kind
            raise
        return await uploads.pooled(uploads.receive, visitor, kind, name, part, service)


def name_in(url: str, kind: Kind) -> str:
    """What a file is called: the last part of its address; it is only ever shown.

    Raises:
        AddressRefused: It is no address at all.
    """
    try:
        return file_name(unquote(urlsplit(url).path).rstrip("/"))
    except ValueError:
        raise AddressRefused(field=kind, host="") from None
