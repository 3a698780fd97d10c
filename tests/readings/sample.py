"""A small plan made up for these tests (dữ liệu mô phỏng): no real document, no real numbers."""

from __future__ import annotations

PLAN = """ỦY BAN NHÂN DÂN
TỈNH SƠN LA
Số: 99/KH-UBND
Sơn La, ngày 10 tháng 3 năm 2026
KẾ HOẠCH
Phát triển hạ tầng số tỉnh Sơn La giai đoạn 2026 - 2030
Căn cứ Quyết định số 885/QĐ-BTTTT ngày 25/5/2023 của Bộ trưởng Bộ Thông tin và Truyền thông;
I. HIỆN TRẠNG
1. Đến hết năm 2025, tỷ lệ thôn, bản được phủ sóng băng rộng di động đạt 97,8%.
II. MỤC TIÊU
1. Mục tiêu đến năm 2026
a) Tỷ lệ hộ gia đình có khả năng tiếp cận cáp quang đạt trên 90%.
b) Tỷ lệ thôn, bản được phủ sóng băng rộng di động đạt 99%.
c) Tỷ lệ bản vùng cao có chòi sóng số cộng đồng đạt tối thiểu 45%.
III. NHIỆM VỤ
1. Sở Khoa học và Công nghệ chủ trì, phối hợp với Sở Xây dựng rà soát các thôn lõm sóng, hoàn thành trước ngày 30/6/2026.
IV. TỔ CHỨC THỰC HIỆN
1. Các doanh nghiệp viễn thông báo cáo kết quả thực hiện về Sở Khoa học và Công nghệ trước ngày 15/12 hằng năm.
"""
ODD = "Tỷ lệ bản vùng cao có chòi sóng số cộng đồng"  # words that no catalogue knows
REVISED = PLAN.replace("99/KH-UBND", "120/KH-UBND").replace("trên 90%", "trên 95%")
