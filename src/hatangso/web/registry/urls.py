"""Addresses of the registry."""

from django.urls import path

from hatangso.web.registry import import_views, views

urlpatterns = [
    path("", views.home, name="registry"),
    path("quanh-day/", views.nearby_page, name="registry-nearby"),
    path("trung-lap/", import_views.duplicates_page, name="registry-duplicates"),
    path("toa-do/", views.coordinates, name="registry-coordinates"),
    path("o/<int:zoom>/<int:x>/<int:y>.mvt", views.tile_view, name="registry-tile"),
    path("nhap/<int:pk>/", import_views.run_page, name="registry-run"),
    path("nhap/<int:pk>/loi.xlsx", import_views.errors_file, name="registry-run-errors"),
    path("<slug:kind>/", views.class_page, name="registry-class"),
    path("<slug:kind>/xuat.<slug:format>", views.export_view, name="registry-export"),
    path("<slug:kind>/mau.xlsx", views.template_view, name="registry-template"),
    path("<slug:kind>/thuoc-tinh/", views.class_docs, name="registry-docs"),
    path("<slug:kind>/nhap/", import_views.upload_page, name="registry-import"),
    path("<slug:kind>/them/", views.new_page, name="registry-new"),
    path("<slug:kind>/<int:key>/", views.asset_page, name="registry-asset"),
    path("<slug:kind>/<int:key>/sua/", views.edit_page, name="registry-edit"),
]
