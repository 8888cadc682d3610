"""One follower's things in order, whoever gives up."""

import asyncio

from bot.batch import InOrder


async def test_order_holds_when_one_in_the_middle_gives_up() -> None:
    order, done = InOrder(), list[str]()
    gate = asyncio.Event()

    async def first() -> None:
        await gate.wait()
        done.append("first")

    async def last() -> None:
        done.append("last")

    tasks = [asyncio.create_task(order.run("o1", work)) for work in (first, last, last)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.sleep(0.01)
    gate.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert done == ["first", "last"]
    assert order._last == {}
