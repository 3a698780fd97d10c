"""Addresses of the pages: Vietnamese words in the address bar, English names in the code."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.urls import include, path
from django.views.i18n import set_language

from hatangso.web import errors
from hatangso.web.accounts.views import SignIn
from hatangso.web.indicators.leadership import leadership_page
from hatangso.web.plans.overview import home
from hatangso.web.plans.search import search_page, search_suggestions
from hatangso.web.readings.compare import compare_page
from hatangso.web.registry.api import urls as registry_api

urlpatterns = [
    path("", home, name="home"),
    path("dang-nhap/", SignIn.as_view(), name="login"),
    path("dang-xuat/", LogoutView.as_view(), name="logout"),
    path("ngon-ngu/", login_not_required(set_language), name="set-language"),
    path("tim/", search_page, name="search"),
    path("tim/goi-y/", search_suggestions, name="search-suggestions"),
    path("ke-hoach/nap/", include("hatangso.web.readings.urls")),
    path("ke-hoach/so-sanh/", compare_page, name="compare"),
    path("ke-hoach/", include("hatangso.web.plans.urls")),
    path("don-vi/", include("hatangso.web.territory.urls")),
    path("lanh-dao/", leadership_page, name="leadership"),
    path("chi-tieu/", include("hatangso.web.indicators.urls")),
    path("ban-do/", include("hatangso.web.maps.urls")),
    path("vung-phu/", include("hatangso.web.coverage.urls")),
    path("ha-tang/", include("hatangso.web.registry.urls")),
    path("bo-tieu-chi/", include("hatangso.web.criteria.urls")),
    path("api/v1/", registry_api),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
