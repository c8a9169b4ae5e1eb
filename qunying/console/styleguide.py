"""Every component of the console on one page, in both themes, with sample numbers from styleguide.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

# Samples have the shapes the partials document: plain dicts of text and numbers.
Sample = dict[str, Any]

SAMPLES = Path(__file__).with_suffix(".json")
THEMES = ("light", "dark")
STRIDE = 9


def styleguide(request: HttpRequest) -> HttpResponse:
    """The page; with ?job=…&percent=… the running job's fragment, so that its polling can be watched."""
    if "job" in request.GET:
        percent = min(100, int(request.GET.get("percent", "0")) + STRIDE)
        return render(request, "console/_job.html", {"job": running_job(request.GET["job"], percent)})
    if request.method == "POST":  # the sample calendar's moves are accepted and forgotten
        return HttpResponse(status=204)
    return render(request, "console/styleguide.html", samples())


def samples() -> Sample:
    """What the shell and every partial need: long, empty, blank, few and failed samples among them."""
    shown: Sample = json.loads(SAMPLES.read_text(encoding="utf-8"))
    shown["scope"] = None
    shown["page"] = Paginator(range(8774), 5).page(3)
    shown["themes"] = [themed(theme, shown) for theme in THEMES]
    return shown


def themed(theme: str, shown: Sample) -> Sample:
    """What carries ids or names of landmarks: those must differ between the two themes."""
    label = _("浅色") if theme == "light" else _("深色")
    return {
        "name": theme,
        "label": label,
        "filters": " ".join((_("筛选"), label)),
        "views": " ".join((_("视图"), label)),
        "pager": " ".join((_("翻页"), label)),
        "sections": " ".join((_("群成员资料"), label)),
        "kpis": [{**kpi, "key": f"{theme}-{at}"} for at, kpi in enumerate(shown["kpis"])],
        "jobs": [running_job(theme, 35), {**shown["failed_job"], "pk": f"{theme}-failed"}],
    }


def running_job(key: str, percent: int) -> Sample:
    """An import at that percentage; at 100 it is done and polls no more."""
    done = percent >= 100
    return {
        "pk": key,
        "label": "导入群成员：企业微信客户群.xlsx",
        "state": "done" if done else "running",
        "state_label": "已完成" if done else "进行中",
        "percent": percent,
        "detail": f"{percent * 1000:,} / 100,000 行 · 每秒 3,450 行 · 约剩 {(100 - percent) // 4} 秒",
        "url": f"?job={key}&percent={percent}",
        "pause_url": "" if done else "#",
        "stop_url": "" if done else "#",
        "next_url": "#" if done else "",
        "done_text": "导入完成，共 100,000 行",
    }
