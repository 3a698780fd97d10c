"""Two-ray attenuation within line of sight (Algorithm §4.6)."""

from __future__ import annotations

from math import cos, exp, log10, pi, sin, sqrt

from numba import njit

from hatangso.coverage.itm.terrain import roughness, sigma_h

jit = njit(cache=True, error_model="numpy", nogil=True)


@jit
def line_of_sight(
    d: float,
    f: float,
    he0: float,
    he1: float,
    zg: complex,
    delta_h: float,
    md: float,
    ad0: float,
    d_sml: float,
) -> float:
    """Two-ray attenuation mixed with the extended diffraction line, dB."""
    sh = sigma_h(roughness(d, delta_h))
    wn = f / 47.7
    sin_psi = (he0 + he1) / sqrt(d * d + (he0 + he1) ** 2)
    re = (sin_psi - zg) / (sin_psi + zg) * exp(-min(10.0, wn * sh * sin_psi))
    q = re.real**2 + re.imag**2
    if q < 0.25 or q < sin_psi:
        re = re * sqrt(sin_psi / q)
    phase = wn * 2.0 * he0 * he1 / d
    if phase > pi / 2.0:
        phase = pi - (pi / 2.0) ** 2 / phase
    real = cos(phase) + re.real
    imag = -sin(phase) + re.imag
    two_ray = -10.0 * log10(real * real + imag * imag)
    w = 1.0 / (1.0 + f * delta_h / max(10e3, d_sml))
    return w * two_ray + (1.0 - w) * (md * d + ad0)
