"""What the demo's communities are for and for whom: the words of their profile, as an operator would fill them in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final


@dataclass(frozen=True)
class Profile:
    """定位与人群画像 of one community."""

    purpose: str
    persona: str
    owner: str
    capacity: int
    labels: tuple[str, ...]

    def values(self) -> dict[str, object]:
        """What `change_community` takes."""
        return {**asdict(self), "labels": list(self.labels)}


PROFILES: Final[Mapping[str, Profile]] = {
    "山茶会员群": Profile(
        purpose="服务复购会员：新品先尝、冲泡答疑、会员日提醒。",
        persona="28至45岁、一年内买过两次以上、喝岩茶与白茶为主的老客。",
        owner="山茶管家阿青",
        capacity=2000,
        labels=("会员", "复购", "企业微信"),
    ),
    "山茶福利群": Profile(
        purpose="承接直播间新客：限时福利与拼单，引导首单后入会员群。",
        persona="22至35岁、从抖音直播间来、对价格敏感、第一次买茶的年轻人。",
        owner="山茶小掌柜",
        capacity=3000,
        labels=("拉新", "福利", "直播间"),
    ),
    "21天早茶打卡营": Profile(
        purpose="用21天早茶打卡养成喝茶习惯，结营后转入会员群。",
        persona="25至40岁、想早起、想少喝咖啡的上班族。",
        owner="山茶茶艺师",
        capacity=2000,
        labels=("训练营", "打卡", "习惯养成"),
    ),
    "杭州湖滨门店群": Profile(
        purpose="服务到店客人：预约品茶、到货通知、自提与售后。",
        persona="住在或常到湖滨一带、周末到店喝茶的杭州本地人。",
        owner="山茶店长",
        capacity=1500,
        labels=("门店", "杭州", "到店"),
    ),
    "岩茶研习社": Profile(
        purpose="岩茶爱好者交流山场、工艺与冲泡，每周一个话题。",
        persona="30至55岁、懂茶、愿意写品鉴笔记的资深茶友。",
        owner="山茶茶艺师",
        capacity=1000,
        labels=("兴趣", "岩茶", "品鉴"),
    ),
    "山茶KOC共创群": Profile(
        purpose="与意见消费者共创新品：试喝、反馈、内容共创。",
        persona="在小红书等平台分享茶生活、粉丝一千以上的达人茶友。",
        owner="山茶客服小叶",
        capacity=500,
        labels=("KOC", "共创", "试喝"),
    ),
}
