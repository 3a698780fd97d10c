"""The append-only store of facts (laws 1, 2 and 6): a correction is a new row that supersedes an old one."""

from django.db import models

from hatangso.indicators.facts import Source


class FactLoad(models.Model):
    """One bulk load: which file, whose, by whom; the step of the pedigree between a fact and a file (law 6)."""

    file_name = models.CharField("tệp", max_length=300)
    file_sha256 = models.CharField("dấu vân tay của tệp", max_length=64)
    source = models.CharField("nguồn", max_length=12, choices=[(s.value, s.value) for s in Source])
    provider = models.CharField("đơn vị cung cấp", max_length=200)
    rows = models.PositiveIntegerField("số dòng")
    added = models.PositiveIntegerField("số liệu mới", default=0)
    superseded = models.PositiveIntegerField("số liệu được thay", default=0)
    recorded_at = models.DateTimeField("ghi nhận lúc")
    recorded_by = models.CharField("người ghi nhận", max_length=150, blank=True)


class FactRow(models.Model):
    """One fact; see :class:`hatangso.indicators.facts.Fact` for the meaning of each field."""

    key = models.CharField("số liệu", max_length=100)
    unit = models.CharField("đơn vị hành chính", max_length=20)
    level = models.CharField("cấp", max_length=10)
    valid_from = models.DateField("từ ngày")
    valid_to = models.DateField("đến ngày")
    source = models.CharField("nguồn", max_length=12, choices=[(s.value, s.value) for s in Source])
    provider = models.CharField("đơn vị cung cấp", max_length=200)
    value = models.FloatField("giá trị", null=True)
    numerator = models.FloatField("tử số", null=True)
    denominator = models.FloatField("mẫu số", null=True)
    sample_size = models.PositiveIntegerField("số mẫu", null=True)
    method = models.CharField("phương pháp", max_length=200, blank=True)
    reference = models.CharField("dẫn chiếu", max_length=300, blank=True)
    figure = models.ForeignKey("plans.PlanFigure", models.PROTECT, null=True, related_name="facts")
    load = models.ForeignKey(FactLoad, models.PROTECT, null=True, related_name="facts", db_index=False)
    simulated = models.BooleanField("dữ liệu mô phỏng", default=False)
    recorded_at = models.DateTimeField("ghi nhận lúc")
    recorded_by = models.CharField("người ghi nhận", max_length=150, blank=True)
    superseded_at = models.DateTimeField("được thay lúc", null=True, db_index=True)

    class Meta:
        indexes = [
            models.Index(fields=["unit", "key", "valid_to"]),
            models.Index(fields=["key", "level", "valid_to"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_from__lte=models.F("valid_to")), name="fact_period"
            ),
            # Two loads at once: whatever the program does, one thing is said once by one provider at a time.
            models.UniqueConstraint(
                fields=["unit", "key", "valid_from", "valid_to", "source", "provider"],
                condition=models.Q(superseded_at__isnull=True),
                name="fact_said_once",
            ),
        ]
