"""What the server answers when it refuses."""

from __future__ import annotations

import uuid
from typing import Any

__all__ = ["Problem", "invalid", "not_available", "not_found"]


class Problem(Exception):
    """An error as the API tells it. Checks of fields leave message and detail null and name the field."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str | None = None,
        *,
        field: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code} {field or message or ''}")
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.headers = headers or {}

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "id": str(uuid.uuid4()),
            "type": "error",
            "links": {},
            "actions": {},
            "status": self.status,
            "code": self.code,
            "message": self.message,
            "detail": None,
            "baseType": "error",
        }
        if self.field is not None:
            body["fieldName"] = self.field
        return body


def invalid(code: str, field: str) -> Problem:
    """422 for a field."""
    return Problem(422, code, field=field)


def not_available() -> Problem:
    """The action exists, but not in this state: the most common refusal."""
    return invalid("ActionNotAvailable", "action")


def not_found() -> Problem:
    return Problem(404, "Not Found", "Not Found")
