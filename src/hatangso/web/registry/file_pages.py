"""Documents and photos of an asset as pages: hand in, open, take back."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from hatangso.errors import UserError
from hatangso.web.accounts.permissions import needs
from hatangso.web.registry import files
from hatangso.web.registry.models import Document
from hatangso.web.registry.presenting import in_words, kind_or_404
from hatangso.web.registry.record_pages import asset_or_404, editable, render_record
from hatangso.web.registry.visible import view_of


@require_POST
@needs("registry-edit")
def attach_form(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """Keep a file of an asset."""
    k, view, row = editable(request, kind, key)
    sent = request.FILES.get("tep")
    try:
        if sent is None or (sent.size or 0) > files.LARGEST_FILE:
            raise UserError(
                "registry.document", "Hãy chọn một tệp ảnh hoặc PDF đến 20 MB.", "Choose a picture or PDF up to 20 MB.",
                "", "",
            )  # fmt: skip
        tier = str(request.POST.get("muc", ""))
        files.attach(
            row, sent.read(), str(request.POST.get("ten", "")).strip() or str(sent.name),
            str(request.POST.get("loai", "other")), int(tier) if tier.isdigit() else row.tier,
            request.user.get_username(), use_position=request.POST.get("vi-tri-anh") == "1",
        )  # fmt: skip
    except UserError as error:
        return render_record(request, k, view, row, "tep", error)
    return redirect(f"{request.path.rsplit('/', 2)[0]}/#tai-lieu")


@require_safe
@needs("registry")
@in_words
def file_view(request: HttpRequest, kind: str, key: int, pk: int) -> HttpResponse:
    """One file; what may not be seen is not there."""
    view = view_of(request.user)
    row = asset_or_404(view, kind_or_404(kind), key)
    try:
        document = files.document_of(view, row, pk)
    except Document.DoesNotExist:
        raise Http404(pk) from None
    view.log(kind, document.tier, 1, request.path)
    return HttpResponse(files.content_of(document), headers=files.answer_headers(document))


@require_POST
@needs("registry-edit")
def remove_form(request: HttpRequest, kind: str, key: int, pk: int) -> HttpResponse:
    """Take a file back, with a reason."""
    k, view, row = editable(request, kind, key)
    try:
        document = files.document_of(view, row, pk)
        files.remove_document(document, request.user.get_username(), str(request.POST.get("ly-do", "")))
    except Document.DoesNotExist:
        raise Http404(pk) from None
    except UserError as error:
        return render_record(request, k, view, row, "tep", error)
    return redirect("registry-asset", kind, key)
