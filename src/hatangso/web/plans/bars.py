"""The bullet bar: baseline tick, dot = latest, triangle = where it should be today, line = target.

Drawn as SVG on the server, in the indicator's own unit: the scale spans the four values with a little air, so
that "97,8 of 98" is as readable as "30 of 60".  Colours come from the stylesheet by class (light, high-contrast
and print themes share one drawing); the same numbers stand as words in the accessible name.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from hatangso.indicators.records import Status

WIDTH, HEIGHT, MIDDLE = 200, 22, 10
LEFT, RIGHT = 8, 192


def bullet(
    *,
    baseline: float | None,
    latest: float | None,
    expected: float | None,
    target: float | None,
    label: str,
    hollow: bool = False,
) -> SafeString:
    """One bar; ``hollow`` draws the dot open for a simulated or insufficient value.

    Returns an empty track when fewer than one value is known; coordinates are rounded to a tenth of a pixel.
    """
    known = [v for v in (baseline, latest, expected, target) if v is not None]
    parts = [f'<line class="b-track" x1="{LEFT}" y1="{MIDDLE}" x2="{RIGHT}" y2="{MIDDLE}"/>']
    if known:
        low, high = min(known), max(known)
        span = (high - low) or max(abs(high), 1.0)
        low, high = low - 0.06 * span, high + 0.06 * span

        def x(value: float) -> str:
            return f"{LEFT + (RIGHT - LEFT) * (value - low) / (high - low):.1f}"

        if baseline is not None and latest is not None:
            parts.append(
                f'<line class="b-done" x1="{x(baseline)}" y1="{MIDDLE}" x2="{x(latest)}" y2="{MIDDLE}"/>'
            )
        if baseline is not None:
            parts.append(f'<line class="b-base" x1="{x(baseline)}" y1="5" x2="{x(baseline)}" y2="15"/>')
        if target is not None:
            parts.append(f'<line class="b-target" x1="{x(target)}" y1="1" x2="{x(target)}" y2="19"/>')
        if expected is not None:
            at = float(x(expected))
            parts.append(f'<path class="b-exp" d="M{at:.1f} 13l4 7h-8z"/>')
        if latest is not None:
            kind = "b-dot hollow" if hollow else "b-dot"
            parts.append(f'<circle class="{kind}" cx="{x(latest)}" cy="{MIDDLE}" r="4.5"/>')
    return mark_safe(
        f'<svg class="bullet" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="xMinYMid" role="img" '
        f'aria-label="{escape(label)}">' + "".join(parts) + "</svg>"
    )


def share_bar(counts: Mapping[Status, int], label: str) -> SafeString:
    """Stacked bar of how many targets have which status; no data is hatched."""
    total = sum(counts.values())
    parts, at = [], 0.0
    for status, count in counts.items():
        if count:
            width = 100 * count / total
            parts.append(
                f'<rect class="s-{status.value}" x="{at:.2f}" y="0" width="{width:.2f}" height="8"/>'
            )
            at += width
    return mark_safe(
        f'<svg class="sharebar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(label)}">' + "".join(parts) + "</svg>"
    )


SOURCE_ORDER = ("claim", "registry", "measurement", "prediction")


def source_glyph(present: frozenset[str], label: str) -> SafeString:
    """Four squares: claim, registry, measurement, prediction; filled where that source speaks.

    A survey or an official document is a dot after them: it is neither of the four.
    """
    parts = []
    for n, source in enumerate(SOURCE_ORDER):
        kind = "g on" if source in present else "g"
        parts.append(f'<rect class="{kind}" x="{1 + n * 11}" y="2" width="8" height="8"/>')
    width = 44
    if present & {"survey", "official"}:
        parts.append(f'<circle class="g on" cx="{width + 5}" cy="6" r="4"/>')
        width += 11
    return mark_safe(
        f'<svg class="sources" viewBox="0 0 {width} 12" width="{width}" height="12" role="img" '
        f'aria-label="{escape(label)}">' + "".join(parts) + "</svg>"
    )
