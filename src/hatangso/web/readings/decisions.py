"""What a person decides of a proposal: accept, correct, reject, add, undo.  Every step leaves a row in the trail.

A reading is decided by one step after the other; undo takes back the person's own last step, and says no when
somebody else has since touched the same item.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.db import transaction
from django.db.models import Max

from hatangso.errors import JobRefused
from hatangso.web.readings import synonyms
from hatangso.web.readings.models import Decision, Kind, LearnedSynonym, Proposal, Reading, State

UNDOABLE = ("accept", "correct", "reject", "add", "document")
STATE_OF = {"accept": State.ACCEPTED, "reject": State.REJECTED}


def must_be_open(reading: Reading) -> None:
    """Only a reading under review can be decided on."""
    if not reading.open:
        raise JobRefused(
            "review.closed",
            f"Bản đọc «{reading.file_name}» không còn ở bước rà soát ({reading.get_status_display()}).",
            f'The reading of "{reading.file_name}" is not under review any more.',
            "Hãy tải lại trang để xem trạng thái hiện tại.",
            "Reload the page to see where it is now.",
        )


def note(
    reading: Reading, user: Any, action: str, *, proposal: Proposal | None = None, before: Any = None,
    after: Any = None, reason: str = "", batch: str = "",
) -> Decision:  # fmt: skip
    """One row of the trail."""
    return Decision.objects.create(
        reading=reading, proposal=proposal, number=(proposal.pk or 0) if proposal else 0, user=user,
        who=user.get_full_name(), action=action, before=before, after=after, reason=reason[:2000], batch=batch,
    )  # fmt: skip


def snapshot(proposal: Proposal) -> dict[str, Any]:
    """State and content, as the trail keeps them."""
    return {"state": proposal.state, "current": proposal.current}


@transaction.atomic
def decide(
    proposal: Proposal, action: str, user: Any, *, reason: str = "", batch: str = ""
) -> Decision | None:
    """Accept or reject one item; None where that changes nothing.

    Accepting an item that was corrected keeps the correction; accepting a rejected one brings it back as it was.
    """
    reading = _locked(proposal.reading_id)
    proposal.refresh_from_db()
    state = STATE_OF[action]
    if state == State.ACCEPTED:
        if proposal.proposed is None:
            state = State.ADDED
        elif proposal.current != proposal.proposed:
            state = State.CORRECTED
    if proposal.state == state:
        return None
    before = snapshot(proposal)
    proposal.state = state
    proposal.save(update_fields=["state"])
    return note(
        reading,
        user,
        action,
        proposal=proposal,
        before=before,
        after=snapshot(proposal),
        reason=reason,
        batch=batch,
    )


@transaction.atomic
def correct(
    proposal: Proposal, changed: dict[str, Any], user: Any, *, reason: str = "", phrase: str = ""
) -> tuple[Decision, LearnedSynonym | None]:
    """Put a person's understanding in place of the reader's; a new indicator teaches the workspace ``phrase``.

    The document's words (quote, line, place, number as written) can't be changed.
    """
    reading = _locked(proposal.reading_id)
    proposal.refresh_from_db()
    before = snapshot(proposal)
    proposal.current = {**proposal.current, **changed}
    if proposal.proposed is None:
        proposal.state = State.ADDED
    else:
        proposal.state = State.ACCEPTED if proposal.current == proposal.proposed else State.CORRECTED
    proposal.save(update_fields=["current", "state"])
    decision = note(
        reading, user, "correct", proposal=proposal, before=before, after=snapshot(proposal), reason=reason
    )
    learned = None
    key = proposal.current.get("indicator")
    if proposal.kind == Kind.FIGURE and key and key != before["current"].get("indicator"):
        words = phrase or synonyms.phrase_of(proposal.current.get("text", ""))
        learned = synonyms.learn(words, key, proposal, decision, user)
    return decision, learned


@transaction.atomic
def add(
    reading: Reading, kind: str, data: dict[str, Any], user: Any, *, reason: str = "", phrase: str = ""
) -> tuple[Proposal, LearnedSynonym | None]:
    """Add what the reader did not see; ``data`` holds the sentence and its place in the document."""
    reading = _locked(reading.pk)
    span = data.get("span") or [None, None]
    before = reading.proposals.filter(kind=kind, line__lte=data.get("line") or 0).aggregate(
        m=Max("position")
    )["m"]
    proposal = Proposal.objects.create(
        reading=reading, kind=kind, position=(before or 0) + 1, proposed=None, current=data, state=State.ADDED,
        line=data.get("line") or 0, span_start=span[0], span_end=span[1],
    )  # fmt: skip
    decision = note(reading, user, "add", proposal=proposal, after=snapshot(proposal), reason=reason)
    learned = None
    if kind == Kind.FIGURE and data.get("indicator"):
        words = phrase or synonyms.phrase_of(data.get("text", ""))
        learned = synonyms.learn(words, data["indicator"], proposal, decision, user)
    return proposal, learned


@transaction.atomic
def accept_all_confident(reading: Reading, user: Any, kind: str = "") -> int:
    """Accept every undecided item that needs no human look; one undo takes all of them back."""
    reading = _locked(reading.pk)
    rows = reading.proposals.filter(state=State.PROPOSED, needs_human=False)
    if kind:
        rows = rows.filter(kind=kind)
    found = list(rows)
    batch = secrets.token_hex(8)
    Decision.objects.bulk_create(
        Decision(
            reading=reading, proposal=p, number=p.pk, user=user, who=user.get_full_name(), action="accept",
            before=snapshot(p), after={**snapshot(p), "state": State.ACCEPTED.value}, batch=batch,
        )
        for p in found
    )  # fmt: skip
    Proposal.objects.filter(pk__in=[p.pk for p in found]).update(state=State.ACCEPTED)
    return len(found)


@transaction.atomic
def change_document(reading: Reading, changed: dict[str, Any], user: Any) -> Decision | None:
    """Correct the document's own data (title, number, date, …); what the reader saw stays in ``document_read``."""
    reading = _locked(reading.pk)
    before = {k: reading.document.get(k) for k in changed}
    if before == changed:
        return None
    reading.document = {**reading.document, **changed}
    reading.save(update_fields=["document"])
    return note(reading, user, "document", before=before, after=changed)


@transaction.atomic
def undo(reading: Reading, user: Any) -> list[int]:
    """Take back the user's last step in this reading; returns the items that it had touched."""
    reading = _locked(reading.pk)
    mine = reading.decisions.filter(user=user, action__in=UNDOABLE, undone=False)
    last = mine.first()
    if last is None:
        raise JobRefused(
            "review.nothing_to_undo", "Bạn chưa có bước nào để hoàn tác.", "You have no step to undo.",
        )  # fmt: skip
    steps = list(mine.filter(batch=last.batch)) if last.batch else [last]
    numbers = [s.number for s in steps if s.number]
    later = reading.decisions.filter(
        pk__gt=last.pk, number__in=numbers, undone=False, action__in=UNDOABLE
    ).first()
    if later is not None:
        raise JobRefused(
            "review.touched_since",
            f"Không hoàn tác được: {later.who} đã quyết định tiếp về mục này.",
            f"Can't undo: {later.who} has decided on this item since.",
            "Hãy mở mục và quyết định lại.",
            "Open the item and decide anew.",
        )
    for step in steps:
        _take_back(reading, step, user)
    Decision.objects.filter(pk__in=[s.pk for s in steps]).update(undone=True)
    note(reading, user, "undo", after={"action": last.action, "items": numbers})
    return numbers


def _take_back(reading: Reading, step: Decision, user: Any) -> None:
    for synonym in step.synonyms.filter(withdrawn_at=None):
        synonyms.withdraw(synonym, user)
    if step.action == "document":
        reading.document = {**reading.document, **step.before}
        reading.save(update_fields=["document"])
    elif step.action == "add":
        Proposal.objects.filter(pk=step.number).delete()  # its content stays in the trail
    else:
        Proposal.objects.filter(pk=step.number).update(**step.before)


def _locked(pk: int) -> Reading:
    """The reading as it is now, not to be changed by others until this step is written."""
    reading = Reading.objects.select_for_update().get(pk=pk)
    must_be_open(reading)
    return reading
