"""The page in a browser, before a tiny account with a real door."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from bot.sandbox.phones import cast
from tests.bot.sandbox.account import FakeAccount

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

WIDE = {"width": 1600, "height": 1000}
NARROW = {"width": 390, "height": 844}
HER, HIM, KEEPER, BUREAU = (phone.openid for phone in cast().phones)
EVIL = (
    '<script>window.pwned=1</script><img src=x onerror="window.pwned=1"> '
    '<a href="javascript:1">x</a>'
)


@dataclass
class Seen:
    """An open page, and the account behind it."""

    page: Page
    account: FakeAccount
    wrong: list[str]

    def phone(self, key: str = "researcher") -> Locator:
        return self.page.locator(f"#phone-{key}")

    def said(self, key: str = "researcher") -> Locator:
        """What the account said on a phone."""
        return self.phone(key).locator(".message.account .bubble")

    async def type(self, words: str, key: str = "researcher") -> None:
        area = self.phone(key).get_by_role("textbox")
        if not await area.is_visible():
            await self.phone(key).get_by_role("button", name="换成键盘").click()
        await area.fill(words)
        await area.press("Enter")

    async def plus(self, what: str, key: str = "researcher") -> None:
        phone = self.phone(key)
        if not await phone.get_by_role("textbox").is_visible():
            await phone.get_by_role("button", name="换成键盘").click()
        await phone.get_by_role("button", name="更多").click()
        await phone.get_by_role("group", name="更多").get_by_role("button", name=what).click()

    async def heard(self, count: int) -> dict[str, Any]:
        """The latest message at the door, once there are `count` beside the four greetings."""
        return await self.account.hears(4 + count)


async def opened(account: FakeAccount, browser: Browser, **options: Any) -> Seen:
    context = await browser.new_context(locale="zh-CN", reduced_motion="reduce", **options)
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    page.set_default_timeout(8000)
    await page.goto(f"{account.address}/sandbox")
    seen = Seen(page, account, wrong)
    await expect(seen.phone("bureau").locator(".message.account")).to_have_count(1)
    await expect(seen.phone().locator(".message.account")).to_have_count(1)
    return seen


@pytest_asyncio.fixture(loop_scope="module")
async def account() -> AsyncIterator[FakeAccount]:
    async with FakeAccount() as account:
        yield account


@pytest_asyncio.fixture(loop_scope="module")
async def seen(account: FakeAccount, browser: Browser) -> AsyncIterator[Seen]:
    seen = await opened(account, browser, viewport=WIDE)
    yield seen
    await seen.page.context.close()
    assert seen.wrong == []


@pytest_asyncio.fixture(loop_scope="module")
async def narrow(account: FakeAccount, browser: Browser) -> AsyncIterator[Seen]:
    seen = await opened(account, browser, viewport=NARROW, has_touch=True, is_mobile=True)
    yield seen
    await seen.page.context.close()
    assert seen.wrong == []


async def test_what_is_typed_reaches_the_door_and_is_answered(seen: Seen) -> None:
    await seen.type("测土壤里的重金属")
    await expect(seen.said().last).to_have_text("听到：测土壤里的重金属")
    own = seen.phone().locator(".message.own .bubble")
    await expect(own).to_have_text("测土壤里的重金属")
    heard = await seen.heard(1)
    assert (heard["FromUserName"], heard["Content"]) == (HER, "测土壤里的重金属")
    assert await seen.phone("engineer").locator(".message.own").count() == 0


async def test_four_phones_stand_side_by_side_and_greet(seen: Seen) -> None:
    boxes = [await one.bounding_box() for one in await seen.page.locator(".phone").all()]
    assert len(boxes) == 4
    assert len({box["y"] for box in boxes if box}) == 1
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= 1600 for box in boxes)
    for phone in cast().phones:
        await expect(seen.said(phone.key)).to_have_text("您好，这里是仪享。三坐标")


async def test_an_example_is_sent_by_a_click(seen: Seen) -> None:
    await seen.phone("engineer").get_by_role("button", name="帮助").first.click()
    await expect(seen.said("engineer").last).to_have_text("听到：帮助")
    assert (await seen.heard(1))["FromUserName"] == HIM


async def test_a_tapped_link_sends_its_words_with_its_id(seen: Seen) -> None:
    await seen.type("三坐标")
    await seen.said().last.get_by_role("link", name="下一页").click()
    await expect(seen.said().last).to_have_text("听到：下一页")
    heard = await seen.heard(2)
    assert (heard["Content"], heard["bizmsgmenuid"]) == ("下一页", "7")


async def test_an_entry_of_the_menu_is_pressed(seen: Seen) -> None:
    phone = seen.phone("keeper")
    await phone.get_by_role("button", name="找仪器").click()
    await phone.get_by_role("button", name="提需求").click()
    heard = await seen.heard(1)
    assert (heard["Event"], heard["EventKey"]) == ("CLICK", "demand")
    await expect(phone.get_by_role("button", name="提需求")).to_be_hidden()
    await phone.get_by_role("button", name="帮助").last.click()
    assert (await seen.heard(2))["EventKey"] == "help"


async def test_a_menu_put_in_place_later_appears(seen: Seen) -> None:
    await seen.account.call(
        "menu/create", {"button": [{"type": "click", "name": "新菜单", "key": "new"}]}
    )
    await seen.phone().get_by_role("button", name="新菜单").click()
    assert (await seen.heard(1))["EventKey"] == "new"


async def test_a_code_is_scanned_by_a_follower(seen: Seen) -> None:
    await seen.plus("扫一扫")
    await seen.phone().get_by_role("textbox", name="YQ 编号").fill("YQ12")
    await seen.phone().get_by_role("button", name="扫描").click()
    heard = await seen.heard(1)
    assert (heard["Event"], heard["EventKey"]) == ("SCAN", "YQ12")
    await expect(seen.phone().locator(".note").last).to_contain_text("YQ12")


async def test_leaving_and_following_again_by_a_code(seen: Seen) -> None:
    await seen.plus("不再关注")
    await seen.phone().get_by_role("dialog").get_by_role("button", name="不再关注").click()
    assert (await seen.heard(1))["Event"] == "unsubscribe"
    await expect(seen.phone().get_by_role("textbox")).to_be_hidden()
    refused = await seen.account.tell(HER, "还在吗")
    assert refused["errcode"] == 45015
    await seen.phone().get_by_role("button", name="扫仪器上的码关注").click()
    await seen.phone().get_by_role("button", name=re.compile("^YQ53")).click()
    heard = await seen.heard(2)
    assert (heard["Event"], heard["EventKey"]) == ("subscribe", "qrscene_YQ53")
    await expect(seen.said().last).to_contain_text("您好")


async def test_following_again_by_the_button(seen: Seen) -> None:
    await seen.phone().get_by_role("button", name="不再关注").click()
    await seen.phone().get_by_role("dialog").get_by_role("button", name="不再关注").click()
    await seen.phone().get_by_role("button", name="关注公众号").click()
    assert (await seen.heard(2))["Event"] == "subscribe"
    await expect(seen.said()).to_have_count(2)


async def test_a_place_is_sent(seen: Seen) -> None:
    await seen.plus("位置")
    await seen.phone().get_by_role("button", name="平遥古城").click()
    heard = await seen.heard(1)
    assert heard["MsgType"] == "location"
    assert (float(heard["Location_X"]), float(heard["Location_Y"])) == (37.2019, 112.1809)
    await expect(seen.phone().locator(".bubble.place")).to_contain_text("平遥古城")
    await expect(seen.said().last).to_contain_text("平遥县")


async def test_a_picture_is_sent_and_can_be_fetched(seen: Seen) -> None:
    await seen.plus("图片")
    await seen.phone().get_by_role("button", name="土样").click()
    heard = await seen.heard(1)
    assert heard["MsgType"] == "image"
    answer = await seen.page.request.get(heard["PicUrl"])
    assert (await answer.body())[:3] == b"\xff\xd8\xff"
    assert seen.account.platform.media[heard["MediaId"]] == await answer.body()
    shot = seen.phone().locator(".shot")
    await expect(shot).to_be_visible()
    assert await shot.evaluate("image => image.complete && image.naturalWidth") == 480


async def test_a_card_opens_its_page(seen: Seen) -> None:
    await seen.type("卡片")
    card = seen.said().last
    await expect(card).to_contain_text("三坐标测量机 GLOBAL Advantage（YQ12）")
    await expect(card).to_have_attribute("href", f"{seen.account.address}/card")
    await expect(card).to_have_attribute("rel", "noopener noreferrer")


async def test_what_comes_later_is_announced_by_typing_and_appears(seen: Seen) -> None:
    await seen.type("稍后", "bureau")
    title = seen.phone("bureau").locator(".title")
    await expect(title).to_have_text("对方正在输入…")
    await expect(seen.said("bureau").last).to_have_text("这是稍后的消息")
    await expect(title).to_have_text("仪享")


async def test_a_form_message_shows_its_fields(seen: Seen) -> None:
    platform = seen.account.platform
    platform.add_template("T1", "预约提醒", {"thing1": "仪器", "time2": "时间"})
    data = {"thing1": {"value": "三坐标测量机"}, "time2": {"value": "2026年11月24日 09:00"}}
    body = {"touser": KEEPER, "template_id": "T1", "data": data, "url": "http://127.0.0.1/x"}
    assert (await seen.account.call("message/template/send", body))["errcode"] == 0
    form = seen.said("keeper").last
    await expect(form).to_contain_text("预约提醒")
    await expect(form.locator("dd")).to_have_text(["三坐标测量机", "2026年11月24日 09:00"])


async def test_a_malformed_reply_is_owned_up_to(seen: Seen) -> None:
    await seen.type("坏")
    note = seen.phone().locator(".note.failed")
    await expect(note).to_contain_text("该公众号暂时无法提供服务，请稍后再试")


async def test_nothing_that_is_said_becomes_markup(seen: Seen) -> None:
    await seen.type(EVIL)
    await expect(seen.phone().locator(".message.own .bubble")).to_have_text(EVIL)
    await expect(seen.said().last).to_have_text(f"听到：{EVIL}")
    assert await seen.page.evaluate("window.pwned") is None
    assert await seen.phone().locator(".log script, .log [onerror], .log .bubble img").count() == 0
    assert await seen.phone().locator('.log a[href^="javascript"]').count() == 0


async def test_the_raw_message_is_one_click_away(seen: Seen) -> None:
    await seen.type("看看报文")
    await expect(seen.said().last).to_have_text("听到：看看报文")
    message = seen.phone().locator(".message.account").last
    await message.hover()
    await message.get_by_role("button", name="看这条的报文").click()
    back = seen.page.get_by_role("complementary", name="后台看看")
    plain = back.locator("pre").first
    await expect(plain).to_contain_text("<Content><![CDATA[看看报文]]></Content>")
    await expect(plain).to_contain_text(f"<FromUserName><![CDATA[{HER}]]></FromUserName>")
    await back.get_by_text("密文").first.click()
    await expect(back.locator("pre").nth(1)).to_contain_text("<Encrypt>")
    await expect(back.get_by_label("仪享答的").first).to_contain_text("听到：看看报文")


async def test_a_pushed_message_has_its_call_behind_it(seen: Seen) -> None:
    await seen.type("你好")
    await expect(seen.said()).to_have_count(2)
    await seen.account.tell(HER, "提醒一")
    await seen.account.tell(HER, "提醒二")
    await expect(seen.said().last).to_have_text("提醒二")
    message = seen.phone().locator(".message.account").nth(2)
    await message.hover()
    await message.get_by_role("button", name="看这条的报文").click()
    call = seen.page.get_by_label("仪享调用的").first
    await expect(call).to_contain_text("提醒一")
    await expect(call).not_to_contain_text("提醒二")


async def test_records_are_listed_as_they_come(seen: Seen) -> None:
    await seen.page.get_by_role("button", name="后台看看").click()
    records = seen.page.get_by_role("list", name="最近的报文")
    before = await records.get_by_role("listitem").count()
    assert before >= 4
    await seen.type("一条")
    await expect(records.get_by_role("listitem")).to_have_count(before + 1)
    await expect(records.get_by_role("listitem").first).to_contain_text("text")


async def test_the_clock_is_moved_forward_for_all(seen: Seen) -> None:
    clock = seen.account.platform.clock
    began = clock()
    await seen.page.get_by_role("button", name="后台看看").click()
    shown = await seen.page.locator("#clock").inner_text()
    await seen.page.get_by_role("button", name="快进 1 天").click()
    await expect(seen.page.locator("#clock")).not_to_have_text(shown)
    assert (clock() - began).days == 1
    assert len(seen.account.moved) == 1
    await seen.type("明天了")
    await expect(seen.phone().locator(".when").last).not_to_have_text(shown)
    assert (await seen.account.tell(KEEPER, "太晚了"))["errcode"] == 45015


async def test_what_may_still_be_sent_is_counted(seen: Seen) -> None:
    await seen.page.get_by_role("button", name="后台看看").click()
    row = seen.page.locator(".reach li").nth(1)
    before = await row.inner_text()
    await seen.account.tell(HIM, "一条")
    await expect(row).not_to_have_text(before)
    left = [
        int(re.sub(r"\D+(\d+) 条.*", r"\1", words, flags=re.DOTALL))
        for words in (before, await row.inner_text())
    ]
    assert left[0] - left[1] == 1
    await seen.page.get_by_role("button", name="快进 1 小时").click()
    await expect(row).to_contain_text("现在不能发")


async def test_the_clock_is_moved_to_a_moment_but_never_back(seen: Seen) -> None:
    await seen.page.get_by_role("button", name="后台看看").click()
    when = seen.page.get_by_label("把时钟拨到")
    await when.fill("2027-03-01T09:30")
    await seen.page.get_by_role("button", name="拨到", exact=True).click()
    await expect(seen.page.locator("#clock")).to_have_text("3月1日（周一）09:30")
    answer = await seen.page.evaluate(
        "fetch('do/clock', {method: 'POST', body: '{\"by\": -60}'}).then(r => r.status)"
    )
    assert answer == 400
    seen.wrong.clear()  # the browser mentions the 400


async def test_a_call_is_made_to_fail_once(seen: Seen) -> None:
    await seen.page.get_by_role("button", name="后台看看").click()
    await seen.page.get_by_text("账号与故障").click()
    await seen.page.get_by_label("出什么错").select_option("45047")
    await seen.page.get_by_role("button", name="让下一次出错").click()
    await expect(seen.page.get_by_text("会出错")).to_be_visible()
    assert (await seen.account.tell(HIM, "一"))["errcode"] == 45047
    assert (await seen.account.tell(HIM, "二"))["errcode"] == 0


async def test_the_mode_is_changed_and_a_door_that_refuses_is_seen(seen: Seen) -> None:
    await seen.page.get_by_role("button", name="后台看看").click()
    await seen.page.get_by_text("账号与故障").click()
    mode = seen.page.get_by_label("消息加解密方式")
    await expect(mode).to_have_value("safe")
    await mode.select_option("plain")
    await seen.type("明文")
    await expect(seen.phone().locator(".note.failed")).to_be_visible()
    await expect(seen.page.locator(".records .ill").first).to_have_text("403")


async def test_a_slow_answer_shows_that_it_is_being_written(seen: Seen) -> None:
    seen.account.platform.slow = 1.0
    await seen.type("慢慢来")
    await expect(seen.phone().locator(".title")).to_have_text("对方正在输入…")
    await expect(seen.said().last).to_have_text("听到：慢慢来")
    await expect(seen.phone().locator(".title")).to_have_text("仪享")


async def test_a_phone_is_chosen_and_words_recalled_by_keys(seen: Seen) -> None:
    keys = seen.page.keyboard
    await keys.press("Alt+2")
    await keys.type("第一行")
    await keys.press("Shift+Enter")
    await keys.type("第二行")
    await keys.press("Enter")
    await expect(seen.said("engineer").last).to_have_text("听到：第一行\n第二行")
    await keys.type("再来")
    await keys.press("Enter")
    await keys.press("ArrowUp")
    await keys.press("ArrowUp")
    area = seen.phone("engineer").get_by_role("textbox")
    await expect(area).to_have_value("第一行\n第二行")
    await keys.press("ArrowDown")
    await expect(area).to_have_value("再来")
    await keys.press("ArrowDown")
    await expect(area).to_have_value("")


async def test_panels_open_and_close_by_keys(seen: Seen) -> None:
    keys = seen.page.keyboard
    await keys.press("Alt+2")
    await keys.press("Tab")
    await keys.press("Enter")
    scan = seen.phone("engineer").get_by_role("button", name="扫一扫", exact=True)
    await expect(scan).to_be_focused()
    await keys.press("Enter")
    await expect(seen.phone("engineer").get_by_role("dialog")).to_be_visible()
    await keys.press("Escape")
    await expect(seen.phone("engineer").get_by_role("dialog")).to_be_hidden()
    await keys.press("Alt+0")
    await expect(seen.page.get_by_role("complementary", name="后台看看")).to_be_visible()
    await keys.press("Escape")
    await expect(seen.page.locator("#back")).to_be_hidden()


async def test_the_menu_goes_by_keyboard(seen: Seen) -> None:
    keys = seen.page.keyboard
    opener = seen.phone().get_by_role("button", name="找仪器")
    await opener.focus()
    await keys.press("Enter")
    await expect(seen.phone().get_by_role("button", name="按地点找")).to_be_focused()
    await keys.press("ArrowDown")
    await expect(seen.phone().get_by_role("button", name="提需求")).to_be_focused()
    await keys.press("Escape")
    await expect(opener).to_be_focused()
    await keys.press("Enter")
    await keys.press("Enter")
    assert (await seen.heard(1))["EventKey"] == "near"


async def test_every_button_can_be_reached_by_tab(seen: Seen) -> None:
    await seen.page.evaluate("document.activeElement.blur()")
    wanted = await seen.page.evaluate(
        "[...document.querySelectorAll('button, a, textarea, [tabindex=\"0\"]')]"
        ".filter(n => n.checkVisibility({visibilityProperty: true})).length"
    )
    reached = await seen.page.evaluate("document.__seen = new Set(), 0")
    for _ in range(wanted + 5):
        await seen.page.keyboard.press("Tab")
        reached = await seen.page.evaluate("document.__seen.add(document.activeElement).size")
    assert reached >= wanted


async def test_a_page_that_was_cut_off_catches_up(seen: Seen) -> None:
    await seen.type("你好")
    await expect(seen.said()).to_have_count(2)
    await seen.page.context.set_offline(offline=True)
    await seen.page.evaluate("window.stop()")
    await seen.account.tell(HER, "您不在时来的")
    await seen.page.context.set_offline(offline=False)
    await seen.page.reload()
    await expect(seen.said()).to_have_text([re.compile("您好"), "听到：你好", "您不在时来的"])


async def test_two_pages_show_the_same(seen: Seen) -> None:
    other = await seen.page.context.new_page()
    await other.goto(f"{seen.account.address}/sandbox/")
    await seen.type("两处都看得到")
    said = other.locator("#phone-researcher .message.account .bubble")
    await expect(said.last).to_have_text("听到：两处都看得到")
    await expect(said).to_have_count(2)


async def test_a_narrow_screen_shows_one_phone_at_a_time(narrow: Seen) -> None:
    visible = narrow.page.locator(".phone").filter(visible=True)
    await expect(visible).to_have_count(1)
    overflow = await narrow.page.evaluate("document.documentElement.scrollWidth")
    assert overflow == 390
    badge = narrow.page.get_by_role("tab", name="局").locator("b")
    await expect(badge).to_have_text("1")
    await narrow.account.tell(BUREAU, "给局的消息")
    await expect(badge).to_have_text("2")
    await narrow.page.get_by_role("tab", name="局").tap()
    await expect(narrow.said("bureau").last).to_have_text("给局的消息")
    await expect(badge).to_be_hidden()
    await expect(visible).to_have_count(1)
    await narrow.type("在手机上", "bureau")
    await expect(narrow.said("bureau").last).to_have_text("听到：在手机上")
    area = await narrow.phone("bureau").get_by_role("textbox").bounding_box()
    assert area
    assert area["y"] + area["height"] <= 844


async def test_the_tabs_go_by_arrow_keys(narrow: Seen) -> None:
    await narrow.page.get_by_role("tab", name="她").focus()
    await narrow.page.keyboard.press("ArrowRight")
    him = narrow.page.get_by_role("tab", name="他")
    await expect(him).to_be_focused()
    await expect(him).to_have_attribute("aria-selected", "true")
    await expect(narrow.phone("engineer")).to_be_visible()
