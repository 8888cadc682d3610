"""Who may come in: only a browser on this machine, on a page of ours."""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web
from yarl import URL

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def is_loopback(address: str | None) -> bool:
    """Whether a host name or address is this machine's own (of names, only `localhost`)."""
    if not address:
        return False
    if address == "localhost":
        return True
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse strangers, rebound names and other sites' pages with 403; harden what goes out."""
    if not _welcome(request):
        raise web.HTTPForbidden(text="loopback and same origin only")
    return await handler(request)


async def harden(_request: web.Request, response: web.StreamResponse) -> None:
    """Put the safety headers on a response that is about to go."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


def _welcome(request: web.Request) -> bool:
    peer = request.transport.get_extra_info("peername") if request.transport else None
    if not (peer and is_loopback(peer[0]) and is_loopback(_host(request.host))):
        return False
    if request.method not in {"GET", "HEAD"}:
        return _same_origin(request)
    site = request.headers.get("Sec-Fetch-Site", "none")
    return site in {"same-origin", "none"} or request.headers.get("Sec-Fetch-Mode") == "navigate"


def _host(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _same_origin(request: web.Request) -> bool:
    origin = request.headers.get("Origin", "")
    try:
        return URL(origin).authority == URL(f"http://{request.host}").authority
    except ValueError:
        return False
