"""Keyed draws: pinned values, the same bits in both forms, uniform, independent, a function of the key alone.

Each statistical test makes few looks at fixed seeds and rejects at 1e-4 divided by the number of its looks
(Bonferroni), so a sound generator fails none and a broken one fails at once.
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

SEED = 20140601
LEVEL = 1e-4
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

STREAMS = [
    Stream(SEED, 0, "arrival", "invoice"),
    Stream(SEED, 1, "arrival", "invoice"),
    Stream(SEED + 1, 0, "arrival", "invoice"),
    Stream(SEED, 0, "value", "invoice"),
    Stream(SEED, 0, "arrival", "ticket"),
    Stream(SEED, 0, "arrival", "invoice", "post"),
    Stream(SEED, 0, "arrival", "invoice", "", "clerk"),
]
"""A stream and its nearest neighbours: each differs from the first in one part of the key."""

COUNTERS = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (0, 2)]


def samples() -> list[FloatArray]:
    """Draws of neighbouring keys, then of neighbouring visits and numbers."""
    by_key = [stream.block(0, COUNT) for stream in STREAMS]
    return by_key + [STREAMS[0].block(0, COUNT, visit, number) for visit, number in COUNTERS[1:]]


def correlation_limit(looks: int, count: int) -> float:
    """The largest absolute correlation that independent draws show, at the level shared by all looks."""
    return float(stats.norm.isf(LEVEL / looks / 2)) / math.sqrt(count)


def correlation(left: FloatArray, right: FloatArray) -> float:
    return 12.0 * float(np.mean((left - 0.5) * (right - 0.5)))


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
    whole = STREAMS[0].block(0, 1000)
    pieces = [STREAMS[0].block(first, 137) for first in range(0, 1000, 137)]
    assert np.array_equal(np.concatenate(pieces)[:1000], whole)
    assert STREAMS[0].block(5, 0).shape == (0,)


def test_an_equal_key_gives_equal_draws() -> None:
    again = Stream(SEED, 0, "arrival", "invoice")
    assert np.array_equal(again.block(0, 1000), STREAMS[0].block(0, 1000))


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
    odd = STREAMS[0].block(0, 1000) * 2.0**53
    assert np.all(odd % 2.0 == 1.0)  # (bits + 1/2) 2^-52


def test_draws_are_uniform() -> None:
    drawn = samples()
    for draws in drawn:
        bins = np.bincount((draws * 256).astype(np.int64), minlength=256)
        assert stats.chisquare(bins).pvalue > LEVEL / (2 * len(drawn))
        assert stats.kstest(draws, "uniform").pvalue > LEVEL / (2 * len(drawn))


def test_consecutive_pairs_are_uniform_in_the_square() -> None:
    drawn = samples()
    for draws in drawn:
        cells = (draws * 32).astype(np.int64)
        pairs = np.bincount(32 * cells[::2] + cells[1::2], minlength=1024)
        assert stats.chisquare(pairs).pvalue > LEVEL / len(drawn)


def test_each_of_the_52_bits_is_balanced() -> None:
    bits = (samples()[0] * 2.0**52).astype(np.int64)
    ones = [int(((bits >> place) & 1).sum()) for place in range(52)]
    limit = float(stats.norm.isf(LEVEL / 52 / 2)) * math.sqrt(COUNT) / 2
    assert max(abs(count - COUNT / 2) for count in ones) < limit


def test_neighbouring_tasks_are_independent() -> None:
    lags = [1, 2, 3, 7, 64, 4096]
    drawn = samples()
    limit = correlation_limit(len(lags) * len(drawn), COUNT - max(lags))
    for draws, lag in itertools.product(drawn, lags):
        assert abs(correlation(draws[:-lag], draws[lag:])) < limit


def test_keys_that_differ_in_one_part_give_independent_draws() -> None:
    drawn = samples()
    pairs = list(itertools.combinations(drawn, 2))
    for left, right in pairs:
        assert abs(correlation(left, right)) < correlation_limit(len(pairs), COUNT)
        cells = 16 * (left * 16).astype(np.int64) + (right * 16).astype(np.int64)
        assert stats.chisquare(np.bincount(cells, minlength=256)).pvalue > LEVEL / len(pairs)


def test_draws_of_one_task_along_visits_and_numbers_are_uniform_and_independent() -> None:
    along = [
        np.array([STREAMS[0].scalar(5, visit) for visit in range(8192)]),
        np.array([STREAMS[0].scalar(5, 0, number) for number in range(8192)]),
        np.array([Stream(SEED, replication, "arrival").scalar(5) for replication in range(8192)]),
        np.array([Stream(seed, 0, "arrival").scalar(5) for seed in range(8192)]),
    ]
    for draws in along:
        assert stats.kstest(draws, "uniform").pvalue > LEVEL / len(along)
        assert abs(correlation(draws[:-1], draws[1:])) < correlation_limit(len(along), 8191)


def test_no_two_keys_share_a_draw() -> None:
    everything = np.concatenate(samples())
    assert len(np.unique(everything)) == len(everything)


def test_mix_flips_half_of_the_output_bits_for_each_input_bit() -> None:
    words = [mix(count) for count in range(1, 501)]
    limit = float(stats.norm.isf(LEVEL / 64**2 / 2)) * math.sqrt(len(words)) / 2
    for place in range(64):
        changed = np.array([mix(bits) ^ mix(bits ^ (1 << place)) for bits in words], dtype=np.uint64)
        flips = [int(((changed >> np.uint64(out)) & np.uint64(1)).sum()) for out in range(64)]
        assert max(abs(count - len(words) / 2) for count in flips) < limit


@pytest.mark.parametrize("p", [0.0, 0.001, 0.3, 0.98, 1.0])
def test_events_happen_in_their_share(p: float) -> None:
    happened = int(STREAMS[3].block_events(0, COUNT, round(p * 1e9)).sum())
    if p in (0.0, 1.0):
        assert happened == p * COUNT
    assert stats.binomtest(happened, COUNT, p).pvalue > LEVEL / 5


def test_an_event_is_a_draw_below_its_billionths() -> None:
    cut = math.floor(STREAMS[0].scalar(9) * 1e9)
    assert not STREAMS[0].scalar_event(9, cut)
    assert STREAMS[0].scalar_event(9, cut + 1)
    by_task = np.array([0, 1_000_000_000, 0, 1_000_000_000])
    assert STREAMS[0].block_events(0, 4, by_task).tolist() == [False, True, False, True]


def test_normal_draws_are_standard_normal() -> None:
    normals = STREAMS[1].block_normals(0, COUNT)
    assert stats.kstest(normals, "norm").pvalue > LEVEL
    assert abs(normals.mean()) < correlation_limit(1, COUNT)


@pytest.mark.parametrize("seed", [-1, SEED_LIMIT])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(ValueError, match=rf"a seed must be in 0\.\.2\^63 - 1, not {seed}"):
        Stream(seed, 0, "value")


@pytest.mark.parametrize("replication", [-1, REPLICATION_LIMIT])
def test_a_replication_out_of_range_is_refused(replication: int) -> None:
    with pytest.raises(ValueError, match=rf"a replication must be in 0\.\.2\^31 - 1, not {replication}"):
        Stream(0, replication, "value")
