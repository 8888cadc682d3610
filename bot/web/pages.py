"""Plain pages, the size of a phone, that need nothing from anywhere else."""

import base64
import hashlib
import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web
from markupsafe import Markup

from store.errors import Refused
from store.policies import Names

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent
CLOSED: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""What every answer of these pages carries."""


class Pages:
    """The templates and their words."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.words = _read(HERE / "pages.toml")
        self._refused = _read(HERE.parent / "texts" / "refused.toml")

    @cached_property
    def _templates(self) -> "Environment":
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        return Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
        )

    @cached_property
    def _style(self) -> str:
        return (HERE / "templates" / "page.css").read_text("utf-8")

    @cached_property
    def _policy(self) -> str:
        digest = base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode()
        return (
            f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        )

    def render(
        self,
        template: str,
        status: int = 200,
        **facts: Any,  # noqa: ANN401 - whatever the template names
    ) -> web.Response:
        """One page."""
        page = self._templates.get_template(f"{template}.html")
        style = Markup(self._style)  # noqa: S704 - our own file
        text = page.render(style=style, names=self._names, **facts)
        headers = {**CLOSED, "Content-Security-Policy": self._policy}
        return web.Response(text=text, content_type="text/html", status=status, headers=headers)

    def refused(self, why: Refused) -> str:
        """Why not, in the words that the chat has for it."""
        return str(self._refused[type(why).__name__]["text"])

    def told(self, key: str, status: int) -> web.Response:
        """A page that only says something: `[told.‹key›]`."""
        return self.render("told", status, **self.words["told"][key])


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))
