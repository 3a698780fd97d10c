"""Errors that are part of the product: what, where, why and how to mend, in Vietnamese and English."""

from __future__ import annotations


class UserError(Exception):
    """Something the user gave can't be used; the program stops with exit status 2 and one sentence.

    Parameters
    ----------
    code : stable identifier, e.g. ``"input.empty"``; documentation and tests refer to it.
    vi, en : what is wrong, where and why, in one sentence each.
    mend_vi, mend_en : how to mend it.
    """

    exit_status = 2

    def __init__(self, code: str, vi: str, en: str, mend_vi: str = "", mend_en: str = "") -> None:
        self.code, self.vi, self.en, self.mend_vi, self.mend_en = code, vi, en, mend_vi, mend_en
        super().__init__(self.text("vi"))

    def text(self, language: str = "vi") -> str:
        """The whole sentence in ``language`` ("vi" or "en")."""
        what, mend = (self.vi, self.mend_vi) if language == "vi" else (self.en, self.mend_en)
        return f"{what} {mend}".strip()


class JobRefused(UserError):
    """The input was fine but the job's own answer is no; exit status 1."""

    exit_status = 1
