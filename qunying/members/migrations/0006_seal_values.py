from typing import Any

from django.db import migrations

from qunying.members.sealing import Sealing

PART = 500
TABLES = ("members_member", "members_identity", "members_telling")


def seal(apps: Any, schema_editor: Any) -> None:  # historical models have no types
    """Seals what is masked on screens. Rows that are sealed already stay as they are, so it may be run again."""
    count = 0
    for brand in apps.get_model("brands", "Brand").objects.all():
        sealing = Sealing(brand)
        for name, of, field in (
            ("Member", {"brand": brand}, "attributes"),
            ("Telling", {"identity__brand": brand}, "attributes"),
            ("Identity", {"brand": brand}, "value"),
        ):
            count += _seal_rows(apps.get_model("members", name), of, field, sealing)
    if count and not schema_editor.connection.in_atomic_block:
        _wipe(schema_editor.connection)


def _seal_rows(model: Any, of: dict[str, Any], field: str, sealing: Sealing) -> int:
    count, last = 0, 0
    while rows := list(model.objects.filter(**of, pk__gt=last).order_by("pk")[:PART]):
        last, changed = rows[-1].pk, []
        for row in rows:
            kept = getattr(row, field)
            sealed = _attributes(kept, sealing) if field == "attributes" else _account(row, sealing)
            if sealed != kept:
                setattr(row, field, sealed)
                changed.append(row)
        model.objects.bulk_update(changed, [field], batch_size=PART)
        count += len(changed)
    return count


def _attributes(kept: dict[str, Any], sealing: Sealing) -> dict[str, Any]:
    sealed = {}
    for name, value in kept.items():
        text = str(value)
        told = text if sealing.is_own(text) else sealing.keep(name, text)
        sealed[name] = value if told == text else told
    return sealed


def _account(row: Any, sealing: Sealing) -> str:
    return row.value if sealing.is_own(row.value) else sealing.account(row.scheme, row.value)


def _wipe(connection: Any) -> None:
    """Old versions of the rows lie in free pages until the tables are written anew."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            cursor.execute(f"VACUUM FULL {', '.join(TABLES)}")


class Migration(migrations.Migration):
    """There is no way back: what was sealed must not return to the disk in clear."""

    atomic = False
    dependencies = [("members", "0005_sealed"), ("brands", "__first__")]
    operations = [migrations.RunPython(seal)]
