"""Signing in.  Five wrong passwords lock the account's door for a quarter of an hour (django-axes)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView

from hatangso.web.accounts.models import Role, User

ROLE_WORDS = {
    Role.OFFICER: ("Chuyên viên Sở", "Department officer"),
    Role.LEADER: ("Lãnh đạo", "Leadership"),
    Role.ENTERPRISE: ("Doanh nghiệp", "Enterprise"),
    Role.COMMUNE: ("Cán bộ cấp xã", "Commune officer"),
    Role.VIEWER: ("Người xem", "Viewer"),
    Role.MINISTRY: ("Bộ, Cục Viễn thông", "Ministry, Telecommunications Authority"),
    Role.ADMIN: ("Quản trị hệ thống", "Administrator"),
}


class SignIn(LoginView):
    """Sign-in page; in a demonstration workspace it shows the accounts to try."""

    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the demonstration accounts, only where the workspace is a demonstration."""
        context = super().get_context_data(**kwargs)
        if getattr(settings, "HATANGSO_DEMO", False):
            context["demo_accounts"] = [
                {
                    "username": u.username,
                    "name": u.get_full_name(),
                    "body": u.body,
                    "role": ROLE_WORDS.get(u.role),
                }
                for u in User.objects.filter(is_active=True).order_by("pk")[:10]
            ]
            context["demo_password"] = getattr(settings, "HATANGSO_DEMO_PASSWORD", "")
        return context
