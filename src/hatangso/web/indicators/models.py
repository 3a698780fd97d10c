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
