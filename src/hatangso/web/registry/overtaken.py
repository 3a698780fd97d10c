"""A plan of an import that somebody else has overtaken: it is not loaded over what was written meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hatangso.errors import UserError
from hatangso.web.registry.models import LATEST, Asset

if TYPE_CHECKING:
    from hatangso.web.registry.imports import ImportPlan

_PART = 5000


class ChangedMeanwhile(UserError):
    """Somebody else has written rows of the file since it was compared with the store."""

    def __init__(self) -> None:
        super().__init__(
            "registry.changed_meanwhile",
            "Trong lúc kiểm tra, người khác đã đổi một số tài sản trong tệp này: chưa nạp gì.",
            "Somebody else has changed assets of this file meanwhile: nothing was loaded.",
            "Hãy kiểm tra lại tệp rồi nạp.",
            "Check the file again, then load it.",
        )


def still_holds(plan: ImportPlan, chosen: np.ndarray) -> bool:
    """Whether the rows to be replaced are still the latest ones, and those to be added still absent."""
    kind, v = plan.batch.kind.key, plan.versions
    for part in _parts([int(i) for i in plan.old_id[chosen] if i >= 0]):
        if Asset.objects.filter(LATEST, pk__in=part).count() != len(part):
            return False
    for part in _parts([int(i) for i in chosen if plan.old_id[i] < 0]):
        mine = {(v.code[i], v.provider[i]) for i in part}
        there = Asset.objects.filter(LATEST, kind=kind, code__in=[v.code[i] for i in part])
        if any(pair in mine for pair in there.values_list("code", "provider__name")):
            return False
    return True


def _parts(items: list[int]) -> list[list[int]]:
    return [items[i : i + _PART] for i in range(0, len(items), _PART)]
