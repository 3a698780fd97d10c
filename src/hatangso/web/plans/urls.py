"""Addresses of plans."""

from django.urls import path

from hatangso.web.criteria import assess_page
from hatangso.web.indicators import score_try, score_why
from hatangso.web.plans import duties, exports, figure, score, views
from hatangso.web.territory import handovers

urlpatterns = [
    path("", views.plan_list, name="plan-list"),
    path("<slug:slug>/", views.plan_page, name="plan"),
    path("<slug:slug>/vi-sao/<int:figure_id>/", views.why_panel, name="why"),
    path("<slug:slug>/vi-sao/<int:figure_id>/so-lieu.csv", exports.facts_csv, name="why-facts"),
    path("<slug:slug>/xuat/<str:kind>/", exports.standing_export, name="export"),
    path("<slug:slug>/chi-tieu/<int:figure_id>/", figure.figure_page, name="figure"),
    path("<slug:slug>/chi-tieu/<int:figure_id>/lich-su.csv", figure.history_csv, name="figure-history"),
    path("<slug:slug>/nhiem-vu/", views.task_list, name="tasks"),
    path("<slug:slug>/ban-giao/", handovers.handover_page, name="handover"),
    path("<slug:slug>/ban-giao/<str:giver>.docx", handovers.handover_file, name="handover-file"),
    path("<slug:slug>/nghia-vu/", duties.duty_calendar, name="duties"),
    path("<slug:slug>/nghia-vu/lich.ics", duties.duties_ics, name="duties-ics"),
    path("<slug:slug>/tu-danh-gia/", score.score_sheet, name="score"),
    path("<slug:slug>/tu-danh-gia/thu/", score_try.try_page, name="score-try"),
    path("<slug:slug>/tu-danh-gia/vi-sao/<str:ident>/", score_why.score_why, name="score-why"),
    path("<slug:slug>/tu-danh-gia/cac-buoc/", assess_page.assess_page, name="assessment"),
    path("minh-chung/<int:evidence_id>/", assess_page.evidence_file, name="evidence-file"),
]
