"""Addresses of units."""

from django.urls import path

from hatangso.web.territory import units

urlpatterns = [
    path("", units.unit_search, name="units"),
    path("<str:code>/", units.unit_page, name="unit"),
]
