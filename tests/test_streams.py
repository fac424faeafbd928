"""Random numbers: the published Philox vectors, uniformity, and independence of everything."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ewsim.streams import Streams, draw, philox, purpose_code

IDS = np.arange(200_000)


def words(text):
    return [np.uint32(int(word, 16)) for word in text.split()]


# Known-answer vectors of Random123, the authors' own library (file kat_vectors, philox4x32 10).
@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ("0 0 0 0", "0 0", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff " * 4, "ffffffff " * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
)
def test_philox_gives_the_published_vectors(counter, key, expected):
    assert list(philox(*words(counter), *words(key))) == words(expected)


def philox_in_plain_integers(counter, key):
    """The paper's algorithm on Python integers, which cannot overflow."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 % 2**32, (p0 >> 32) ^ c3 ^ k1, p0 % 2**32
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return c0, c1, c2, c3


@given(st.lists(st.integers(0, 2**32 - 1), min_size=6, max_size=6))
@settings(max_examples=200, deadline=None)
def test_philox_equals_the_algorithm_on_plain_integers(numbers):
    result = philox(*[np.uint32(n) for n in numbers])
    assert tuple(int(word) for word in result) == philox_in_plain_integers(numbers[:4], numbers[4:])


@given(
    seed=st.integers(0, 2**32 - 1),
    replication=st.integers(0, 2**32 - 1),
    ident=st.integers(0, 2**62),
    k=st.integers(0, 2**32 - 1),
)
@settings(max_examples=100, deadline=None)
def test_a_draw_has_the_documented_counter_and_key(seed, replication, ident, k):
    counter = (ident % 2**32, ident >> 32, purpose_code("any purpose"), k)
    a, b, _, _ = philox_in_plain_integers(counter, (seed, replication))
    expected = ((a >> 5) * 2**26 + (b >> 6) + 0.5) / 2**53
    assert Streams(seed, replication).uniform("any purpose", [ident], k)[0] == expected
    assert draw(Streams(seed, replication).key("any purpose"), ident, k) == expected


def test_draws_are_uniform():
    u = Streams(20260101).uniform("test", IDS)
    assert u.min() > 0
    assert u.max() < 1
    assert stats.kstest(u, "uniform").pvalue > 1e-3


@pytest.mark.parametrize(
    ("name", "args", "law"),
    [
        ("normal", (), stats.norm()),
        ("exponential", (), stats.expon()),
        ("lognormal", (8.5, 0.5), stats.lognorm(s=0.5, scale=8.5)),
    ],
)
def test_deviates_follow_their_law(name, args, law):
    first, *rest = args or (None,)
    values = getattr(Streams(7), name)("test", IDS, *(a for a in (first, *rest) if a is not None))
    assert stats.kstest(values, law.cdf).pvalue > 1e-3


def test_choices_follow_the_shares_and_never_take_an_empty_one():
    shares = np.array([3.0, 0.0, 6.0, 1.0])
    index = Streams(3).choice("test", IDS, shares)
    counts = np.bincount(index, minlength=4)
    assert counts[1] == 0
    kept = shares > 0
    expected = shares[kept] / shares.sum() * IDS.size
    assert stats.chisquare(counts[kept], expected).pvalue > 1e-3


@given(seed=st.integers(0, 2**32 - 1), order=st.permutations(list(range(60))))
@settings(max_examples=50, deadline=None)
def test_a_draw_depends_on_neither_order_nor_chunk(seed, order):
    streams = Streams(seed, 4)
    ids = np.arange(60)
    whole = streams.uniform("test", ids)
    assert np.array_equal(streams.uniform("test", np.array(order)), whole[order])
    chunks = [streams.uniform("test", chunk) for chunk in np.array_split(ids, 7)]
    assert np.array_equal(np.concatenate(chunks), whole)


@pytest.mark.parametrize(
    "other",
    [
        lambda: Streams(5, 2).uniform("b", IDS),
        lambda: Streams(5, 2).uniform("a", IDS, 1),
        lambda: Streams(5, 3).uniform("a", IDS),
        lambda: Streams(6, 2).uniform("a", IDS),
        lambda: Streams(5, 2).uniform("a", IDS + IDS.size),
    ],
    ids=["purpose", "k", "replication", "seed", "id"],
)
def test_another_purpose_draw_replication_seed_or_id_is_independent(other):
    here, there = Streams(5, 2).uniform("a", IDS), other()
    # Correlation of n independent pairs has a standard deviation of 1/sqrt(n).
    assert abs(np.corrcoef(here, there)[0, 1]) < 4 / np.sqrt(IDS.size)
    assert not np.intersect1d(here, there).size > 1


def test_the_country_is_the_same_in_every_replication():
    assert Streams(9, 5).country() == Streams(9, 0)
