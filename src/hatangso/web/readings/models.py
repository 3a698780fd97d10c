"""Records of a reading.

The document's words and what the reader proposed are never changed; what a person decides stands beside them
(``current``), and every step is a :class:`Decision` that stays (laws 6 and 7 of the house).
"""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.db import models

from hatangso.web.plans.models import Plan


class Status(models.TextChoices):
    """Where a reading is."""

    QUEUED = "queued", "đang chờ đọc"
    READING = "reading", "đang đọc"
    READY = "ready", "chờ rà soát"
    FAILED = "failed", "không đọc được"
    IMPORTED = "imported", "đã nạp"
    DISCARDED = "discarded", "đã bỏ"


class Reading(models.Model):
    """One uploaded document on its way to become a plan."""

    file_name = models.CharField("tên tệp", max_length=255)
    sha256 = models.CharField("mã băm", max_length=64, db_index=True)
    size = models.PositiveBigIntegerField("dung lượng")
    stored = models.CharField("tệp đã lưu (trong thư mục làm việc)", max_length=120, blank=True)
    status = models.CharField(
        "trạng thái", max_length=10, choices=Status, default=Status.QUEUED, db_index=True
    )
    progress = models.FloatField("đã đọc (0…1)", default=0.0)
    step = models.CharField("bước", max_length=20, blank=True)
    started_at = models.DateTimeField(null=True)
    heartbeat = models.DateTimeField("dấu hiệu còn chạy", null=True)
    attempt = models.PositiveIntegerField("lần đọc thứ", default=0)
    error_code = models.CharField(max_length=40, blank=True)
    error_vi = models.TextField(blank=True)
    error_en = models.TextField(blank=True)
    text = models.TextField("văn bản đã đọc", blank=True)
    format = models.CharField(max_length=10, blank=True)
    encoding = models.CharField(max_length=20, blank=True)
    document_read = models.JSONField("thông tin văn bản, như máy đọc", default=dict)
    document = models.JSONField("thông tin văn bản, sau rà soát", default=dict)
    warnings = models.JSONField("cảnh báo", default=list)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    plan = models.ForeignKey(Plan, models.SET_NULL, null=True, related_name="readings")
    previous = models.ForeignKey(Plan, models.SET_NULL, null=True, related_name="next_readings")

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def busy(self) -> bool:
        """Waiting for the reader or in its hands."""
        return self.status in (Status.QUEUED, Status.READING)

    @property
    def open(self) -> bool:
        """Under review: decisions can be made."""
        return self.status == Status.READY


class Kind(StrEnum):
    """What a proposal is: chỉ tiêu, nhiệm vụ, nghĩa vụ."""

    FIGURE = "figure"
    TASK = "task"
    DUTY = "duty"


class State(StrEnum):
    """What a person has said of a proposal."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    REJECTED = "rejected"
    ADDED = "added"


KEPT = (State.ACCEPTED, State.CORRECTED, State.ADDED)


class Proposal(models.Model):
    """One figure, task or duty that was read from the document or added by a person."""

    reading = models.ForeignKey(Reading, models.CASCADE, related_name="proposals")
    kind = models.CharField(max_length=6, choices=[(k.value, k.value) for k in Kind])
    position = models.PositiveIntegerField("thứ tự")
    proposed = models.JSONField("như máy đọc", null=True)  # null: added by a person
    current = models.JSONField("hiện tại")
    state = models.CharField(
        max_length=9, choices=[(s.value, s.value) for s in State], default=State.PROPOSED.value
    )
    confidence = models.FloatField(default=1.0)
    needs_human = models.BooleanField("cần người xem", default=False)
    line = models.PositiveIntegerField(default=0)
    span_start = models.PositiveIntegerField(null=True)
    span_end = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["kind", "position", "pk"]
        indexes = [models.Index(fields=["reading", "kind", "state"])]

    @property
    def kept(self) -> bool:
        """Whether the item goes into the plan."""
        return self.state in KEPT

    @property
    def open(self) -> bool:
        """Nobody has decided yet."""
        return self.state == State.PROPOSED


class Decision(models.Model):
    """The trail: who did what and when, with the state before and after.  Rows are only ever added."""

    reading = models.ForeignKey(Reading, models.CASCADE, related_name="decisions")
    proposal = models.ForeignKey(Proposal, models.SET_NULL, null=True, related_name="decisions")
    number = models.PositiveIntegerField(
        "mã mục", default=0
    )  # of the proposal; stays when an addition is undone
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    who = models.CharField("ai", max_length=200)
    at = models.DateTimeField(auto_now_add=True)
    action = models.CharField("việc", max_length=20)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.TextField("lý do", blank=True)
    batch = models.CharField("cùng một lần bấm", max_length=32, blank=True, db_index=True)
    undone = models.BooleanField("đã hoàn tác", default=False)

    class Meta:
        ordering = ["-pk"]


class LearnedSynonym(models.Model):
    """Words that an officer tied to an indicator; later readings of this workspace use them until withdrawn."""

    phrase = models.CharField("cụm từ", max_length=400)
    folded = models.CharField("cụm từ không dấu", max_length=400, db_index=True)
    indicator = models.CharField("chỉ tiêu", max_length=100)
    proposal = models.ForeignKey(Proposal, models.SET_NULL, null=True, related_name="synonyms")
    decision = models.ForeignKey(Decision, models.SET_NULL, null=True, related_name="synonyms")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    who = models.CharField("ai", max_length=200)
    at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-pk"]
