"""What a brand is like: its communities, their rhythm and size, and the faults planted in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from qunying.demo.columns import chance

Platform = Literal["wecom", "wechat", "qq", "telegram"]
Shares = tuple[tuple[str, float], ...]

SCAN: Final = "扫码入群"
INVITED: Final = "成员邀请"
PULLED: Final = "群主拉入"
CHAT: Final[Shares] = (
    ("short", 12),
    ("rock", 9),
    ("puer", 7),
    ("white", 7),
    ("brew", 8),
    ("ware", 7),
    ("weather", 6),
    ("hello", 7),
    ("checkin", 2),
    ("life", 12),
    ("product", 6),
    ("promo", 2),
    ("parcel", 3),
    ("grumble", 0.5),
    ("ask", 9),
)


Rhythm = Literal["evening", "morning", "daytime"]
RHYTHMS: Final[tuple[Rhythm, ...]] = ("evening", "daytime", "morning")
SMALL: Final[tuple[tuple[str, Platform], ...]] = (
    ("会员群", "wecom"),
    ("福利群", "wecom"),
    ("茶友群", "qq"),
    ("品鉴群", "telegram"),
)


@dataclass(frozen=True)
class CommunityPlan:
    """One community: `members` present on its first day, `joins` a day, acts in proportion to `liveliness`.

    `topics` and `sources` are weights. Members leave at the rate that lets the community grow slowly.
    """

    name: str
    kind: str
    platform: Platform
    days: int
    members: int
    joins: float
    liveliness: float = 1.0
    weekend: float = 1.1
    profile: Rhythm = "evening"
    topics: Shares = CHAT
    code: str = "渠道活码·小红书"
    staff: int = 2
    overlap: float = 0.12
    item_weekday: int = 2

    @property
    def sources(self) -> Shares:
        return ((SCAN, 0.34), (INVITED, 0.3), (self.code, 0.28), (PULLED, 0.08))


@dataclass(frozen=True)
class Fault:
    """A fault from `days_ago` days before the last day on, as large as `size` (in the kind's own unit)."""

    name: str
    community: str
    days_ago: int
    size: float


@dataclass(frozen=True)
class BrandPlan:
    """A brand to simulate. `faults` are planted in order; none makes a healthy brand."""

    name: str
    communities: tuple[CommunityPlan, ...]
    faults: tuple[Fault, ...] = ()


def focus(base: Shares, **weights: float) -> Shares:
    """The same topics with some weights changed."""
    return tuple((topic, weights.get(topic, weight)) for topic, weight in base)


def small_plan(seed: int) -> BrandPlan:
    """A healthy brand to try detectors on: four communities of 250 to 400 members, 120 to 150 days."""
    rng = chance(seed, 1)
    communities = tuple(
        CommunityPlan(
            name=f"小山茶{kind}",
            kind=kind,
            platform=platform,
            days=int(rng.integers(120, 151)),
            members=int(rng.integers(270, 361)),
            joins=float(rng.uniform(4.8, 5.6)),
            liveliness=float(rng.uniform(0.95, 1.15)),
            weekend=float(rng.choice((0.92, 1.0, 1.08))),
            profile=RHYTHMS[int(rng.integers(len(RHYTHMS)))],
        )
        for kind, platform in SMALL
    )
    return BrandPlan("小山茶", communities)


def crowd_plan(members: int = 100_000) -> BrandPlan:
    """At least so many listed people who hardly act, for measuring lists: eight communities, fourteen days."""
    each = members * 101 // 800
    communities = tuple(
        CommunityPlan(
            name=f"山茶万人群{number + 1}",
            kind="福利群",
            platform="wecom",
            days=14,
            members=each,
            joins=2.0,
            liveliness=0.15,
            overlap=0.0,
        )
        for number in range(8)
    )
    return BrandPlan("山茶万人", communities)


TEA: Final = BrandPlan(
    name="山茶",
    communities=(
        CommunityPlan(
            name="山茶会员群", kind="会员群", platform="wecom",
            days=365, members=820, joins=2.6, liveliness=0.66,
        ),
        CommunityPlan(
            name="山茶福利群", kind="福利群", platform="wecom",
            days=365, members=760, joins=5.4, liveliness=0.64,
            weekend=1.15, topics=focus(CHAT, promo=14, product=12, parcel=8), code="渠道活码·抖音直播间",
        ),
        CommunityPlan(
            name="21天早茶打卡营", kind="训练营", platform="qq",
            days=300, members=540, joins=3.2, liveliness=0.88,
            weekend=0.92, profile="morning", topics=focus(CHAT, checkin=34, hello=12), code="渠道活码·公众号",
        ),
        CommunityPlan(
            name="杭州湖滨门店群", kind="门店群", platform="wecom",
            days=365, members=520, joins=2.2, liveliness=0.74,
            profile="daytime", topics=focus(CHAT, ask=16, promo=6), code="渠道活码·门店台卡", overlap=0.2,
        ),
        CommunityPlan(
            name="岩茶研习社", kind="兴趣群", platform="wechat",
            days=365, members=420, joins=1.6, liveliness=0.95,
            topics=focus(CHAT, rock=34, brew=14, ask=12), code="渠道活码·公众号", item_weekday=3,
        ),
        CommunityPlan(
            name="山茶KOC共创群", kind="KOC群", platform="telegram",
            days=240, members=240, joins=0.9, liveliness=1.4,
            topics=focus(CHAT, product=16, life=16), code="渠道活码·KOC招募", item_weekday=1,
        ),
    ),
    faults=(
        Fault("newcomers.went_silent", "山茶福利群", 34, 3),
        Fault("questions.unanswered", "杭州湖滨门店群", 16, 0.88),
        Fault("talk.concentrated", "岩茶研习社", 13, 0.68),
    ),
)  # fmt: skip
