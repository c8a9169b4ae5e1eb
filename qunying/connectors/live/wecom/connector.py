"""WeCom 企业微信: customers, customer groups and their numbers, through a self-built app of the corporation."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from qunying.connectors.incoming import Entry
from qunying.connectors.live.connector import (
    Ability,
    Check,
    Codes,
    Connector,
    Fallback,
    Field,
    Longest,
    Means,
    Rate,
    Tags,
)
from qunying.connectors.live.wecom import callbacks, deeds, limits, looks, people, sights, tags
from qunying.connectors.live.wecom.client import HOST, TOO_MANY_OWNERS, SaidNo, call
from qunying.connectors.live.wecom.receipts import result_of
from qunying.connectors.live.wire import Wire
from qunying.kit.errors import Invalid, Upstream


def decode(body: bytes, _heard_at: int) -> Iterator[Entry]:
    """A callback's XML, or what one of our looks brought."""
    return sights.decode(body) if body[:1] == b"{" else callbacks.decode(body)


def check(wire: Wire) -> Iterator[Check]:
    """Do the keys work, may the app see customers and groups, is there anybody who has some?"""
    label = _("客户联系权限")
    try:
        owners = call(wire, "follow_users")["follow_user"]
    except SaidNo as error:
        yield Check(_("企业ID与Secret"), True)
        yield Check(label, False, error.words)
        return
    except (Upstream, Invalid) as error:
        words = _("连接失败：{words}。请核对企业ID、应用的Secret和“企业可信IP”。")
        yield Check(_("企业ID与Secret"), False, words.format(words=error.details.get("words", error.code)))
        return
    yield Check(_("企业ID与Secret"), True)
    no_one = _("没有员工开通客户联系：请在管理后台“客户联系 → 权限配置”中设置使用范围。")
    yield Check(label, bool(owners), "" if owners else no_one)
    try:
        call(wire, "chats", status_filter=0, limit=1)
    except SaidNo as error:
        is_good = error.number == TOO_MANY_OWNERS
        yield Check(_("客户群"), is_good, "" if is_good else error.words)
    else:
        yield Check(_("客户群"), True)


WECOM = Connector(
    key="wecom",
    label=_("企业微信"),
    platform="wecom",
    fields=(
        Field(
            "corp",
            _("企业ID"),
            _("管理后台“我的企业 → 企业信息”最下方，形如 ww1a2b3c4d5e6f7a8b。"),
            pattern=r"w[wx][0-9A-Za-z]{6,40}",
        ),
        Field(
            "secret",
            _("应用Secret"),
            _("自建应用的 Secret；该应用须加入“客户联系 → API → 可调用应用”。"),
            is_secret=True,
        ),
        Field(
            "token",
            _("回调Token"),
            _("应用“接收消息 → 设置API接收”中的 Token，点“随机获取”后复制到这里。"),
            is_secret=True,
            pattern=r"[0-9A-Za-z_-]{3,64}",
        ),
        Field(
            "aes_key",
            _("回调EncodingAESKey"),
            _("同一页的 EncodingAESKey，43 位字母和数字。"),
            is_secret=True,
            pattern=r"[0-9A-Za-z]{43}",
        ),
    ),
    abilities={
        "hear.messages": Ability(
            Means.NONE,
            _("看不到客户群里的消息（需另购会话存档）；只有每日的消息数和发言人数"),
            Fallback.SKIP,
        ),
        "hear.moves": Ability(
            Means.POLLED, _("入群和退群：收到通知后几秒内核对群成员，每小时再全部核对一次")
        ),
        "hear.contacts": Ability(Means.DIRECT, _("能看到客户添加和删除员工")),
        "hear.figures": Ability(Means.POLLED, _("每日群统计，次日可得，最多补 180 天")),
        "history": Ability(
            Means.NONE, _("读不到历史消息；群成员带有入群时间，首次核对时补上"), Fallback.SKIP
        ),
        "message.create": Ability(Means.PERSON, _("客户群消息须由群主在手机上点“发送”")),
        "message.picture": Ability(Means.PERSON, _("可以带图片（JPEG、PNG），群主点“发送”后和文字一起发出")),
        "mass.create": Ability(Means.PERSON, _("群发须由员工在手机上确认，每个客户或群每月次数有限")),
        "mass.remind": Ability(Means.DIRECT, _("可以提醒员工去发，每条 24 小时内最多 3 次")),
        "mass.cancel": Ability(Means.DIRECT, _("员工确认前可以取消群发")),
        "welcome.send": Ability(Means.DIRECT, _("新好友欢迎语，添加后 20 秒内有效，只能发一次")),
        "tag.mark": Ability(Means.DIRECT, _("可以给客户打企业标签，也能看到员工打的标签，两边保持一致")),
        "tag.create": Ability(Means.DIRECT, _("可以新建企业标签")),
        "code.create": Ability(Means.DIRECT, _("可以生成“联系我”和群活码，来源会记在入群记录上")),
        "code.change": Ability(Means.DIRECT, _("可以更换活码后面的员工和群（一个群活码最多 5 个群）")),
        "code.delete": Ability(Means.DIRECT, _("可以作废活码")),
        "message.delete": Ability(Means.NONE, _("不能撤回"), Fallback.TASK),
        "message.pin": Ability(Means.NONE, _("不能置顶"), Fallback.TASK),
        "member.mute": Ability(Means.NONE, _("不能禁言，请在管理后台设置防骚扰规则"), Fallback.TASK),
        "member.kick": Ability(Means.NONE, _("不能移出群成员，请群主操作"), Fallback.TASK),
    },
    hosts=(HOST,),
    account=lambda keys: keys["corp"],
    decode=decode,
    check=check,
    hook=callbacks.hook,
    greets=callbacks.greets,
    lobby=people.contacts,
    ask=looks.ask,
    perform=deeds.perform,
    dedupes=frozenset({"code.change", "tag.mark"}),  # they say how things shall be: twice is once
    result_of=result_of,
    codes=Codes(
        employees=deeds.MOST_EMPLOYEES,
        chats=deeds.MOST_JOINABLE,
        members=deeds.MOST_MEMBERS,
        size_note=looks.seen_note,
        size=looks.size_of,
        staff_note=looks.STAFF,
        staff=looks.staff_of,
    ),
    tags=Tags(tags.SCHEME, tags.read, tags.look_at_all, tags.look_at, tags.look_at_words),
    month_ops=frozenset({"message.create", "mass.create"}),
    pictures=limits.PICTURES,
    longest=Longest(deeds.MOST_BYTES, "bytes", limits.doc(92135)),
    sheets=(people.back_end().key,),
    rates=(
        # 150,000 an hour are 41 a second
        Rate("account", 40, 1, limits.doc(90454, _("平台规定见“同一种操作”"))),
        Rate("account", 5, 1, limits.named(_("打标签"), _("平台规定同时最多 5 个")), op="tag."),
    ),
    ceilings=limits.CEILINGS,
    where=_("客户群"),
)
