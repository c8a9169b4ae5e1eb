"""Who the people are: identities as their platform gives them, and the names they chose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from qunying.connectors.incoming import Person
from qunying.demo.columns import Chance, Marks
from qunying.demo.plans import Platform


@dataclass(frozen=True)
class Passport:
    """How a platform names accounts: the scheme and scope of members, and of staff."""

    scheme: str
    scope: str
    staff_scheme: str
    staff_scope: str


PASSPORTS: Final[Mapping[Platform, Passport]] = {
    "wecom": Passport("wecom.external_userid", "wwshancha", "wecom.userid", "wwshancha"),
    "wechat": Passport("wechat.unionid", "shancha", "wechat.unionid", "shancha"),
    "qq": Passport("qq.uin", "", "qq.uin", ""),
    "telegram": Passport("telegram.user", "", "telegram.user", ""),
}

SURNAMES: Final = "赵钱孙李周吴郑王冯陈沈韩杨朱许何吕张孔曹严华金魏陶姜谢邹苏潘范彭"
GIVEN: Final = "安宁清和若云溪月晴川竹青禾知夏小满予初南乔一诺晚星书言子墨可心雨桐嘉木"
NATURE: Final = (
    "山间", "听雨", "半盏", "南风", "松下", "溪边", "向阳", "慢慢", "云上", "清晨", "晚来", "一叶",
)  # fmt: skip
THINGS: Final = (
    "茶客",
    "的猫",
    "小院",
    "时光",
    "听风",
    "煮茶",
    "不加糖",
    "花开",
    "老友",
    "爱喝茶",
    "拾光",
    "散人",
)
LATIN: Final = (
    "Lily",
    "Kevin",
    "Momo",
    "Tina",
    "leo",
    "Cathy",
    "JoJo",
    "Amber",
    "sunny",
    "Vivian",
    "Tom",
    "Echo",
)
MARKS: Final = ("🍵", "🌿", "🌸", "☀️", "🐱", "🌙", "🍀", "✨")
UNUSUAL: Final = (
    "A00茶具批发·小陈<微信同号>",
    '老林"的"茶摊',
    "岁月静好，" * 12 + "喝茶去",
    "零\u200b宽\u200d茶\ufeff友",
    "O'Brien",
    "好运100% {一直在}",
    "👨‍👩‍👧‍👦🍵" * 6,
)
"""Names as odd as people really choose: long, with marks that code and pages use, with signs nobody sees. Text made
to attack is the business of tests: a visitor of the demo would take it for a fault."""
STAFF_NAMES: Final = ("山茶小掌柜", "山茶管家阿青", "山茶客服小叶", "山茶茶艺师", "山茶店长")
BOT_NAME: Final = "山茶小助手"
STRIDE: Final = 90_001
CITIES: Final = ("杭州", "上海", "福州", "成都", "武汉", "广州", "北京", "苏州")


def nickname(draw: list[int]) -> str:
    """One of the usual ways to call oneself, from six numbers; the same name comes again now and then."""
    way, a, b, c, d, e = draw
    if way < 34:
        plain = NATURE[a % len(NATURE)] + THINGS[b % len(THINGS)]
    elif way < 58:
        plain = SURNAMES[a % len(SURNAMES)] + GIVEN[b % len(GIVEN)] + (GIVEN[c % len(GIVEN)] if d % 3 else "")
    elif way < 72:
        plain = LATIN[a % len(LATIN)] + ("" if b % 2 else str(c % 100))
    elif way < 84:
        plain = ("阿", "小", "老")[a % 3] + GIVEN[b % len(GIVEN)]
    else:
        plain = GIVEN[a % len(GIVEN)] + GIVEN[b % len(GIVEN)] + ("妈妈", "同学", "", "先生")[c % 4]
    return plain + MARKS[e % len(MARKS)] if e % 5 == 0 else plain


def accounts(platform: Platform, draws: list[list[int]], taken: int) -> list[str]:
    """The platform's own ids from pairs of 42-bit numbers; `taken` ids were given before."""
    if platform == "wecom":
        return [f"wm{a:011x}{b:011x}" for a, b in draws]
    if platform == "wechat":
        return [f"oShan{a:011x}{b:011x}" for a, b in draws]
    start = 100_000_000 if platform == "qq" else 1_000_000_000
    return [str(start + (taken + place) * STRIDE + a % STRIDE) for place, (a, _) in enumerate(draws)]


def members(rng: Chance, platform: Platform, listed: Marks, *, taken: int) -> list[Person]:
    """New people of the platform; those marked stand in the member list from the first day."""
    size = len(listed)
    passport = PASSPORTS[platform]
    ids = accounts(platform, rng.integers(0, 1 << 42, (size, 2)).tolist(), taken)
    names = [nickname(draw) for draw in rng.integers(0, (100, 997, 991, 983, 977, 971), (size, 6)).tolist()]
    for place, name in zip(rng.integers(0, max(size, 1), len(UNUSUAL)).tolist(), UNUSUAL, strict=True):
        if size > 40:
            names[place] = name
    cities = rng.integers(0, 2 * len(CITIES), size).tolist()
    return [
        Person(
            ref=value,
            scheme=passport.scheme,
            scope=passport.scope,
            value=value,
            name=name,
            is_listed=is_listed,
            attributes={"city": CITIES[city]} if city < len(CITIES) else {},
        )
        for value, name, is_listed, city in zip(ids, names, listed.tolist(), cities, strict=True)
    ]


def crew(rng: Chance, platform: Platform, size: int) -> list[Person]:
    """The bot and `size` staff of the platform."""
    passport = PASSPORTS[platform]
    ids = accounts(platform, rng.integers(0, 1 << 42, (size + 1, 2)).tolist(), 0)
    people = []
    for place, value in enumerate(ids):
        scheme, scope = passport.staff_scheme, passport.staff_scope
        name = BOT_NAME if place == 0 else STAFF_NAMES[(place - 1) % len(STAFF_NAMES)]
        roles = () if place == 0 else ("owner",) if place == 1 else ("admin",)
        people.append(
            Person(
                ref=value, scheme=scheme, scope=scope, value=value, name=name, roles=roles,
                is_bot=place == 0, is_staff=place > 0, is_listed=True,
            )
        )  # fmt: skip
    return people
