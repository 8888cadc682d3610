"""Processes that tell what is due until they are killed: forked from one that has all at hand.

A line on standard input is how many seconds the clock is ahead; the answer is the process's number.
"""

import asyncio
import gc
import json
import os
import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import ClientTimeout

from bot.app import Account
from tests.conversations import running

SHORT = ClientTimeout(total=0.5, connect=0.3, sock_connect=0.3)
PAUSE = 0.05


async def drain(url: str, api: str, templates: str, ahead: float) -> None:
    """Tell what is due for ever."""
    began = time.monotonic()

    def clock() -> datetime:
        return running.START + timedelta(seconds=ahead + time.monotonic() - began)

    told = running.settings(url, 1, api, templates=Path(templates))
    async with Account.opened(told, clock) as account:
        account.client.settings = replace(
            account.client.settings, timeout=SHORT, patience=(0.02, 0.05)
        )
        while True:
            await account.telling.tell()
            await account.telling.close()
            await asyncio.sleep(PAUSE)


def main() -> None:
    """Fork a process a line; end with the input."""
    url, api, templates = json.loads(sys.argv[1])
    gc.freeze()
    for line in sys.stdin:
        number = os.fork()
        if number == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what it logs is nobody's concern
            asyncio.run(drain(url, api, templates, float(line)))
        _say(str(number))
        os.waitpid(number, 0)
        _say("ended")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
