"""Views that people saved: a name for an address."""

from django.conf import settings
from django.db import models


class SavedView(models.Model):
    """One saved view; ``shared`` shows it to everybody of the owner's body."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    body = models.CharField("cơ quan", max_length=200, blank=True)
    name = models.CharField("tên", max_length=120)
    address = models.CharField("địa chỉ", max_length=1500)
    shared = models.BooleanField("dùng chung", default=False)
    saved_at = models.DateTimeField("lưu lúc", auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]
        indexes = [models.Index(fields=["body", "shared"])]


class CheckAnswer(models.Model):
    """What was said about a logical check that does not hold; only ever added, the last one of a finding counts.

    ``numbers`` are those that contradicted each other then: when they change, the finding is open again.
    """

    check_key = models.CharField("quy tắc", max_length=80)
    element = models.CharField("số liệu", max_length=100, blank=True)
    unit = models.CharField("đơn vị hành chính", max_length=20)
    unit_name = models.CharField("tên đơn vị", max_length=200)
    period = models.CharField("kỳ", max_length=10)
    state = models.CharField(
        "trạng thái", max_length=10, choices=[("explained", "explained"), ("open", "open")]
    )
    numbers = models.JSONField("các số")
    reason = models.TextField("lý do")
    said_by = models.CharField("bên giải trình", max_length=200, blank=True)
    recorded_by = models.CharField("người ghi nhận", max_length=150)
    recorded_at = models.DateTimeField("ghi nhận lúc")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["period", "unit"])]
