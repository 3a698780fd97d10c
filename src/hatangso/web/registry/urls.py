"""Addresses of the registry."""

from django.urls import path

from hatangso.web.registry import (
    basemap,
    class_pages,
    commune_pages,
    coordinates,
    dig_once_pages,
    edit_pages,
    import_views,
    map_pages,
    nearby_pages,
    record_pages,
)

urlpatterns = [
    path("", class_pages.home, name="registry"),
    path("quanh-day/", nearby_pages.nearby_page, name="registry-nearby"),
    path("trung-lap/", import_views.duplicates_page, name="registry-duplicates"),
    path("dao-mot-lan/", dig_once_pages.works_page, name="registry-dig-once"),
    path("dao-mot-lan/mau.xlsx", dig_once_pages.template_file, name="registry-dig-once-template"),
    path("dao-mot-lan/<slug:token>/", dig_once_pages.result_page, name="registry-dig-once-result"),
    path(
        "dao-mot-lan/<slug:token>/xuat.<slug:format>",
        dig_once_pages.result_file,
        name="registry-dig-once-file",
    ),
    path("ban-do/", map_pages.map_page, name="registry-map"),
    path("theo-xa/", commune_pages.communes_page, name="registry-communes"),
    path("theo-xa/so-lieu.csv", commune_pages.communes_csv, name="registry-communes-csv"),
    path("nen.pmtiles", basemap.base_view, name="registry-base"),
    path("nen/", basemap.base_page, name="registry-base-page"),
    path("bat-diem/", coordinates.snap, name="registry-snap"),
    path("toa-do/", coordinates.coordinates, name="registry-coordinates"),
    path("o/<int:zoom>/<int:x>/<int:y>.mvt", map_pages.tile_view, name="registry-tile"),
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
