"""Who is covered: population, households and villages by commune, against claims and field measurements.

*White spot* (thôn trắng sóng): no signal at the village's centre.  *Weak spot* (lõm sóng): signal at the
centre but not at every cluster.  Intervals come from the model's own uncertainty: the low and high figures
are those with the whole prediction 1.645 bias-sigmas down and up (90 %), because an error common to a region
does not average out.
"""

from __future__ import annotations

from hatangso.coverage.people.facts import facts
from hatangso.coverage.people.measured import compare_measurements, tuned_legend
from hatangso.coverage.people.population import covered_people
from hatangso.coverage.people.services import Z90, Service, headroom, sample, services
from hatangso.coverage.people.villages import NO, YES, claims_of, village_states

__all__ = [
    "NO",
    "YES",
    "Z90",
    "Service",
    "claims_of",
    "compare_measurements",
    "covered_people",
    "facts",
    "headroom",
    "sample",
    "services",
    "tuned_legend",
    "village_states",
]
