"""User accounts.  Roles belong to bodies, not to persons: people rotate, the desk stays (inventory §4)."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class Role(models.TextChoices):
    """What a person does here; pages and queries ask for a role, never for a name."""

    OFFICER = "officer", "Chuyên viên Sở"
    LEADER = "leader", "Lãnh đạo"
    ENTERPRISE = "enterprise", "Doanh nghiệp"
    COMMUNE = "commune", "Cán bộ cấp xã"
    VIEWER = "viewer", "Người xem"
    MINISTRY = "ministry", "Bộ, Cục Viễn thông"
    ADMIN = "admin", "Quản trị hệ thống"


class User(AbstractUser):
    """A person who signs in on behalf of a body."""

    role = models.CharField("vai trò", max_length=16, choices=Role, default=Role.VIEWER)
    body = models.CharField("cơ quan, đơn vị", max_length=200, blank=True)
    full_name = models.CharField("họ và tên", max_length=150, blank=True)

    class Meta:
        verbose_name = "tài khoản"
        verbose_name_plural = "tài khoản"

    def get_full_name(self) -> str:
        """Vietnamese order of names: the family name comes first, so it is kept as one field."""
        return self.full_name or self.username
