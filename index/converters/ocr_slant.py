"""Slant: by how much the lines of a picture lean, as pages do that lay askew on the glass. Pure.

Rows of dots are darkest and lightest in turn where the lines lie level (Postl 1986).
"""

from typing import Any

_WIDTH = 800  # dots; enough to see lines, few enough to be quick
_MOST = 8.0  # degrees; a page that leans more is rare, and a picture of something else often does
_STEP, _FINE = 0.5, 0.1
_LEAST = 0.3  # degrees that matter: 5 dots at the end of a line of 1,000


def slant(picture: Any) -> float:
    """Degrees by which to turn a grey picture against the clock, so that its lines lie level."""
    small = picture.copy()
    small.thumbnail((_WIDTH, _WIDTH))
    steps = int(_MOST / _STEP)
    rough = max((i * _STEP for i in range(-steps, steps + 1)), key=lambda a: _clear(small, a))
    fine = max((rough + i * _FINE for i in range(-4, 5)), key=lambda a: _clear(small, a))
    if abs(fine) < _LEAST or abs(rough) >= _MOST:
        return 0.0
    return round(fine, 1) if _clear(small, fine) > 1.05 * _clear(small, 0) else 0.0


def _clear(picture: Any, angle: float) -> float:
    """How unlike the rows of dots are, one to the next."""
    import numpy as np

    turned = picture.rotate(angle, resample=2, fillcolor=255)  # bilinear
    rows = 255.0 - np.asarray(turned, dtype=float).mean(axis=1)
    return float(np.square(np.diff(rows)).sum())
