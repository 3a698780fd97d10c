"""Records of plans.  They mirror :mod:`hatangso.plans.records`; the conversion both ways is in ``.services``."""

from django.db import models


class Plan(models.Model):
    """A plan document that the province has accepted."""

    slug = models.SlugField("mã", primary_key=True, max_length=80)
    title = models.CharField("tên", max_length=500)
    number = models.CharField("số", max_length=80, blank=True)
    date = models.CharField("ngày ban hành", max_length=10, blank=True)  # ISO, or a year alone (T21)
    type = models.CharField("loại văn bản", max_length=80, blank=True)
    issuer = models.CharField("cơ quan ban hành", max_length=200, blank=True)
    signer = models.CharField("người ký", max_length=200, blank=True)
    period_start = models.PositiveSmallIntegerField("từ năm", null=True)
    period_end = models.PositiveSmallIntegerField("đến năm", null=True)
    province = models.CharField("tỉnh (như văn bản)", max_length=80)
    unit = models.CharField("mã đơn vị hành chính", max_length=20)
    unit_date = models.DateField("địa giới tại ngày")  # the unit code is read in the boundaries of this day
    legal_bases = models.JSONField("căn cứ pháp lý", default=list)
    warnings = models.JSONField("cảnh báo", default=list)
    source_name = models.CharField("tệp nguồn", max_length=255, blank=True)
    source_sha256 = models.CharField("mã băm tệp nguồn", max_length=64, blank=True)
    verbatim = models.BooleanField("có nguyên văn", default=False)
    supersedes = models.OneToOneField(  # the version before; it stays readable
        "self", models.SET_NULL, null=True, related_name="superseded_by", verbose_name="thay bản"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-period_end", "title"]

    def __str__(self) -> str:
        return self.title


class PlanFigure(models.Model):
    """A baseline or target of a plan."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="figures")
    position = models.PositiveIntegerField("thứ tự")
    indicator = models.CharField("chỉ tiêu", max_length=100, blank=True, db_index=True)
    text = models.TextField("lời văn chỉ tiêu")
    kind = models.CharField("loại", max_length=10)
    year = models.PositiveSmallIntegerField("năm", null=True)
    due = models.CharField("hạn", max_length=10, blank=True)
    operator = models.CharField("so sánh", max_length=10)
    value = models.FloatField("giá trị", null=True)
    unit = models.CharField("đơn vị đo", max_length=40)
    numerator = models.FloatField(null=True)
    denominator = models.FloatField(null=True)
    soft = models.BooleanField("phấn đấu", default=False)
    approximate = models.BooleanField("khoảng", default=False)
    scope = models.TextField("phạm vi", blank=True)
    section = models.CharField("mục", max_length=80, blank=True)
    quote = models.TextField("trích dẫn", blank=True)
    verbatim = models.BooleanField("trích nguyên văn", default=False)
    line = models.PositiveIntegerField("dòng", default=0)
    raw = models.CharField("số như đã viết", max_length=80, blank=True)
    flags = models.JSONField("cảnh báo", default=list)
    rule = models.CharField("quy tắc đọc", max_length=80, blank=True)

    class Meta:
        ordering = ["position"]


class PlanTask(models.Model):
    """A task of a plan."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="tasks")
    position = models.PositiveIntegerField("thứ tự")
    text = models.TextField("nội dung")
    verbatim = models.BooleanField("nguyên văn", default=False)
    lead = models.CharField("đơn vị chủ trì", max_length=300, blank=True)
    coordinating = models.JSONField("đơn vị phối hợp", default=list)
    due = models.CharField("thời hạn", max_length=200, blank=True)
    due_date = models.DateField("ngày đến hạn", null=True)
    section = models.CharField("mục", max_length=80, blank=True)
    line = models.PositiveIntegerField("dòng", default=0)
    flags = models.JSONField("cảnh báo", default=list)

    class Meta:
        ordering = ["position"]


class PlanDuty(models.Model):
    """A duty to report, to send a plan, to publish."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="duties")
    position = models.PositiveIntegerField("thứ tự")
    who = models.CharField("ai", max_length=300)
    to_whom = models.CharField("cho ai", max_length=300, blank=True)
    what = models.TextField("việc gì")
    deadline = models.CharField("hạn (như văn bản)", max_length=200, blank=True)
    cadence = models.CharField("chu kỳ", max_length=40, blank=True)
    month = models.PositiveSmallIntegerField("tháng", null=True)
    day = models.PositiveSmallIntegerField("ngày", null=True)
    quote = models.TextField("trích dẫn", blank=True)
    line = models.PositiveIntegerField("dòng", default=0)
    flags = models.JSONField("cảnh báo", default=list)

    class Meta:
        ordering = ["position"]
