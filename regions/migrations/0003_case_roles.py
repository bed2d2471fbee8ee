from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("regions", "0002_edit_imported_rows")]

    operations = [
        migrations.AlterModelOptions(
            name="case",
            options={
                "ordering": ("name",),
                "permissions": (
                    ("plan_case", "Can plan in the case"),
                    ("approve_case", "Can approve runs of the case"),
                ),
                "verbose_name": "case",
                "verbose_name_plural": "cases",
            },
        ),
    ]
