"""What commands of all rooms share: reading a day, writing a result, saying how far a job is."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path

from hatangso.errors import UserError


def parse_day(text: str) -> date:
    """A day as YYYY-MM-DD or dd/mm/yyyy."""
    try:
        return (
            date.fromisoformat("-".join(reversed(text.split("/"))))
            if "/" in text
            else date.fromisoformat(text)
        )
    except ValueError:
        raise UserError(
            "input.date",
            f"«{text}» không phải là một ngày.",
            f"“{text}” is not a day.",
            "Hãy viết YYYY-MM-DD, ví dụ 2026-09-30.",
            "Write YYYY-MM-DD, e.g. 2026-09-30.",
        ) from None


def say(line: str) -> None:
    """Progress for people: standard error."""
    print(line, file=sys.stderr, flush=True)


def emit(content: str | bytes, output: Path | None) -> None:
    """Result: to a file, written whole or not at all, or to standard output."""
    raw = content.encode() if isinstance(content, str) else content
    if output is None:
        sys.stdout.buffer.write(raw)
        sys.stdout.buffer.flush()
        return
    part = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        part.write_bytes(raw)
        part.replace(output)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UserError(
            "output.write",
            f"Không ghi được tệp {output}: {error.strerror}.",
            f"Can't write {output}: {error.strerror}.",
            "Hãy chọn thư mục khác bằng -o.",
            "Choose another place with -o.",
        ) from error
