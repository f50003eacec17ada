"""Deltas: differences from the embedder's weights, in four bits each. Pure.

Groups of `GROUP` numbers share a scale in float16; each number is one of -7 to 7 times that.
"""

import numpy as np
from numpy.typing import NDArray

GROUP = 64
MOST = 7
SHRINKS = (1.0, 0.9, 0.8, 0.7, 0.6)  # of the scale that just holds the largest number of a group


def pack(values: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
    """Codes, two in a byte, shape (size / 2,), and scales, shape (size / GROUP,).

    Of some scales the one is taken that is nearest to the numbers in the mean square.
    """
    groups = values.reshape(-1, GROUP)
    full = np.maximum(np.abs(groups).max(axis=1), 1e-12) / MOST
    best = np.full(len(groups), np.inf)
    scales: NDArray[np.float16] = full.astype(np.float16)
    for shrink in SHRINKS:
        tried = (full * shrink).astype(np.float16)
        error = np.square(_codes(groups, tried) * tried[:, None].astype(np.float32) - groups).sum(1)
        better = error < best
        best[better], scales[better] = error[better], tried[better]
    codes = (_codes(groups, scales) + 8).astype(np.uint8).reshape(-1)
    packed: NDArray[np.uint8] = codes[::2] | codes[1::2] << np.uint8(4)
    return packed, scales


def unpack(
    packed: NDArray[np.uint8], scales: NDArray[np.float16], shape: tuple[int, ...]
) -> NDArray[np.float32]:
    """The numbers, as near as four bits tell them."""
    codes = np.empty((len(packed), 2), np.float32)
    codes[:, 0] = packed & 0x0F
    codes[:, 1] = packed >> 4
    groups = codes.reshape(-1, GROUP)
    groups -= 8
    groups *= scales.astype(np.float32)[:, None]
    return groups.reshape(shape)


def _codes(groups: NDArray[np.float32], scales: NDArray[np.float16]) -> NDArray[np.float32]:
    wide = np.maximum(scales.astype(np.float32), 1e-12)[:, None]
    return np.clip(np.rint(groups / wide), -MOST, MOST)
