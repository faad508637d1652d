"""DashScope's temporary upload: a permit, then a form to an object store that wants its fields in order and no key."""

from __future__ import annotations

import secrets
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from tests.doubles.forms import Part, parts
from tests.doubles.results import xml_error
from tests.doubles.seller import Double
from tests.doubles.tasks import Stored
from tests.doubles.wire import Answer
from tests.doubles.words import Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.doubles.faults import Fault
    from tests.doubles.wire import Request

PERMIT_S = 300
LARGEST_MB = 100
_FIELDS = ("OSSAccessKeyId", "policy", "Signature", "key", "x-oss-object-acl", "x-oss-forbid-overwrite", "success_action_status")


@dataclass(frozen=True, slots=True)
class Permit:
    """A permission to upload into one folder; binds a file to the model it was asked for."""

    policy: str
    signature: str
    folder: str
    model: str
    until: float


class DashScopeUploads(Double):
    """The permits and the store; uploads go to ``files_url``, which is ``/oss`` on the API's own origin."""

    permit_s: float = PERMIT_S
    """Seconds that a permit lasts; tests shorten it."""
    files_host: ClassVar[str] = "api"

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - those of Double
        super().__init__(**options)
        self.permits: dict[str, Permit] = {}

    @property
    def upload_url(self) -> str:
        """The object store's address."""
        return f"{self.base_url}/oss"

    def upload_routes(self) -> Sequence[Route]:
        """Its calls."""
        return (
            Route("GET", "/api/v1/uploads", None, self._permit),
            Route("POST", "/oss/?", "upload", self._put, key=False),
        )

    def stored(self, ref: str) -> Stored | None:
        """The upload behind ``oss://…``."""
        return self.files.get(ref.removeprefix("oss://")) if ref.startswith("oss://") else None

    async def _permit(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del named, fault
        if request.query.get("action") != "getPolicy" or not request.query.get("model"):
            return self.refuse("bad_request", None, request)
        folder = f"dashscope-instant/{secrets.token_hex(8)}/{time.strftime('%Y-%m-%d')}/{uuid.uuid4()}"
        permit = Permit(
            secrets.token_urlsafe(24), secrets.token_urlsafe(16) + "=", folder, request.query["model"], time.time() + self.permit_s
        )
        self.permits[permit.policy] = permit
        return Answer.of({
            "request_id": str(uuid.uuid4()),
            "data": {
                "policy": permit.policy, "signature": permit.signature, "upload_dir": folder, "upload_host": self.upload_url,
                "expire_in_seconds": int(self.permit_s), "max_file_size_mb": LARGEST_MB, "capacity_limit_mb": 999999999,
                "oss_access_key_id": "LTAI-test", "x_oss_object_acl": "private", "x_oss_forbid_overwrite": "true",
            },
        })  # fmt: skip

    async def _put(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del named
        if fault is not None and fault.kind == "expired":
            return xml_error(403, "AccessDenied", "Invalid according to Policy: Policy expired.")
        if "authorization" in request.headers:
            return xml_error(
                400, "InvalidArgument", "Only one auth mechanism allowed; only the Authorization header or the form should be specified."
            )
        fields = parts(request)
        if fields is None:
            return xml_error(412, "PreconditionFailed", "The body is not multipart/form-data.")
        if (wrong := self._wrong(fields)) is not None:
            return wrong
        values = {part.name: part.text for part in fields[:-1]}
        permit, file = self.permits[values["policy"]], fields[-1]
        self.files[values["key"]] = Stored(values["key"], file.filename or "", file.data, "", values["key"], model=permit.model)
        return Answer(200, b"")

    def _wrong(self, fields: list[Part]) -> Answer | None:
        """What the store has against a form."""
        names = [part.name for part in fields]
        if "file" not in names or names[-1] != "file":
            return xml_error(400, "InvalidArgument", "The file must be the last field of the form.")
        values = {part.name: part.text for part in fields[:-1]}
        if missing := [name for name in _FIELDS if name not in values]:
            return xml_error(403, "AccessDenied", f"Invalid according to Policy: {missing[0]} is missing.")
        permit = self.permits.get(values["policy"])
        if permit is None or values["Signature"] != permit.signature:
            return xml_error(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.")
        fits = (
            values["key"].startswith(f"{permit.folder}/")
            and values["x-oss-object-acl"] == "private"
            and values["success_action_status"] == "200"
        )
        table = (
            (time.time() > permit.until, 403, "AccessDenied", "Invalid according to Policy: Policy expired."),
            (not fits, 403, "AccessDenied", "Invalid according to Policy: Policy Condition failed."),
            (values["key"] in self.files, 409, "FileAlreadyExists", "The object you specified already exists and can not be overwritten."),
            (
                len(fields[-1].data) > LARGEST_MB * 1024 * 1024,
                400,
                "EntityTooLarge",
                "Your proposed upload exceeds the maximum allowed size.",
            ),
        )
        return next((xml_error(status, code, message) for wrong, status, code, message in table if wrong), None)
