"""Booths of cars are an attribute of crossings too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("regions", "0001_squashed"),
    ]

    operations = [
        migrations.AlterField(
            model_name="crossingattribute",
            name="attribute",
            field=models.CharField(
                help_text="truck_booths, car_booths, opens, closes, truck_fee_usd, structure ...",
                max_length=60,
                verbose_name="attribute",
            ),
        ),
        migrations.AlterField(
            model_name="historicalcrossingattribute",
            name="attribute",
            field=models.CharField(
                help_text="truck_booths, car_booths, opens, closes, truck_fee_usd, structure ...",
                max_length=60,
                verbose_name="attribute",
            ),
        ),
    ]
