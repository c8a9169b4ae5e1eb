from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def link(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """To-dos that were given out for a sending said so in their cause only."""
    sendings = set(apps.get_model("outbox", "Sending").objects.values_list("pk", flat=True))
    model = apps.get_model("outbox", "Todo")
    for pk, cause in model.objects.filter(cause__startswith="sending:").values_list("pk", "cause"):
        number = cause.partition(":")[2]
        if number.isdecimal() and int(number) in sendings:
            model.objects.filter(pk=pk).update(sending=int(number))


class Migration(migrations.Migration):
    dependencies = [("outbox", "0004_evidence")]

    operations = [migrations.RunPython(link, migrations.RunPython.noop)]
