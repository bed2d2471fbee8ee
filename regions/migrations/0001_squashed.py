"""All tables as they stand; takes the place of the steps of development, whose names an older database has recorded."""

import django.contrib.gis.db.models.fields
import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("regions", "0001_initial"),
        ("regions", "0002_edit_imported_rows"),
        ("regions", "0003_case_roles"),
        ("regions", "0004_official_files"),
        ("regions", "0005_border_entry"),
        ("regions", "0006_import_changes"),
        ("regions", "0007_made_cases_and_mirrors"),
        ("regions", "0008_flow_values"),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Case",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("name", models.SlugField(max_length=80, unique=True, verbose_name="name")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                (
                    "year",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1900),
                            django.core.validators.MaxValueValidator(2200),
                        ],
                        verbose_name="year of the flows",
                    ),
                ),
                ("currency", models.CharField(default="USD", max_length=3, verbose_name="currency")),
                ("price_year", models.PositiveSmallIntegerField(verbose_name="price year of costs")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                (
                    "sources",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="A list of objects with what, who, title, url, note.",
                        verbose_name="sources",
                    ),
                ),
                (
                    "making",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="The record of make_case: files, checks, left out.",
                        verbose_name="how it was made",
                    ),
                ),
                (
                    "mirror_rule",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("importer", "the importer's record"),
                            ("exporter", "the exporter's record"),
                            ("larger", "the larger record"),
                            ("mean", "the mean of both records"),
                        ],
                        help_text="Which of two records of one flow is the value of the case.",
                        max_length=10,
                        verbose_name="rule for mirror records",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
            ],
            options={
                "verbose_name": "case",
                "verbose_name_plural": "cases",
                "ordering": ("name",),
                "permissions": (
                    ("plan_case", "Can plan in the case"),
                    ("approve_case", "Can approve runs of the case"),
                ),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("price_year__gte", 1900),
                            ("price_year__lte", 2200),
                            ("year__gte", 1900),
                            ("year__lte", 2200),
                        ),
                        name="regions_case_years_plausible",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="regions_case_has_name"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("mirror_rule__in", ("", "importer", "exporter", "larger", "mean"))),
                        name="regions_case_mirror_rule_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalCase",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("updated_at", models.DateTimeField(blank=True, editable=False, verbose_name="updated at")),
                ("name", models.SlugField(max_length=80, verbose_name="name")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                (
                    "year",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1900),
                            django.core.validators.MaxValueValidator(2200),
                        ],
                        verbose_name="year of the flows",
                    ),
                ),
                ("currency", models.CharField(default="USD", max_length=3, verbose_name="currency")),
                ("price_year", models.PositiveSmallIntegerField(verbose_name="price year of costs")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                (
                    "sources",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="A list of objects with what, who, title, url, note.",
                        verbose_name="sources",
                    ),
                ),
                (
                    "making",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="The record of make_case: files, checks, left out.",
                        verbose_name="how it was made",
                    ),
                ),
                (
                    "mirror_rule",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("importer", "the importer's record"),
                            ("exporter", "the exporter's record"),
                            ("larger", "the larger record"),
                            ("mean", "the mean of both records"),
                        ],
                        help_text="Which of two records of one flow is the value of the case.",
                        max_length=10,
                        verbose_name="rule for mirror records",
                    ),
                ),
                ("created_at", models.DateTimeField(blank=True, editable=False, verbose_name="created at")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical case",
                "verbose_name_plural": "historical cases",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="ImportBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("case_folder", "case folder"),
                            ("transborder", "BTS TransBorder freight"),
                            ("border_entry", "BTS Border Crossing/Entry"),
                            ("wait_records", "records of waits"),
                            ("wait_measurements", "measurements of waits"),
                            ("regions", "regions"),
                            ("crossings", "crossings"),
                            ("flows", "flows"),
                            ("input_output", "input-output table"),
                            ("tariffs", "tariffs"),
                            ("accounts", "regional accounts"),
                        ],
                        default="case_folder",
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("loading", "loading"),
                            ("loaded", "loaded"),
                            ("superseded", "superseded by a later import"),
                            ("undone", "undone"),
                        ],
                        default="loading",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                (
                    "label",
                    models.CharField(help_text="Name of the folder or file.", max_length=200, verbose_name="source"),
                ),
                (
                    "files",
                    models.JSONField(default=dict, help_text="SHA-256 of each file, by name.", verbose_name="files"),
                ),
                (
                    "digest",
                    models.CharField(
                        help_text="SHA-256 over names and digests of files.", max_length=64, verbose_name="digest"
                    ),
                ),
                ("rows", models.JSONField(default=dict, help_text="Number of rows by file.", verbose_name="rows")),
                (
                    "changes",
                    models.JSONField(
                        default=dict,
                        help_text="Rows created, updated, unchanged and deleted, by table.",
                        verbose_name="changes",
                    ),
                ),
                (
                    "problems",
                    models.JSONField(
                        default=dict,
                        help_text="Errors and warnings: counts by kind and the first 50.",
                        verbose_name="problems",
                    ),
                ),
                (
                    "quality",
                    models.JSONField(default=dict, help_text="What was found about the data.", verbose_name="quality"),
                ),
                (
                    "coverage",
                    models.JSONField(
                        default=list,
                        help_text="What the rows cover, such as dot1 2021-01; covered once only.",
                        verbose_name="coverage",
                    ),
                ),
                ("user_name", models.CharField(blank=True, max_length=150, verbose_name="who")),
                ("started_at", models.DateTimeField(auto_now_add=True, verbose_name="started at")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished at")),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty for official files that belong to no case.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batches",
                        to="regions.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "superseded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="supersedes",
                        to="regions.importbatch",
                        verbose_name="superseded by",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "import batch",
                "verbose_name_plural": "import batches",
                "ordering": ("-started_at", "-pk"),
                "permissions": (("edit_imported_rows", "Can edit rows that were imported in bulk"),),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ("loading", "loaded", "superseded", "undone"))),
                        name="regions_importbatch_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                (
                                    "case_folder",
                                    "transborder",
                                    "border_entry",
                                    "wait_records",
                                    "wait_measurements",
                                    "regions",
                                    "crossings",
                                    "flows",
                                    "input_output",
                                    "tariffs",
                                    "accounts",
                                ),
                            )
                        ),
                        name="regions_importbatch_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ("transborder", "border_entry")),
                            ("case__isnull", False),
                            ("status", "undone"),
                            _connector="OR",
                        ),
                        name="regions_importbatch_case_where_needed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Economy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("code", models.CharField(max_length=40, verbose_name="code")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("currency", models.CharField(blank=True, max_length=3, verbose_name="currency")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="economies",
                        to="regions.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.importbatch",
                        verbose_name="import batch",
                    ),
                ),
            ],
            options={
                "verbose_name": "economy",
                "verbose_name_plural": "economies",
                "ordering": ("case", "code"),
                "constraints": [
                    models.UniqueConstraint(fields=("case", "code"), name="regions_economy_code_once_per_case"),
                    models.CheckConstraint(
                        condition=models.Q(("code", ""), _negated=True), name="regions_economy_has_code"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalSector",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("updated_at", models.DateTimeField(blank=True, editable=False, verbose_name="updated at")),
                ("code", models.CharField(max_length=60, verbose_name="code")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[("goods", "goods"), ("services", "services"), ("travel", "travel")],
                        default="goods",
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("description", models.TextField(blank=True, verbose_name="description")),
                ("theta", models.FloatField(blank=True, null=True, verbose_name="trade elasticity")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="regions.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="regions.importbatch",
                        verbose_name="import batch",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical sector",
                "verbose_name_plural": "historical sectors",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalEconomy",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("updated_at", models.DateTimeField(blank=True, editable=False, verbose_name="updated at")),
                ("code", models.CharField(max_length=40, verbose_name="code")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("currency", models.CharField(blank=True, max_length=3, verbose_name="currency")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="regions.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="regions.importbatch",
                        verbose_name="import batch",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical economy",
                "verbose_name_plural": "historical economies",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="BorderEntryCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("port", models.CharField(max_length=4, verbose_name="port")),
                ("port_name", models.CharField(max_length=200, verbose_name="name of the port")),
                ("state", models.CharField(max_length=60, verbose_name="state")),
                ("border", models.CharField(max_length=60, verbose_name="border")),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("month", models.PositiveSmallIntegerField(verbose_name="month")),
                ("measure", models.CharField(max_length=60, verbose_name="measure")),
                ("value", models.BigIntegerField(verbose_name="count")),
                ("latitude", models.FloatField(null=True, verbose_name="latitude")),
                ("longitude", models.FloatField(null=True, verbose_name="longitude")),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.importbatch",
                        verbose_name="import batch",
                    ),
                ),
            ],
            options={
                "verbose_name": "border entry count",
                "verbose_name_plural": "border entry counts",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("month__gte", 1), ("month__lte", 12)),
                        name="regions_borderentrycount_month_in_year",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("value__gte", 0)), name="regions_borderentrycount_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("table", models.CharField(help_text="Label of the model.", max_length=60, verbose_name="table")),
                (
                    "action",
                    models.CharField(
                        choices=[("created", "created"), ("updated", "updated"), ("deleted", "deleted")],
                        max_length=8,
                        verbose_name="action",
                    ),
                ),
                ("count", models.PositiveIntegerField(verbose_name="rows")),
                (
                    "rows",
                    models.JSONField(
                        help_text="Primary key and digest (created), before and after (updated), before (deleted).",
                        verbose_name="content",
                    ),
                ),
                (
                    "import_batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recorded",
                        to="regions.importbatch",
                        verbose_name="import batch",
                    ),
                ),
            ],
            options={
                "verbose_name": "change of an import",
                "verbose_name_plural": "changes of imports",
                "ordering": ("import_batch", "pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("action__in", ("created", "updated", "deleted"))),
                        name="regions_importchange_action_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Sector",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("code", models.CharField(max_length=60, verbose_name="code")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[("goods", "goods"), ("services", "services"), ("travel", "travel")],
                        default="goods",
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("description", models.TextField(blank=True, verbose_name="description")),
                ("theta", models.FloatField(blank=True, null=True, verbose_name="trade elasticity")),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.importbatch",
                        verbose_name="import batch",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sectors",
                        to="regions.case",
                        verbose_name="case",
                    ),
                ),
            ],
            options={
                "verbose_name": "sector",
                "verbose_name_plural": "sectors",
                "ordering": ("case", "code"),
                "constraints": [
                    models.UniqueConstraint(fields=("case", "code"), name="regions_sector_code_once_per_case"),
                    models.CheckConstraint(
                        condition=models.Q(("code", ""), _negated=True), name="regions_sector_has_code"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ("goods", "services", "travel"))),
                        name="regions_sector_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("theta__isnull", True), models.Q(("theta__gt", 0), ("theta__lte", 1000)), _connector="OR"
                        ),
                        name="regions_sector_theta_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TransBorderFlow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("dataset", models.CharField(max_length=4, verbose_name="table")),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                (
                    "month",
                    models.PositiveSmallIntegerField(
                        help_text="0 = the whole year, in annual files.", verbose_name="month"
                    ),
                ),
                (
                    "trade_type",
                    models.PositiveSmallIntegerField(
                        help_text="1 = US export, 2 = US import.", verbose_name="direction"
                    ),
                ),
                ("us_state", models.CharField(blank=True, max_length=2, verbose_name="US state")),
                ("port", models.CharField(blank=True, max_length=4, verbose_name="port")),
                ("commodity", models.CharField(blank=True, max_length=2, verbose_name="HS chapter")),
                ("mode", models.PositiveSmallIntegerField(verbose_name="mode")),
                ("mexican_state", models.CharField(blank=True, max_length=2, verbose_name="Mexican state")),
                ("canadian_province", models.CharField(blank=True, max_length=2, verbose_name="Canadian province")),
                ("country", models.CharField(max_length=4, verbose_name="country")),
                ("goods_origin", models.CharField(blank=True, max_length=1, verbose_name="domestic or foreign goods")),
                ("container", models.CharField(blank=True, max_length=1, verbose_name="container")),
                ("value_usd", models.BigIntegerField(verbose_name="value, USD")),
                (
                    "weight_kg",
                    models.BigIntegerField(help_text="Empty = not recorded.", null=True, verbose_name="weight, kg"),
                ),
                ("freight_charges_usd", models.BigIntegerField(null=True, verbose_name="freight charges, USD")),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.importbatch",
                        verbose_name="import batch",
                    ),
                ),
            ],
            options={
                "verbose_name": "TransBorder row",
                "verbose_name_plural": "TransBorder rows",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("dataset__in", ("dot1", "dot2", "dot3"))),
                        name="regions_transborderflow_dataset_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__lte", 12)), name="regions_transborderflow_month_in_year"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("value_usd__gte", 0)), name="regions_transborderflow_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalRegion",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("updated_at", models.DateTimeField(blank=True, editable=False, verbose_name="updated at")),
                (
                    "code",
                    models.CharField(help_text="ISO 3166-2 where one exists.", max_length=40, verbose_name="code"),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("border", "border region"),
                            ("hinterland", "hinterland"),
                            ("partner", "partner economy"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("gdp_musd", models.FloatField(verbose_name="GDP, million USD")),
                ("population", models.PositiveBigIntegerField(verbose_name="population")),
                (
                    "jobs",
                    models.PositiveBigIntegerField(
                        blank=True, help_text="Empty = not known.", null=True, verbose_name="jobs"
                    ),
                ),
                ("point", django.contrib.gis.db.models.fields.PointField(srid=4326, verbose_name="point inside")),
                (
                    "outline",
                    django.contrib.gis.db.models.fields.MultiPolygonField(
                        blank=True, null=True, srid=4326, verbose_name="outline"
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="regions.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "economy",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="regions.economy",
                        verbose_name="economy",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="regions.importbatch",
                        verbose_name="import batch",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical region",
                "verbose_name_plural": "historical regions",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Region",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                (
                    "code",
                    models.CharField(help_text="ISO 3166-2 where one exists.", max_length=40, verbose_name="code"),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("border", "border region"),
                            ("hinterland", "hinterland"),
                            ("partner", "partner economy"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("gdp_musd", models.FloatField(verbose_name="GDP, million USD")),
                ("population", models.PositiveBigIntegerField(verbose_name="population")),
                (
                    "jobs",
                    models.PositiveBigIntegerField(
                        blank=True, help_text="Empty = not known.", null=True, verbose_name="jobs"
                    ),
                ),
                ("point", django.contrib.gis.db.models.fields.PointField(srid=4326, verbose_name="point inside")),
                (
                    "outline",
                    django.contrib.gis.db.models.fields.MultiPolygonField(
                        blank=True, null=True, srid=4326, verbose_name="outline"
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.importbatch",
                        verbose_name="import batch",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="regions",
                        to="regions.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "economy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="regions",
                        to="regions.economy",
                        verbose_name="economy",
                    ),
                ),
            ],
            options={
                "verbose_name": "region",
                "verbose_name_plural": "regions",
                "ordering": ("case", "code"),
                "indexes": [models.Index(fields=["case", "kind"], name="regions_region_case_kind")],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "code"), name="regions_region_code_once_per_case"),
                    models.CheckConstraint(
                        condition=models.Q(("code", ""), _negated=True), name="regions_region_has_code"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ("border", "hinterland", "partner"))),
                        name="regions_region_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("gdp_musd__gt", 0), ("gdp_musd__lte", 1000000000000000.0)),
                        name="regions_region_gdp_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("population__gte", 1)), name="regions_region_has_people"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Crossing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("code", models.CharField(help_text="Keep leading zeros.", max_length=40, verbose_name="code")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("point", django.contrib.gis.db.models.fields.PointField(srid=4326, verbose_name="position")),
                (
                    "opens_hour",
                    models.FloatField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(24),
                        ],
                        verbose_name="opens, hour of the day",
                    ),
                ),
                (
                    "closes_hour",
                    models.FloatField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(24),
                        ],
                        verbose_name="closes, hour of the day",
                    ),
                ),
                ("truck_booths", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="truck booths")),
                (
                    "trucks_inbound",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="trucks inbound"),
                ),
                (
                    "truck_containers_loaded_inbound",
                    models.PositiveBigIntegerField(
                        blank=True, null=True, verbose_name="loaded truck containers inbound"
                    ),
                ),
                (
                    "truck_containers_empty_inbound",
                    models.PositiveBigIntegerField(
                        blank=True, null=True, verbose_name="empty truck containers inbound"
                    ),
                ),
                (
                    "trains_inbound",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="trains inbound"),
                ),
                (
                    "rail_containers_loaded_inbound",
                    models.PositiveBigIntegerField(
                        blank=True, null=True, verbose_name="loaded rail containers inbound"
                    ),
                ),
                (
                    "personal_vehicles_inbound",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="personal vehicles inbound"),
                ),
                (
                    "personal_vehicle_passengers_inbound",
                    models.PositiveBigIntegerField(
                        blank=True, null=True, verbose_name="people in personal vehicles inbound"
                    ),
                ),
                (
                    "pedestrians_inbound",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="pedestrians inbound"),
                ),
                (
                    "bus_passengers_inbound",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="bus passengers inbound"),
                ),
                (
                    "months_reported",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(12)],
                        verbose_name="months reported",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="crossings",
                        to="regions.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.importbatch",
                        verbose_name="import batch",
                    ),
                ),
                (
                    "region_a",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="crossings_as_a",
                        to="regions.region",
                        verbose_name="region on the side that counts",
                    ),
                ),
                (
                    "region_b",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="crossings_as_b",
                        to="regions.region",
                        verbose_name="region it faces",
                    ),
                ),
            ],
            options={
                "verbose_name": "crossing",
                "verbose_name_plural": "crossings",
                "ordering": ("case", "code"),
                "constraints": [
                    models.UniqueConstraint(fields=("case", "code"), name="regions_crossing_code_once_per_case"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("code", ""), _negated=True), models.Q(("code", "OTHER"), _negated=True)
                        ),
                        name="regions_crossing_code_not_reserved",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("region_a", models.F("region_b")), _negated=True),
                        name="regions_crossing_joins_two_regions",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("months_reported__isnull", True), ("months_reported__lte", 12), _connector="OR"
                        ),
                        name="regions_crossing_months_in_year",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("opens_hour__isnull", True),
                            models.Q(("opens_hour__gte", 0), ("opens_hour__lte", 24)),
                            _connector="OR",
                        ),
                        name="regions_crossing_opens_in_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closes_hour__isnull", True),
                            models.Q(("closes_hour__gte", 0), ("closes_hour__lte", 24)),
                            _connector="OR",
                        ),
                        name="regions_crossing_closes_in_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalCrossing",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("updated_at", models.DateTimeField(blank=True, editable=False, verbose_name="updated at")),
                ("code", models.CharField(help_text="Keep leading zeros.", max_length=40, verbose_name="code")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("point", django.contrib.gis.db.models.fields.PointField(srid=4326, verbose_name="position")),
                (
                    "opens_hour",
                    models.FloatField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(24),
                        ],
                        verbose_name="opens, hour of the day",
                    ),
                ),
                (
                    "closes_hour",
                    models.FloatField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(24),
                        ],
                        verbose_name="closes, hour of the day",
                    ),
                ),
                ("truck_booths", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="truck booths")),
                (
                    "trucks_inbound",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="trucks inbound"),
                ),
                (
                    "truck_containers_loaded_inbound",
                    models.PositiveBigIntegerField(
                        blank=True, null=True, verbose_name="loaded truck containers inbound"
                    ),
                ),
                (
                    "truck_containers_empty_inbound",
                    models.PositiveBigIntegerField(
                        blank=True, null=True, verbose_name="empty truck containers inbound"
                    ),
                ),
                (
                    "trains_inbound",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="trains inbound"),
                ),
                (
                    "rail_containers_loaded_inbound",
                    models.PositiveBigIntegerField(
                        blank=True, null=True, verbose_name="loaded rail containers inbound"
                    ),
                ),
                (
                    "personal_vehicles_inbound",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="personal vehicles inbound"),
                ),
                (
                    "personal_vehicle_passengers_inbound",
                    models.PositiveBigIntegerField(
                        blank=True, null=True, verbose_name="people in personal vehicles inbound"
                    ),
                ),
                (
                    "pedestrians_inbound",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="pedestrians inbound"),
                ),
                (
                    "bus_passengers_inbound",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="bus passengers inbound"),
                ),
                (
                    "months_reported",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(12)],
                        verbose_name="months reported",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="regions.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="regions.importbatch",
                        verbose_name="import batch",
                    ),
                ),
                (
                    "region_a",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="regions.region",
                        verbose_name="region on the side that counts",
                    ),
                ),
                (
                    "region_b",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="regions.region",
                        verbose_name="region it faces",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical crossing",
                "verbose_name_plural": "historical crossings",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="MirrorFlow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value_usd", models.FloatField(verbose_name="value, USD")),
                (
                    "valuation",
                    models.CharField(
                        choices=[
                            ("fob", "FOB: at the border of the exporter"),
                            ("cif", "CIF: with freight and insurance"),
                        ],
                        max_length=3,
                        verbose_name="valuation",
                    ),
                ),
                (
                    "cif_factor",
                    models.FloatField(
                        blank=True,
                        help_text="What a CIF record is divided by to compare it.",
                        null=True,
                        verbose_name="CIF over FOB",
                    ),
                ),
                ("source", models.TextField(verbose_name="source")),
                (
                    "grade",
                    models.CharField(
                        choices=[
                            ("A", "A: measured here, official or published with method"),
                            ("B", "B: measured elsewhere or modelled from measurements"),
                            ("C", "C: expert or secondary source"),
                            ("D", "D: assumed"),
                        ],
                        max_length=1,
                        verbose_name="grade",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.importbatch",
                        verbose_name="import batch",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "reporter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.economy",
                        verbose_name="reporter",
                    ),
                ),
                (
                    "destination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="destination",
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="origin",
                    ),
                ),
                (
                    "sector",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.sector",
                        verbose_name="sector",
                    ),
                ),
            ],
            options={
                "verbose_name": "mirror record",
                "verbose_name_plural": "mirror records",
                "ordering": ("case", "origin", "destination", "sector", "reporter"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("case", "origin", "destination", "sector", "reporter"), name="regions_mirrorflow_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("value_usd__gte", 0), ("value_usd__lte", 1000000000000000.0)),
                        name="regions_mirrorflow_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valuation__in", ["fob", "cif"])), name="regions_mirrorflow_valuation_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("grade__in", ["A", "B", "C", "D"])), name="regions_mirrorflow_grade_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cif_factor__isnull", True),
                            models.Q(("cif_factor__gte", 1), ("cif_factor__lte", 3)),
                            _connector="OR",
                        ),
                        name="regions_mirrorflow_cif_factor_plausible",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InputOutputShare",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("share", models.FloatField(verbose_name="share of cost")),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.importbatch",
                        verbose_name="import batch",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="input_shares",
                        to="regions.region",
                        verbose_name="place",
                    ),
                ),
                (
                    "input",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.sector",
                        verbose_name="input",
                    ),
                ),
                (
                    "sector",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.sector",
                        verbose_name="sector",
                    ),
                ),
            ],
            options={
                "verbose_name": "input share",
                "verbose_name_plural": "input shares",
                "ordering": ("place", "sector", "input"),
                "constraints": [
                    models.UniqueConstraint(fields=("place", "input", "sector"), name="regions_inputoutputshare_once"),
                    models.CheckConstraint(
                        condition=models.Q(("share__gte", 0), ("share__lte", 1)),
                        name="regions_inputoutputshare_in_unit",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SectorFlow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value_usd", models.FloatField(verbose_name="value, USD")),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("observed", "observed"),
                            ("mirrored", "taken from the other side's record"),
                            ("scaled", "scaled from a part"),
                            ("imputed", "imputed"),
                        ],
                        default="observed",
                        max_length=10,
                        verbose_name="how it was got",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.importbatch",
                        verbose_name="import batch",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "destination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="destination",
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="origin",
                    ),
                ),
                (
                    "sector",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.sector",
                        verbose_name="sector",
                    ),
                ),
            ],
            options={
                "verbose_name": "flow by sector",
                "verbose_name_plural": "flows by sector",
                "ordering": ("case", "origin", "destination", "sector"),
                "indexes": [models.Index(fields=["value_usd"], name="regions_sectorflow_value")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("case", "origin", "destination", "sector"), name="regions_sectorflow_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("value_usd__gte", 0), ("value_usd__lte", 1000000000000000.0)),
                        name="regions_sectorflow_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("how__in", ["observed", "mirrored", "scaled", "imputed"])),
                        name="regions_sectorflow_how_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tariff",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rate", models.FloatField(verbose_name="rate, share of value")),
                ("source", models.TextField(blank=True, verbose_name="source")),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.importbatch",
                        verbose_name="import batch",
                    ),
                ),
                (
                    "destination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="destination",
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="origin",
                    ),
                ),
                (
                    "sector",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.sector",
                        verbose_name="sector",
                    ),
                ),
            ],
            options={
                "verbose_name": "tariff",
                "verbose_name_plural": "tariffs",
                "ordering": ("origin", "destination", "sector"),
                "constraints": [
                    models.UniqueConstraint(fields=("origin", "destination", "sector"), name="regions_tariff_once"),
                    models.CheckConstraint(
                        condition=models.Q(("rate__gte", 0), ("rate__lte", 100)), name="regions_tariff_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ValueAddedShare",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("share", models.FloatField(verbose_name="share of output")),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.importbatch",
                        verbose_name="import batch",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="value_added_shares",
                        to="regions.region",
                        verbose_name="place",
                    ),
                ),
                (
                    "sector",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.sector",
                        verbose_name="sector",
                    ),
                ),
            ],
            options={
                "verbose_name": "value-added share",
                "verbose_name_plural": "value-added shares",
                "ordering": ("place", "sector"),
                "constraints": [
                    models.UniqueConstraint(fields=("place", "sector"), name="regions_valueaddedshare_once"),
                    models.CheckConstraint(
                        condition=models.Q(("share__gt", 0), ("share__lte", 1)), name="regions_valueaddedshare_in_unit"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalDelay",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("updated_at", models.DateTimeField(blank=True, editable=False, verbose_name="updated at")),
                (
                    "vehicle_class",
                    models.CharField(
                        choices=[
                            ("truck", "truck"),
                            ("car", "car"),
                            ("bus", "bus"),
                            ("pedestrian", "pedestrian"),
                            ("rail", "train"),
                        ],
                        max_length=10,
                        verbose_name="vehicle class",
                    ),
                ),
                ("period_start", models.DateField(verbose_name="period start")),
                ("period_end", models.DateField(verbose_name="period end, inclusive")),
                (
                    "statistic",
                    models.CharField(
                        choices=[
                            ("mean", "mean"),
                            ("median", "median"),
                            ("p95", "95th percentile"),
                            ("buffer", "buffer time (95th percentile less mean)"),
                        ],
                        max_length=8,
                        verbose_name="statistic",
                    ),
                ),
                (
                    "minutes",
                    models.FloatField(
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100000),
                        ],
                        verbose_name="minutes",
                    ),
                ),
                (
                    "minutes_low",
                    models.FloatField(
                        blank=True,
                        help_text="90 % interval of the statistic, where known.",
                        null=True,
                        verbose_name="minutes, lower end",
                    ),
                ),
                ("minutes_high", models.FloatField(blank=True, null=True, verbose_name="minutes, upper end")),
                ("method", models.CharField(max_length=300, verbose_name="method")),
                ("sample_size", models.PositiveIntegerField(blank=True, null=True, verbose_name="sample size")),
                (
                    "quality",
                    models.CharField(
                        choices=[
                            ("A", "A: measured here, official or published with method"),
                            ("B", "B: measured elsewhere or modelled from measurements"),
                            ("C", "C: expert or secondary source"),
                            ("D", "D: assumed"),
                        ],
                        max_length=1,
                        verbose_name="quality grade",
                    ),
                ),
                ("source", models.TextField(verbose_name="source")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "crossing",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="regions.crossing",
                        verbose_name="crossing",
                    ),
                ),
                (
                    "direction",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="regions.economy",
                        verbose_name="economy entered",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="regions.importbatch",
                        verbose_name="import batch",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical wait",
                "verbose_name_plural": "historical waits",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalCrossingAttribute",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("updated_at", models.DateTimeField(blank=True, editable=False, verbose_name="updated at")),
                (
                    "attribute",
                    models.CharField(
                        help_text="truck_booths, opens, closes, truck_fee_usd, structure ...",
                        max_length=60,
                        verbose_name="attribute",
                    ),
                ),
                ("value", models.CharField(max_length=500, verbose_name="value")),
                ("number", models.FloatField(blank=True, null=True, verbose_name="value as a number")),
                ("unit", models.CharField(blank=True, max_length=60, verbose_name="unit")),
                ("source", models.TextField(blank=True, verbose_name="source")),
                (
                    "grade",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("A", "A: measured here, official or published with method"),
                            ("B", "B: measured elsewhere or modelled from measurements"),
                            ("C", "C: expert or secondary source"),
                            ("D", "D: assumed"),
                        ],
                        max_length=1,
                        verbose_name="evidence grade",
                    ),
                ),
                ("as_of", models.CharField(blank=True, max_length=40, verbose_name="as of")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "crossing",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="regions.crossing",
                        verbose_name="crossing",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="regions.importbatch",
                        verbose_name="import batch",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical crossing attribute",
                "verbose_name_plural": "historical crossing attributes",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Delay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                (
                    "vehicle_class",
                    models.CharField(
                        choices=[
                            ("truck", "truck"),
                            ("car", "car"),
                            ("bus", "bus"),
                            ("pedestrian", "pedestrian"),
                            ("rail", "train"),
                        ],
                        max_length=10,
                        verbose_name="vehicle class",
                    ),
                ),
                ("period_start", models.DateField(verbose_name="period start")),
                ("period_end", models.DateField(verbose_name="period end, inclusive")),
                (
                    "statistic",
                    models.CharField(
                        choices=[
                            ("mean", "mean"),
                            ("median", "median"),
                            ("p95", "95th percentile"),
                            ("buffer", "buffer time (95th percentile less mean)"),
                        ],
                        max_length=8,
                        verbose_name="statistic",
                    ),
                ),
                (
                    "minutes",
                    models.FloatField(
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100000),
                        ],
                        verbose_name="minutes",
                    ),
                ),
                (
                    "minutes_low",
                    models.FloatField(
                        blank=True,
                        help_text="90 % interval of the statistic, where known.",
                        null=True,
                        verbose_name="minutes, lower end",
                    ),
                ),
                ("minutes_high", models.FloatField(blank=True, null=True, verbose_name="minutes, upper end")),
                ("method", models.CharField(max_length=300, verbose_name="method")),
                ("sample_size", models.PositiveIntegerField(blank=True, null=True, verbose_name="sample size")),
                (
                    "quality",
                    models.CharField(
                        choices=[
                            ("A", "A: measured here, official or published with method"),
                            ("B", "B: measured elsewhere or modelled from measurements"),
                            ("C", "C: expert or secondary source"),
                            ("D", "D: assumed"),
                        ],
                        max_length=1,
                        verbose_name="quality grade",
                    ),
                ),
                ("source", models.TextField(verbose_name="source")),
                (
                    "crossing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="delays",
                        to="regions.crossing",
                        verbose_name="crossing",
                    ),
                ),
                (
                    "direction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="delays",
                        to="regions.economy",
                        verbose_name="economy entered",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.importbatch",
                        verbose_name="import batch",
                    ),
                ),
            ],
            options={
                "verbose_name": "wait",
                "verbose_name_plural": "waits",
                "ordering": ("crossing", "direction", "vehicle_class", "-period_end"),
                "indexes": [
                    models.Index(fields=["vehicle_class", "statistic", "crossing"], name="regions_delay_class_stat")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "crossing",
                            "direction",
                            "vehicle_class",
                            "period_start",
                            "period_end",
                            "statistic",
                            "method",
                        ),
                        name="regions_delay_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("period_end__gte", models.F("period_start"))),
                        name="regions_delay_period_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gte", 0), ("minutes__lte", 100000)),
                        name="regions_delay_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("minutes_high__isnull", True), ("minutes_low__isnull", True)),
                            models.Q(
                                ("minutes_high__gte", models.F("minutes")),
                                ("minutes_high__lte", 100000),
                                ("minutes_low__gte", 0),
                                ("minutes_low__lte", models.F("minutes")),
                            ),
                            _connector="OR",
                        ),
                        name="regions_delay_interval_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quality__in", ["A", "B", "C", "D"])), name="regions_delay_quality_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("statistic__in", ("mean", "median", "p95", "buffer"))),
                        name="regions_delay_statistic_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("vehicle_class__in", ["truck", "car", "bus", "pedestrian", "rail"])),
                        name="regions_delay_vehicle_class_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CrossingMode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("truck", "truck"),
                            ("rail", "rail"),
                            ("pipeline", "pipeline"),
                            ("vessel", "vessel"),
                            ("air", "air"),
                            ("mail", "mail"),
                            ("other", "other"),
                        ],
                        max_length=10,
                        verbose_name="mode",
                    ),
                ),
                (
                    "crossing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="modes",
                        to="regions.crossing",
                        verbose_name="crossing",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.importbatch",
                        verbose_name="import batch",
                    ),
                ),
            ],
            options={
                "verbose_name": "mode of a crossing",
                "verbose_name_plural": "modes of crossings",
                "ordering": ("crossing", "mode"),
                "constraints": [
                    models.UniqueConstraint(fields=("crossing", "mode"), name="regions_crossingmode_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("mode__in", ["truck", "rail", "pipeline", "vessel", "air", "mail", "other"])
                        ),
                        name="regions_crossingmode_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CrossingAttribute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                (
                    "attribute",
                    models.CharField(
                        help_text="truck_booths, opens, closes, truck_fee_usd, structure ...",
                        max_length=60,
                        verbose_name="attribute",
                    ),
                ),
                ("value", models.CharField(max_length=500, verbose_name="value")),
                ("number", models.FloatField(blank=True, null=True, verbose_name="value as a number")),
                ("unit", models.CharField(blank=True, max_length=60, verbose_name="unit")),
                ("source", models.TextField(blank=True, verbose_name="source")),
                (
                    "grade",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("A", "A: measured here, official or published with method"),
                            ("B", "B: measured elsewhere or modelled from measurements"),
                            ("C", "C: expert or secondary source"),
                            ("D", "D: assumed"),
                        ],
                        max_length=1,
                        verbose_name="evidence grade",
                    ),
                ),
                ("as_of", models.CharField(blank=True, max_length=40, verbose_name="as of")),
                (
                    "crossing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attributes",
                        to="regions.crossing",
                        verbose_name="crossing",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.importbatch",
                        verbose_name="import batch",
                    ),
                ),
            ],
            options={
                "verbose_name": "crossing attribute",
                "verbose_name_plural": "crossing attributes",
                "ordering": ("crossing", "attribute"),
                "constraints": [
                    models.UniqueConstraint(fields=("crossing", "attribute"), name="regions_crossingattribute_once"),
                    models.CheckConstraint(
                        condition=models.Q(("grade", ""), ("grade__in", ["A", "B", "C", "D"]), _connector="OR"),
                        name="regions_crossingattribute_grade_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CrossingFlow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value_usd", models.FloatField(verbose_name="value, USD")),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("truck", "truck"),
                            ("rail", "rail"),
                            ("pipeline", "pipeline"),
                            ("vessel", "vessel"),
                            ("air", "air"),
                            ("mail", "mail"),
                            ("other", "other"),
                        ],
                        max_length=10,
                        verbose_name="mode",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "crossing",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty = OTHER: a port without entry data.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="flows",
                        to="regions.crossing",
                        verbose_name="crossing",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.importbatch",
                        verbose_name="import batch",
                    ),
                ),
                (
                    "destination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="destination",
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="origin",
                    ),
                ),
            ],
            options={
                "verbose_name": "flow by crossing",
                "verbose_name_plural": "flows by crossing",
                "ordering": ("case", "origin", "destination", "crossing", "mode"),
                "indexes": [models.Index(fields=["value_usd"], name="regions_crossingflow_value")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("case", "origin", "destination", "crossing", "mode"), name="regions_crossingflow_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("crossing__isnull", True)),
                        fields=("case", "origin", "destination", "mode"),
                        name="regions_crossingflow_other_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("value_usd__gte", 0), ("value_usd__lte", 1000000000000000.0)),
                        name="regions_crossingflow_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("mode__in", ["truck", "rail", "pipeline", "vessel", "air", "mail", "other"])
                        ),
                        name="regions_crossingflow_mode_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WaitCell",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "vehicle_class",
                    models.CharField(
                        choices=[
                            ("truck", "truck"),
                            ("car", "car"),
                            ("bus", "bus"),
                            ("pedestrian", "pedestrian"),
                            ("rail", "train"),
                        ],
                        max_length=10,
                        verbose_name="vehicle class",
                    ),
                ),
                ("method", models.CharField(max_length=300, verbose_name="method")),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        help_text="0 = Monday",
                        validators=[django.core.validators.MaxValueValidator(6)],
                        verbose_name="weekday",
                    ),
                ),
                (
                    "hour",
                    models.PositiveSmallIntegerField(
                        help_text="Local time",
                        validators=[django.core.validators.MaxValueValidator(23)],
                        verbose_name="hour",
                    ),
                ),
                ("sample_size", models.PositiveIntegerField(verbose_name="sample size")),
                ("mean_minutes", models.FloatField(verbose_name="mean, minutes")),
                ("median_minutes", models.FloatField(verbose_name="median, minutes")),
                ("p95_minutes", models.FloatField(verbose_name="95th percentile, minutes")),
                ("period_start", models.DateField(verbose_name="period start")),
                ("period_end", models.DateField(verbose_name="period end, inclusive")),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.importbatch",
                        verbose_name="import batch",
                    ),
                ),
                (
                    "crossing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="wait_cells",
                        to="regions.crossing",
                        verbose_name="crossing",
                    ),
                ),
                (
                    "direction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.economy",
                        verbose_name="economy entered",
                    ),
                ),
            ],
            options={
                "verbose_name": "wait by hour of the week",
                "verbose_name_plural": "waits by hour of the week",
                "ordering": ("crossing", "direction", "vehicle_class", "method", "weekday", "hour"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("crossing", "direction", "vehicle_class", "method", "weekday", "hour"),
                        name="regions_waitcell_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("hour__gte", 0), ("hour__lte", 23), ("weekday__gte", 0), ("weekday__lte", 6)
                        ),
                        name="regions_waitcell_hour_of_week",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("mean_minutes__gte", 0),
                            ("median_minutes__gte", 0),
                            ("p95_minutes__gte", 0),
                            ("mean_minutes__lte", 100000),
                            ("median_minutes__lte", 100000),
                            ("p95_minutes__lte", 100000),
                        ),
                        name="regions_waitcell_minutes_in_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("vehicle_class__in", ["truck", "car", "bus", "pedestrian", "rail"])),
                        name="regions_waitcell_vehicle_class_known",
                    ),
                ],
            },
        ),
    ]
