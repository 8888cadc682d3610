"""One call of the platform's API, as it goes over the wire."""

import json
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import FormData

API = "https://api.weixin.qq.com"
PAGES = "https://mp.weixin.qq.com"
KEYS = ("client_msg_id", "clientmsgid")
"""Fields that make a send safe to repeat."""
REPEATABLE = frozenset(
    [
        "menu/create",
        "media/upload",
        "media/uploadimg",
        "qrcode/create",
        "user/info/batchget",
        "user/info/updateremark",
        "user/tag/get",
        "tags/update",
        "tags/getidlist",
        "tags/members/batchtagging",
        "tags/members/batchuntagging",
        "tags/members/getblacklist",
        "openapi/quota/get",
        "openapi/rid/get",
        "callback/check",
        "freepublish/get",
        "freepublish/batchget",
        "freepublish/getarticle",
        "draft/get",
        "draft/batchget",
        "draft/count",
        "message/mass/get",
        "message/custom/typing",
        "material/get_material",
        "material/batchget_material",
    ]
)
"""Posts that ask, or that give the same result however often they are done."""
BYTES = frozenset({"media/get", "media/get/jssdk", "material/get_material", "showqrcode"})
"""Calls that may answer with a file."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way up."""

    name: str
    filename: str
    data: bytes
    type: str


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked, without the token."""

    method: str
    path: str
    """The call's name, without host and `cgi-bin/`."""
    address: str
    params: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    body: bytes | None = field(default=None, repr=False)
    uploads: tuple[Upload, ...] = ()
    repeatable: bool = False
    feature: str = ""
    """The path and, for customer-service messages, the kind of message."""

    def payload(self) -> bytes | FormData | None:
        """The body of one attempt."""
        if not self.uploads:
            return self.body
        form = FormData()
        for upload in self.uploads:
            form.add_field(
                upload.name, upload.data, filename=upload.filename, content_type=upload.type
            )
        return form


def prepare(method: str, url: str, base: str, asked: Mapping[str, Any]) -> Call:
    """Take what wechatpy's methods hand to requests: `params`, `data` or `json`, `files`.

    `url` is the platform's own; the call goes to the same path below `base`. Raises ValueError for
    any other host.
    """
    data = asked.get("data", asked.get("json"))
    keyed = isinstance(data, Mapping) and any(data.get(key) for key in KEYS)
    host = next((host for host in (API, PAGES) if url.startswith(f"{host}/")), None)
    if host is None:
        raise ValueError("not an address of the platform")
    below = url.removeprefix(host)
    path = below.removeprefix("/").removeprefix("cgi-bin/")
    return Call(
        method=method,
        path=path,
        address=(host if base == API else base.rstrip("/")) + below,
        params=_params(asked.get("params")),
        body=_body(data),
        uploads=tuple(_upload(field, file) for field, file in (asked.get("files") or {}).items()),
        repeatable=method == "get" or keyed or path in REPEATABLE or path.startswith("datacube/"),
        feature=_feature(path, data),
    )


def _feature(path: str, data: object) -> str:
    kind = data.get("msgtype") if isinstance(data, Mapping) else None
    return f"{path}#{kind}" if kind else path


def _params(params: Mapping[str, Any] | str | None) -> dict[str, str]:
    pairs = parse_qsl(params) if isinstance(params, str) else (params or {}).items()
    return {key: str(value) for key, value in pairs if value is not None and key != "access_token"}


def _body(data: object) -> bytes | None:
    """JSON as UTF-8: the platform shows or refuses Chinese written as escapes."""
    if data is None or isinstance(data, bytes):
        return data
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return text.encode()


def _upload(field: str, file: Any) -> Upload:  # noqa: ANN401 - as requests takes it
    """A file object, or (name, file object or bytes), or with the type as a third."""
    given, source, *rest = file if isinstance(file, tuple) else (getattr(file, "name", ""), file)
    path = PurePath(str(given))
    filename = path.name if path.name.isascii() and path.name else f"file{path.suffix}"
    data = source if isinstance(source, bytes) else source.read()
    guessed = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    return Upload(field, filename, data, str(rest[0]) if rest else guessed)
