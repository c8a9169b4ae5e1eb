"""导入草稿: files that were uploaded and are looked at before anything is imported. A draft is a folder under
QUNYING_HOME/uploads that only the staff member who uploaded it can open; it is swept away after a day, and so is
what an upload that broke off leaves beside the drafts."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from msgspec import Struct

from qunying.brands.models import Staff
from qunying.connectors.actions import Order
from qunying.connectors.incoming import Options
from qunying.jobs.models import Job
from qunying.kit.errors import Invalid, Missing
from qunying.kit.file_names import file_name
from qunying.members.erasing import Traces
from qunying.members.models import Member

TOKEN = re.compile(r"[\w-]{22}")
KEEP_SECONDS = 24 * 3600
MOST_BYTES = 2 << 30


class Counted(Struct, frozen=True):
    """What the dry run counted: the JSON of `qunying import --dry-run`, or why it could not be counted."""

    files: list[dict[str, object]] = []
    total: dict[str, object] = {}
    code: str = ""
    details: dict[str, str | int | float | bool | None] = {}


class Draft(Struct):
    """What is known of one upload. `job` is the dry run under way, `counted` what it found."""

    token: str
    brand: int
    staff: int
    options: Options
    format_key: str = ""
    community: int | None = None
    job: int | None = None
    counted: Counted | None = None

    @property
    def folder(self) -> Path:
        return home() / self.token

    @property
    def order(self) -> Order:
        return Order(self.options, self.community, self.format_key)

    def files(self) -> list[Path]:
        """The uploaded files in their order."""
        return [next(part.iterdir()) for part in sorted((self.folder / "files").iterdir())]

    @property
    def size(self) -> int:
        return sum(path.stat().st_size for path in self.files())

    def write(self) -> None:
        part = self.folder / "draft.part"
        part.write_bytes(msgspec.json.encode(self))
        part.replace(self.folder / "draft.json")


def home() -> Path:
    return Path(settings.HOME) / "uploads" / "drafts"


def open_draft(staff: Staff, uploads: Iterable[UploadedFile[bytes]]) -> Draft:
    """Keep the uploaded files aside; older drafts are swept away."""
    files = list(uploads)
    if not files:
        raise Invalid("connectors.nothing_chosen")
    size = sum(file.size or 0 for file in files)
    if size > MOST_BYTES:
        raise Invalid("connectors.upload_too_big", size=size >> 20, limit=MOST_BYTES >> 20)
    home().mkdir(mode=0o700, parents=True, exist_ok=True)
    sweep()
    draft = Draft(secrets.token_urlsafe(16), staff.brand_id, staff.pk, Options(zone=staff.brand.zone))
    for place, file in enumerate(files):
        target = draft.folder / "files" / f"{place:03d}" / file_name(file.name or "")
        target.parent.mkdir(parents=True)
        with target.open("wb") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
    draft.write()
    return draft


def find(staff: Staff, token: str) -> Draft:
    """The staff member's own draft; Missing otherwise."""
    path = home() / token / "draft.json"
    if not TOKEN.fullmatch(token) or not path.is_file():
        raise Missing("brands.not_found")
    draft = msgspec.json.decode(path.read_bytes(), type=Draft)
    if (draft.brand, draft.staff) != (staff.brand_id, staff.pk):
        raise Missing("brands.not_found")
    return draft


def drop(draft: Draft) -> None:
    shutil.rmtree(draft.folder, ignore_errors=True)


def sweep() -> None:
    """Delete drafts, and pieces of uploads whose server died, that nobody has written to for a day."""
    oldest = time.time() - KEEP_SECONDS
    pieces = (path for path in home().parent.glob("*") if path.is_file())
    for path in (*home().glob("*"), *pieces):
        with suppress(FileNotFoundError):  # another process sweeps too
            if path.stat().st_mtime >= oldest:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()


def forget(member: Member, traces: Traces) -> int:
    """Delete every upload and every exported file of the person's brand: they live a day anyway, and hold whatever
    people wrote. Answers how many."""
    ours = [folder for folder in home().glob("*") if _brand_of(folder) == member.brand_id]
    for folder in ours:
        shutil.rmtree(folder, ignore_errors=True)
    exports = Job.objects.filter(brand=member.brand_id, kind="connectors.export").values_list("pk", flat=True)
    files = [path for path in map(export_path, exports) if path.is_file()]
    for path in files:
        path.unlink(missing_ok=True)
    return len(ours) + len(files)


def _brand_of(folder: Path) -> int:
    path = folder / "draft.json"
    return msgspec.json.decode(path.read_bytes(), type=Draft).brand if path.is_file() else 0


def export_path(job: int) -> Path:
    """Where an export's file lies for a day."""
    return Path(settings.HOME) / "exports" / f"{job}.jsonl"
