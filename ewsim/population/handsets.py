"""Handsets: who carries which phone, drawn from shares that may differ between groups."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ewsim.geography.plane import FloatArray
from ewsim.population.people import (
    AGE_BANDS,
    CB_LEVELS,
    DISABILITIES,
    POVERTIES,
    RESIDENCES,
    ROAMS,
    ROAMS_SILENT,
    SEXES,
    Handsets,
    People,
)
from ewsim.population.shard import NOT_KNOWN, Sizes
from ewsim.scenario.spec import GroupRatioSpec, HandsetSpec, OperatorSpec
from ewsim.settlement.kinds import SETTLEMENTS
from ewsim.streams import Streams
from ewsim.units import GSM, LTE, NEVER, RATS, UMTS, US

_TEST_LEVELS = ("test", "exercise")


def make_handsets(
    spec: HandsetSpec,
    operators: tuple[OperatorSpec, ...],
    people: People,
    streams: Streams,
    sizes: Sizes = NOT_KNOWN,
) -> tuple[Handsets, NDArray[np.int32]]:
    """The handsets, and for each person the number of the handset carried (-1: none).

    Nobody carries two. A phone can use its best technology and all older ones; with 4G or 5G it is
    a smartphone (assumption). Nobody has a phone that is too old for their operator: it has at least
    the oldest technology that the operator has on air (assumption). Levels 2, 3, 4, amber and info
    are switched on or off together, and so are test and exercise (assumption); level 1 cannot be
    switched off. Groups own phones and smartphones, and have them on, by their ratios; the stated
    shares over everyone of 10 and over, and over all owners, stay (`calibrated`), but for the phones
    that were too old.

    Parameters
    ----------
    spec
        The shares.
    operators
        With their market shares.
    people
        Who can own a phone.
    streams
        The random numbers.
    sizes
        How many there are of each combination of groups, where these people are a shard.
    """
    streams = streams.country().from_row(people.first)
    everyone = np.arange(len(people), dtype=np.int64)
    owner = owners(spec, people, streams, sizes)
    carried = np.full(everyone.size, -1, dtype=np.int32)
    carried[owner] = np.arange(owner.size, dtype=np.int32)
    if spec.shared_phone_share > 0:
        _share(spec.shared_phone_share, people, carried, streams)

    operator = streams.choice("population.operator", owner, [each.share for each in operators])
    oldest = np.array([min(RATS.index(rat) for rat in each.rats) for each in operators])
    best = np.maximum(_best(spec, people, owner, streams, sizes), oldest[operator])
    capable = np.full(len(RATS), spec.cb_capable_share)
    capable[GSM], capable[UMTS] = spec.cb_capable_2g_share, spec.cb_received_3g_share
    enabled = streams.uniform("population.enabled", owner) < spec.enabled_share
    tests = streams.uniform("population.test_enabled", owner) < spec.test_enabled_share
    on_from, on_to = on_times(spec, people, owner, streams, sizes)
    handsets = Handsets(
        owner=owner.astype(np.int32),
        operator=operator.astype(np.int16),
        rats=((1 << (best + 1)) - 1).astype(np.uint8),
        smartphone=best >= LTE,
        cb_capable=streams.uniform("population.cb_capable", owner) < capable[best],
        channels=_channels(enabled, tests),
        on_from_us=on_from,
        on_to_us=on_to,
    )
    return handsets, carried


def owners(
    spec: HandsetSpec, people: People, streams: Streams, sizes: Sizes = NOT_KNOWN
) -> NDArray[np.int64]:
    """Who has a phone of their own.

    Parameters
    ----------
    spec, people
        As in `make_handsets`.
    streams
        The random numbers of these rows.
    sizes
        How many there are of each combination of groups, where these people are a shard.
    """
    child = people.age_band == 0
    code, ratio = _ratios(spec.ratios, people, "ownership_ratio")
    size = _size_of(code, ratio, ~child) if sizes.ownership is None else sizes.ownership
    ownership = calibrated(spec.ownership_share, code, ratio, size)
    ownership[child] = spec.child_ownership_share
    return np.flatnonzero(streams.uniform("population.owns", np.arange(len(people))) < ownership)


def owner_sizes(spec: HandsetSpec, people: People, owner: NDArray[np.int64] | None) -> Sizes:
    """How many there are of each combination of groups: among people, or among owners of phones.

    Parameters
    ----------
    spec
        Whose ratios the groups have.
    people
        All of them.
    owner
        Who has a phone, shape (phones,); None: not known yet.
    """
    if owner is None:
        code, ratio = _ratios(spec.ratios, people, "ownership_ratio")
        return Sizes(ownership=_size_of(code, ratio, people.age_band != 0))
    found = {}
    for name in ("smartphone", "on"):
        code, ratio = _ratios(spec.ratios, people, f"{name}_ratio")
        found[name] = _size_of(code[owner], ratio)
    return Sizes(**found)


def _size_of(
    code: NDArray[np.int64], ratio: FloatArray, counts: NDArray[np.bool_] | slice = slice(None)
) -> FloatArray:
    """How many of those who count have each combination of groups."""
    return np.bincount(code[counts], minlength=ratio.size).astype(np.float64)


def calibrated(share: float, code: NDArray[np.int64], ratio: FloatArray, size: FloatArray) -> FloatArray:
    """Probabilities in the ratios of groups whose mean over those that count is the share.

    Nobody's exceeds 1: what is cut off there goes to the others.

    Parameters
    ----------
    share
        The mean wanted [share].
    code
        The combination of groups of each person, shape (people,).
    ratio
        The ratio of each combination [1], shape (combinations,).
    size
        How many of those who count for the mean have each combination [1], shape (combinations,).
    """
    wanted = share * size.sum()
    low, high = 0.0, 1.0 / max(float(ratio[ratio > 0].min(initial=1.0)), 1e-9)
    for _ in range(60):
        middle = (low + high) / 2
        if size @ np.minimum(1.0, middle * ratio) < wanted:
            low = middle
        else:
            high = middle
    return np.asarray(np.minimum(1.0, high * ratio)[code])


def _ratios(
    rules: tuple[GroupRatioSpec, ...], people: People, what: str
) -> tuple[NDArray[np.int64], FloatArray]:
    """Which rules apply to each person, as bits of a code; the product of ratios by code."""
    code = np.zeros(len(people), dtype=np.int64)
    ratio = np.ones(1)
    for bit, rule in enumerate(rule for rule in rules if getattr(rule, what) != 1):
        code |= _applies(rule, people).astype(np.int64) << bit
        ratio = np.concatenate([ratio, ratio * getattr(rule, what)])
    return code, ratio


def _of_owners(
    share: float,
    rules: tuple[GroupRatioSpec, ...],
    people: People,
    owner: NDArray[np.int64],
    what: str,
    size: FloatArray | None,
) -> FloatArray:
    """Probabilities of phone owners by their groups' ratios; over all owners they give the share."""
    code, ratio = _ratios(rules, people, what)
    return calibrated(share, code[owner], ratio, _size_of(code[owner], ratio) if size is None else size)


def _applies(rule: GroupRatioSpec, people: People) -> NDArray[np.bool_]:
    """Who belongs to all groups that a rule names."""
    out = np.ones(len(people), dtype=np.bool_)
    for name, values, names in (
        (rule.sex, people.sex, SEXES),
        (rule.disability, people.disability, DISABILITIES),
        (rule.settlement, people.settlement, SETTLEMENTS),
        (rule.poverty, people.poverty, POVERTIES),
        (rule.residence, people.residence, RESIDENCES),
    ):
        if name is not None:
            out &= values == names.index(name)
    if rule.age_bands:
        out &= np.isin(people.age_band, [AGE_BANDS.index(band) for band in rule.age_bands])
    return out


def _best(
    spec: HandsetSpec, people: People, owner: NDArray[np.int64], streams: Streams, sizes: Sizes
) -> NDArray[np.int64]:
    """Best technology of each owner's phone: smart or not by group, then by the shares within."""
    share = np.array([spec.rat_shares.get(rat, 0.0) for rat in RATS])
    share = share / share.sum()
    wanted = float(share[LTE:].sum())
    smart = _of_owners(wanted, spec.ratios, people, owner, "smartphone_ratio", sizes.smartphone)
    # One draw: old technologies below 1 - smart in their shares, then the new ones in theirs.
    u = streams.uniform("population.rat", owner)
    old = 1.0 - smart
    within_old = np.cumsum(share[:LTE]) / max(float(share[:LTE].sum()), 1e-300)
    within_new = np.cumsum(share[LTE:]) / max(float(share[LTE:].sum()), 1e-300)
    best = np.searchsorted(within_old, u / np.maximum(old, 1e-300), side="right")
    new = u >= old
    best[new] = LTE + np.searchsorted(
        within_new, (u[new] - old[new]) / np.maximum(smart[new], 1e-300), side="right"
    )
    return np.minimum(best, len(RATS) - 1)


def _share(share: float, people: People, carried: NDArray[np.int32], streams: Streams) -> None:
    """Some without a phone live with somebody who has one: the last owner before them in the zone.

    Whoever arrives during the run shares with others who do.
    """
    without = np.flatnonzero((carried < 0) & (people.age_band > 0))
    some = without[streams.uniform("population.shares_phone", without) < share]
    before = np.maximum.accumulate(np.where(carried >= 0, np.arange(carried.size), -1))
    with_whom = before[some]
    resident = people.there(-NEVER)
    good = (with_whom >= 0) & (people.zone[with_whom] == people.zone[some])
    good &= resident[with_whom] == resident[some]
    carried[some[good]] = carried[with_whom[good]]


def together(people: People, handsets: Handsets, carried: NDArray[np.int32]) -> People:
    """The people, each with a handset, and with its owner.

    Assumption: a shared phone and those who share it stay together.

    Parameters
    ----------
    people
        All of them.
    handsets
        Their handsets.
    carried
        The handset that each person carries, -1 without, shape (people,).
    """
    like = np.arange(len(people))
    has = carried >= 0
    like[has] = handsets.owner[carried[has]]
    if (like == np.arange(len(people))).all():
        return replace(people, handset=carried)
    return replace(
        people,
        handset=carried,
        x_m=people.x_m[like],
        y_m=people.y_m[like],
        journeys=people.journeys.taken(like),
        arrives_us=None if people.arrives_us is None else people.arrives_us[like],
    )


def visitors_roam(spec: HandsetSpec, people: People, handsets: Handsets, streams: Streams) -> Handsets:
    """The handsets, those of visitors with a SIM from abroad; some of these show no warnings here.

    Phones with a second SIM keep theirs: their first is taken for one bought here (assumption).

    Parameters
    ----------
    spec
        The shares.
    people
        Who is a visitor.
    handsets
        Their handsets.
    streams
        The random numbers.
    """
    owner = handsets.owner.astype(np.int64)
    single = handsets.second < 0
    single[handsets.second[handsets.second >= 0]] = False
    streams = streams.country().from_row(people.first)
    roams = single & (handsets.sim == 0) & (people.residence[owner] == RESIDENCES.index("visitor"))
    roams &= streams.uniform("population.visitor_sim", owner) < spec.visitor_roaming_share
    shows = streams.uniform("population.roaming", owner) < spec.roaming_received_share
    return replace(
        handsets, sim=np.where(roams, np.where(shows, ROAMS, ROAMS_SILENT), handsets.sim).astype(np.int8)
    )


def _channels(enabled: NDArray[np.bool_], tests: NDArray[np.bool_]) -> NDArray[np.uint16]:
    bits = np.zeros(enabled.size, dtype=np.uint16)
    for n, level in enumerate(CB_LEVELS):
        on = np.ones_like(enabled) if n == 0 else tests if level in _TEST_LEVELS else enabled
        bits |= on.astype(np.uint16) << np.uint16(n)
    return bits


def on_times(
    spec: HandsetSpec, people: People, owner: NDArray[np.int64], streams: Streams, sizes: Sizes = NOT_KNOWN
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """From when and until when each phone is on [us]: as many at the decision as `on_share` says.

    Parameters
    ----------
    spec
        Shares of phones that are on, and that are switched on later.
    people
        Everyone; groups have their ratios.
    owner
        Who has a phone, shape (phones,).
    streams
        Whose luck: the country's, or a replication's.
    sizes
        How many there are of each combination of groups, where these people are a shard.
    """
    on = _of_owners(spec.on_share, spec.ratios, people, owner, "on_ratio", sizes.on)
    on_from = np.full(owner.size, -NEVER, dtype=np.int64)
    on_to = np.full(owner.size, NEVER, dtype=np.int64)
    off = np.flatnonzero(streams.uniform("population.on", owner) >= on)
    who = owner[off]
    comes = streams.uniform("population.switches_on", who) < spec.switch_on_share
    after = streams.exponential("population.switch_on_time", who) * (spec.switch_on_mean_s * US)
    on_from[off] = np.where(comes, np.rint(after).astype(np.int64), NEVER)
    return on_from, on_to
