"""Prices with their days, open to all operators alike; documents and photos without their position."""

from __future__ import annotations

import io
from datetime import date

import pytest
from PIL import Image

from hatangso.errors import UserError
from hatangso.web.accounts.models import Role
from hatangso.web.registry import files, leases
from hatangso.web.registry.models import Asset, Document, LeasePrice
from hatangso.web.registry.visible import View, authority_view, reader_for

from .conftest import Loader

pytestmark = pytest.mark.django_db
D = date


def view(role: Role, body: str) -> View:
    return View(reader_for(role, body))


@pytest.fixture
def mast(load: Loader) -> Asset:
    load(
        "mast",
        [{"code": "M1", "lon": 105.2139, "lat": 21.8235, "owner": "Viettel", "disclosure": "public"}],
        "Viettel",
    )
    return Asset.objects.get()


def photo(format: str = "JPEG", gps: bool = True, way: int = 6) -> bytes:
    image = Image.new("RGB", (64, 48), "#27c")
    exif = Image.Exif()
    exif[0x0112] = way
    exif[0x010F] = "SecretPhone"
    if gps:
        exif.get_ifd(0x8825).update({1: "N", 2: (21.0, 49.0, 24.6), 3: "E", 4: (105.0, 12.0, 50.04)})
    exif.get_ifd(0x8769)[0x9003] = "2026:03:04 05:06:07"
    out = io.BytesIO()
    image.save(out, format, exif=exif.tobytes())
    return out.getvalue()


def test_a_new_price_ends_the_old_one_on_its_first_day_and_a_correction_replaces(mast: Asset) -> None:
    leases.set_price(mast, 3_000_000, D(2025, 1, 1), document="QĐ 12")
    leases.set_price(mast, 3_500_000, D(2026, 1, 1))
    leases.set_price(mast, 3_600_000, D(2026, 1, 1), reason="gõ nhầm")
    v = view(Role.ENTERPRISE, "VNPT")
    assert [(p.amount_vnd, p.valid_from, p.valid_to) for p in leases.prices(v, mast)] == [
        (3_600_000, D(2026, 1, 1), None), (3_000_000, D(2025, 1, 1), D(2026, 1, 1)),
    ]  # fmt: skip
    on = lambda day: [p.amount_vnd for p in leases.prices(v, mast, day)]  # noqa: E731
    assert (on(D(2024, 12, 31)), on(D(2025, 12, 31)), on(D(2026, 1, 1))) == ([], [3_000_000], [3_600_000])
    leases.set_price(mast, 2_000_000, D(2024, 1, 1))  # told late: it ends where the known one begins
    assert on(D(2024, 6, 1)) == [2_000_000] and on(D(2025, 6, 1)) == [3_000_000]
    assert LeasePrice.objects.filter(superseded_at__isnull=False).count() == 2  # nothing is lost


def test_every_operator_reads_the_same_prices_the_public_none(mast: Asset) -> None:
    leases.set_price(mast, 3_000_000, D(2025, 1, 1))
    leases.occupy(mast, "VNPT", D(2025, 2, 1), price_vnd_month=2_900_000, contract="HĐ 7")
    seen = {}
    for body in ("Viettel", "VNPT", "MobiFone"):
        v = view(Role.ENTERPRISE, body)
        seen[body] = [(p.amount_vnd, p.valid_from, p.occupant_id) for p in leases.prices(v, mast)]
        assert [x.price.amount_vnd for x in leases.price_list(v, "mast")] == [3_000_000]
    assert seen["Viettel"] == seen["VNPT"] == seen["MobiFone"] and len(seen["VNPT"]) == 2
    public = view(Role.VIEWER, "Sở Xây dựng")
    assert (
        leases.prices(public, mast)
        == leases.occupancies(public, mast)
        == leases.price_list(public, "mast")
        == []
    )
    contract = {b: leases.occupancies(view(Role.ENTERPRISE, b), mast)[0].contract for b in seen}
    assert contract == {"Viettel": "HĐ 7", "VNPT": "HĐ 7", "MobiFone": ""}  # the two parties


def test_the_price_of_a_hidden_structure_is_not_listed(load: Loader) -> None:
    load(
        "mast",
        [{"code": "M2", "lon": 105.21, "lat": 21.82, "owner": "Viettel", "disclosure": "own"}],
        "Viettel",
    )
    leases.set_price(Asset.objects.get(), 1, D(2025, 1, 1))
    assert leases.price_list(view(Role.ENTERPRISE, "VNPT"), "mast") == []
    assert len(leases.price_list(view(Role.ENTERPRISE, "Viettel"), "mast")) == 1


def test_unequal_prices_are_shown_to_the_authority_alone(mast: Asset) -> None:
    first = leases.occupy(mast, "VNPT", D(2025, 2, 1), price_vnd_month=2_000_000)
    leases.occupy(mast, "MobiFone", D(2025, 2, 1), price_vnd_month=2_500_000)
    (found,) = leases.unequal_prices(authority_view(), D(2026, 1, 1))
    assert (found.lowest, found.highest, found.bodies) == (2_000_000, 2_500_000, ("MobiFone", "VNPT"))
    assert leases.unequal_prices(view(Role.ENTERPRISE, "VNPT"), D(2026, 1, 1)) == []
    leases.leave(first, D(2025, 12, 1), "an", "hết hợp đồng")
    assert leases.unequal_prices(authority_view(), D(2026, 1, 1)) == []
    v = authority_view()
    assert [u.occupant.name for u in leases.occupancies(v, mast, D(2026, 1, 1))] == ["MobiFone"]
    assert len(leases.occupancies(v, mast, D(2025, 6, 1))) == 2


@pytest.mark.parametrize("wrong", [{"amount_vnd": -1}, {"basis": "x"}, {"valid_to": D(2024, 1, 1)}])
def test_nonsense_prices_are_refused_with_the_mend(mast: Asset, wrong: dict[str, object]) -> None:
    with pytest.raises(UserError) as refused:
        leases.set_price(mast, **{"amount_vnd": 1, "valid_from": D(2025, 1, 1), **wrong})  # type: ignore[arg-type]
    assert refused.value.code == "registry.price" and refused.value.mend_vi


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_kept_without_position_maker_and_trailing_bytes(mast: Asset, format: str) -> None:
    kept = files.attach(mast, photo(format) + b"HIDDEN", "C:\\anh\\Cột số 1.jpg", "photo", 0, "an")
    content = files.content_of(kept)
    exif = Image.open(io.BytesIO(content)).getexif()
    assert dict(exif) in ({0x0112: 6}, {}) and not exif.get_ifd(0x8825)
    assert format == "PNG" or dict(exif) == {0x0112: 6}  # which way up it is, stays
    assert b"SecretPhone" not in content and b"HIDDEN" not in content
    assert (kept.lon, kept.lat, kept.taken_at) == (None, None, None)
    assert kept.title == "Cột số 1.jpg" and files.safe_name(kept).startswith("cot-so-1.")


def test_the_position_is_kept_beside_the_photo_by_consent_and_shown_with_exact_places_only(
    load: Loader,
) -> None:
    load("base_station", [{"code": "B1", "technology": "5g", "lon": 105.2139, "lat": 21.8235, "owner": "Viettel",
                           "disclosure": "shared"}], "Viettel")  # fmt: skip
    row = Asset.objects.get()
    kept = files.attach(row, photo(), "ảnh", "photo", 0, "an", use_position=True)
    assert (kept.lon, kept.lat) == (105.2139, 21.8235) and kept.tier == 1  # never more open than its asset
    own, rival = view(Role.ENTERPRISE, "Viettel"), view(Role.ENTERPRISE, "VNPT")
    assert files.documents(own, row)[0].lon == 105.2139
    assert files.documents(rival, row)[0].lon is None
    assert files.documents(view(Role.VIEWER, ""), row) == []


def test_documents_follow_the_tiers_and_are_taken_back_with_a_reason(mast: Asset) -> None:
    made = {t: files.attach(mast, photo(way=2 + t), f"t{t}", "photo", t, "an") for t in range(4)}
    seen = lambda v: sorted(d.tier for d in files.documents(v, mast))  # noqa: E731
    assert seen(view(Role.VIEWER, "")) == [0]
    assert seen(view(Role.ENTERPRISE, "VNPT")) == [0, 1]
    assert seen(view(Role.ENTERPRISE, "Viettel")) == [0, 1, 2]
    assert seen(authority_view()) == [0, 1, 2, 3]
    with pytest.raises(Document.DoesNotExist):
        files.document_of(view(Role.ENTERPRISE, "VNPT"), mast, made[2].pk)
    with pytest.raises(UserError):
        files.remove_document(made[0], "an", " ")
    files.remove_document(made[0], "an", "nhầm tài sản")
    assert seen(view(Role.VIEWER, "")) == []
    assert Document.objects.get(pk=made[0].pk).removed_reason == "nhầm tài sản"


def test_what_is_no_picture_or_pdf_is_refused(mast: Asset) -> None:
    bomb = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(bomb, "PNG")
    for content in (
        b"", b"<svg onload=alert(1)>", b"RIFF\x00\x00\x00\x00WAVEfmt ", b"\xff\xd8\xff" + b"\x00" * 50,
        photo()[:300], bomb.getvalue(), b"%PDF-1.7\nnothing", b"x" * (files.LARGEST_FILE + 1),
    ):  # fmt: skip
        with pytest.raises(UserError) as refused:
            files.attach(mast, content, "x", "other", 0, "an")
        assert refused.value.mend_vi and refused.value.mend_en
    assert not Document.objects.exists()


def test_a_pdf_is_kept_one_with_a_script_is_not(mast: Asset) -> None:
    import pypdfium2 as pdfium

    document, out = pdfium.PdfDocument.new(), io.BytesIO()
    document.new_page(200, 200)
    document.save(out)
    kept = files.attach(mast, out.getvalue(), "Giấy phép số 1/GP", "permit", 2, "an")
    assert (
        files.answer_headers(kept)["Content-Disposition"] == 'attachment; filename="1-gp.pdf"' or kept.title
    )
    assert files.content_of(kept) == out.getvalue()
    evil = out.getvalue().replace(
        b"/Type/Catalog", b"/Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert)>>"
    )
    if evil != out.getvalue():
        with pytest.raises(UserError, match="PDF"):
            files.attach(mast, evil, "x", "other", 0, "an")
