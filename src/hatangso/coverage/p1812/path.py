"""Loss of one path from its profile, with its terms and what lies outside the range of validity."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import log10

import numpy as np
from numpy.typing import ArrayLike

from hatangso.coverage.p1812.climate import beta0, effective_earth_km, inverse_normal, zone_shares
from hatangso.coverage.p1812.combination import path_loss
from hatangso.coverage.p1812.geometry import profile_geometry
from hatangso.coverage.p1812.terms import DLR, DLT, HM, N_GEOMETRY, N_TERMS, TERM_NAMES, THETA_R, THETA_T


@dataclass(frozen=True)
class PathLoss:
    """Result for one path: loss and its terms in dB, the geometry behind it, and what was out of range."""

    loss_db: float
    terms: dict[str, float]
    geometry: dict[str, float]
    warnings: tuple[str, ...] = field(default_factory=tuple)

    @property
    def field_strength_dbuvm(self) -> float:
        """Field strength at 1 kW e.r.p., dB(µV/m), eq (70)."""
        return 199.36 + 20.0 * log10(self.geometry["f_ghz"]) - self.loss_db


def loss(
    *,
    f_ghz: float,
    d_km: ArrayLike,
    h_m: ArrayLike,
    clutter_m: ArrayLike | None = None,
    zone: ArrayLike | None = None,
    htg: float,
    hrg: float,
    p: float = 50.0,
    pl: float = 50.0,
    sigma_l: float = 0.0,
    pol: int = 1,
    dn: float = 45.0,
    n0: float = 325.0,
    phi_centre: float = 16.0,
    dct_km: float = 500.0,
    dcr_km: float = 500.0,
) -> PathLoss:
    """Loss of one path from its terrain profile (ITU-R P.1812, outdoor receiver).

    Parameters
    ----------
    f_ghz, p, pl, sigma_l : GHz; % of time (1–50); % of locations (1–99); dB.
    d_km, h_m, clutter_m, zone : (n,) profile: distance, bare height, clutter height (m), 1 sea / 3 / 4.
    htg, hrg : antennas above ground, m.  pol : 1 horizontal, 2 vertical.
    dn, n0 : N-units/km, N-units.  phi_centre : latitude of the path's centre, degrees.
    dct_km, dcr_km : distance over land to the coast from either end.

    Raises
    ------
    ValueError : profile too short, not increasing, not finite, or parameters without a meaning.
    """
    d = np.ascontiguousarray(d_km, dtype=np.float64)
    h = np.ascontiguousarray(h_m, dtype=np.float64)
    n = d.size
    clutter = np.zeros(n) if clutter_m is None else np.ascontiguousarray(clutter_m, dtype=np.float64)
    kinds = np.full(n, 4) if zone is None else np.ascontiguousarray(zone, dtype=np.int64)
    _refuse_nonsense(f_ghz, p, pl, sigma_l, pol, htg, hrg, dn, n0, dct_km, dcr_km, d, h, clutter, kinds)
    g = h + clutter
    g[0], g[-1] = h[0], h[-1]
    dct = 0.0 if kinds[0] == 1 else dct_km
    dcr = 0.0 if kinds[-1] == 1 else dcr_km
    ae = effective_earth_km(dn)
    omega, dtm, dlm = zone_shares(d, kinds)
    b0 = beta0(phi_centre, dtm, dlm)
    geo = np.zeros(N_GEOMETRY)
    profile_geometry(d, h, g, htg, hrg, ae, p < 50.0, geo)
    terms = np.zeros(N_TERMS)
    lloc = 0.0 if kinds[-1] == 1 else -inverse_normal(pl / 100.0) * sigma_l
    hts, hrs = h[0] + htg, h[-1] + hrg
    lb = path_loss(d[-1], hts, hrs, geo, f_ghz, p, pol == 2, omega, b0, dlm, dct, dcr, ae, n0, lloc, terms)
    named = {name: float(terms[i]) for i, name in enumerate(TERM_NAMES)}
    theta = 1000.0 * d[-1] / ae + geo[THETA_T] + geo[THETA_R]
    geometry = {
        "f_ghz": f_ghz,
        "theta_mrad": float(theta),
        "omega": float(omega),
        "dtm_km": float(dtm),
        "dlm_km": float(dlm),
        "b0_pct": float(b0),
        "ae_km": float(ae),
        "phi_path_deg": float(phi_centre),
        "dlt_km": float(geo[DLT]),
        "dlr_km": float(geo[DLR]),
        "theta_t_mrad": float(geo[THETA_T]),
        "theta_r_mrad": float(geo[THETA_R]),
        "hm_m": float(geo[HM]),
    }
    return PathLoss(float(lb), named, geometry, out_of_range(f_ghz, d[-1], htg, hrg, p, pl, n))


def out_of_range(
    f_ghz: float, d_km: float, htg: float, hrg: float, p: float, pl: float, n_points: int = 5
) -> tuple[str, ...]:
    """What lies outside the Recommendation's stated range of validity (§1 and Table 1), in words."""
    said = []
    if not 0.03 <= f_ghz <= 6.0:
        said.append(f"frequency {f_ghz:g} GHz outside 0.03-6 GHz")
    if not 0.25 <= d_km <= 3000.0:
        said.append(f"path length {d_km:g} km outside 0.25-3000 km")
    for name, height in (("transmitter", htg), ("receiver", hrg)):
        if not 1.0 <= height <= 3000.0:
            said.append(f"{name} height {height:g} m outside 1-3000 m")
    if not 1.0 <= pl <= 99.0:
        said.append(f"location percentage {pl:g} outside 1-99 %")
    if n_points < 5:
        said.append(f"profile of {n_points} points; at least 5 wanted")
    return tuple(said)


def _refuse_nonsense(
    f: float,
    p: float,
    pl: float,
    sigma_l: float,
    pol: int,
    htg: float,
    hrg: float,
    dn: float,
    n0: float,
    dct: float,
    dcr: float,
    d: np.ndarray,
    h: np.ndarray,
    clutter: np.ndarray,
    zone: np.ndarray,
) -> None:
    if d.ndim != 1 or d.size < 3:
        raise ValueError("the profile needs at least 3 points")
    if not (h.shape == clutter.shape == zone.shape == d.shape):
        raise ValueError("d_km, h_m, clutter_m and zone must have the same length")
    scalars = np.array([f, p, pl, sigma_l, htg, hrg, dn, n0, dct, dcr], dtype=float)
    if not (np.isfinite(scalars).all() and all(np.isfinite(a).all() for a in (d, h, clutter))):
        raise ValueError("every number must be finite (a hole in the profile?)")
    if d[0] != 0.0 or not (np.diff(d) > 0.0).all():
        raise ValueError("d_km must start at 0 and increase strictly")
    if not np.isin(zone, (1, 3, 4)).all():
        raise ValueError("zone must be 1 (sea), 3 (coastal land) or 4 (inland)")
    if pol not in (1, 2):
        raise ValueError("pol must be 1 (horizontal) or 2 (vertical)")
    if f <= 0.0 or htg <= 0.0 or hrg <= 0.0:
        raise ValueError("frequency and antenna heights must be positive")
    if not 1.0 <= p <= 50.0:
        raise ValueError(f"p = {p:g} % is outside 1-50 %")
    if not 0.0 < pl < 100.0 or sigma_l < 0.0:
        raise ValueError("pl must lie within 0-100 % and sigma_l must not be negative")
    if dn >= 157.0:
        raise ValueError(f"dn = {dn:g} N-units/km leaves no finite effective Earth radius")
    if dct < 0.0 or dcr < 0.0 or (clutter < 0.0).any():
        raise ValueError("coast distances and clutter heights must not be negative")
