"""A corporation whose tags are kept the same as the brand's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from qunying.connectors import actions
from qunying.connectors.delivering import deliver
from qunying.demo.simulators import wecom_tags
from qunying.demo.simulators.wecom import Wecom
from qunying.jobs.actions import database_now
from qunying.members.actions import tag_many, untag_many
from qunying.members.models import Identity, Member, MemberTag
from qunying.outbox.models import Bucket, Sending
from tests.connectors.live.wecom.world import LAN, QING, World, simulated
from tests.connectors.live.world import open_brand


class Tagged(World):
    """A corporation whose friends 阿青 and 小兰 have tags that are kept the same."""

    platform: Wecom

    def begin(self) -> None:
        self.seconds = database_now().timestamp()
        self.corp.hire("kefu02", "店长阿叶")
        for who, name in ((QING, "阿青"), (LAN, "小兰")):
            self.corp.befriend(who, name, "kefu01")
        self.old = wecom_tags.make(self.corp, "关系", "老客")
        self.corp.knock(self.post)
        self.ask()
        self.bind(f"contacts.{self.corp.corp}")
        actions.switch_tags(self.connection, is_on=True, at=self.now, by=self.chief)
        self.settle()

    def read(self) -> None:
        """What was heard, without the numbers that follow from it."""
        while actions.settle(self.connection):
            pass

    def settle(self, times: int = 3) -> None:
        """Everything that is due on either side."""
        for _round in range(times):
            self.wait(5)
            self.corp.knock(self.post)
            self.ask()
            self.carry()

    def carry(self) -> None:
        actions.carry_tags(self.connection, at=self.now)
        Bucket.objects.all().delete()  # the limit of five a second is another promise
        Sending.objects.filter(not_before__gt=database_now()).update(not_before=database_now())
        deliver(self.connection, self.wire)
        actions.carry_tags(self.connection, at=self.now)

    def member(self, who: str = QING) -> Member:
        return Identity.objects.get(value=who).member

    def tag(self, is_on: bool, who: str = QING, name: str = "老客") -> bool:
        """Somebody here writes; whether that changed anything."""
        told = {"name": name, "members": [self.member(who).pk], "at": self.now, "by": self.chief}
        if is_on:
            return bool(tag_many(self.brand, origin="手工", **told))  # type: ignore[arg-type]  # named above
        return bool(untag_many(self.brand, **told))  # type: ignore[arg-type]  # named above

    def here(self, who: str = QING) -> set[str]:
        rows = MemberTag.objects.filter(member__identities__value=who)
        return set(rows.values_list("tag__name", flat=True))

    def there(self, who: str = QING) -> set[str]:
        return {self.corp.tags[number][1] for number in wecom_tags.tags_of(self.corp, who)}

    def put(self, is_on: bool, who: str = QING, employee: str = "kefu01") -> bool:
        return wecom_tags.put(self.corp, who, employee, self.old, is_on=is_on)


@contextmanager
def tagged(settings: object) -> Iterator[Tagged]:
    made = Tagged(*open_brand())
    with simulated(settings, made) as made.platform:
        made.begin()
        yield made


def marks(world: Tagged) -> int:
    return sum(call.path.endswith("mark_tag") for call in world.platform.calls)
