from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0004_consent"),
    ]

    operations = [
        migrations.AlterField(
            model_name="identity",
            name="value",
            field=models.CharField(max_length=1200),
        ),
    ]
