"""Addresses of the map."""

from django.urls import path

from hatangso.web.maps import views
from hatangso.web.territory import crosswalk

urlpatterns = [
    path("", views.map_page, name="map"),
    path("so-lieu.csv", views.map_csv, name="map-csv"),
    path("chuyen-doi/", crosswalk.crosswalk_page, name="crosswalk"),
    path("chuyen-doi/bang.csv", crosswalk.crosswalk_csv, name="crosswalk-csv"),
    path("dia-gioi/tinh.json", views.province_outlines, name="map-provinces"),
    path("dia-gioi/<str:code>.json", views.commune_outlines, name="map-communes"),
]
