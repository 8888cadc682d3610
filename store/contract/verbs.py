"""Making, sharing, agreeing and ending contracts. Whoever is no party finds no contract."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from store import personal, policies, privacy
from store.booking.table import Booking, Cooperation, Group
from store.contract.compose import compose, hashed
from store.contract.reading import (
    Party,
    SignerUnnamed,
    agreed_sides,
    of_booking,
)
from store.contract.table import (
    LIFECYCLE,
    Answer,
    Contract,
    ContractText,
    ContractWord,
    Side,
    Status,
)
from store.errors import Refused
from store.event import Event, record
from store.person import inserting
from store.policies import Policy
from store.swap import swap

S = Status
LONGEST_SHARE, LONGEST_REASON = 200, 200
PARTY = frozenset({"party"})


@dataclass(eq=False)
class ShareMissing(Refused):
    """Joint work: whose its results are is agreed before anything else: （十二） of Jinzhong."""

    number: str
    cite: str


@dataclass(eq=False)
class WordsUnfit(Refused):
    """A reason or a share needs words, at most so many characters."""

    longest: int


@dataclass(frozen=True, slots=True)
class Signer:
    """Who speaks, and as which side."""

    secret: bytes
    party: Party


async def make(
    session: AsyncSession, booking: Booking, policy: Policy, now: datetime
) -> Contract | None:
    """The contract of an approved booking, made once; nothing where none is needed.

    The one of the booking that this one took the place of is void; what was agreed of joint work
    is taken over.
    """
    if booking.group is Group.OWN or not policy.contract_required.value:
        return None
    if (made := await of_booking(session, booking.id)) is not None:
        return await _revived(session, made, now) if made.status is S.VOID else made
    before = await of_booking(session, booking.replaces_id) if booking.replaces_id else None
    if before is not None:
        await void(session, before, now)
    row = await _insert(session, booking, before, policy, now)
    await _tell(session, row, "make", None, now)
    return row


async def _revived(session: AsyncSession, row: Contract, now: datetime) -> Contract:
    """A booking that was called off by a slip is back: so is what was agreed of it."""
    whole = row.text_hash is not None and await agreed_sides(session, row) == set(Side)
    status = S.AGREED if whole else S.OPEN if row.text_hash else S.SHARING
    row = await swap(session, row, "revive", status=status, changed_at=now)
    await _tell(session, row, "revive", None, now)
    return row


async def _insert(
    session: AsyncSession,
    booking: Booking,
    before: Contract | None,
    policy: Policy,
    now: datetime,
) -> Contract:
    joint = booking.cooperation is Cooperation.JOINT
    share = before.share if before and joint else None
    row = Contract(
        booking_id=booking.id,
        instrument_id=booking.instrument_id,
        organisation_id=booking.organisation_id,
        person_id=booking.person_id,
        employer_id=booking.employer_id,
        cooperation=booking.cooperation,
        share=share,
        status=S.SHARING if joint and share is None else S.OPEN,
        policy_id=await policies.in_force(session, policy, now),
        version=1,
        made_at=now,
        changed_at=now,
    )
    session.add(row)
    await session.flush()
    if row.status is S.OPEN:
        row.text_hash = await _keep(session, await compose(session, row, booking, policy), now)
        await session.flush()
    return row


async def _keep(session: AsyncSession, text: str, now: datetime) -> str:
    """Keep a text, once."""
    digest = hashed(text)
    row = {"hash": digest, "text": text, "made_at": now}
    added = inserting(session, ContractText).values(**row)
    await session.execute(added.on_conflict_do_nothing(index_elements=["hash"]))
    return digest


async def share(
    session: AsyncSession, by: Party, words: str, policy: Policy, now: datetime
) -> Contract:
    """Say who owns what comes of joint work: a new text, which both sides have to agree to.

    Raises NotNow, WordsUnfit.
    """
    contract, said = by.contract, _fit(words, LONGEST_SHARE)
    LIFECYCLE.move("share", contract.status, PARTY)
    booking = await session.get_one(Booking, contract.booking_id)
    contract = await swap(
        session,
        contract,
        "share",
        status=S.OPEN,
        share=said,
        cooperation=Cooperation.JOINT,
        changed_at=now,
    )
    text = await compose(session, contract, booking, policy)
    contract.text_hash = await _keep(session, text, now)
    await session.flush()
    await _tell(session, contract, "share", by, now)
    return contract


async def agree(session: AsyncSession, signer: Signer, policy: Policy, now: datetime) -> Contract:
    """One side agrees to the text as it stands; with the other side's word it is concluded.

    Raises ShareMissing, SignerUnnamed, NotNow.
    """
    by, contract = signer.party, signer.party.contract
    if contract.text_hash is None and contract.status is not S.VOID:
        raise ShareMissing(f"HT{contract.id}", policy.joint_ip.cite)
    if contract.status is S.DECLINED:
        contract = await swap(session, contract, "reopen", status=S.OPEN, changed_at=now)
    LIFECYCLE.move("agree", contract.status, PARTY)
    if by.side in await agreed_sides(session, contract):
        return contract
    await _say(session, signer, Answer.AGREE, None, now)
    whole = await agreed_sides(session, contract) == set(Side)
    verb, status = ("conclude", S.AGREED) if whole else ("agree", S.OPEN)
    agreed_at = now if whole else None
    contract = await swap(
        session, contract, verb, status=status, agreed_at=agreed_at, changed_at=now
    )
    await _tell(session, contract, verb, by, now)
    return contract


async def decline(session: AsyncSession, signer: Signer, reason: str, now: datetime) -> Contract:
    """One side does not agree, and says why. Raises NotNow, WordsUnfit."""
    contract, said = signer.party.contract, _fit(reason, LONGEST_REASON)
    move = LIFECYCLE.move("decline", contract.status, PARTY)
    await _say(session, signer, Answer.DECLINE, said, now)
    status = S(move.new)
    contract = await swap(session, contract, "decline", status=status, changed_at=now)
    await _tell(session, contract, "decline", signer.party, now)
    return contract


async def void(session: AsyncSession, contract: Contract, now: datetime) -> None:
    """The booking came to nothing, or has another contract."""
    if contract.status is not S.VOID:
        contract = await swap(session, contract, "void", status=S.VOID, changed_at=now)
        await _tell(session, contract, "void", None, now)


async def void_of(session: AsyncSession, booking_ids: Iterable[int], now: datetime) -> None:
    """End the contracts of bookings that came to nothing."""
    theirs = Contract.booking_id.in_(list(booking_ids)) & (Contract.status != S.VOID)
    for row in (await session.scalars(select(Contract).where(theirs))).all():
        await void(session, row, now)


async def _say(
    session: AsyncSession, signer: Signer, answer: Answer, reason: str | None, now: datetime
) -> None:
    """Keep a side's word, with the name they gave."""
    by, contract = signer.party, signer.party.contract
    name = (await personal.known(session, signer.secret, by.person_id)).name
    if not name and answer is Answer.AGREE:
        raise SignerUnnamed
    sealed = None
    if name:
        key = await personal.key_of(session, signer.secret, by.person_id)
        about = f"contract:{contract.id}"
        sealed = privacy.seal(privacy.derive(key, "contract"), name.encode(), about)
    word = ContractWord(
        contract_id=contract.id,
        side=by.side,
        answer=answer,
        person_id=by.person_id,
        at=now,
        text_hash=contract.text_hash,
        name=sealed,
        reason=reason,
    )
    session.add(word)
    await session.flush()


async def _tell(
    session: AsyncSession, contract: Contract, verb: str, by: Party | None, now: datetime
) -> None:
    facts = {"side": str(by.side)} if by else {}
    actor = by.person_id if by else None
    await record(session, Event("contract", contract.id, verb, contract.version, now, actor, facts))


def _fit(words: str, longest: int) -> str:
    said = " ".join(words.split())
    if not 0 < len(said) <= longest:
        raise WordsUnfit(longest)
    return said
