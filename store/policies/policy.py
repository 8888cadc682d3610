"""What a region's rules are; a new key is one line here and one in default.toml."""

from dataclasses import dataclass
from datetime import timedelta

from store.policies.rule import Deadline, Names, Rule


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one region, as they stand in one version of its files."""

    code: str
    names: Names
    hash: str
    """SHA-256 of `text`, in hexadecimal."""
    text: str
    """The files this was read from, one after the other."""
    threshold_yuan: Rule[int]
    """Original value from which an instrument must be shared."""
    filing: Rule[Deadline]
    """From acceptance until the instrument is to be reported."""
    invitation_valid: Rule[timedelta]
    affiliation_valid: Rule[timedelta]
    """How long a confirmed affiliation holds when no end is named."""
    affiliation_longest: Rule[timedelta]
    claim_valid: Rule[timedelta]
    """How long a claimed affiliation waits for its confirmation."""
    personal_kept: Rule[timedelta]
    """How long personal data is kept after the follower left."""
    file_kept: Rule[timedelta]
    """How long a personal file is kept after it was handed up."""
    link_valid: Rule[timedelta]
    link_window: Rule[timedelta]
    """How long a download may be repeated after it was first confirmed."""
    calendar_valid: Rule[timedelta]
    """How long the address of a calendar feed is good."""
    voucher_platform: Rule[bool]
    """Whether vouchers pay for instruments on the provincial platform, and for no others."""
    bind_tries: Rule[int]
    """Wrong codes one follower may send in an hour."""
    office_hours: Rule[str]
    """Weekly hours where a ledger names days and no hours; only a proposal where it names none."""
    booking_notice: Rule[timedelta]
    """How long before its start a booking is asked for at the latest."""
    booking_horizon: Rule[timedelta]
    """How far ahead one may book."""
    booking_shortest: Rule[timedelta]
    booking_longest: Rule[timedelta]
    booking_grid: Rule[int]
    """Bookings start and end at multiples of so many minutes; 0: anywhere."""
    buffer_before: Rule[timedelta]
    """Time on the instrument that each booking takes before its start."""
    buffer_after: Rule[timedelta]
    bookings_week: Rule[int]
    """Bookings of one person on one instrument in one week (from Monday); 0: any number."""
    time_week: Rule[timedelta]
    """Time of one person on one instrument in one week; 0 minutes: any."""
    booking_approval: Rule[bool]
    """Whether a keeper confirms each booking; else it stands at once."""
    prompt_answer: Rule[bool]
    """Whether the unit must answer a request; `answer` says in what time."""
    answer: Rule[Deadline]
    """Until the first answer to a request."""
    answer_reminder: Rule[timedelta]
    """How long before a request must be answered its keeper is reminded."""
    answer_window: Rule[timedelta]
    """How far back response times are looked at."""
    escalation: Rule[Deadline]
    """After which an unanswered request is the bureau's."""
    hold: Rule[Deadline]
    """How long an unanswered request, or an offer, holds its period."""
    cancel_free: Rule[timedelta]
    """How long before its start a booking may still be cancelled without consequence."""
    undo: Rule[timedelta]
    """How long after one may take back what one just did."""
    check_in_early: Rule[timedelta]
    """How long before its start one may check in."""
    late_after: Rule[timedelta]
    """How long after its start a booking that nobody took up is missed."""
    late_arrival: Rule[timedelta]
    """How long after its start checking in is late."""
    check_out_late: Rule[timedelta]
    """How long after its end one may still check out; then it ended where it was booked to."""
    late_counts: Rule[bool]
    """Whether coming late is a strike."""
    early_share: Rule[int]
    """Per cent of the period: who leaves before that left early; 0: nobody."""
    early_counts: Rule[bool]
    """Whether leaving early is a strike."""
    late_cancel_counts: Rule[bool]
    """Whether cancelling after `cancel_free` is a strike."""
    record_within: Rule[timedelta]
    """How long afterwards a keeper may write a use down by hand."""
    strikes: Rule[int]
    """Strikes that stop a person from booking."""
    strikes_warned: Rule[int]
    """Strikes after which a person is warned; fewer than `strikes`."""
    strikes_counted: Rule[timedelta]
    """How long a strike counts."""
    notices_day: Rule[int]
    """Notices a person and day, of those that can wait; more wait for the next day."""
    quiet_begins: Rule[timedelta]
    quiet_ends: Rule[timedelta]
    booking_ban: Rule[timedelta]
    """How long a person cannot book after too many strikes."""
    watches: Rule[int]
    """Watches for free time that one person may keep at once."""
    watch_turn: Rule[timedelta]
    """How long freed time is left to the first who waits before the next is told."""
    members_first: Rule[bool]
    """Whether members of the alliance come first."""
    platform_request: Rule[bool]
    """Whether what is on the provincial platform can be asked for there as well."""
    contract_required: Rule[bool]
    """Whether unit and user agree a contract before use."""
    operating_rules: Rule[bool]
    """Whether users must keep to the unit's operating rules, and say so before their first use."""
    independent_ip: Rule[bool]
    """Whether what comes of independent work belongs to the user."""
    joint_ip: Rule[bool]
    """Whether the ownership of what comes of joint work is agreed beforehand."""
    users_protected: Rule[bool]
    """Whether the unit protects who used what, and the data that came of it."""
    customs_approval: Rule[bool]
    """Whether others use a supervised duty-free import only with the customs' approval."""
    customs_period: Rule[timedelta]
    """How long after its release an import is supervised."""
    customs_kinds: Rule[str]
    """For what others may use it then, `、` between the kinds."""
    objection: Rule[Deadline]
    """How long a user may object to a fee; then it stands."""
    results_marked: Rule[bool]
    """Whether papers must always name the instrument; else where its unit asks for it."""
    outcome_asked: Rule[timedelta]
    """How long after use one is asked what came of it."""
    fee_basis: Rule[str]
    """By what principle a unit sets its fee, in words for people."""
    costs_published: Rule[bool]
    """Whether a unit publishes what its fee is made of."""
    income_uses: Rule[str]
    """What a unit may use its income for, in the document's words, `、` between them."""
    voucher_programme: Rule[str]
    """The programme of vouchers in force, by its file in store/voucher/programmes; may be none."""
    disputes_settled: Rule[bool]
    """Whether the bureau settles questions and disputes between unit and user."""
    ticket_lapses: Rule[Deadline]
    """How long an answered ticket waits for its user's word before it is closed."""
    unit_answers_complaints: Rule[bool]
    """Whether a complaint about a unit's service is answered by the unit first, or the bureau."""
    rating_change: Rule[timedelta]
    """How long a rating may be changed."""
    ticket_answer: Rule[Deadline]
    """Until the first answer to a question, a complaint, a dispute."""
