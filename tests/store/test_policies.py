from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from store.database import Database
from store.policies import REGIONS, Deadline, PolicyBroken, PolicyVersion, in_force, load


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_reads(region: str) -> None:
    policy = load(region)
    assert policy.code == region
    assert policy.names.bureau
    assert len(policy.hash) == 64


def test_the_region_wins_over_the_default_and_cites() -> None:
    jinzhong = load("jinzhong")
    assert jinzhong.threshold_yuan.value == 200_000
    assert jinzhong.threshold_yuan.cite == "市科函〔2023〕5号第（一）条"
    assert jinzhong.filing.value == Deadline(30)
    assert jinzhong.names.hours == "工作日 8:30–17:30"
    assert load("jiaxing").filing.value == Deadline(30, working=True)
    assert load("alxa").threshold_yuan.value == 50_000
    assert jinzhong.invitation_valid.value == timedelta(days=7)
    assert jinzhong.invitation_valid.cite == ""


def test_cited_articles_stand_in_the_documents() -> None:
    folder = Path(__file__).parents[2].parent / "shared" / "policy"
    if not folder.exists():
        pytest.skip("the documents are not here")
    notice = (folder / "jinzhong-sharing-notice.txt").read_text()
    assert "单台套原值在 20 万元及以上" in notice.split("（一）")[1].split("(二)")[0]
    assert "三十日内" in notice.split("（六）")[1].split("（七）")[0]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[rules]\nthresold = 3", "thresold"),
        ("[rule]\n", "rule"),
        ('[names]\nnickname = "x"', "nickname"),
        ("[rules]\nthreshold_yuan = 3", "threshold_yuan"),
        ('[rules]\nthreshold_yuan = {value="x", document="", article=""}', "threshold_yuan"),
        ('[rules]\nfiling = {value="30", document="", article=""}', "filing"),
        ('[rules]\nlink_valid = {value="soon", document="", article=""}', "link_valid"),
        ("[rules", "site.toml"),
    ],
)
def test_a_wrong_key_is_refused_by_name(tmp_path: Path, text: str, named: str) -> None:
    extra = tmp_path / "site.toml"
    extra.write_text(text)
    with pytest.raises(PolicyBroken, match=named):
        load("jinzhong", extra=extra)


def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(PolicyBroken, match="mars"):
        load("mars")


def test_a_site_may_say_its_own(tmp_path: Path) -> None:
    extra = tmp_path / "site.toml"
    extra.write_text('[names]\nphone = "0354-0000000"')
    policy = load("jinzhong", extra=extra)
    assert policy.names.phone == "0354-0000000"
    assert policy.hash != load("jinzhong").hash


async def test_each_text_in_force_is_kept_once(database: Database, now: datetime) -> None:
    jinzhong, alxa = load("jinzhong"), load("alxa")
    async with database.begin() as session:
        first = await in_force(session, jinzhong, now)
        assert await in_force(session, jinzhong, now + timedelta(days=1)) == first
        assert await in_force(session, alxa, now) != first
        assert await session.scalar(select(func.count()).select_from(PolicyVersion)) == 2
        assert (await session.get_one(PolicyVersion, first)).text == jinzhong.text
