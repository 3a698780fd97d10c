"""Addresses of the registry."""

from django.urls import path

from hatangso.web.registry import class_pages, drawing, edit_pages, import_views, nearby_pages, record_pages

urlpatterns = [
    path("", class_pages.home, name="registry"),
    path("quanh-day/", nearby_pages.nearby_page, name="registry-nearby"),
    path("trung-lap/", import_views.duplicates_page, name="registry-duplicates"),
    path("toa-do/", drawing.coordinates, name="registry-coordinates"),
    path("o/<int:zoom>/<int:x>/<int:y>.mvt", class_pages.tile_view, name="registry-tile"),
    path("nhap/<int:pk>/", import_views.run_page, name="registry-run"),
    path("nhap/<int:pk>/loi.xlsx", import_views.errors_file, name="registry-run-errors"),
    path("<slug:kind>/", class_pages.class_page, name="registry-class"),
    path("<slug:kind>/xuat.<slug:format>", class_pages.export_view, name="registry-export"),
    path("<slug:kind>/mau.xlsx", class_pages.template_view, name="registry-template"),
    path("<slug:kind>/thuoc-tinh/", class_pages.class_docs, name="registry-docs"),
    path("<slug:kind>/nhap/", import_views.upload_page, name="registry-import"),
    path("<slug:kind>/them/", edit_pages.new_page, name="registry-new"),
    path("<slug:kind>/<int:key>/", record_pages.asset_page, name="registry-asset"),
    path("<slug:kind>/<int:key>/sua/", edit_pages.edit_page, name="registry-edit"),
]
