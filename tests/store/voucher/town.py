"""A programme with its firms, its provider and bookings, and short words for what is done."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from store import organisation, policies
from store.booking import Booking, Cooperation, Group, Mode
from store.booking import Status as Standing
from store.database import Database
from store.errors import Refused
from store.instrument import Instrument
from store.policies import Rule
from store.policies import load as policy_of
from store.voucher import apply, ledger, using
from store.voucher.apply import Application
from store.voucher.by import By
from store.voucher.ledger import NOBODY, Account
from store.voucher.programme import Programme
from store.voucher.table import Voucher, VoucherUse
from store.voucher.using import Service
from tests.store.people import person as somebody
from tests.store.search.catalogue import Shelf

CODE = "91350100M000100Y43"


@dataclass
class Town:
    """One programme on one database."""

    database: Database
    now: datetime
    rules: Programme
    known: list[int] = field(default_factory=list)
    """Firms."""
    numbers: list[int] = field(default_factory=list)
    """Bookings."""
    why: Refused | None = None
    """The last refusal."""

    async def built(self) -> "Town":
        """Put a provider and somebody who asks in place."""
        self.machine = await Shelf(self.database, self.now).add("扫描电镜")
        async with self.database.begin() as session:
            self.person = await somebody(session, self.now, openid="her")
            row = await session.get_one(Instrument, self.machine)
            self.provider = row.organisation_id
            self.policy = await policies.in_force(session, policy_of("jinzhong"), self.now)
        return self

    def by(self, *hats: str) -> By:
        """Who does it, now."""
        return By(self.person, frozenset(hats), self.now)

    async def fund(self, fen: int) -> None:
        """The programme's budget is so much."""
        self.rules = replace(self.rules, budget_fen=Rule(fen))
        async with self.database.begin() as session:
            await apply.fund(session, self.rules, self.by("city"))

    async def firms(self, count: int, *, start: int) -> list[int]:
        """Firms, by their numbers."""
        async with self.database.begin() as session:
            made = [
                await organisation.add(session, f"晋中第{n}科技有限公司", self.now)
                for n in range(start, start + count)
            ]
        self.known += made
        return made

    async def bookings(self, count: int) -> list[int]:
        """Bookings, by their numbers."""
        async with self.database.begin() as session:
            rows = [self._booking(n) for n in range(count)]
            session.add_all(rows)
            await session.flush()
            self.numbers += [row.id for row in rows]
            return [row.id for row in rows]

    def _booking(self, serial: int) -> Booking:
        start = self.now + timedelta(days=serial)
        return Booking(
            token=f"{start}{serial}",
            instrument_id=self.machine,
            organisation_id=self.provider,
            person_id=self.person,
            group=Group.ENTERPRISE,
            mode=Mode.SELF,
            cooperation=Cooperation.OWN,
            status=Standing.APPROVED,
            starts_at=start,
            ends_at=start + timedelta(hours=2),
            price={},
            policy_id=self.policy,
            requested_at=self.now,
            version=1,
            changed_at=self.now,
        )

    async def asked(self, session: AsyncSession, firm: int, fen: int) -> Voucher:
        """A firm applies."""
        told = Application(firm, self.person, None, CODE, "2023330226A0001234", "检测", fen)
        return await apply.apply(session, self.rules, told, self.now)

    async def granted(self, firm: int, fen: int) -> Voucher | None:
        """A firm applies and is granted all; nothing where a rule says no."""
        try:
            async with self.database.begin() as session:
                voucher = await self.asked(session, firm, fen)
                return await apply.grant(session, self.rules, voucher, fen, self.by("city"))
        except Refused as why:
            self.why = why
            return None

    async def reserved(self, voucher: Voucher, number: int, price: int) -> VoucherUse | None:
        """A voucher is to pay for a booking; nothing where a rule says no."""
        service = Service(number, self.provider, price, on_platform=True)
        try:
            async with self.database.begin() as session:
                there = await session.get_one(Voucher, voucher.id)
                return await using.reserve(session, self.rules, there, service, self.by("user"))
        except Refused as why:
            self.why = why
            return None

    async def balance(self, account: Account, voucher: Voucher | None = None) -> int:
        """What an account holds."""
        async with self.database.read() as session:
            owner = voucher.id if voucher else NOBODY
            return await ledger.balance(session, self.rules.code, account, owner)

    async def differences(self) -> list[str]:
        """What does not add up."""
        async with self.database.read() as session:
            return await ledger.differences(session)
