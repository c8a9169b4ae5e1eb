from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outbox", "0009_sampling")]

    operations = [
        migrations.AddField(
            model_name="sending", name="keeps_quiet", field=models.BooleanField(default=False)
        ),
    ]
