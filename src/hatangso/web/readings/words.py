"""Words for what the reader understood: operators, rules, steps, states, in both languages."""

from __future__ import annotations

import re

from hatangso.web.language import pick
from hatangso.web.plans import duties

OPERATORS = (
    (">=", "từ … trở lên (≥)", "at least (≥)"),
    (">", "trên (>)", "more than (>)"),
    ("=", "bằng (=)", "equal to (=)"),
    ("<=", "không quá (≤)", "at most (≤)"),
    ("<", "dưới (<)", "less than (<)"),
    ("maintain", "duy trì", "maintain"),
)
SIGNS = {">=": "≥", ">": ">", "=": "=", "<=": "≤", "<": "<", "maintain": "duy trì"}
KINDS = (("target", "Mục tiêu", "Target"), ("baseline", "Hiện trạng", "Baseline"))
STEPS = {
    "": ("đang chờ đến lượt", "waiting for its turn"),
    "load": ("mở tệp, lấy chữ", "opening the file"),
    "outline": ("nhận ra bố cục", "finding the outline"),
    "metadata": ("số, ngày, cơ quan, căn cứ", "number, date, issuer, legal bases"),
    "figures": ("chỉ tiêu và bảng số", "figures and tables"),
    "tasks": ("nhiệm vụ", "tasks"),
    "duties": ("nghĩa vụ báo cáo", "reporting duties"),
    "done": ("xong", "done"),
}
STATES = {
    "proposed": ("chưa quyết định", "undecided", "question-mark"),
    "accepted": ("đã chấp nhận", "accepted", "check"),
    "corrected": ("đã sửa", "corrected", "pencil"),
    "rejected": ("đã loại", "rejected", "x"),
    "added": ("thêm tay", "added by hand", "plus"),
}
ACTIONS = {
    "upload": ("nạp tệp", "uploaded"), "again": ("đọc lại từ tệp đã giữ", "read the kept file again"),
    "retry": ("đọc lại", "read again"), "cancel": ("dừng đọc", "cancelled"), "discard": ("bỏ bản đọc", "discarded"),
    "accept": ("chấp nhận", "accepted"), "reject": ("loại", "rejected"), "correct": ("sửa", "corrected"),
    "add": ("thêm", "added"), "undo": ("hoàn tác", "undid"), "document": ("sửa thông tin văn bản", "document data"),
    "import": ("nạp vào kế hoạch", "imported"), "withdraw": ("thu hồi cụm từ đã học", "withdrew a learned phrase"),
}  # fmt: skip
FIELDS = {
    "title": ("Tên", "Title"), "number": ("Số", "Number"), "date": ("Ngày", "Date"), "type": ("Loại", "Type"),
    "period_start": ("Từ năm", "From"), "period_end": ("Đến năm", "To"), "issuer": ("Cơ quan ban hành", "Issuer"),
    "signer": ("Người ký", "Signer"), "province": ("Tỉnh", "Province"), "value": ("Giá trị", "Value"),
    "operator": ("So sánh", "Operator"), "unit": ("Đơn vị", "Unit"), "due": ("Hạn", "Due"),
    "soft": ("Mức phấn đấu", "Aspiration"), "scope": ("Phạm vi", "Scope"), "text": ("Nội dung", "Text"),
    "lead": ("Chủ trì", "Lead"), "coordinating": ("Phối hợp", "Coordinating"), "who": ("Ai", "Who"),
    "to_whom": ("Gửi ai", "To whom"), "deadline": ("Hạn", "Deadline"), "cadence": ("Chu kỳ", "Cadence"),
    "quote": ("Câu", "Sentence"), "what": ("Việc", "What"), "due_date": ("Ngày đến hạn", "Due date"),
    "year": ("Năm", "Year"), "kind": ("Loại", "Kind"), "indicator": ("Chỉ tiêu", "Indicator"),
}  # fmt: skip
_EVIDENCE = (
    (re.compile(r"rule:(\d+)"), ("quy tắc nhận dạng số {0}", "recognition rule {0}")),
    (
        re.compile(r"learned"),
        ("cụm từ đã học từ lần sửa trước", "a phrase learned from an earlier correction"),
    ),
    (re.compile(r"similar"), ("giống tên trong danh mục", "similar to a name of the catalogue")),
    (re.compile(r"none"), ("không khớp chỉ tiêu nào", "no indicator matches")),
)
_PLACE = (
    ("table", ("ô trong bảng", "table cell")), ("everyone", ("“tất cả” hiểu là 100%", "“all” read as 100%")),
    ("qualitative", ("mục tiêu định tính", "qualitative target")), ("stacked", ("các dòng xếp chồng", "stacked lines")),
    ("back", ("chữ đứng trước con số", "words before the number")),
    ("forward", ("chữ đứng sau con số", "words after the number")),
    ("mid", ("chữ hai bên con số", "words on both sides of the number")),
    ("paragraph", ("cả đoạn văn", "the whole paragraph")), ("heading", ("mục dưới tên đơn vị", "under a body's heading")),
    ("inline", ("câu nêu đơn vị chủ trì", "a sentence that names its lead")),
    ("subject", ("chủ ngữ của câu", "the sentence's subject")), ("delegated", ("câu giao việc", "a delegation")),
    ("transitional", ("điều khoản chuyển tiếp", "transitional clause")), ("list", ("danh sách việc", "a list")),
    ("report", ("câu về báo cáo", "a sentence on reporting")), ("send", ("câu về gửi văn bản", "a sentence on sending")),
    ("plan", ("câu về lập kế hoạch", "a sentence on planning")), ("publish", ("câu về công bố", "on publishing")),
    ("difficulty", ("câu về khó khăn, vướng mắc", "a sentence on difficulties")),
    ("milestone", ("mốc thời gian", "a milestone")), ("review", ("câu về rà soát, sơ kết", "on reviewing")),
)  # fmt: skip


def of(table: dict[str, tuple[str, str]], key: str) -> str:
    """Words of a key, the key itself where there are none."""
    return pick(*table[key]) if key in table else key


def confidence_word(value: float) -> str:
    """A confidence in one word."""
    if value >= 0.95:
        return pick("chắc chắn", "certain")
    if value >= 0.8:
        return pick("khá chắc", "fairly sure")
    if value >= 0.65:
        return pick("tạm được", "likely")
    return pick("chưa chắc", "unsure")


def rule_words(rule: str) -> str:
    """What a rule's name means: where the words stood, and by which evidence the indicator was told."""
    place = next((pick(*words) for name, words in _PLACE if rule.startswith(name)), "")
    said = ""
    for pattern, words in _EVIDENCE:
        if found := pattern.search(rule):
            said = pick(*words).format(*found.groups())
            break
    return "; ".join(w for w in (place, said) if w) or rule


CADENCES = tuple(duties.CADENCE_WORDS)


def cadence_words(cadence: str) -> str:
    """``annual+adhoc`` in words."""
    return ", ".join(duties.cadence_words(part) for part in cadence.split("+") if part)
