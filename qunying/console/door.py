"""What happens at the door: checking a password under the lock-out, opening an install, finding the way on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth import login as begin_session
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from qunying.brands.models import Brand
from qunying.brands.opening import open_install

BACKEND = "django.contrib.auth.backends.ModelBackend"


def sign_in(request: HttpRequest, *, username: str, password: str) -> bool:
    """Begin a session under a new key. False for a wrong login, a wrong password, an inactive account and a lock-out
    alike, so that nothing can be learnt from the answer."""
    account = authenticate(request, login=username, password=password)  # by the name the lock-out counts by
    if account is None:
        return False
    begin_session(request, account)
    return True


def is_locked(request: HttpRequest) -> bool:
    """Whether the last attempt was refused for too many failures. The mark is taken off, so that our page is shown
    instead of the bare one of the lock-out's own middleware."""
    locked = bool(getattr(request, "axes_locked_out", False))
    request.axes_locked_out = False  # type: ignore[attr-defined]  # set by django-axes
    return locked


def open_here(request: HttpRequest, told: Mapping[str, str], *, at: dt.datetime) -> Brand:
    """Make first account, brand and owner, and sign in."""
    account, brand = open_install(
        brand=told.get("brand", ""),
        zone=told.get("zone", ""),
        login=told["username"],
        password=told["password"],
        at=at,
    )
    begin_session(request, account, backend=BACKEND)
    return brand


def next_address(request: HttpRequest) -> str:
    """Where the visitor wanted to go, if that is an address of ours; else home."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=settings.HTTPS)
    return wanted if is_ours else reverse("home")
