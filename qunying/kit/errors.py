"""The five ways to say no, and one to say later. Each carries a code and numbers; the sentence lives in the app's
`refusals`."""

from __future__ import annotations

Detail = str | int | float | bool | None
UNNAMED = ""
"""Stands for a file where only a stream is known; whoever knows the name puts it in with `name_file`."""


class QunyingError(Exception):
    """Base of them all. `code` is `app.words`; `details` fill the sentence declared for the code."""

    status = 400

    def __init__(self, code: str, **details: Detail) -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details

    def name_file(self, name: str) -> None:
        """Say which file it is about, unless it says so."""
        self.details["file"] = self.details.get("file") or name

    def __str__(self) -> str:
        return f"{self.code} {self.details}" if self.details else self.code


class Invalid(QunyingError):
    """The input makes no sense: a wrong format, a bad value, a broken file."""

    status = 422


class NotAllowed(QunyingError):
    """The staff member's role does not include this."""

    status = 403


class Missing(QunyingError):
    """It is not there, or it belongs to another brand: both look the same from outside."""

    status = 404


class Refused(QunyingError):
    """The input is fine, a rule of the product says no."""

    status = 409


class TooMany(QunyingError):
    """Too often, or too much at once: later it will be taken."""

    status = 429


class Upstream(QunyingError):
    """Something we depend on did not answer: a platform, a browser, a database."""

    status = 503
