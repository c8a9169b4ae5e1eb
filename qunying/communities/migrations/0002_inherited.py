from __future__ import annotations

from django.db import migrations, models


def pass_down(apps, schema_editor):
    """Give trees that stand already what their nodes take from above."""
    Community = apps.get_model("communities", "Community")
    rows = {row.pk: row for row in Community.objects.all()}
    for row in rows.values():
        above = rows.get(row.parent_id)
        while above is not None:
            row.is_below_test |= above.is_test
            for name in ("silent_days", "owner", "persona"):
                if getattr(above, name) not in (None, ""):
                    row.inherited.setdefault(name, {"value": getattr(above, name), "from": above.pk})
            above = rows.get(above.parent_id)
        if row.parent_id:
            row.save(update_fields=["inherited", "is_below_test"])


class Migration(migrations.Migration):
    dependencies = [("communities", "0001_initial")]

    operations = [
        migrations.AddField("community", "inherited", models.JSONField(default=dict)),
        migrations.AddField("community", "is_below_test", models.BooleanField(default=False)),
        migrations.RunPython(pass_down, migrations.RunPython.noop),
    ]
