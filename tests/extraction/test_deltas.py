import numpy as np
import pytest

from qa.extraction import deltas


@pytest.mark.parametrize("size", [0.001, 1.0, 30.0])
def test_numbers_come_back_but_for_a_tenth_of_their_spread(size: float) -> None:
    values = np.random.default_rng(1).normal(0, size, (48, 64)).astype(np.float32)

    packed, scales = deltas.pack(values)
    error = deltas.unpack(packed, scales, values.shape) - values

    assert (packed.nbytes, scales.nbytes) == (values.size // 2, values.size // 32)
    assert np.sqrt(np.square(error).mean()) < 0.12 * size


def test_what_a_scale_can_say_comes_back_exactly() -> None:
    values = (np.arange(128) % 15 - 7).reshape(2, 64).astype(np.float32) / np.float32(4)

    assert np.array_equal(deltas.unpack(*deltas.pack(values), (2, 64)), values)


def test_nothing_stays_nothing() -> None:
    zeros = np.zeros((4, 64), np.float32)

    assert np.array_equal(deltas.unpack(*deltas.pack(zeros), (4, 64)), zeros)
