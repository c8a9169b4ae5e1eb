"""拒收名单 from a table somebody has, read as any other table is."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qunying.audiences.pages.opt_outs import whole_brand
from qunying.brands.access import BrandRequest
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.tables import plain, tables, text
from qunying.connectors.incoming import Options
from qunying.kit.errors import Invalid
from qunying.kit.file_names import file_name
from qunying.members.actions import Unwanted, opt_out_many
from qunying.members.models import Via

MOST_MB = 8
ACCOUNT = (
    "账号",
    "帐号",
    "手机号",
    "手机",
    "手机号码",
    "电话",
    "phone",
    "mobile",
    "account",
    "id",
    "external_userid",
)
REASON = ("原因", "备注", "reason")


@require_POST
def opt_outs_import(request: BrandRequest) -> HttpResponse:
    """POST `file`, and the `reason` of rows that say none: everybody in the table is on the list from now on. The file
    is not kept."""
    whole_brand(request.staff)
    sent = request.FILES.get("file")
    if sent is None or (sent.size or 0) > MOST_MB << 20:
        raise Invalid("connectors.list_too_big", limit=MOST_MB)
    settings.FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        path = Path(folder) / file_name(sent.name or "list.csv")
        path.write_bytes(sent.read())
        entries = unwanted(path)
    at, reason = dt.datetime.now(dt.UTC), request.POST.get("reason", "")
    rows = opt_out_many(request.brand, entries, reason=reason, via=Via.IMPORT, at=at, by=request.staff)
    told = _("表格里有 {all} 个，新加入 {n} 个。").format(all=len(entries), n=len(rows))
    messages.success(request, told)
    return redirect("opt_outs", request.brand.slug)


def unwanted(path: Path) -> list[Unwanted]:
    """The accounts of the first table with their reasons: by the names of its columns, else its first column."""
    for table in tables(Source(path), Options()):
        rows = [[text(cell) for cell in cells] for _at, cells in table.rows()]
        if not any(map(any, rows)):
            continue
        names = [plain(cell) for cell in rows[0]]
        place = next((at for at, name in enumerate(names) if name in ACCOUNT), None)
        why = next((at for at, name in enumerate(names) if name in REASON), None)
        body = rows if place is None else rows[1:]
        return [
            Unwanted(cells[place or 0], cells[why] if why is not None and why < len(cells) else "")
            for cells in body
            if len(cells) > (place or 0) and cells[place or 0]
        ]
    return []
