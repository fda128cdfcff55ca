"""Keyed draws: pinned values, the same bits in both forms, uniform, independent, a function of the key alone.

Each statistical test is one comparison of the family, however many p-values it has: the least of them counts,
times their number (Bonferroni), so a sound generator fails none and a broken one fails at once.
"""

from __future__ import annotations

import hashlib
import itertools
import math

import numpy as np
import pytest
from scipy import stats

from sim.draws import REPLICATION_LIMIT, SEED_LIMIT, STREAM_VERSION, Stream, mix, word
from sim.maths import FloatArray
from tests.statistics.family import FIRST_SEED, Data, Look, statistical

COUNT = 1 << 16

GOLDEN_PREFIX = 0x4597D082BC416B73
GOLDEN = {
    (0, 0, 0): 0.7463643695125951,
    (1, 0, 0): 0.9777937065718444,
    (1, 1, 0): 0.5133584565794466,
    (1, 0, 1): 0.4300960062266347,
    (123456789, 4, 2): 0.8625446040597119,
}
"""Draws of a fixed stream by (index, visit, number)."""


def streams(seed: int) -> list[Stream]:
    """A stream and its nearest neighbours: each differs from the first in one part of the key."""
    return [
        Stream(seed, 0, "arrival", "invoice"),
        Stream(seed, 1, "arrival", "invoice"),
        Stream(seed + 1, 0, "arrival", "invoice"),
        Stream(seed, 0, "value", "invoice"),
        Stream(seed, 0, "arrival", "ticket"),
        Stream(seed, 0, "arrival", "invoice", "post"),
        Stream(seed, 0, "arrival", "invoice", "", "clerk"),
    ]


STREAM = streams(FIRST_SEED)[0]
COUNTERS = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (0, 2)]


def samples(seed: int = FIRST_SEED) -> list[FloatArray]:
    """Draws of neighbouring keys, then of neighbouring visits and numbers."""
    drawn = streams(seed)
    by_key = [stream.block(0, COUNT) for stream in drawn]
    return by_key + [drawn[0].block(0, COUNT, visit, number) for visit, number in COUNTERS[1:]]


def least(p_values: Data) -> float:
    """The smallest of some p-values as one: times their number."""
    return float(p_values.min() * len(p_values))


def of_correlation(left: FloatArray, right: FloatArray) -> float:
    """p-value of the correlation of two series of draws, were they independent."""
    correlation = 12.0 * float(np.mean((left - 0.5) * (right - 0.5)))
    return 2.0 * float(stats.norm.sf(abs(correlation) * math.sqrt(len(left))))


def of_heads(heads: int, tosses: int) -> float:
    """p-value of so many heads of a coin that is fair."""
    return 2.0 * float(stats.norm.sf(abs(heads - tosses / 2) / (math.sqrt(tosses) / 2)))


def test_draws_are_those_of_this_stream_version() -> None:
    stream = Stream(7, 0, "work_time", "invoice", "work", "clerk")
    assert STREAM_VERSION == 1
    assert stream.prefix == GOLDEN_PREFIX
    assert [stream.scalar(*key) for key in GOLDEN] == list(GOLDEN.values())


def test_words_are_the_first_eight_bytes_of_sha_256() -> None:
    assert word("") == 0xE3B0C44298FC1C14
    assert word("clérk") == int(hashlib.sha256("clérk".encode()).hexdigest()[:16], 16)


def test_mix_follows_the_published_sequence() -> None:
    """The first outputs of SplitMix64 seeded with 1234567, as in its reference implementation."""
    step = 0x9E3779B97F4A7C15
    outputs = [mix((1234567 + step * count) % 2**64) for count in range(1, 4)]
    assert outputs == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@pytest.mark.parametrize(("visit", "number"), [(0, 0), (3, 0), (0, 5), (2**32 - 1, 2**32 - 1)])
@pytest.mark.parametrize("first", [0, 4096, 10**9])
def test_block_and_scalar_give_the_same_bits(first: int, visit: int, number: int) -> None:
    stream = Stream(SEED_LIMIT - 1, REPLICATION_LIMIT - 1, "value", "invoice", "match", "clerk")
    indices = range(first, first + 5000)
    assert stream.block(first, 5000, visit, number).tolist() == [
        stream.scalar(i, visit, number) for i in indices
    ]
    normals = stream.block_normals(first, 500, visit, number).tolist()
    assert normals == [stream.scalar_normal(i, visit, number) for i in indices[:500]]
    events = stream.block_events(first, 500, 300_000_000, visit, number).tolist()
    assert events == [stream.scalar_event(i, 300_000_000, visit, number) for i in indices[:500]]


def test_a_block_does_not_depend_on_where_it_is_cut() -> None:
    whole = STREAM.block(0, 1000)
    pieces = [STREAM.block(first, 137) for first in range(0, 1000, 137)]
    assert np.array_equal(np.concatenate(pieces)[:1000], whole)
    assert STREAM.block(5, 0).shape == (0,)


def test_an_equal_key_gives_equal_draws() -> None:
    again = Stream(FIRST_SEED, 0, "arrival", "invoice")
    assert np.array_equal(again.block(0, 1000), STREAM.block(0, 1000))


def test_parts_of_the_key_do_not_run_together() -> None:
    spellings = [
        ("ab", "c", "", ""),
        ("a", "bc", "", ""),
        ("abc", "", "", ""),
        ("", "", "abc", ""),
        ("", "", "", "abc"),
    ]
    assert len({Stream(1, 0, *parts).prefix for parts in spellings}) == len(spellings)
    assert Stream(1, 2, "a").prefix != Stream(2, 1, "a").prefix


def test_draws_lie_strictly_between_zero_and_one() -> None:
    for draws in samples():
        assert draws.min() > 0.0
        assert draws.max() < 1.0
    odd = STREAM.block(0, 1000) * 2.0**53
    assert np.all(odd % 2.0 == 1.0)  # (bits + 1/2) 2^-52


@statistical
def test_draws_are_uniform(look: Look) -> None:
    found = []
    for draws in samples(look.seed):
        bins = np.bincount((draws * 256).astype(np.int64), minlength=256)
        found += [stats.chisquare(bins).pvalue, stats.kstest(draws, "uniform").pvalue]
    look.compare(found, least)


@statistical
def test_consecutive_pairs_are_uniform_in_the_square(look: Look) -> None:
    found = []
    for draws in samples(look.seed):
        cells = (draws * 32).astype(np.int64)
        pairs = np.bincount(32 * cells[::2] + cells[1::2], minlength=1024)
        found.append(stats.chisquare(pairs).pvalue)
    look.compare(found, least)


@statistical
def test_each_of_the_52_bits_is_balanced(look: Look) -> None:
    bits = (samples(look.seed)[0] * 2.0**52).astype(np.int64)
    ones = [int(((bits >> place) & 1).sum()) for place in range(52)]
    look.compare([of_heads(count, COUNT) for count in ones], least)


@statistical
def test_neighbouring_tasks_are_independent(look: Look) -> None:
    lags = [1, 2, 3, 7, 64, 4096]
    pairs = itertools.product(samples(look.seed), lags)
    look.compare([of_correlation(draws[:-lag], draws[lag:]) for draws, lag in pairs], least)


@statistical
def test_keys_that_differ_in_one_part_give_independent_draws(look: Look) -> None:
    correlations, squares = [], []
    for left, right in itertools.combinations(samples(look.seed), 2):
        correlations.append(of_correlation(left, right))
        cells = 16 * (left * 16).astype(np.int64) + (right * 16).astype(np.int64)
        squares.append(stats.chisquare(np.bincount(cells, minlength=256)).pvalue)
    look.compare(correlations, least)
    look.compare(squares, least)


@statistical
def test_draws_of_one_task_along_visits_and_numbers_are_uniform_and_independent(look: Look) -> None:
    stream, places = streams(look.seed)[0], range(8192)
    along = [
        np.array([stream.scalar(5, visit) for visit in places]),
        np.array([stream.scalar(5, 0, number) for number in places]),
        np.array([Stream(look.seed, replication, "arrival").scalar(5) for replication in places]),
        np.array([Stream(look.seed + place, 0, "arrival").scalar(5) for place in places]),
    ]
    look.compare([stats.kstest(draws, "uniform").pvalue for draws in along], least)
    look.compare([of_correlation(draws[:-1], draws[1:]) for draws in along], least)


def test_no_two_keys_share_a_draw() -> None:
    everything = np.concatenate(samples())
    assert len(np.unique(everything)) == len(everything)


@statistical
def test_mix_flips_half_of_the_output_bits_for_each_input_bit(look: Look) -> None:
    words = [mix(look.seed + count) for count in range(0, 5000, 10)]
    found = []
    for place in range(64):
        changed = np.array([mix(bits) ^ mix(bits ^ (1 << place)) for bits in words], dtype=np.uint64)
        flips = [int(((changed >> np.uint64(out)) & np.uint64(1)).sum()) for out in range(64)]
        found += [of_heads(count, len(words)) for count in flips]
    look.compare(found, least)


@pytest.mark.parametrize("p", [0.0, 0.001, 0.3, 0.98, 1.0])
@statistical
def test_events_happen_in_their_share(look: Look, p: float) -> None:
    happened = streams(look.seed)[3].block_events(0, COUNT, round(p * 1e9))
    look.share(int(happened.sum()), COUNT, p)


def test_an_event_is_a_draw_below_its_billionths() -> None:
    cut = math.floor(STREAM.scalar(9) * 1e9)
    assert not STREAM.scalar_event(9, cut)
    assert STREAM.scalar_event(9, cut + 1)
    by_task = np.array([0, 1_000_000_000, 0, 1_000_000_000])
    assert STREAM.block_events(0, 4, by_task).tolist() == [False, True, False, True]


@statistical
def test_normal_draws_are_standard_normal(look: Look) -> None:
    normals = streams(look.seed)[1].block_normals(0, COUNT)
    look.compare(normals, lambda data: float(stats.kstest(data, "norm").pvalue))
    look.mean(normals, 0.0)


@pytest.mark.parametrize("seed", [-1, SEED_LIMIT])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(ValueError, match=rf"a seed must be in 0\.\.2\^63 - 1, not {seed}"):
        Stream(seed, 0, "value")


@pytest.mark.parametrize("replication", [-1, REPLICATION_LIMIT])
def test_a_replication_out_of_range_is_refused(replication: int) -> None:
    with pytest.raises(ValueError, match=rf"a replication must be in 0\.\.2\^31 - 1, not {replication}"):
        Stream(0, replication, "value")
