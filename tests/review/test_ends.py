"""What must come to its end by itself."""

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from store import affiliation, organisation
from store.database import Database
from store.file import Vault
from store.person import Grant, Role, grants
from store.policies import load
from store.retention import sweep
from tests.store.people import person

POLICY = load("jinzhong")


async def test_a_role_ends_with_the_work_it_hangs_on(database: Database, now: datetime) -> None:
    async with database.begin() as session:
        unit = await organisation.add(session, "甲厂", now)
        other = await organisation.add(session, "乙厂", now)
        here, there = Grant(Role.KEEPER, unit), Grant(Role.KEEPER, other)
        her = await person(session, now, here, there, Grant(Role.BUREAU))
        await affiliation.invited(session, POLICY, person_id=her, organisation_id=unit, now=now)
        later = now + POLICY.affiliation_valid.value
        await affiliation.sweep(session, later)
        assert await grants(session, her) == {there, Grant(Role.BUREAU)}


async def test_what_a_killed_process_was_taking_in_goes(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    vault = Vault(tmp_path)
    left, coming = vault.receive(), vault.receive()
    left._out.close()
    old = (now - timedelta(days=1)).timestamp()
    os.utime(left._path, (old, old))
    os.utime(coming._path, (now.timestamp(), now.timestamp()))
    async with database.begin() as session:
        await sweep(session, POLICY, now, vault)
    assert not left._path.exists()
    assert coming._path.exists()
    coming.drop()


PERIODIC = {
    "forget repeats": "delete from repeat_key where at < 1",
    "links": "delete from signed_link where expires_at < 1",
    "tries": "delete from bind_try where hour < 1",
    "left": "select id from person where left_at <= 1 and forgotten_at is null limit 200",
    "files due": "select id from stored_file where ends_at <= 1 and removed_at is null",
    "files gone": "select id from stored_file where removed_at < 1 and unlinked_at is null",
    "affiliations": "select id from affiliation where (status = ? and waits_until <= 1)"
    " or (status = ? and ends_at <= 1)",
    "own affiliations": "select id from affiliation where person_id = ? and status in (?, ?)",
    "own notices": "update outbox set facts = ? where person_id = ?",
    "own files": "select id from stored_file where owner_id = ?",
    "own codes": "select id from invitation where used_by = ?",
    "conversations of the forgotten": "delete from conversation where person_id in"
    " (select id from person where forgotten_at is not null)",
    "changed": "select seq, at, instrument_id from catalogue_change where seq > 1 limit 200",
    "holders": "select person_id from role_grant where role = ? and ended_at is null",
    "open roles": "select * from role_grant where person_id = ? and ended_at is null",
    "claims": "select * from affiliation where status = ? and organisation_id in"
    " (select organisation_id from role_grant where person_id = ?)",
}


@pytest.mark.parametrize("what", PERIODIC)
async def test_nothing_that_runs_often_reads_a_whole_table(
    sqlite_database: Database, what: str
) -> None:
    async with sqlite_database.reader.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        sql = PERIODIC[what]
        places = (1,) * sql.count("?")
        plan = await driver.execute_fetchall(f"EXPLAIN QUERY PLAN {sql}", places)
    scans = [row[3] for row in plan if row[3].startswith("SCAN") and "USING" not in row[3]]
    assert scans == []
