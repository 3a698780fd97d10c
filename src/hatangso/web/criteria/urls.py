"""Addresses of criteria sets."""

from django.urls import path

from hatangso.web.criteria import annex_page

urlpatterns = [
    path("", annex_page.sets_page, name="criteria-sets"),
    path("<int:version_id>/", annex_page.draft_page, name="criteria-draft"),
    path("<int:version_id>/ap-dung/", annex_page.activate, name="criteria-activate"),
    path("<int:version_id>/xoa/", annex_page.drop, name="criteria-drop"),
]
