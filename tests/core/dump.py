"""Everything a brand holds, by natural keys: two equal dumps mean nobody could tell the two states apart."""

from __future__ import annotations

from typing import Any

from qunying.audiences.blobs import load_counts, load_sets
from qunying.audiences.models import DayCount, DaySet, StageSpan
from qunying.brands.models import Brand
from qunying.communities.models import Channel, Community, JoinSource, Membership, Message, Spell
from qunying.facts.models import Fact
from qunying.members.models import Identity, Member, StaffSpan
from qunying.metrics.models import Figure, Reading

FAR = 10**6
Names = dict[int, tuple[str, str]]


def dump(brand: Brand) -> dict[str, Any]:  # rows of many shapes
    """Table → sorted rows. Row numbers, bits, import numbers and logs are left out: they never come back the same."""
    person = dict(Identity.objects.filter(brand=brand).values_list("member_id", "value"))
    person |= {
        pk: f"tombstone {pk}"
        for pk in Member.objects.filter(brand=brand).values_list("pk", flat=True)
        if pk not in person
    }
    place = dict(Community.objects.filter(brand=brand).values_list("pk", "name")) | {None: ""}
    source = dict(JoinSource.objects.filter(brand=brand).values_list("pk", "name")) | {0: ""}
    who = {
        row.bit: (place[row.community_id], person[row.member_id])
        for row in Membership.objects.filter(brand=brand)
    }
    bit = dict(Member.objects.filter(brand=brand).values_list("bit", "pk"))
    return {
        **projected(brand, who, person, bit),
        "communities": sorted(
            Community.objects.filter(brand=brand).values_list("name", "kind", "covered_from", "covered_to", "sees_speech")
        ),
        "channels": sorted(Channel.objects.filter(brand=brand).values_list("platform", "key", "community__name")),
        "identities": sorted(Identity.objects.filter(brand=brand).values_list("scheme", "scope", "value", "name", "aliases")),
        "members": sorted((row.name, row.is_bot, row.is_test, sorted(row.attributes.items())) for row in Member.objects.filter(brand=brand)),
        "staff": sorted((person[m], str(f), str(u)) for m, f, u in StaffSpan.objects.filter(member__brand=brand).values_list("member", "from_on", "until_on")),
        "memberships": sorted(
            (*who[row.bit], row.cohort_day or -1, row.cohort_basis, row.first_active_at or -1, row.last_active_at or -1, row.first_message_day or -1, row.is_listed)
            for row in Membership.objects.filter(brand=brand)
        ),
        "spells": sorted(
            (*who[row.membership.bit], row.joined_at or -1, row.left_at or -1, row.basis, row.is_left_asserted, source[row.source_id or 0], person.get(row.inviter or 0, ""))
            for row in Spell.objects.filter(brand=brand).select_related("membership")
        ),
        **logged(brand, who, person, place, source),
    }  # fmt: skip


def logged(
    brand: Brand, who: Names, person: dict[int, str], place: dict[int | None, str], source: dict[int, str]
) -> dict[str, Any]:
    """The log, the texts, and what was read off them."""
    return {
        "facts": sorted(
            (place[f.community], person.get(f.member or 0, ""), person.get(f.other or 0, ""), f.kind, f.happened_at, f.day, f.subject or 0, source[f.value] if f.kind == 6 else f.value, f.marks, f.likeness or 0, bytes(f.source_key).hex())
            for f in Fact.objects.filter(brand=brand.pk)
        ),
        "texts": sorted((place[m.community], person[m.member], m.sent_at, m.text, m.version) for m in Message.objects.filter(brand=brand.pk)),
        "figures": sorted(Figure.objects.filter(brand=brand).values_list("source", "name", "owner", "day", "value")),
        "readings": sorted(
            (place[row.community_id], row.metric, row.day, repr(row.value), row.numerator or 0, row.denominator or 0)
            for row in Reading.objects.filter(brand=brand)
        ),
        "stages": sorted(
            (*who[bit_], stage, start, end or FAR)
            for bit_, stage, start, end in StageSpan.objects.filter(membership__brand=brand).values_list("membership__bit", "stage", "from_day", "until_day")
        ),
    }  # fmt: skip


def projected(brand: Brand, who: Names, person: dict[int, str], bit: dict[int, int]) -> dict[str, Any]:
    """Day sets and day counts, their bits as the people they stand for."""
    found: dict[str, Any] = {}
    for scope in DaySet.Scope.values:
        for kind in DaySet.Kind.values:
            held = load_sets(brand, scope=scope, kind=kind, first=-FAR, last=FAR)
            found[f"set {scope} {kind}"] = sorted(
                (day, sorted(str(who[b]) if scope == 0 else person[bit[b]] for b in bits))
                for day, bits in held.items()
            )
    for kind in DayCount.Kind.values:
        counts = load_counts(brand, kind=kind, first=-FAR, last=FAR)
        hours = kind == DayCount.Kind.HOURS
        found[f"count {kind}"] = sorted(
            (day, sorted((str(who[int(key) // 24 if hours else int(key)]), int(key) % 24 if hours else 0, int(n)) for key, n in zip(keys, ns, strict=True)))
            for day, (keys, ns) in counts.items()
        )  # fmt: skip
    return found
