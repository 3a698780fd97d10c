"""Saved views: a name for an address, kept for oneself or for one's whole agency.

The address alone makes a view (see :mod:`.asked`), so nothing of the data is kept; what the role may see is asked again
each time it is opened.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_http_methods, require_POST

from hatangso.web.accounts.permissions import needs
from hatangso.web.errors import BadAddress
from hatangso.web.indicators.models import SavedView

MOST = 200  # views a person
PAGES = frozenset(
    {
        "indicators",
        "indicator",
        "indicator-compare",
        "leadership",
        "map",
        "plan",
        "figure",
        "score-try",
        "indicator-checks",
        "indicator-why",
        "score-why",
        "score",
    }
)


def own_address(text: str) -> str:
    """An address of one of the program's own pages, without its host.

    Raises
    ------
    BadAddress : it leads elsewhere, or to a page that shows no view.
    """
    parts = urlsplit(text)
    wrong = BadAddress("Địa chỉ này không lưu được.", "This address can't be saved.")
    if parts.scheme or parts.netloc or not text.startswith("/") or text.startswith("//") or "\\" in text:
        raise wrong
    try:
        if resolve(parts.path).url_name not in PAGES:
            raise wrong
    except Resolver404:
        raise wrong from None
    if len(text) > 1500:
        raise BadAddress("Địa chỉ quá dài.", "The address is too long.")
    return text


def views_for(request: HttpRequest) -> QuerySet[SavedView]:
    """The reader's own views, and those that colleagues share."""
    user = request.user
    shared = Q(shared=True, body=getattr(user, "body", "")) & ~Q(body="")
    return SavedView.objects.filter(Q(owner=user) | shared).select_related("owner")


@require_http_methods(["GET", "HEAD", "POST"])
@needs("indicators")
def saved_views(request: HttpRequest) -> HttpResponse:
    """List them; a POST saves one.  The same name again replaces the reader's own view of that name."""
    if request.method == "POST":
        name = " ".join(request.POST.get("name", "").split())[:120]
        if not name:
            raise BadAddress("Hãy đặt tên cho chế độ xem.", "Give the view a name.")
        address = own_address(request.POST.get("address", ""))
        if SavedView.objects.filter(owner=request.user).exclude(name=name).count() >= MOST:
            raise BadAddress(f"Mỗi người lưu tối đa {MOST} chế độ xem.", f"At most {MOST} views a person.")
        SavedView.objects.update_or_create(
            owner=request.user,
            name=name,
            defaults={
                "address": address,
                "shared": request.POST.get("shared") == "1",
                "body": getattr(request.user, "body", ""),
            },
        )
        return redirect("saved-views")
    views = list(views_for(request))
    own = [v for v in views if v.owner_id == request.user.pk]
    others = [v for v in views if v.owner_id != request.user.pk]
    return render(
        request, "indicators/saved.html", {"page": "saved", "own": own, "others": others, "query": ""}
    )


@require_POST
@needs("indicators")
def forget_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Delete one of the reader's own views."""
    get_object_or_404(SavedView, pk=view_id, owner=request.user).delete()
    return redirect("saved-views")
