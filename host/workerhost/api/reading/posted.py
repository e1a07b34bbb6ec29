"""Bodies that programs elsewhere send in their own way: JSON, a form, or a text."""

from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

from flask import request

from workerhost.api.reading.text import read_json
from workerhost.errors import InvalidRequestError

FORM = "application/x-www-form-urlencoded"
FORM_JSON = "payload"
"""The field in which Slack and GitHub put JSON where they send a form."""

MOST_FIELDS = 1000
"""Fields of a form."""


def read_posted(data: bytes) -> Any:
    """Return what the body of the present request holds.

    It is None for no body; the fields of a form, with a list of those of one name; what a text holds that is JSON,
    also where it is said to be a form, as many programs say where nobody tells them; and any other text as it is. A
    form with the field `payload` alone, which is JSON, is what that JSON holds.

    Raises:
        InvalidRequestError: the body is said to be JSON or a form and is none, or it is no text.
    """
    if not data:
        return None
    if request.is_json:
        return read_json(data)
    is_form = request.mimetype == FORM
    if not is_form or data.lstrip().startswith((b"{", b"[")):
        with suppress(InvalidRequestError):
            return read_json(data)
    return _form(data) if is_form else _text(data)


def _form(data: bytes) -> Any:
    try:
        found = parse_qs(_text(data), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise InvalidRequestError(f"the body is no form in UTF-8 with {MOST_FIELDS} fields at most") from error
    fields = {name: values if len(values) > 1 else values[0] for name, values in found.items()}
    payload = fields.get(FORM_JSON)
    if len(fields) == 1 and isinstance(payload, str) and payload.startswith("{"):
        return read_json(payload.encode())
    return fields


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise InvalidRequestError("the body is neither JSON nor text in UTF-8") from error
