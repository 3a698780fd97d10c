"""The pages: who may open them, what they say, and that they work without a script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hatangso.plans.load import MAX_BYTES
from hatangso.web.accounts.models import Role, User
from hatangso.web.readings import decisions, storage, worker
from hatangso.web.readings.models import LearnedSynonym, Proposal, Reading

from .sample import ODD, PLAN, REVISED

Load = Callable[..., Reading]
HX = {"HTTP_HX_REQUEST": "true"}
NAP = "/ke-hoach/nap/"


def send(page: Client, raw: bytes | str, name: str = "ke-hoach.txt", **more: object):
    data = raw.encode() if isinstance(raw, str) else raw
    return page.post(NAP, {"tep": SimpleUploadedFile(name, data), **more})


def uploads(workspace: Path) -> list[str]:
    folder = workspace / "uploads"
    return sorted(p.name for p in folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize("role", [Role.LEADER, Role.ENTERPRISE, Role.COMMUNE, Role.VIEWER])
def test_only_an_officer_loads_and_reviews(db: None, client: Client, load: Load, role: Role) -> None:
    reading = load()
    p = reading.proposals.first()
    assert p
    client.force_login(User.objects.create_user(f"nguoi-{role}", password="x" * 12, role=role))
    for address in ("", f"{reading.pk}/", f"{reading.pk}/nhap/", f"{reading.pk}/nhat-ky/", f"{reading.pk}/tep/",
                    f"{reading.pk}/tien-do/", f"{reading.pk}/them/", f"{reading.pk}/muc/{p.pk}/sua/", "cum-tu/"):  # fmt: skip
        assert client.get(NAP + address).status_code == 403, address
    for address in ("", f"{reading.pk}/muc/{p.pk}/chap-nhan/", f"{reading.pk}/chap-nhan-het/", f"{reading.pk}/bo/",
                    f"{reading.pk}/hoan-tac/", f"{reading.pk}/van-ban/", f"{reading.pk}/nhap/", f"{reading.pk}/dung/",
                    f"{reading.pk}/doc-lai/", f"{reading.pk}/them/", f"{reading.pk}/muc/{p.pk}/sua/"):  # fmt: skip
        assert client.post(NAP + address).status_code == 403, address
    assert client.get(f"/ke-hoach/so-sanh/?a=nap-{reading.pk}&b=x").status_code == 404
    assert "Nạp kế hoạch" not in client.get("/ke-hoach/").content.decode()
    p.refresh_from_db()
    assert p.state == "proposed"


def test_a_stranger_is_sent_to_sign_in(db: None, client: Client) -> None:
    assert client.get(NAP)["Location"].startswith("/dang-nhap/")
    assert client.post(NAP)["Location"].startswith("/dang-nhap/")


def test_a_step_without_the_form_s_token_is_refused(officer: User, load: Load) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(officer)
    reading = load()
    assert send(strict, PLAN + "x").status_code == 403
    assert strict.post(f"{NAP}{reading.pk}/chap-nhan-het/").status_code == 403
    assert Reading.objects.count() == 1


def test_the_empty_page_teaches(page: Client) -> None:
    said = page.get(NAP).content.decode()
    assert "Ba bước" in said
    assert "Kéo thả văn bản" in said


def test_upload_read_review(page: Client, workspace: Path) -> None:
    answer = send(page, PLAN)
    reading = Reading.objects.get()
    assert answer["Location"] == f"{NAP}{reading.pk}/"
    waiting = page.get(answer["Location"]).content.decode()
    assert "Đang chờ đọc" in waiting
    assert f'hx-get="{NAP}{reading.pk}/tien-do/"' in waiting
    worker.run_next()
    assert page.get(f"{NAP}{reading.pk}/tien-do/", **HX)["HX-Redirect"] == f"{NAP}{reading.pk}/"
    review = page.get(answer["Location"]).content.decode()
    assert 'class="q qf"' in review
    assert "cần người xem" in review
    assert "Tỷ lệ bản vùng cao" in review
    assert uploads(workspace) == [f"{reading.sha256}.txt"]
    assert b"".join(page.get(f"{NAP}{reading.pk}/tep/").streaming_content).decode() == PLAN  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("raw", "name", "said"),
    [
        (b"", "trong.txt", "trống"),
        (b"MZ\x90", "anh.exe", "không phải văn bản mà chương trình đọc được"),
    ],
)
def test_what_can_be_told_at_once_is_told_at_once(
    page: Client, workspace: Path, raw: bytes, name: str, said: str
) -> None:
    answer = send(page, raw, name)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert name in answer.content.decode()
    assert (Reading.objects.count(), uploads(workspace)) == (0, [])


def test_no_file_chosen(page: Client) -> None:
    answer = page.post(NAP, {})
    assert answer.status_code == 422
    assert "Chưa chọn tệp nào" in answer.content.decode()


def test_a_file_over_the_limit_is_stopped_while_it_comes(
    page: Client, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage.Receiver.__init__, "__defaults__", (100_000,))
    answer = send(page, b"x" * 300_000, "to.txt")
    assert answer.status_code == 413
    assert "vượt giới hạn" in answer.content.decode()
    assert (Reading.objects.count(), uploads(workspace)) == (0, [])


def test_a_file_announced_over_the_limit_is_not_taken(
    page: Client, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drained: list[object] = []
    monkeypatch.setattr(storage, "drain", drained.append)  # the test's client has no such body to read away
    answer = page.post(
        NAP, data=b"--x\r\n", content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(MAX_BYTES + 10_000_000),
    )  # fmt: skip
    assert answer.status_code == 413
    assert "vượt giới hạn 100 MB" in answer.content.decode()
    assert (len(drained), Reading.objects.count(), uploads(workspace)) == (1, 0, [])


def test_an_unreadable_file_says_why_on_its_page(page: Client, load: Load) -> None:
    reading = load(b"\xd0\xcf\x11\xe0" + b"\0" * 600, "ke-hoach.docx")
    said = page.get(f"{NAP}{reading.pk}/").content.decode()
    assert "định dạng Word cũ (.doc)" in said
    assert "Chọn tệp khác" in said
    assert "định dạng Word cũ (.doc)" in page.get(NAP).content.decode()


def test_the_same_file_again_is_offered_not_doubled(page: Client, load: Load) -> None:
    first = load()
    answer = send(page, PLAN, "ban-sao.txt")
    assert answer.status_code == 200
    assert "Tệp này đã được nạp" in answer.content.decode()
    assert f"{NAP}{first.pk}/doc-lai/" in answer.content.decode()
    assert Reading.objects.count() == 1
    page.post(f"{NAP}{first.pk}/doc-lai/")
    assert Reading.objects.count() == 2


def test_a_decision_without_a_script_comes_back_to_the_item(page: Client, load: Load) -> None:
    reading = load()
    p = reading.proposals.filter(kind="task").first()
    assert p
    answer = page.post(f"{NAP}{reading.pk}/muc/{p.pk}/chap-nhan/")
    assert answer["Location"] == f"{NAP}{reading.pk}/?the=task&muc={p.pk}"
    said = page.get(answer["Location"]).content.decode()
    assert "đã chấp nhận" in said


def test_a_decision_by_script_answers_with_the_item_and_the_counts(page: Client, load: Load) -> None:
    reading = load()
    p = reading.proposals.filter(kind="figure").first()
    assert p
    answer = page.post(f"{NAP}{reading.pk}/muc/{p.pk}/loai/", **HX)
    said = answer.content.decode()
    assert f'id="p-{p.pk}" class="pr st-rejected"' in said
    assert 'id="tien-trinh"' in said
    assert "reviewed" in answer["HX-Trigger-After-Settle"]
    assert page.post(f"{NAP}{reading.pk}/hoan-tac/", **HX)["HX-Retarget"] == f"#p-{p.pk}"
    refused = page.post(f"{NAP}{reading.pk}/hoan-tac/", **HX)
    assert refused.status_code == 409
    assert refused.content.decode().startswith("Bạn chưa có bước nào")


def test_unknown_items_and_steps_are_not_found(page: Client, load: Load) -> None:
    reading = load()
    p = reading.proposals.first()
    assert p
    assert page.post(f"{NAP}{reading.pk}/muc/999999/chap-nhan/").status_code == 404
    assert page.post(f"{NAP}{reading.pk}/muc/{p.pk}/xoa/").status_code == 404
    assert page.get(f"{NAP}999999/").status_code == 404
    assert page.get(f"{NAP}{reading.pk}/muc/{p.pk}/chap-nhan/").status_code == 405


FORM = {
    "text": ODD, "kind": "target", "operator": ">=", "unit": "percent", "year": "2026", "value": "45,5",
    "phrase": ODD, "reason": "đúng với danh mục",
}  # fmt: skip


def test_a_correction_takes_names_without_accents_and_a_decimal_comma(page: Client, load: Load) -> None:
    reading = load()
    p = reading.proposals.get(needs_human=True)
    address = f"{NAP}{reading.pk}/muc/{p.pk}/sua/"
    assert "Cụm từ sẽ học" in page.get(address, **HX).content.decode()
    name = "ty le thon, ban duoc phu song bang rong di dong"
    answer = page.post(address, {**FORM, "indicator": name}, **HX)
    assert "Đã học" in answer["HX-Trigger-After-Settle"].encode().decode("unicode_escape")
    p.refresh_from_db()
    assert (p.current["indicator"], p.current["value"]) == ("villages_mobile_bb_covered_share", 45.5)
    assert LearnedSynonym.objects.get().phrase == ODD
    assert ODD in page.get(f"{NAP}cum-tu/").content.decode()
    page.post(f"{NAP}cum-tu/{LearnedSynonym.objects.get().pk}/thu-hoi/")
    assert LearnedSynonym.objects.get().withdrawn_by == "Nguyễn Thị Minh"
    trail = page.get(f"{NAP}{reading.pk}/nhat-ky/").content.decode()
    assert "đúng với danh mục" in trail
    assert "<del>Không có trong danh mục</del>" in trail


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"indicator": "chỉ tiêu bịa"}, "Danh mục không có chỉ tiêu"),
        ({"value": "bốn lăm"}, "không phải là số"),
        ({"value": ""}, "Chưa có con số"),
        ({"year": "26"}, "không đúng"),
        ({"unit": "dặm"}, "Hãy chọn đơn vị đo"),
        ({"text": " "}, "không được để trống"),
    ],
)
def test_a_form_that_can_not_be_understood_says_where(
    page: Client, load: Load, changed: dict[str, str], said: str
) -> None:
    reading = load()
    p = reading.proposals.get(needs_human=True)
    answer = page.post(f"{NAP}{reading.pk}/muc/{p.pk}/sua/", {**FORM, **changed}, **HX)
    assert said in answer.content.decode()
    assert 'aria-invalid="true"' in answer.content.decode()
    p.refresh_from_db()
    assert p.state == "proposed"


def test_adding_from_selected_words_keeps_them_verbatim(page: Client, load: Load) -> None:
    reading = load()
    start = reading.text.index("Tỷ lệ hộ gia đình")
    end = reading.text.index("90%.") + 4
    address = f"{NAP}{reading.pk}/them/"
    offered = page.get(address, {"loai": "figure", "tu": start, "den": end}, **HX).content.decode()
    assert 'value="90"' in offered  # the reader's own understanding of those words is the beginning
    assert "Tỷ lệ hộ gia đình có khả năng tiếp cận cáp quang" in offered
    answer = page.post(address, {**FORM, "indicator": "", "loai": "figure", "tu": start, "den": end}, **HX)
    added = Proposal.objects.get(state="added")
    assert f"muc={added.pk}" in answer["HX-Redirect"]
    assert added.current["quote"] == reading.text[start:end]
    assert (added.line, added.current["line"]) == (12, 12)


def test_adding_by_line_without_a_mouse(page: Client, load: Load) -> None:
    reading = load()
    offered = page.get(f"{NAP}{reading.pk}/them/", {"loai": "task", "dong": "16"}).content.decode()
    assert "rà soát các thôn lõm sóng" in offered
    assert '<blockquote class="verbatim">Sở Khoa học' in offered  # the "1." in front numbers the line
    assert 'name="lead" value="Sở Khoa học và Công nghệ"' in offered
    assert page.get(f"{NAP}{reading.pk}/them/", {"dong": "x"}).status_code == 404


def test_the_document_s_data_are_saved_or_say_what_is_wrong(page: Client, load: Load) -> None:
    reading = load()
    address = f"{NAP}{reading.pk}/van-ban/"
    good = {"title": "Kế hoạch thử", "number": "9/KH", "date": "10/03/2026", "type": "Kế hoạch", "province": "Sơn La",
            "period_start": "2026", "period_end": "2030"}  # fmt: skip
    answer = page.post(address, {**good, "date": "31/02/2026"})
    assert answer.status_code == 422
    assert "Ngày không đúng" in answer.content.decode()
    page.post(address, good)
    reading.refresh_from_db()
    assert (reading.document["title"], reading.document["date"]) == ("Kế hoạch thử", "2026-03-10")
    assert reading.document["legal_bases"] == []  # unticked
    assert len(reading.document_read["legal_bases"]) == 1


def test_import_and_a_new_version_by_the_pages(page: Client, load: Load, officer: User) -> None:
    reading = load()
    address = f"{NAP}{reading.pk}/nhap/"
    decisions.accept_all_confident(reading, officer)
    said = page.get(address).content.decode()
    assert "1 mục chưa quyết định" in said
    place = "14@" + said.split('value="14@')[1].split('"')[0]
    form = {"dia-ban": place, "ma": "son-la-2026-2030"}
    refused = page.post(address, form)
    assert refused.status_code == 422
    assert "sẽ không có trong kế hoạch" in refused.content.decode()
    assert page.post(address, {**form, "dia-ban": ""}).status_code == 422
    done = page.post(address, {**form, "xac-nhan": "1"})
    assert done["Location"] == "/ke-hoach/son-la-2026-2030/"
    standing = page.get(done["Location"]).content.decode()
    assert "99/KH-UBND" in standing

    second = load(REVISED, "sua-doi.txt")
    decisions.accept_all_confident(second, officer)
    address = f"{NAP}{second.pk}/nhap/"
    assert "bản mới của" in page.get(address).content.decode()
    shown = page.get(address, {"ban-truoc": "son-la-2026-2030"}).content.decode()
    assert "<del>90</del> → <ins>95</ins>" in shown
    form = {"dia-ban": place, "ma": "son-la-2026-2030-v2", "xac-nhan": "1", "ban-truoc": "son-la-2026-2030"}
    unseen = page.post(address, form)
    assert unseen.status_code == 422
    assert "chưa được xem" in unseen.content.decode()
    seen = shown.split('name="da-xem" value="')[1].split('"')[0]
    assert page.post(address, {**form, "da-xem": seen})["Location"] == "/ke-hoach/son-la-2026-2030-v2/"
    old = page.get("/ke-hoach/son-la-2026-2030/").content.decode()
    assert "Đây là bản cũ" in old
    listed = page.get("/ke-hoach/").content.decode()
    assert "/ke-hoach/son-la-2026-2030-v2/" in listed
    assert '"/ke-hoach/son-la-2026-2030/"' not in listed
    compared = page.get(
        "/ke-hoach/so-sanh/", {"a": "son-la-2026-2030", "b": "son-la-2026-2030-v2"}
    ).content.decode()
    assert "<del>90</del> → <ins>95</ins>" in compared


def test_the_why_panel_shows_the_sentence_of_the_document(page: Client, load: Load, officer: User) -> None:
    from datetime import date

    from hatangso.web.readings.imports import import_plan

    reading = load()
    decisions.accept_all_confident(reading, officer)
    plan = import_plan(reading, "son-la", "14", date(2026, 3, 10), officer, confirmed=True)
    figure = plan.figures.get(indicator="households_fiber_reachable_share")
    said = page.get(f"/ke-hoach/son-la/vi-sao/{figure.pk}/").content.decode()
    assert "Câu trong kế hoạch" in said
    assert "“Tỷ lệ hộ gia đình có khả năng tiếp cận cáp quang đạt trên <mark>90%</mark>.”" in said


def test_english_readers_read_english(page: Client, load: Load) -> None:
    page.cookies["django_language"] = "en"
    reading = load()
    said = page.get(f"{NAP}{reading.pk}/").content.decode()
    for words in ("needs a human", "Because", "Accept all certain", "words before the number"):
        assert words in said
