"""The blocks of a report that come from the numbers themselves."""

from django.utils.translation import gettext_lazy as _

from qunying.metrics.reports import charts, figures, people, words
from qunying.metrics.reports.blocks import Block
from qunying.metrics.reports.changes import changes

REPORT_BLOCKS = (
    Block(
        "figures", _("核心数据"), figures.block, "metrics/_report_figures.html", 10, changes, figures.tables
    ),
    Block("trends", _("趋势"), charts.trends, "metrics/_report_drawings.html", 20),
    Block("retention", _("留存"), charts.returning, "metrics/_report_drawings.html", 30),
    Block("newcomers", _("新人漏斗"), charts.newcomers, "metrics/_report_drawings.html", 32),
    Block("rhythm", _("活跃规律与结构"), charts.rhythm, "metrics/_report_drawings.html", 35),
    Block(
        "thanks",
        _("值得感谢的群成员"),
        people.thanks,
        "metrics/_report_thanks.html",
        50,
        tables=people.thanked_table,
    ),
    Block(
        "missed",
        _("值得挽回的群成员"),
        people.missed,
        "metrics/_report_missed.html",
        60,
        tables=people.missed_table,
    ),
    Block(
        "comments", _("备注"), words.comments, "metrics/_report_comments.html", 80, tables=words.comment_table
    ),
    Block(
        "definitions",
        _("口径说明"),
        words.definitions,
        "metrics/_report_definitions.html",
        90,
        tables=words.definition_table,
    ),
)
