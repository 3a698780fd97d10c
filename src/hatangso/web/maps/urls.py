"""Addresses of the map."""

from django.urls import path

from hatangso.web.maps import views

urlpatterns = [
    path("", views.map_page, name="map"),
    path("dia-gioi/tinh.json", views.province_outlines, name="map-provinces"),
    path("dia-gioi/<str:code>.json", views.commune_outlines, name="map-communes"),
]
