"""The times at which a service can be booked: one pure function for lists, checks and holds.

A visit takes resources of each kind that the service needs. It is inside the hours of all of them,
and each has a lane that is free of claims for the visit and its buffers.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from core.minutes import Span, at_least, covered, runs
from models.bookings.setting_up.resources import ResourceKind
from services.bookings.slots.hours import Grid, Hours, MinuteWindow

# Starts are counted from the hours of the first kind that a service needs, and it is chosen.
LEADING = (ResourceKind.STAFF, ResourceKind.ROOM, ResourceKind.EQUIPMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of a service for its visits, in minutes, and the resources that each needs."""

    duration: int
    before: int
    after: int
    grid: Grid
    needs: Mapping[ResourceKind, int]
    visits: int = 1  # in a row, such as one for each pet

    @property
    def leading(self) -> ResourceKind | None:
        return next((kind for kind in LEADING if kind in self.needs), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A resource that the service can take. `lanes` has the claims of each lane.

    `former_lanes` has those of lanes that it has no more: each takes the place of one that it has.
    `duration` and `price` are its own, in place of the service's.
    """

    id: UUID
    kind: ResourceKind
    hours: Hours
    lanes: Sequence[Sequence[Span]]
    former_lanes: Sequence[Sequence[Span]] = ()
    duration: int | None = None
    price: int | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """The starts of visits of one length at a resource, by what can close a time.

    `inside` are those whose visit is within its hours, `grid` those that are counted from them,
    and `lanes` those at which each lane is free of claims.
    """

    inside: int
    grid: int
    lanes: Sequence[int]

    def starts(self, *, grid: bool, claims: bool) -> int:
        minutes = self.inside
        if grid:
            minutes &= self.grid
        return minutes & at_least(1, self.lanes) if claims else minutes

    def lanes_at(self, minute: int) -> list[int]:
        """Return the lanes that are free for a visit, if the hours allow one."""
        if not self.inside >> minute & 1:
            return []
        return [lane for lane, starts in enumerate(self.lanes) if starts >> minute & 1]


@dataclass(slots=True, kw_only=True)
class Slots:
    """The slots of a service in a window, of whose start minutes are counted.

    With `anytime`, hours and steps close nothing, only claims.
    """

    window: MinuteWindow
    rules: Rules
    candidates: Sequence[Candidate]
    closed: Collection[date] = ()
    anytime: bool = False
    _of_kind: dict[ResourceKind, list[Candidate]] = field(init=False)
    _fits: dict[tuple[UUID, int], Fit] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._of_kind = defaultdict(list)
        for candidate in self.candidates:
            self._of_kind[candidate.kind].append(candidate)

    def leads(self, wanted: Collection[UUID] | None = None) -> list[Candidate]:
        """Return the candidates of the leading kind, or those of them that are wanted."""
        leading = self.rules.leading
        found = self._of_kind[leading] if leading else []
        return [one for one in found if wanted is None or one.id in wanted]

    def lacks(self, wanted: Collection[UUID] | None = None) -> bool:
        """Return whether there are too few resources at any time."""
        few = any(len(self._of_kind[kind]) < count for kind, count in self.rules.needs.items())
        return few or not self.leads(wanted)

    def length(self, lead: Candidate) -> int:
        return (lead.duration or self.rules.duration) * self.rules.visits

    def starts(
        self,
        wanted: Collection[UUID] | None = None,
        *,
        grid: bool = True,
        claims: bool = True,
    ) -> int:
        """Return the starts that any of the wanted candidates can take.

        Without `grid` also those between steps, without `claims` as if nothing was taken.
        """
        minutes = 0
        for one in self._starts_of_each(wanted, grid=grid, claims=claims).values():
            minutes |= one
        return minutes

    def starts_of_each(self, wanted: Collection[UUID] | None = None) -> dict[UUID, int]:
        """Return the starts of each wanted candidate."""
        return self._starts_of_each(wanted, grid=True, claims=True)

    def _starts_of_each(
        self, wanted: Collection[UUID] | None, *, grid: bool, claims: bool
    ) -> dict[UUID, int]:
        together: dict[int, int] = {}
        found = {}
        for lead in self.leads(wanted):
            length = self.length(lead)
            if length not in together:
                together[length] = self._together(length, claims=claims)
            own = self.fit(lead, length).starts(grid=grid, claims=claims)
            found[lead.id] = own & together[length]
        return found

    def _together(self, length: int, *, claims: bool) -> int:
        """Return the starts at which the other resources of a visit are free, enough of each kind.

        A visit with two members of staff has the wanted one, whose grid counts, and any other.
        """
        minutes = self.window.all
        for kind, count in self.rules.needs.items():
            leading = kind is self.rules.leading
            if leading and count == 1:
                continue
            fits = (self.fit(one, length) for one in self._of_kind[kind])
            minutes &= at_least(count, (fit.starts(grid=False, claims=claims) for fit in fits))
        return minutes

    def left_of(self, minute: int, leads: Collection[UUID]) -> int:
        """Return how many visits the leads and the other resources can still take at a minute."""
        longest = max(self.length(one) for one in self.leads(leads))
        counts = []
        for kind, count in self.rules.needs.items():
            leading = kind is self.rules.leading
            lanes = (
                len(self.fit(one, self.length(one) if leading else longest).lanes_at(minute))
                for one in (self.leads(leads) if leading else self._of_kind[kind])
            )
            counts.append(sum(lanes) // count)
        return max(1, min(counts))

    def free(self, kind: ResourceKind, minute: int, length: int) -> list[tuple[UUID, int]]:
        """Return the resources that are free for a visit, each with its lowest free lane."""
        return [
            (one.id, lanes[0])
            for one in self._of_kind[kind]
            if (lanes := self.fit(one, length).lanes_at(minute))
        ]

    def fit(self, candidate: Candidate, length: int) -> Fit:
        key = candidate.id, length
        if key not in self._fits:
            self._fits[key] = self._fit(candidate, length)
        return self._fits[key]

    def _fit(self, candidate: Candidate, length: int) -> Fit:
        every_minute, rules = self.window.all, self.rules
        works = grid = every_minute
        if not self.anytime:
            works, grid = candidate.hours.sets(self.window, rules.grid, self.closed)
        kept = rules.before + length + rules.after
        free = runs(every_minute, kept) << rules.before  # of the many lanes without any claim
        lanes, former = (
            [
                runs(every_minute & ~covered(claims, self.window.size), kept) << rules.before
                if claims
                else free
                for claims in of_lanes
            ]
            for of_lanes in (candidate.lanes, candidate.former_lanes)
        )
        for one in former:
            _close_one(lanes, every_minute & ~one)
        return Fit(runs(works, length), grid, lanes)


def _close_one(lanes: list[int], taken: int) -> None:
    """Close one more lane, the highest that is open, at each start that is taken."""
    for place in reversed(range(len(lanes))):
        closed = lanes[place] & taken
        lanes[place] &= ~closed
        taken &= ~closed
