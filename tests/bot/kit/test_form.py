from bot.kit.form import Missing, fields, options, submit
from bot.kit.reading import OutOfRange, Unreadable
from tests.bot.kit.example import Request, Taken, TooLate, World, at

SENT = {
    "instrument": "3",
    "mode": "sample",
    "samples": "12",
    "start": "2026-11-25T09:00",
    "purpose": "缸体复检",
    "voucher": "是",
    "until": "2026-12-31",
    "contact": "138 0000 1234",
}


def test_every_question_is_a_field() -> None:
    shown = {field.name: field for field in fields(Request)}
    assert list(shown) == list(Request.steps)
    forms = {name: field.form for name, field in shown.items()}
    assert forms == {
        "instrument": "select",
        "mode": "radio",
        "samples": "number",
        "start": "datetime-local",
        "purpose": "text",
        "voucher": "checkbox",
        "until": "date",
        "contact": "tel",
    }
    assert shown["samples"].limits == {"min": 1, "max": 50}
    assert shown["purpose"].limits == {"maxlength": 30}
    assert [option.value for option in shown["mode"].options] == ["self", "sample"]
    assert shown["mode"].label == "example.request.mode:title"
    assert shown["mode"].required
    assert not shown["samples"].required


async def test_a_page_is_the_same_flow() -> None:
    done = await submit(Request, SENT, at())
    assert isinstance(done, Request)
    assert (done.instrument, done.mode, done.samples) == (3, "sample", 12)
    assert (done.voucher, done.contact) == (True, "13800001234")
    assert done.start.isoformat() == "2026-11-25T09:00:00+08:00"


async def test_labels_do_as_well_as_values() -> None:
    done = await submit(Request, {**SENT, "instrument": "气相色谱仪", "mode": "委托测试"}, at())
    assert isinstance(done, Request)
    assert (done.instrument, done.mode) == (3, "sample")


async def test_a_branch_not_taken_is_not_needed() -> None:
    sent = {key: SENT[key] for key in ("instrument", "start", "purpose")} | {"mode": "self"}
    done = await submit(Request, {**sent, "samples": "nonsense"}, at())
    assert isinstance(done, Request)
    assert done.samples is None
    assert done.voucher is False


async def test_refusals_come_by_field(world: World) -> None:
    refused = await submit(Request, {"purpose": "x" * 31}, at())
    assert isinstance(refused, dict)
    assert isinstance(refused["instrument"], Missing)
    world.taken.add(3)
    wrong: list[tuple[str, str, type[Exception]]] = [
        ("samples", "99", OutOfRange),
        ("start", "2026-11-20T10:30", TooLate),
        ("until", "随便", Unreadable),
        ("instrument", "3", Taken),
    ]
    for name, value, reason in wrong:
        sent = {**SENT, "instrument": "1", name: value}
        refused = await submit(Request, sent, at())
        assert isinstance(refused, dict)
        assert {key: type(why) for key, why in refused.items()} == {name: reason}


async def test_several_are_refused_at_once() -> None:
    refused = await submit(Request, {**SENT, "samples": "", "purpose": " "}, at())
    assert isinstance(refused, dict)
    assert refused.keys() == {"samples", "purpose"}


async def test_words_that_fit_several_are_refused() -> None:
    refused = await submit(Request, {**SENT, "instrument": "相色"}, at())
    assert isinstance(refused, dict)
    assert refused.keys() == {"instrument"}


async def test_options_for_a_page() -> None:
    offered = await options(Request, "instrument", {}, at())
    assert [option.value for option in offered] == [1, 2, 3, 4]
