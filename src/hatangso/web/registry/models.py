"""What is kept of assets: versions with two times, bodies, changes, occupancies, documents, imports, views.

One row of :class:`Asset` is one version: true in the world from ``valid_from`` until before ``valid_to``, known to us
from ``recorded_at`` until ``superseded_at``.  Versions are only ever added; see docs/registry.md.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

LATEST = models.Q(superseded_at__isnull=True, valid_to__isnull=True)


class Body(models.Model):
    """An owner, operator or provider; ``key`` is one for all spellings (registry.bodies)."""

    key = models.CharField("khóa", max_length=255, unique=True)
    name = models.CharField("tên", max_length=255)

    def __str__(self) -> str:
        """Name."""
        return self.name


class Change(models.Model):
    """What was done together: an import, a form, an API call; why, by whom, in which request."""

    at = models.DateTimeField("lúc")
    by = models.CharField("người thực hiện", max_length=150, blank=True)
    kind = models.CharField("loại", max_length=16)  # import, edit, retire, remove, merge, api
    reason = models.CharField("lý do", max_length=500, blank=True)
    request_id = models.CharField("mã yêu cầu", max_length=64, blank=True)
    summary = models.JSONField("tóm tắt", default=dict)


class Asset(models.Model):
    """One version of one asset.  ``key`` is the same number in all versions of an asset.

    ``cell`` is the Morton number of the point that stands for it (registry.morton), ``x0 … y1`` its box in degrees,
    ``digest`` a number over its content, by which an import knows what has changed.
    """

    key = models.BigIntegerField()
    kind = models.CharField("loại", max_length=32)
    code = models.CharField("mã", max_length=100)
    name = models.CharField("tên", max_length=2000, blank=True)
    owner = models.ForeignKey(Body, models.PROTECT, related_name="+", db_index=False)
    operator = models.ForeignKey(Body, models.PROTECT, related_name="+", db_index=False)
    provider = models.ForeignKey(Body, models.PROTECT, related_name="+", db_index=False)
    status = models.CharField("trạng thái", max_length=16)
    tier = models.SmallIntegerField("mức công khai")
    commune = models.CharField("xã", max_length=10, blank=True)
    valid_from = models.DateField("từ ngày")
    valid_to = models.DateField("đến ngày", null=True)
    in_service = models.DateField("đưa vào sử dụng", null=True)
    geometry = models.BinaryField("hình học", null=True)
    x0 = models.FloatField(null=True)
    y0 = models.FloatField(null=True)
    x1 = models.FloatField(null=True)
    y1 = models.FloatField(null=True)
    cell = models.BigIntegerField(default=-1)
    length_km = models.FloatField("chiều dài", null=True)
    facet = models.CharField("nhóm", max_length=64, blank=True)
    attributes = models.JSONField("thuộc tính", default=dict)
    simulated = models.BooleanField("dữ liệu mô phỏng", default=False)
    digest = models.BigIntegerField()
    recorded_at = models.DateTimeField("ghi nhận lúc")
    superseded_at = models.DateTimeField("được thay lúc", null=True)
    change = models.ForeignKey(Change, models.PROTECT, related_name="made", db_index=False)
    ended = models.ForeignKey(Change, models.PROTECT, related_name="ended", null=True, db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "code", "provider", "valid_from"],
                condition=models.Q(superseded_at__isnull=True),
                name="asset_identity",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_from__lt=models.F("valid_to")),
                name="asset_period",
            ),
        ]
        indexes = [
            models.Index(fields=["key"], name="asset_key"),
            models.Index(fields=["kind", "commune", "code", "id"], condition=LATEST, name="asset_commune"),
            # What a change has ended, so that the columns of the latest rows learn of it (web/registry/latest.py).
            models.Index(fields=["ended"], condition=models.Q(ended__isnull=False), name="asset_ended"),
            # All that decides whether a row is drawn in a tile, so that the tile is counted from the index alone.
            models.Index(
                fields=[
                    "cell",
                    "kind",
                    "tier",
                    "owner",
                    "operator",
                    "provider",
                    "status",
                    "facet",
                    "superseded_at",
                    "valid_to",
                ],
                condition=LATEST,
                name="asset_place",
            ),
        ]


class Grid(models.Model):
    """How many latest assets of one sort lie in one square; kept exact by every write, read by tiles and counts."""

    level = models.SmallIntegerField()
    cell = models.BigIntegerField()
    kind = models.CharField(max_length=32)
    owner = models.IntegerField()
    operator = models.IntegerField()
    provider = models.IntegerField()
    tier = models.SmallIntegerField()
    status = models.CharField(max_length=16)
    facet = models.CharField(max_length=64, blank=True)
    simulated = models.BooleanField(default=False)
    n = models.IntegerField()
    sx = models.FloatField()
    sy = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "level", "cell", "kind", "owner", "operator", "provider", "tier", "status", "facet", "simulated",
                ],
                name="grid_identity",
            ),
        ]  # fmt: skip


class Occupancy(models.Model):
    """Who uses which structure since when, at what price; the price is open to all operators alike."""

    asset_key = models.BigIntegerField("tài sản", db_index=True)
    occupant = models.ForeignKey(Body, models.PROTECT, related_name="+")
    purpose = models.CharField("nội dung sử dụng", max_length=200, blank=True)
    since = models.DateField("từ ngày")
    until = models.DateField("đến ngày", null=True)
    price_vnd_month = models.BigIntegerField("giá thuê (đồng/tháng)", null=True)
    price_from = models.DateField("giá áp dụng từ", null=True)
    contract = models.CharField("số hợp đồng", max_length=100, blank=True)
    simulated = models.BooleanField(default=False)
    recorded_at = models.DateTimeField("ghi nhận lúc")
    superseded_at = models.DateTimeField("được thay lúc", null=True)
    change = models.ForeignKey(Change, models.PROTECT, related_name="+")


class LeasePrice(models.Model):
    """What letting a structure costs from a day on; without an occupant it is offered to everybody alike."""

    asset_key = models.BigIntegerField("tài sản", db_index=True)
    occupant = models.ForeignKey(Body, models.PROTECT, related_name="+", null=True)
    basis = models.CharField("tính cho", max_length=16)  # body, antenna, cable, cable_km, bore_km
    amount_vnd = models.BigIntegerField("giá thuê (đồng/tháng)")
    valid_from = models.DateField("áp dụng từ")
    valid_to = models.DateField("đến ngày", null=True)
    document = models.CharField("văn bản định giá", max_length=200, blank=True)
    simulated = models.BooleanField(default=False)
    recorded_at = models.DateTimeField("ghi nhận lúc")
    superseded_at = models.DateTimeField("được thay lúc", null=True)
    change = models.ForeignKey(Change, models.PROTECT, related_name="+")


class Document(models.Model):
    """A document or photo of an asset; the file lies in the workspace under its hash."""

    asset_key = models.BigIntegerField("tài sản", db_index=True)
    title = models.CharField("tên", max_length=200)
    kind = models.CharField("loại", max_length=16)  # photo, permit, contract, drawing, other
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    media_type = models.CharField(max_length=100)
    tier = models.SmallIntegerField("mức công khai")
    at = models.DateTimeField("lúc")
    by = models.CharField("người đưa lên", max_length=150, blank=True)
    lon = models.FloatField("kinh độ ảnh", null=True)  # only with the consent of who took it
    lat = models.FloatField("vĩ độ ảnh", null=True)
    taken_at = models.DateTimeField("chụp lúc", null=True)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.CharField(max_length=150, blank=True)
    removed_reason = models.CharField(max_length=500, blank=True)


class Duplicate(models.Model):
    """Two assets that may be one; decided by a person, the evidence stays."""

    class Decision(models.TextChoices):
        """What a person said."""

        OPEN = "open", "Chờ xem xét"
        MERGED = "merged", "Đã gộp"
        DIFFERENT = "different", "Là hai tài sản"

    kind = models.CharField(max_length=32)
    first_key = models.BigIntegerField()
    second_key = models.BigIntegerField()
    evidence = models.JSONField(default=dict)
    proposed_at = models.DateTimeField()
    decision = models.CharField(max_length=12, choices=Decision, default=Decision.OPEN)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first_key", "second_key"], name="duplicate_pair"),
        ]


class ImportRun(models.Model):
    """One file handed in: its preview, and what became of it."""

    class State(models.TextChoices):
        """Where the file stands."""

        CHECKING = "checking", "Đang kiểm tra"
        READY = "ready", "Chờ chấp nhận"
        REFUSED = "refused", "Có lỗi"
        LOADING = "loading", "Đang nạp"
        DONE = "done", "Đã nạp"
        CANCELLED = "cancelled", "Đã hủy"
        FAILED = "failed", "Không nạp được"

    kind = models.CharField(max_length=32)
    provider = models.CharField(max_length=255)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    crs = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.CHECKING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    cancel_asked = models.BooleanField(default=False)
    result = models.JSONField(default=dict)
    reason = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    change = models.ForeignKey(Change, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)


class RestrictedView(models.Model):
    """Who saw rows that are not open to everybody, when, through what."""

    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    body = models.CharField(max_length=255, blank=True)
    kind = models.CharField(max_length=32)
    through = models.CharField(max_length=16)  # page, tile, export, api, search
    tier = models.SmallIntegerField()
    query = models.CharField(max_length=500, blank=True)
    rows = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["at"]), models.Index(fields=["by", "kind", "through", "tier"])]


class Token(models.Model):
    """A key of one body for the API; only its hash is kept."""

    body = models.CharField(max_length=255)
    role = models.CharField(max_length=16)
    label = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64, unique=True)
    per_minute = models.PositiveIntegerField(default=120)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150, blank=True)
    revoked_at = models.DateTimeField(null=True)


class State(models.Model):
    """One row: the registry's version, raised by every write; what was computed under it still holds."""

    version = models.BigIntegerField(default=0)
