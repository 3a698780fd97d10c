"""Keys of bodies for the API: made once, kept as a hash, counted a minute at a time."""

from __future__ import annotations

import hashlib
import secrets
import time
from threading import Lock

from django.utils import timezone

from hatangso.errors import UserError
from hatangso.web.accounts.models import Role
from hatangso.web.registry.models import Token

_WINDOW = 60.0
_calls: dict[str, list[float]] = {}
_lock = Lock()


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def issue(body: str, role: str, label: str, per_minute: int = 120, by: str = "") -> str:
    """A new key; it can't be read again later.

    Raises
    ------
    UserError
        for an unknown role or a token without a body.
    """
    if role not in Role.values or not body.strip():
        raise UserError(
            "registry.token",
            f"Không cấp được khóa cho «{body}» với vai trò «{role}».",
            f"No key can be issued for “{body}” in the role “{role}”.",
            f"Vai trò: {', '.join(Role.values)}.",
            f"Roles: {', '.join(Role.values)}.",
        )
    key = f"hts_{secrets.token_urlsafe(32)}"
    Token.objects.create(
        body=body, role=role, label=label[:100], sha256=_hash(key), per_minute=per_minute, created_at=timezone.now(),
        created_by=by[:150],
    )  # fmt: skip
    return key


def find(key: str) -> Token | None:
    """The living token of a key."""
    return Token.objects.filter(sha256=_hash(key), revoked_at__isnull=True).first()


def allowed(name: str, per_minute: int) -> float:
    """Count a call; 0 when it may go on, otherwise the seconds to wait."""
    now = time.monotonic()
    with _lock:
        calls = [t for t in _calls.get(name, ()) if now - t < _WINDOW]
        wait = 0.0 if len(calls) < per_minute else _WINDOW - (now - calls[0])
        if not wait:
            calls.append(now)
        _calls[name] = calls
        if len(_calls) > 10_000:
            _calls.clear()
    return wait
