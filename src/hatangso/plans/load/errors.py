"""Why a file can't be read: what it is, and how to mend it (exit status 2)."""

from __future__ import annotations

from ...errors import UserError

_CATALOGUE: dict[str, tuple[str, str, str, str]] = {
    "input.missing": (
        "Không tìm thấy tệp «{name}».",
        'File "{name}" was not found.',
        "Hãy kiểm tra lại đường dẫn và tên tệp.",
        "Check the path and the file name.",
    ),
    "input.folder": (
        "«{name}» là thư mục, không phải văn bản.",
        '"{name}" is a folder, not a document.',
        "Hãy chọn một tệp .docx, .pdf, .txt, .odt hoặc .html.",
        "Choose a .docx, .pdf, .txt, .odt or .html file.",
    ),
    "input.empty": (
        "Tệp «{name}» trống, không có nội dung.",
        'File "{name}" is empty.',
        "Hãy mở tệp gốc, kiểm tra nội dung rồi lưu lại.",
        "Open the original, check it has content, save it again.",
    ),
    "input.too_large": (
        "Tệp «{name}» nặng {size} MB, vượt giới hạn {limit} MB.",
        'File "{name}" has {size} MB, more than the limit of {limit} MB.',
        "Hãy bỏ hình ảnh, bản quét hoặc tách phụ lục rồi nạp lại.",
        "Remove pictures or scans, or split the annexes, and load it again.",
    ),
    "input.scanned_pdf": (
        "Tệp PDF «{name}» là bản quét (ảnh), không có chữ để đọc.",
        'PDF "{name}" is a scan (pictures) without any text.',
        "Hãy nạp bản Word hoặc PDF gốc, hoặc chạy nhận dạng chữ (OCR) trước.",
        "Load the original Word or PDF file, or run OCR first.",
    ),
    "input.broken_pdf": (
        "Tệp PDF «{name}» bị hỏng hoặc không đúng định dạng.",
        'PDF "{name}" is damaged.',
        "Hãy mở và lưu lại tệp bằng phần mềm đọc PDF.",
        "Open it in a PDF reader and save it again.",
    ),
    "input.encrypted": (
        "Tệp «{name}» có mật khẩu nên không đọc được.",
        'File "{name}" is protected by a password.',
        "Hãy gỡ mật khẩu rồi nạp lại.",
        "Remove the password and load it again.",
    ),
    "input.old_doc": (
        "Tệp «{name}» là định dạng Word cũ (.doc), dù phần mở rộng là gì.",
        'File "{name}" is in the old Word format (.doc), whatever its ending says.',
        "Hãy mở bằng Word hoặc LibreOffice và lưu thành .docx.",
        "Open it in Word or LibreOffice and save it as .docx.",
    ),
    "input.rtf": (
        "Tệp «{name}» là định dạng RTF.",
        'File "{name}" is RTF.',
        "Hãy mở bằng Word hoặc LibreOffice và lưu thành .docx.",
        "Open it in Word or LibreOffice and save it as .docx.",
    ),
    "input.bad_archive": (
        "Tệp «{name}» không phải văn bản Word/ODT hợp lệ hoặc đã hỏng.",
        'File "{name}" is not a valid Word/ODT document, or it is damaged.',
        "Hãy mở tệp gốc và lưu lại thành .docx.",
        "Open the original and save it as .docx again.",
    ),
    "input.zip_bomb": (
        "Tệp «{name}» giải nén ra quá lớn (nghi là tệp nén độc hại) nên bị từ chối.",
        'File "{name}" unpacks to far too much (it looks like a zip bomb) and was refused.',
        "Hãy lấy lại văn bản từ nguồn tin cậy.",
        "Get the document again from a source you trust.",
    ),
    "input.unsafe_xml": (
        "Tệp «{name}» chứa khai báo XML không an toàn (DOCTYPE/ENTITY) nên bị từ chối.",
        'File "{name}" holds unsafe XML declarations (DOCTYPE/ENTITY) and was refused.',
        "Hãy mở tệp gốc và lưu lại thành .docx.",
        "Open the original and save it as .docx again.",
    ),
    "input.encoding": (
        "Không nhận ra bảng mã chữ Việt của tệp «{name}».",
        'The character encoding of "{name}" was not recognised.',
        "Hãy lưu lại tệp dưới dạng Unicode (UTF-8).",
        "Save it as Unicode (UTF-8).",
    ),
    "input.binary": (
        "Tệp «{name}» không phải văn bản mà chương trình đọc được.",
        'File "{name}" is not a document this program reads.',
        "Hãy dùng tệp .docx, .pdf, .txt, .odt hoặc .html.",
        "Use a .docx, .pdf, .txt, .odt or .html file.",
    ),
    "input.unreadable": (
        "Không mở được tệp «{name}»: {why}.",
        'File "{name}" can\'t be opened: {why}.',
        "Hãy kiểm tra quyền truy cập tệp.",
        "Check the file's permissions.",
    ),
}


def refuse(code: str, name: str, **more: object) -> UserError:
    """The error of the product for ``code``; raise what this returns."""
    vi, en, mend_vi, mend_en = _CATALOGUE[code]
    values = {"name": name, **more}
    return UserError(code, vi.format(**values), en.format(**values), mend_vi, mend_en)
