"""Addresses of the coverage pages."""

from django.urls import path

from hatangso.web.coverage import comparing, measuring, serving, starting, views, villages

urlpatterns = [
    path("", views.run_list, name="coverage"),
    path("moi/", starting.new_run, name="coverage-new"),
    path("so-sanh/", comparing.difference_page, name="coverage-difference"),
    path("so-sanh/lop.png", comparing.difference_layer, name="coverage-difference-layer"),
    path("so-sanh/tep.<slug:form>", comparing.difference_file, name="coverage-difference-file"),
    path("<slug:key>/", views.run_page, name="coverage-run"),
    path("<slug:key>/thon/", villages.villages_page, name="coverage-villages"),
    path("<slug:key>/thon.csv", villages.villages_file, name="coverage-villages-file"),
    path("<slug:key>/do-kiem/", measuring.measurements, name="coverage-measurements"),
    path(
        "<slug:key>/do-kiem/<slug:comparison>/<str:file>",
        measuring.measurement_file,
        name="coverage-measurement-file",
    ),
    path("<slug:key>/lop/<str:file>", serving.layer, name="coverage-layer"),
    path("<slug:key>/so-lieu/", views.numbers, name="coverage-numbers"),
    path("<slug:key>/theo-xa.csv", serving.communes_file, name="coverage-communes-file"),
    path("<slug:key>/cells.json", serving.cells, name="coverage-cells"),
    path("<slug:key>/mat-cat/", serving.profile, name="coverage-profile"),
    path("<slug:key>/tep/<str:file>", serving.download, name="coverage-file"),
    path("<slug:key>/tien-do/", starting.progress, name="coverage-progress"),
    path("<slug:key>/dung/", starting.stop, name="coverage-stop"),
    path("<slug:key>/chay-tiep/", starting.resume, name="coverage-resume"),
    path("<slug:key>/nhan/", starting.take_over, name="coverage-adopt"),
]
