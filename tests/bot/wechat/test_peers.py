"""Two implementations of others from npm: they seal, we open; we seal, they open."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xmltodict import parse

from bot.wechat.seal import Seal
from tests.bot.wechat.pushing import APPID, KEY, TOKEN, door, text, xml
from tests.conftest import unavailable

FOLDER = Path(__file__).parents[2] / "node"
PEERS = ("@wecom/crypto", "wechat-crypto")
MESSAGES = (
    "",
    " ",
    "x",
    "测土壤里的重金属",
    "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467 离心机",
    "]]>&<\0\x08\n",
    *("x" * size for size in (11, 12, 13, 27, 28, 29, 30, 31, 32, 33)),
    "测试" * 10_000,
)

pytestmark = pytest.mark.node


class Peers:
    """The process that they run in."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, peer: str, verb: str, **more: str) -> Any:
        asked = {"peer": peer, "verb": verb, "token": TOKEN, "key": KEY, "id": APPID} | more
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@pytest.fixture(scope="module")
def peers() -> Iterator[Peers]:
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules").is_dir():
        unavailable("needs Node.js and the packages of tests/node")
    assert node
    process = subprocess.Popen(
        [node, "--no-deprecation", str(FOLDER / "peers.js")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    with process:
        yield Peers(process)
        assert process.stdin
        process.stdin.close()
    assert process.returncode == 0


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("message", MESSAGES, ids=range(len(MESSAGES)))
def test_both_ways(peers: Peers, peer: str, message: str) -> None:
    seal = Seal(KEY, APPID)
    assert seal.open(peers.ask(peer, "encrypt", message=message)).decode() == message
    opened = peers.ask(peer, "decrypt", sealed=seal.close(message.encode()))
    assert (opened["message"], opened["id"]) == (message, APPID)


@pytest.mark.parametrize("peer", PEERS)
async def test_through_the_door(peers: Peers, peer: str) -> None:
    async with door(keys=(KEY,)) as platform:
        stamp, nonce = platform.clock.stamp, "1320562132"
        for number, words in enumerate(("离心机", "\U0001f600", "测" * 20_000), 1):
            body = xml(text(words, number=number)).decode()
            sealed = peers.ask(peer, "encrypt", message=body)
            signed = peers.ask(peer, "sign", timestamp=stamp, nonce=nonce, sealed=sealed)
            query = platform.query(nonce, encrypt_type="aes", msg_signature=signed)
            status, reply = await platform.post(query, xml({"Encrypt": sealed}))
            assert status == 200
            outer = parse(reply)["xml"]
            parts = {"timestamp": outer["TimeStamp"], "nonce": nonce, "sealed": outer["Encrypt"]}
            assert peers.ask(peer, "sign", **parts) == outer["MsgSignature"]
            opened = peers.ask(peer, "decrypt", sealed=outer["Encrypt"])
            content = parse(opened["message"])["xml"]["Content"]
            said = f"您说：{words}"
            assert said.startswith(content)
            assert content == said or 1990 < len(content.encode()) <= 2000
        assert len(platform.desk.heard) == 3
