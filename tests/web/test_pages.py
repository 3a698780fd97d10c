"""Pages: what an officer finds on them, in which order, in which language; what is wrong is said in words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from hatangso.web.accounts.models import Role, User
from hatangso.web.plans.models import Plan
from tests.web.conftest import AS_OF

pytestmark = pytest.mark.django_db


def text(html: str) -> str:
    """The words of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def rows(html: str) -> list[str]:
    """Ids of the rows of the standing that are not hidden, in their order."""
    return re.findall(r'<tr role="row" id="(ct-\d+)"[^>]*?(?<! hidden)>', html)


def get(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def test_everything_asks_for_signing_in(plan: Plan) -> None:
    for name, args in [("home", []), ("plan", [plan.slug]), ("map", []), ("search-suggestions", [])]:
        answer = Client().get(reverse(name, args=args))
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/dang-nhap/?next=")


def test_signing_in_and_out(plan: Plan) -> None:
    User.objects.create_user("an", password="mat-khau-dai", role=Role.OFFICER)
    client = Client()
    wrong = client.post("/dang-nhap/", {"username": "an", "password": "sai"})
    assert "Tên đăng nhập hoặc mật khẩu không đúng" in wrong.content.decode()
    right = client.post("/dang-nhap/", {"username": "an", "password": "mat-khau-dai", "next": "/ke-hoach/"})
    assert right.headers["Location"] == "/ke-hoach/"
    assert client.post("/dang-xuat/").headers["Location"] == "/dang-nhap/"
    assert client.get("/").status_code == 302


def test_five_mistakes_lock_the_door_and_say_for_how_long(plan: Plan) -> None:
    User.objects.create_user("an", password="mat-khau-dai", role=Role.OFFICER)
    client = Client()
    for _ in range(5):
        answer = client.post("/dang-nhap/", {"username": "an", "password": "sai"})
    assert answer.status_code == 429
    assert "tạm khóa 15 phút" in answer.content.decode()


def test_demonstration_accounts_show_only_in_a_demonstration(db: None, settings: object) -> None:
    User.objects.create_user("chuyenvien", password="mat-khau-dai", role=Role.OFFICER)
    settings.HATANGSO_DEMO = False  # type: ignore[attr-defined]
    assert "Tài khoản trình diễn" not in get(Client(), "/dang-nhap/")
    settings.HATANGSO_DEMO = True  # type: ignore[attr-defined]
    page = get(Client(), "/dang-nhap/")
    assert "Tài khoản trình diễn" in page and "chuyenvien" in page


def test_standing_shows_promise_state_gap_and_status(officer: Client, plan: Plan) -> None:
    page = get(officer, f"/ke-hoach/{plan.slug}/?den-ngay={AS_OF}")
    words = text(page)
    assert "tính đến 30/09/2025" in words
    assert len(rows(page)) == 5
    village = page[page.index("Tỷ lệ thôn, bản được phủ sóng băng rộng di động") :]
    village = text(village[: village.index("</tr>")])
    assert "90%" in village and "97%" in village and "99,5%" in village  # 1940 of 2000
    assert "2,5 điểm %" in village
    assert "≈ 50 thôn" in village
    assert "⚑ T5" in village
    assert "đúng tiến độ" in village
    assert "&lt;dữ liệu&gt; &amp; đám mây" in page and "<dữ liệu>" not in page
    assert "1.234" in words  # thousands dot of a count
    assert "định tính" in words
    assert "phấn đấu" in words


def test_baselines_without_target_have_their_own_table(officer: Client, plan: Plan) -> None:
    words = text(get(officer, f"/ke-hoach/{plan.slug}/"))
    assert "không kèm mục tiêu (1)" in words
    assert "71,5%" in words


def test_filters_and_order_live_in_the_address(officer: Client, plan: Plan) -> None:
    base = f"/ke-hoach/{plan.slug}/?den-ngay={AS_OF}"
    everything = rows(get(officer, base))
    assert len(rows(get(officer, base + "&trang-thai=on_track"))) == 1
    assert len(rows(get(officer, base + "&trang-thai=on_track&trang-thai=unknown"))) == 4
    assert len(rows(get(officer, base + "&canh-bao=1"))) == 1
    assert len(rows(get(officer, base + "&nam=2026"))) == 2
    assert len(rows(get(officer, base + "&tim=bang rong co dinh"))) == 1
    assert rows(get(officer, base + "&sap-xep=stt&chieu=giam")) == everything[::-1]
    assert rows(get(officer, base + "&sap-xep=khong-co&trang-thai=la")) == everything


def test_made_up_values_are_announced_and_marked(officer: Client, plan: Plan) -> None:
    page = get(officer, f"/ke-hoach/{plan.slug}/?den-ngay={AS_OF}")
    assert 'class="sim-note"' in page and "DỮ LIỆU MÔ PHỎNG" in page
    speed = page[page.index("72,25") :]
    assert "mô phỏng" in speed[: speed.index("</tr>")]
    assert "b-dot hollow" in speed[: speed.index("</tr>")]
    assert "DỮ LIỆU MÔ PHỎNG" not in get(officer, f"/ke-hoach/{plan.slug}/nhiem-vu/")


def test_why_panel_leads_from_number_to_line(officer: Client, plan: Plan, target: int) -> None:
    page = get(officer, f"/ke-hoach/{plan.slug}/vi-sao/{target}/?den-ngay={AS_OF}")
    words = text(page)
    assert "<mark>99,5%</mark>" in page and "dòng 20" in words
    assert "= 100 × [Số thôn được phủ sóng băng rộng di động] ÷ [Tổng số thôn]" in words
    assert "1.940/2.000" in words
    assert "mau-01.xlsx, dòng 7" in words and "Viettel" in words and "người thử" in words
    assert "Cần thêm 2,5" in words and "trước 31/12/2026" in words
    assert "12/KH-UBND" in words and "dòng 20); tính đến 30/09/2025." in words  # the citation
    assert "<html" not in page  # the drawer alone


def test_why_panel_opens_by_address(officer: Client, plan: Plan, target: int) -> None:
    page = get(officer, f"/ke-hoach/{plan.slug}/?den-ngay={AS_OF}&vi-sao={target}")
    assert '<dialog class="drawer" id="vi-sao" aria-labelledby="vi-sao-ten" open' in page
    assert "<mark>99,5%</mark>" in page
    get(officer, f"/ke-hoach/{plan.slug}/?vi-sao=999999", 404)


def test_unknown_indicator_is_honest(officer: Client, plan: Plan) -> None:
    figure = plan.figures.get(text__startswith="Số trung tâm")
    words = text(get(officer, f"/ke-hoach/{plan.slug}/vi-sao/{figure.pk}/"))
    assert "Chưa khớp với danh mục chỉ tiêu" in words
    assert "Chưa nguồn nào có số liệu" in words


def test_figure_page_has_chart_table_and_communes(officer: Client, plan: Plan, target: int) -> None:
    page = get(officer, f"/ke-hoach/{plan.slug}/chi-tieu/{target}/?den-ngay={AS_OF}")
    assert 'id="bieu-do-so-lieu" type="application/json"' in page
    words = text(page)
    assert "Bảng số" in words and "1.940/2.000" in words
    assert re.search(r"50%.*100%", words[words.index("từ xa mục tiêu nhất (2)") :])  # worst first
    assert "tinh=14&amp;chi-tieu=villages_mobile_bb_covered_share" in page


def test_tasks(officer: Client, plan: Plan) -> None:
    page = get(officer, f"/ke-hoach/{plan.slug}/nhiem-vu/?den-ngay={AS_OF}")
    words = text(page)
    assert "3 /3 nhiệm vụ" in words
    assert "(không nêu)" in words and "31/03/2025" in words and "đã qua hạn" in words and "T26" in words
    for query in ("chu-tri=-", "tim=lom song", "canh-bao=1"):
        shown = get(officer, f"/ke-hoach/{plan.slug}/nhiem-vu/?{query}")
        assert len(re.findall(r"<tr[^>]* hidden>", shown)) == 2, query


def test_duties_as_calendar(officer: Client, plan: Plan) -> None:
    words = text(get(officer, f"/ke-hoach/{plan.slug}/nghia-vu/?den-ngay={AS_OF}"))
    assert "Kế tiếp: 15/12/2025 (còn 76 ngày)" in words
    assert "28/02/2026" in words  # the month alone is named: its last day
    assert "Không nêu ngày (1)" in words and "khi phát sinh" in words and "T28" in words
    over = text(get(officer, f"/ke-hoach/{plan.slug}/nghia-vu/?den-ngay=2027-05-01"))
    assert "Kỳ của kế hoạch đã kết thúc" in over


def test_duties_for_a_calendar_program(officer: Client, plan: Plan) -> None:
    answer = officer.get(f"/ke-hoach/{plan.slug}/nghia-vu/lich.ics?den-ngay={AS_OF}")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    body = answer.content.decode()
    assert all(len(line.encode()) <= 75 for line in body.split("\r\n"))
    unfolded = body.replace("\r\n ", "")
    assert unfolded.count("BEGIN:VEVENT") == 2  # a duty without a date is given none
    assert "DTSTART;VALUE=DATE:20251215" in unfolded
    assert "RRULE:FREQ=YEARLY;UNTIL=20261231" in unfolded


def test_score_sheet_names_every_unknown_rule(officer: Client, plan: Plan) -> None:
    words = text(get(officer, f"/ke-hoach/{plan.slug}/tu-danh-gia/?den-ngay={AS_OF}"))
    assert "không phải điểm chính thức" in words
    assert "suy luận" in words and "đã kiểm chứng" in words and "chưa biết" in words
    assert "Cách tính chưa được kiểm chứng" in words


def test_map_and_table_say_the_same(officer: Client, plan: Plan) -> None:
    page = get(officer, f"/ban-do/?tinh=14&chi-tieu=villages_mobile_bb_covered_share&den-ngay={AS_OF}")
    assert page.count("data-unit=") == 75
    assert "50%" in page and "100%" in page and "ranh giới gần đúng" in page
    communes = officer.get("/ban-do/dia-gioi/14.json").json()
    assert len(communes["features"]) == 75
    assert all(f["properties"]["approximate"] for f in communes["features"])
    get(officer, "/ban-do/?tinh=99", 404)


def test_country_map_names_the_special_zones(officer: Client, plan: Plan) -> None:
    page = get(officer, "/ban-do/?tinh=")
    zones = json.loads(re.search(r'<script id="ban-do-so-lieu"[^>]*>(.*?)</script>', page, re.S)[1])["zones"]  # type: ignore[index]
    assert {(z["name"], z["province"]) for z in zones} == {
        ("Đặc khu Hoàng Sa", "Đà Nẵng"),
        ("Đặc khu Trường Sa", "Khánh Hòa"),
    }
    assert len(officer.get("/ban-do/dia-gioi/tinh.json").json()["features"]) == 34


def test_search_without_accents(officer: Client, plan: Plan) -> None:
    def found(query: str) -> dict[str, list[str]]:
        groups = officer.get("/tim/goi-y/", {"q": query}).json()["groups"]
        return {g["kind"]: [i["label"] for i in g["items"]] for g in groups}

    assert found("lom song")["task"] == ["Xóa lõm sóng tại các bản vùng cao"]
    assert "Tỉnh Sơn La" in found("SON LA")["unit"]
    assert found("phu song bang rong")["figure"] == ["Tỷ lệ thôn, bản được phủ sóng băng rộng di động"]
    assert found("x") == {}
    assert "Xóa lõm sóng" in get(officer, "/tim/?q=lom+song")


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/khong-co/", 404, "Không có trang này"),
        ("/ke-hoach/khong-co/", 404, "Không có trang này"),
        ("/ke-hoach/son-la-thu/?den-ngay=30-02-2025", 400, "không phải là một ngày"),
        ("/ke-hoach/son-la-thu/?den-ngay=1890-01-01", 400, "nằm ngoài khoảng"),
        ("/ke-hoach/son-la-thu/xuat/exe/", 404, "Không có trang này"),
    ],
)
def test_what_is_wrong_is_said_in_words(
    officer: Client, plan: Plan, address: str, status: int, said: str
) -> None:
    assert said in get(officer, address, status)


def test_a_failing_program_says_so_without_session_or_store(plan: Plan, monkeypatch: pytest.MonkeyPatch,
                                                            signed_in: Callable[..., Client]) -> None:  # fmt: skip
    def broken(*_: object) -> None:
        raise RuntimeError("hỏng")

    client = signed_in()
    monkeypatch.setattr("hatangso.web.plans.services.plan_standing", broken)
    client.raise_request_exception = False
    answer = client.get(f"/ke-hoach/{plan.slug}/")
    assert answer.status_code == 500
    assert "Đây là lỗi của chương trình" in answer.content.decode()


def test_english_beside_vietnamese(officer: Client, plan: Plan) -> None:
    page = get(officer, f"/ke-hoach/{plan.slug}/")
    assert '<html lang="vi"' in page
    answer = officer.post("/ngon-ngu/", {"language": "en", "next": f"/ke-hoach/{plan.slug}/"})
    assert answer.headers["Location"] == f"/ke-hoach/{plan.slug}/"
    page = get(officer, f"/ke-hoach/{plan.slug}/?den-ngay={AS_OF}")
    assert '<html lang="en"' in page and "30 Sep 2025" in page and "on track" in page and "1,234" in page


def test_the_browsers_own_language_list_is_not_asked(officer: Client, plan: Plan) -> None:
    answer = officer.get("/", headers={"Accept-Language": "en-US,en;q=0.9"})
    assert '<html lang="vi"' in answer.content.decode()


def test_empty_workspace_teaches_the_next_step(officer: Client) -> None:
    assert "hatangso demo" in get(officer, "/")
    assert "hatangso demo" in get(officer, "/ke-hoach/")


class Outside(HTMLParser):
    """Collects what a page would load or send elsewhere, and anything executed in place."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        for name in ("src", "href", "action", "hx-get", "poster", "srcset", "data"):
            value = given.get(name) or ""
            if re.match(r"(?:[a-z]+:)?//", value):
                self.found.append(f"{tag} {name}={value}")
            if tag == "a" and name == "href" and value:
                self.links.append(value)
        self.found += [f"{tag} {name}" for name in given if name.startswith("on") or name == "style"]
        if tag == "style" or (
            tag == "script" and not given.get("src") and given.get("type") != "application/json"
        ):
            self.found.append(f"inline {tag}")


def test_no_page_leads_outside_and_no_link_is_dead(officer: Client, plan: Plan, target: int) -> None:
    base = f"/ke-hoach/{plan.slug}/"
    pages = ["/", "/ke-hoach/", base, f"{base}?vi-sao={target}", f"{base}chi-tieu/{target}/", f"{base}nhiem-vu/",
             f"{base}nghia-vu/", f"{base}tu-danh-gia/", "/ban-do/", "/ban-do/?tinh=", "/tim/?q=song"]  # fmt: skip
    links: set[str] = set()
    for page in pages:
        answer = officer.get(page)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
        seen = Outside()
        seen.feed(answer.content.decode())
        assert seen.found == [], page
        links |= {link.split("#")[0] for link in seen.links if link.startswith("/")}
    for link in sorted(links):
        assert officer.get(link).status_code == 200, link
