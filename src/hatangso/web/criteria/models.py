"""Criteria sets that an administrator brought, and the steps of assessments; neither is ever rewritten."""

from django.db import models

from hatangso.indicators.assessment import StepKind


class CriteriaVersion(models.Model):
    """A criteria set from a spreadsheet: a draft until it is put in force, then dated by ``in_force_at``."""

    key = models.CharField("mã", max_length=60)
    content = models.JSONField("nội dung")
    file_name = models.CharField("tệp", max_length=300)
    file_sha256 = models.CharField("dấu vân tay của tệp", max_length=64)
    imported_at = models.DateTimeField("nhập lúc")
    imported_by = models.CharField("người nhập", max_length=150, blank=True)
    in_force_at = models.DateTimeField("áp dụng lúc", null=True)

    class Meta:
        indexes = [models.Index(fields=["key", "in_force_at"])]


class Assessment(models.Model):
    """One assessment of one territory in one year by one criteria set."""

    set_key = models.CharField("bộ tiêu chí", max_length=60)
    unit = models.CharField("đơn vị hành chính", max_length=20)
    period = models.CharField("kỳ", max_length=10)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["set_key", "unit", "period"], name="one_assessment")]


class AssessmentStep(models.Model):
    """One step of an assessment with its own points; a later step never changes an earlier one."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="steps")
    kind = models.CharField("bước", max_length=10, choices=[(k.value, k.value) for k in StepKind])
    by = models.CharField("đơn vị", max_length=200)
    points = models.JSONField("điểm theo tiêu chí", default=dict)
    reasons = models.JSONField("lý do theo tiêu chí", default=dict)
    issued = models.JSONField("văn bản đã ban hành theo tiêu chí", default=dict)
    recorded_at = models.DateTimeField("ghi nhận lúc")
    recorded_by = models.CharField("người ghi nhận", max_length=150, blank=True)
    document = models.CharField("số văn bản", max_length=200, blank=True)

    class Meta:
        ordering = ["id"]


class StepEvidence(models.Model):
    """A file that stands behind a criterion in a step; the content lies in the workspace under its fingerprint."""

    step = models.ForeignKey(AssessmentStep, models.PROTECT, related_name="evidence")
    criterion = models.CharField("tiêu chí", max_length=20)
    file_name = models.CharField("tệp", max_length=200)
    file_sha256 = models.CharField("dấu vân tay của tệp", max_length=64)
    size = models.PositiveIntegerField("số byte")

    class Meta:
        ordering = ["id"]
