"""Warnings and errors of the model in words, and the positions in the vector of intermediate values."""

from __future__ import annotations

# Bits of the warning word, and what they mean.
WARNINGS = {
    0x0001: "transmitter height near its limits (1-1000 m)",
    0x0002: "receiver height near its limits (1-1000 m)",
    0x0004: "frequency near its limits (40-10000 MHz)",
    0x0008: "path longer than 1000 km",
    0x0010: "path longer than 2000 km",
    0x0020: "path short for its difference of heights",
    0x0040: "path shorter than 1 km",
    0x0080: "transmitter horizon angle above 200 mrad",
    0x0100: "receiver horizon angle above 200 mrad",
    0x0200: "transmitter horizon nearer than 1/10 of the smooth-Earth horizon",
    0x0400: "receiver horizon nearer than 1/10 of the smooth-Earth horizon",
    0x0800: "transmitter horizon farther than 3 times the smooth-Earth horizon",
    0x1000: "receiver horizon farther than 3 times the smooth-Earth horizon",
    0x2000: "a variability lies far in the tail of its distribution",
    0x4000: "computed surface refractivity below 250 N-units",
}
ERRORS = {
    1: "computed surface refractivity below 150 N-units",
    2: "computed surface refractivity above 400 N-units",
    3: "effective Earth radius outside 4000-13333 km",
    4: "imaginary part of the ground impedance exceeds the real part",
}
# Positions in the vector of intermediate values.
A_REF, A_FS, DELTA_H, MODE, N_S, D_HZN_T, D_HZN_R, H_E_T, H_E_R, TH_T, TH_R, WARN, ERROR = range(13)
N_OUT = 13
