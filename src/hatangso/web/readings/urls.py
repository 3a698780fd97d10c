"""Addresses under /ke-hoach/nap/."""

from django.urls import path

from hatangso.web.readings import editing, importing, review, trail, views

urlpatterns = [
    path("", views.upload_page, name="readings"),
    path("cum-tu/", trail.learned_page, name="learned"),
    path("cum-tu/<int:pk>/thu-hoi/", trail.withdraw_phrase, name="learned-withdraw"),
    path("<int:pk>/", views.reading_page, name="reading"),
    path("<int:pk>/tien-do/", views.progress, name="reading-progress"),
    path("<int:pk>/dung/", views.cancel, name="reading-cancel"),
    path("<int:pk>/bo/", views.discard, name="reading-discard"),
    path("<int:pk>/doc-lai/", views.again, name="reading-again"),
    path("<int:pk>/tep/", views.original, name="reading-file"),
    path("<int:pk>/muc/<int:number>/sua/", editing.edit, name="proposal-edit"),
    path("<int:pk>/muc/<int:number>/<str:action>/", review.decide, name="proposal-decide"),
    path("<int:pk>/them/", editing.add, name="proposal-add"),
    path("<int:pk>/chap-nhan-het/", review.accept_all, name="accept-all"),
    path("<int:pk>/hoan-tac/", review.undo, name="review-undo"),
    path("<int:pk>/van-ban/", review.document, name="review-document"),
    path("<int:pk>/nhap/", importing.import_page, name="import"),
    path("<int:pk>/nhat-ky/", trail.trail_page, name="trail"),
]
