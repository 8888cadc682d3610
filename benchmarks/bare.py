"""The baseline: an aiohttp handler that reads the body and answers a constant."""

import sys

from aiohttp import web


async def answer(request: web.Request) -> web.Response:
    """Read the body, say `success`."""
    await request.read()
    return web.Response(text="success")


def main() -> None:
    """Serve on the port given."""
    app = web.Application()
    app.router.add_post("/wechat", answer)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
