"""How other provinces word the same indicators: one sentence, the figures a clerk would take from it."""

from __future__ import annotations

import pytest

from hatangso.plans.reader import read_text

HEAD = "KẾ HOẠCH\nPhát triển hạ tầng số giai đoạn 2024 - 2025\nI. MỤC TIÊU ĐẾN NĂM 2025\n1. Chỉ tiêu\n- "
NOW = "KẾ HOẠCH\nPhát triển hạ tầng số giai đoạn 2024 - 2025\nI. HIỆN TRẠNG NĂM 2023\n1. Kết quả\n- "

TARGETS = [
    ("Phủ sóng di động băng rộng đến 100% thôn, buôn.", [("villages_mobile_bb_covered_share", ">=", 100)]),
    ("100% ấp, khóm được phủ sóng mạng di động 4G.", [("villages_mobile_bb_covered_share", ">=", 100)]),
    ("Tỷ lệ phủ sóng 4G đến các thôn, bản: 99%.", [("villages_mobile_bb_covered_share", ">=", 99)]),
    ("Tỷ lệ thôn, bản có hạ tầng cáp quang: 90%.", [("villages_ftth_covered_share", ">=", 90)]),
    ("100% trung tâm các xã có cáp quang.", [("communes_fiber_covered_share", ">=", 100)]),
    (
        "Phấn đấu trên 85% hộ gia đình có đường truyền cáp quang.",
        [("households_fiber_internet_share", ">", 85)],
    ),
    ("Tỷ lệ hộ gia đình có internet cáp quang đạt 75%.", [("households_fiber_internet_share", ">=", 75)]),
    ("Số thuê bao băng rộng di động trên 100 dân đạt 95.", [("mobile_bb_subs_per_100", ">=", 95)]),
    ("Mật độ thuê bao băng rộng cố định đạt 25 thuê bao/100 dân.", [("fixed_bb_subs_per_100", ">=", 25)]),
    ("Mật độ thuê bao Internet di động: 90 thuê bao/100 dân.", [("mobile_bb_subs_per_100", ">=", 90)]),
    (
        "Tỷ lệ người dân trưởng thành sử dụng điện thoại thông minh đạt 85%.",
        [("adult_smartphone_share", ">=", 85)],
    ),
    ("90% dân số trưởng thành có smartphone.", [("adult_smartphone_share", ">=", 90)]),
    (
        "Tỷ lệ điện thoại thông minh trên tổng số thuê bao di động: 88%.",
        [("smartphone_subs_share", ">=", 88)],
    ),
    ("Tốc độ truy nhập Internet di động trung bình 50 Mbps.", [("mobile_bb_speed_mbps", ">=", 50)]),
    ("Tốc độ Internet cố định trung bình đạt 200 Mb/s.", [("fixed_bb_speed_mbps", ">=", 200)]),
    (
        "Tốc độ tải xuống băng rộng cố định đạt trên 150Mbps; tốc độ tải lên đạt trên 100 Mbps.",
        [("fixed_bb_speed_mbps", ">", 150), (None, ">", 100)],
    ),
    (
        "Tỷ lệ dùng chung hạ tầng trạm BTS giữa các doanh nghiệp đạt 20%.",
        [("bts_site_sharing_share", ">=", 20)],
    ),
    ("Tỷ lệ cột ăng ten dùng chung từ 02 nhà mạng trở lên đạt 15%.", [("bts_site_sharing_share", ">=", 15)]),
    (
        "Tỷ lệ dùng chung cột treo cáp đạt 40%, cống bể cáp đạt 30%.",
        [("pole_sharing_share", ">=", 40), ("duct_sharing_share", ">=", 30)],
    ),
    ("Ngầm hóa 30% mạng cáp viễn thông khu vực đô thị.", [("street_undergrounding_share", ">=", 30)]),
    ("Chỉnh trang, bó gọn 50 km cáp viễn thông.", [("cable_tidied_streets_km", ">=", 50)]),
    (
        "100% cơ quan nhà nước từ cấp tỉnh đến cấp xã kết nối mạng TSLCD.",
        [("agencies_tslcd_connected_share", ">=", 100)],
    ),
    (
        "100% xã, phường, thị trấn kết nối Mạng truyền số liệu chuyên dùng cấp II.",
        [("commune_pc_tslcd_connected_share", ">=", 100)],
    ),
    ("100% khu công nghiệp, khu du lịch có sóng 5G.", [("zones_5g_covered_share", ">=", 100)]),
    ("Vùng phủ 5G đạt 30% dân số.", [("population_5g_covered_share", ">=", 30)]),
    ("Số trạm 5G đạt tối thiểu 50% số trạm 4G.", [("stations_5g_to_4g_share", ">=", 50)]),
    (
        "100% hệ thống thông tin dùng chung của tỉnh được triển khai trên nền tảng điện toán đám mây.",
        [("shared_systems_on_cloud_share", ">=", 100)],
    ),
    ("70% doanh nghiệp sử dụng dịch vụ điện toán đám mây.", [("enterprises_domestic_cloud_share", ">=", 70)]),
    ("80% người dân có danh tính số.", [("population_digital_identity_share", ">=", 80)]),
    (
        "Tỷ lệ dân số có tài khoản định danh điện tử đạt 70%.",
        [("population_digital_identity_share", ">=", 70)],
    ),
    (
        "Tỷ lệ người dân từ 15 tuổi trở lên có tài khoản tại ngân hàng đạt 85%.",
        [("population15_bank_account_share", ">=", 85)],
    ),
    ("Từ 60% dân số trưởng thành trở lên có chữ ký số.", [("adult_digital_signature_share", ">=", 60)]),
    (
        "100% thủ tục hành chính đủ điều kiện được cung cấp dịch vụ công trực tuyến toàn trình.",
        [("ops_full_online_share", ">=", 100)],
    ),
    ("Tỷ lệ hồ sơ TTHC giải quyết trực tuyến đạt ít nhất 80%.", [("dossiers_fully_online_share", ">=", 80)]),
    ("Mức độ hài lòng của người dân, doanh nghiệp đạt 95%.", [("citizen_satisfaction_share", ">=", 95)]),
    (
        "90% hồ sơ công việc tại cấp tỉnh, 80% tại cấp huyện và 60% tại cấp xã được xử "
        "lý trên môi trường mạng.",
        [
            ("workfiles_online_province_share", ">=", 90),
            ("workfiles_online_district_share", ">=", 80),
            ("workfiles_online_commune_share", ">=", 60),
        ],
    ),
    ("Kinh tế số chiếm 20% GRDP.", [("digital_economy_grdp_share", ">=", 20)]),
    (
        "100% hệ thống thông tin được phê duyệt cấp độ an toàn.",
        [("systems_security_level_approved_share", ">=", 100)],
    ),
    (
        "100% máy tính của cơ quan nhà nước được cài đặt phần mềm phòng, chống mã độc.",
        [("endpoints_protected_share", ">=", 100)],
    ),
    (
        "100% sở, ngành triển khai bảo đảm an toàn thông tin theo mô hình 4 lớp.",
        [("agencies_4layer_security_share", ">=", 100)],
    ),
    ("Tỷ lệ sử dụng IPv6 đạt 90%.", [("ipv6_adoption_share", ">=", 90)]),
    (
        "100% trang thông tin điện tử của cơ quan nhà nước hỗ trợ IPv6.",
        [("agency_systems_ipv6_share", ">=", 100)],
    ),
    ("Trung bình 01 kết nối IoT/người dân.", [("iot_connections_per_person", ">=", 1)]),
    (
        "Tỷ lệ dân số được phủ sóng thông tin di động đạt 99,8%.",
        [("population_mobile_bb_covered_share", ">=", 99.8)],
    ),
    ("Tỷ lệ người dân sử dụng Internet đạt 85%.", [("internet_users_share", ">=", 85)]),
    ("95% hộ gia đình có kết nối Internet (cố định và di động).", [("households_internet_share", ">=", 95)]),
    ("Mỗi người dân có 01 tài khoản điện toán đám mây.", [("cloud_accounts_per_person", ">=", 1)]),
    ("PUE của trung tâm dữ liệu không quá 1,5.", [("data_centre_pue", "<=", 1.5)]),
    (
        "Tốc độ tải xuống di động trung bình gấp đôi năm 2023, đạt 80 Mb/s.",
        [("mobile_bb_speed_mbps", ">=", 80)],
    ),
    (
        "100% người sử dụng có khả năng truy nhập cáp quang với tốc độ từ 1 Gb/s trở lên.",
        [("fixed_bb_users_1gbps_share", ">=", 100)],
    ),
    ("Duy trì 100% UBND cấp xã kết nối Mạng TSLCD.", [("commune_pc_tslcd_connected_share", "maintain", 100)]),
    ("Tỷ lệ dùng chung vị trí trạm BTS xây dựng mới đạt 35%.", [("new_bts_site_sharing_share", ">=", 35)]),
    (
        "Phổ cập cáp quang tới 100% hộ gia đình khi có nhu cầu.",
        [("households_fiber_reachable_share", ">=", 100)],
    ),
    ("Tỷ lệ trường học có thư viện số đạt 40%.", [(None, ">=", 40)]),
    (
        "Phủ sóng 5G tới 90% dân số và 100% khu công nghiệp.",
        [("population_5g_covered_share", ">=", 90), ("zones_5g_covered_share", ">=", 100)],
    ),
    ("Số trạm phát sóng 5G đạt 1.500 trạm.", [("stations_5g_count", ">=", 1500)]),
    ("Phát triển thêm 350 trạm 5G.", [(None, ">=", 350)]),
    ("80% tuyến đường đô thị được ngầm hóa mạng cáp.", [("street_undergrounding_share", ">=", 80)]),
    (
        "Tỷ lệ sử dụng chung cột ăng ten đạt 30%, cột treo cáp đạt 50%.",
        [("bts_site_sharing_share", ">=", 30), ("pole_sharing_share", ">=", 50)],
    ),
    ("Tỷ lệ người dùng Internet sử dụng IPv6 đạt 85%.", [("ipv6_adoption_share", ">=", 85)]),
    ("Tốc độ băng rộng cố định đạt 250/200 Mbps (tải xuống/tải lên).", [("fixed_bb_speed_mbps", ">=", 250)]),
    (
        "Tỷ lệ hộ gia đình có Internet cáp quang đạt từ 80 - 85%.",
        [("households_fiber_internet_share", ">=", 80)],
    ),
    ("Tỷ lệ dùng chung BTS tăng 5% so với năm 2024.", [(None, ">=", 5)]),
    ("Giảm tỷ lệ thuê bao 2G xuống dưới 5%.", [(None, "<", 5)]),
    ("Số thôn, bản lõm sóng còn không quá 10 thôn.", [("villages_weak_signal_count", "<=", 10)]),
]
BASELINES = [
    ("Toàn tỉnh có 2.350 vị trí trạm BTS.", [("sites_active_count", "=", 2350)]),
    (
        "Hiện có 1.204 trạm 4G, 85 trạm 5G.",
        [("stations_4g_count", "=", 1204), ("stations_5g_count", "=", 85)],
    ),
    ("Còn 37 thôn, bản trắng sóng di động.", [("villages_no_signal_count", "=", 37)]),
    (
        "Tỷ lệ hộ gia đình có Internet cáp quang đạt khoảng 63,5%.",
        [("households_fiber_internet_share", "=", 63.5)],
    ),
    ("Trung tâm dữ liệu có 45 máy chủ ảo.", [("dc_virtual_servers_count", "=", 45)]),
    ("Hệ thống hội nghị truyền hình gồm 180 điểm cầu.", [("videoconference_points_count", "=", 180)]),
]


def taken(text: str) -> list[tuple[str | None, str, float | None]]:
    return [(f.indicator, f.operator, f.value) for f in read_text(text).figures]


@pytest.mark.parametrize(("sentence", "expected"), TARGETS, ids=[t[:40] for t, _ in TARGETS])
def test_targets(sentence: str, expected: list[tuple[str | None, str, float]]) -> None:
    figures = read_text(HEAD + sentence + "\n").figures
    assert [(f.indicator, f.operator, f.value) for f in figures] == expected
    assert all(f.kind == "target" and f.year == 2025 for f in figures)


@pytest.mark.parametrize(("sentence", "expected"), BASELINES, ids=[t[:40] for t, _ in BASELINES])
def test_baselines(sentence: str, expected: list[tuple[str | None, str, float]]) -> None:
    figures = read_text(NOW + sentence + "\n").figures
    assert [(f.indicator, f.operator, f.value) for f in figures] == expected
    assert all(f.kind == "baseline" and f.year == 2023 for f in figures)


@pytest.mark.parametrize("sentence", [t for t, _ in TARGETS[:30]], ids=str)
def test_missing_accents_change_nothing(sentence: str) -> None:
    from hatangso.plans.words import fold

    plain = "KE HOACH\nPhat trien ha tang so giai doan 2024 - 2025\nI. MUC TIEU DEN NAM 2025\n1. Chi tieu\n- "
    assert taken(plain + fold(sentence)) == taken(HEAD + sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Tỷ lệ hộ gia đình có cáp quang: năm 2026: 70%; năm 2028: 80%; năm 2030: 90%.",
        "Năm 2026 đạt 70%, năm 2028 đạt 80%, năm 2030 đạt 90% hộ gia đình có cáp quang.",
        "Tỷ lệ hộ gia đình có cáp quang đạt 70% vào năm 2026, 80% vào năm 2028 và 90% vào năm 2030.",
    ],
)
def test_a_series_of_years_in_one_sentence(sentence: str) -> None:
    head = "KẾ HOẠCH\nPhát triển hạ tầng số giai đoạn 2026 - 2030\nI. MỤC TIÊU\n1. Chỉ tiêu\n- "
    figures = read_text(head + sentence).figures
    assert [(f.indicator, f.year, f.value) for f in figures] == [
        ("households_fiber_internet_share", year, value)
        for year, value in ((2026, 70), (2028, 80), (2030, 90))
    ]


def test_from_a_level_to_a_level() -> None:
    figures = read_text(HEAD + "Tỷ lệ thôn được phủ sóng di động băng rộng tăng từ 95% lên 100%.").figures
    assert [(f.kind, f.value) for f in figures] == [("baseline", 95), ("target", 100)]


def test_baseline_inside_a_target() -> None:
    text = "Tốc độ băng rộng di động (i-Speed) đạt 60 Mbps (hiện tại là 38,09 Mbps)."
    assert [(f.kind, f.value) for f in read_text(HEAD + text).figures] == [
        ("target", 60),
        ("baseline", 38.09),
    ]
