"""Addresses of the indicator pages."""

from django.urls import path

from hatangso.web.indicators import chain_page, check_page, compare, heat, profile, saved

urlpatterns = [
    path("", heat.heat_page, name="indicators"),
    path("so-sanh/", compare.compare_page, name="indicator-compare"),
    path("kiem-tra-so-lieu/", check_page.check_page, name="indicator-checks"),
    path("da-luu/", saved.saved_views, name="saved-views"),
    path("da-luu/<int:view_id>/xoa/", saved.forget_view, name="forget-view"),
    path("<slug:key>/vi-sao/", chain_page.chain_page, name="indicator-why"),
    path("<slug:key>/", profile.profile_page, name="indicator"),
]
