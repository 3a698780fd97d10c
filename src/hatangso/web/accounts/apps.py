"""Accounts: who signs in, for which body, in which role."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Django application of accounts."""

    name = "hatangso.web.accounts"
    label = "accounts"
    verbose_name = "Tài khoản"
