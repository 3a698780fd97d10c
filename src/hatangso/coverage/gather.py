"""Masts gathered into layers: best server, interference, and from them SINR and rate.

A layer is one carrier of one operator and technology.  A mast's cells share one loss a band; pixels where the
mast was left out (``bounds``) hold no loss and are passed over.
"""

from __future__ import annotations

from math import log2

import numpy as np
from numba import njit

from hatangso.coverage.fastmath import FAST, atan2, exp10
from hatangso.coverage.sweep.bounds import BUDGET

jit = njit(cache=True, error_model="numpy", nogil=True)
jit_fast = njit(cache=True, error_model="numpy", nogil=True, fastmath=FAST)

# Columns of the cells array used by the kernels.
(C_EIRP, C_AZ, C_TILT, C_PATTERN, C_BAND, C_LAYER, C_LOAD, C_ID) = range(8)
# Columns of the layers array.
(L_NOISE, L_BANDWIDTH, L_ALPHA, L_CAP, L_GROUP) = range(5)


def empty_state(noise_dbm: np.ndarray, h: int, w: int) -> tuple[np.ndarray, ...]:
    """State of a tile before the first mast, each (layers, h, w); ``noise_dbm``: (layers,).

    ``best`` level (dBm) and ``server`` (cell number or -1), ``total`` of load × power (mW), ``top`` the
    server's share of it; ``limit`` (h, w, layers, 2): the best level again, and the power that may be left out
    (``bounds.BUDGET`` of noise and interference so far, less what has been left out).
    """
    layers = noise_dbm.size
    shape = (layers, h, w)
    best, server = np.full(shape, -9000.0, np.float32), np.full(shape, -1, np.int32)
    limit = np.empty((h, w, layers, 2), np.float32)
    limit[..., 0] = -9000.0
    limit[..., 1] = BUDGET * 10.0 ** (0.1 * noise_dbm)
    return best, server, np.zeros(shape), np.zeros(shape), limit


@jit
def _present(loss: np.ndarray, index: np.ndarray) -> int:
    n = 0
    for c in range(loss.size):
        if not np.isnan(loss[c]):
            index[n] = c
            n += 1
    return n


@jit_fast
def _directions(
    angle: np.ndarray, index: np.ndarray, n: int, col: float, up: float, azimuth: np.ndarray, down: np.ndarray
) -> None:
    """Azimuth and depression (degrees) of the rays to a row's pixels; ``up``: rows the mast is below it."""
    for i in range(n):
        azimuth[i] = atan2(index[i] - col, up) * 57.29577951308232
        down[i] = -atan2(0.001 * angle[index[i]], 1.0) * 57.29577951308232


@jit_fast
def _attenuation(
    azimuth: np.ndarray,
    down: np.ndarray,
    n: int,
    towards: float,
    tilt: float,
    horizontal: np.ndarray,
    vertical: np.ndarray,
    cap: float,
    out: np.ndarray,
) -> None:
    """Pattern loss (dB) of one antenna; ``horizontal`` (361,): the first value again at its end."""
    end = vertical.size - 1
    for i in range(n):
        rel = azimuth[i] - towards
        rel -= 360.0 * np.floor(rel / 360.0)
        k = min(np.int64(rel), np.int64(359))
        a = horizontal[k] + (rel - k) * (horizontal[k + 1] - horizontal[k])
        j = np.int64(min(max((down[i] - tilt + 90.0) * 10.0 + 0.5, 0.0), float(end)))
        out[i] = min(a + vertical[j], cap)


@jit_fast
def _levels(
    eirp: float,
    load: float,
    lost: np.ndarray,
    pattern: np.ndarray,
    n: int,
    level: np.ndarray,
    power: np.ndarray,
) -> None:
    for i in range(n):
        level[i] = eirp - pattern[i] - lost[i]
        power[i] = load * exp10(0.1 * level[i])


@jit
def accumulate(
    loss: np.ndarray,
    angle: np.ndarray,
    dc: int,
    dr: int,
    col: float,
    row: float,
    cells: np.ndarray,
    horizontal: np.ndarray,
    vertical: np.ndarray,
    cap: np.ndarray,
    extra: np.ndarray,
    best: np.ndarray,
    server: np.ndarray,
    total: np.ndarray,
    top: np.ndarray,
    limit: np.ndarray,
) -> None:
    """Add one mast's cells to the tile's layers.

    Parameters
    ----------
    loss : (B, h, w) dB, NaN where the mast is not heard or left out.  angle : (h, w) elevation, mrad.
    dc, dr : window's place in the tile.  col, row : the mast, in pixels of the window.
    cells : (k, 8), see the ``C_`` columns.  horizontal : (P, 361), vertical, cap : patterns.
    extra : (h, w) loss added at the receiver, or (0, 0).
    best, server, total, top, limit : see ``empty_state``.
    """
    bands, h, w = loss.shape
    index = np.zeros(w, np.int64)
    azimuth = np.zeros(w)
    down = np.zeros(w)
    pattern = np.zeros(w)
    level = np.zeros(w)
    power = np.zeros(w)
    lost = np.zeros((bands, w))
    for r in range(h):
        n = _present(loss[0, r], index)
        if n == 0:
            continue
        _directions(angle[r], index, n, col, row - r, azimuth, down)
        for b in range(bands):
            for i in range(n):
                lost[b, i] = loss[b, r, index[i]]
                if extra.size > 0:
                    lost[b, i] += extra[r, index[i]]
        for k in range(cells.shape[0]):
            # Bands of one antenna stand one after another: its pattern is looked up once.
            if (
                k == 0
                or cells[k, C_AZ] != cells[k - 1, C_AZ]
                or cells[k, C_TILT] != cells[k - 1, C_TILT]
                or cells[k, C_PATTERN] != cells[k - 1, C_PATTERN]
            ):
                of = int(cells[k, C_PATTERN])
                _attenuation(
                    azimuth,
                    down,
                    n,
                    cells[k, C_AZ],
                    cells[k, C_TILT],
                    horizontal[of],
                    vertical[of],
                    cap[of],
                    pattern,
                )
            _levels(cells[k, C_EIRP], cells[k, C_LOAD], lost[int(cells[k, C_BAND])], pattern, n, level, power)
            layer = int(cells[k, C_LAYER])
            number = int(cells[k, C_ID])
            for i in range(n):
                c = dc + index[i]
                total[layer, dr + r, c] += power[i]
                if level[i] > best[layer, dr + r, c]:
                    best[layer, dr + r, c] = level[i]
                    server[layer, dr + r, c] = number
                    # The earlier server turns into interference.
                    limit[dr + r, c, layer, 0] = level[i]
                    limit[dr + r, c, layer, 1] += BUDGET * top[layer, dr + r, c]
                    top[layer, dr + r, c] = power[i]
                else:
                    limit[dr + r, c, layer, 1] += BUDGET * power[i]


@jit
def finish(
    best: np.ndarray,
    server: np.ndarray,
    total: np.ndarray,
    layers: np.ndarray,
    load: np.ndarray,
    out: np.ndarray,
    out_server: np.ndarray,
) -> None:
    """From carriers to groups (operator and technology).

    Parameters
    ----------
    layers : (L, 5), see the ``L_`` columns.  load : (cells,) by cell number.
    out : (groups, 3, H, W) RSRP (dBm), SINR (dB) of the strongest carrier, best rate (Mbit/s); NaN = none.
    out_server : (groups, H, W) cell number or -1.
    """
    out[:] = np.nan
    out_server[:] = -1
    n, h, w = best.shape
    for k in range(n):
        g = int(layers[k, L_GROUP])
        noise = 10.0 ** (0.1 * layers[k, L_NOISE])
        for r in range(h):
            for c in range(w):
                s = server[k, r, c]
                if s < 0:
                    continue
                p = 10.0 ** (0.1 * best[k, r, c])
                sinr = p / (max(total[k, r, c] - load[s] * p, 0.0) + noise)
                rate = 0.0
                if sinr >= 0.1:
                    rate = layers[k, L_BANDWIDTH] * min(
                        layers[k, L_ALPHA] * log2(1.0 + sinr), layers[k, L_CAP]
                    )
                    rate *= 1.0 - load[s]
                if np.isnan(out[g, 2, r, c]) or rate > out[g, 2, r, c]:
                    out[g, 2, r, c] = rate
                if out_server[g, r, c] < 0 or best[k, r, c] > out[g, 0, r, c]:
                    out[g, 0, r, c] = best[k, r, c]
                    out[g, 1, r, c] = 10.0 * np.log10(sinr)
                    out_server[g, r, c] = s
