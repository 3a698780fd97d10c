"""Addresses of the coverage pages."""

from django.urls import path

from hatangso.web.coverage import starting, views

urlpatterns = [
    path("", views.run_list, name="coverage"),
    path("moi/", starting.new_run, name="coverage-new"),
    path("<slug:key>/", views.run_page, name="coverage-run"),
    path("<slug:key>/lop/<str:file>", views.layer, name="coverage-layer"),
    path("<slug:key>/so-lieu/", views.numbers, name="coverage-numbers"),
    path("<slug:key>/cells.json", views.cells, name="coverage-cells"),
    path("<slug:key>/mat-cat/", views.profile, name="coverage-profile"),
    path("<slug:key>/tep/<str:file>", views.download, name="coverage-file"),
    path("<slug:key>/tien-do/", starting.progress, name="coverage-progress"),
    path("<slug:key>/dung/", starting.stop, name="coverage-stop"),
    path("<slug:key>/chay-tiep/", starting.resume, name="coverage-resume"),
    path("<slug:key>/nhan/", starting.take_over, name="coverage-adopt"),
]
