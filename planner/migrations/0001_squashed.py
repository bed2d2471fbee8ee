"""All tables as they stand; takes the place of the steps of development, whose names an older database has recorded."""

import uuid

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import planner.models.api_token
import planner.models.intervention
import planner.models.schedule
import planner.models.timing


class Migration(migrations.Migration):
    replaces = [
        ("planner", "0001_initial"),
        ("planner", "0002_service"),
        ("planner", "0003_analyses"),
        ("planner", "0004_schedules"),
        ("planner", "0005_channels_at_the_booth"),
        ("planner", "0006_import_jobs"),
        ("planner", "0007_waits_analysis"),
        ("planner", "0008_run_documents"),
        ("planner", "0009_traveller_share"),
    ]

    initial = True

    dependencies = [
        ("regions", "0001_squashed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False, verbose_name="digest")),
                ("payload", models.BinaryField(verbose_name="payload")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
            ],
            options={
                "verbose_name": "snapshot",
                "verbose_name_plural": "snapshots",
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalIntervention",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("updated_at", models.DateTimeField(blank=True, editable=False, verbose_name="updated at")),
                (
                    "slug",
                    models.SlugField(
                        help_text="Short id, unique in the case; used in files, commands and the API.",
                        max_length=80,
                        verbose_name="id",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("facilitation", "Trade facilitation and infrastructure"),
                            ("diversification", "Diversification and competitiveness"),
                            ("cooperation", "Regional and bilateral cooperation"),
                            ("sustainability", "Sustainable development and innovation"),
                            ("capacity", "Knowledge exchange and capacity building"),
                            ("digital", "Digital and e-commerce"),
                            ("tourism", "Culture and tourism"),
                            ("restrictive", "Restrictive and macro measures, to compare with"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("description", models.TextField(blank=True, verbose_name="description")),
                (
                    "closures",
                    models.CharField(
                        blank=True,
                        help_text="Closures under which it has meaning, separated by ';'. Blank: all under which its channels have meaning.",
                        max_length=120,
                        validators=[planner.models.intervention.known_closures],
                        verbose_name="closures",
                    ),
                ),
                (
                    "maturity",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("idea", "Idea"),
                            ("study", "Under study"),
                            ("approved", "Approved"),
                            ("construction", "Under construction"),
                            ("operating", "Operating"),
                        ],
                        max_length=20,
                        verbose_name="maturity",
                    ),
                ),
                (
                    "competence",
                    models.CharField(
                        blank=True, help_text="Who may decide it.", max_length=300, verbose_name="competence"
                    ),
                ),
                (
                    "legal_test",
                    models.TextField(
                        blank=True, help_text="What the law asks before it may be done.", verbose_name="legal test"
                    ),
                ),
                ("start_year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="start year")),
                ("source", models.TextField(blank=True, verbose_name="source")),
                ("source_url", models.URLField(blank=True, max_length=500, verbose_name="source address")),
                ("notes", models.TextField(blank=True, verbose_name="notes")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
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
            ],
            options={
                "verbose_name": "historical intervention",
                "verbose_name_plural": "historical interventions",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalParameterSet",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("updated_at", models.DateTimeField(blank=True, editable=False, verbose_name="updated at")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "as_of",
                    models.DateField(help_text="The day for which the values were collected.", verbose_name="as of"),
                ),
                (
                    "source",
                    models.TextField(
                        help_text="Where the set comes from as a whole; each row names its own source.",
                        verbose_name="source",
                    ),
                ),
                (
                    "is_default",
                    models.BooleanField(
                        default=False,
                        help_text="Used when nothing else is chosen; one per case.",
                        verbose_name="default",
                    ),
                ),
                ("notes", models.TextField(blank=True, verbose_name="notes")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
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
            ],
            options={
                "verbose_name": "historical parameter set",
                "verbose_name_plural": "historical parameter sets",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Intervention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                (
                    "slug",
                    models.SlugField(
                        help_text="Short id, unique in the case; used in files, commands and the API.",
                        max_length=80,
                        verbose_name="id",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("facilitation", "Trade facilitation and infrastructure"),
                            ("diversification", "Diversification and competitiveness"),
                            ("cooperation", "Regional and bilateral cooperation"),
                            ("sustainability", "Sustainable development and innovation"),
                            ("capacity", "Knowledge exchange and capacity building"),
                            ("digital", "Digital and e-commerce"),
                            ("tourism", "Culture and tourism"),
                            ("restrictive", "Restrictive and macro measures, to compare with"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("description", models.TextField(blank=True, verbose_name="description")),
                (
                    "closures",
                    models.CharField(
                        blank=True,
                        help_text="Closures under which it has meaning, separated by ';'. Blank: all under which its channels have meaning.",
                        max_length=120,
                        validators=[planner.models.intervention.known_closures],
                        verbose_name="closures",
                    ),
                ),
                (
                    "maturity",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("idea", "Idea"),
                            ("study", "Under study"),
                            ("approved", "Approved"),
                            ("construction", "Under construction"),
                            ("operating", "Operating"),
                        ],
                        max_length=20,
                        verbose_name="maturity",
                    ),
                ),
                (
                    "competence",
                    models.CharField(
                        blank=True, help_text="Who may decide it.", max_length=300, verbose_name="competence"
                    ),
                ),
                (
                    "legal_test",
                    models.TextField(
                        blank=True, help_text="What the law asks before it may be done.", verbose_name="legal test"
                    ),
                ),
                ("start_year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="start year")),
                ("source", models.TextField(blank=True, verbose_name="source")),
                ("source_url", models.URLField(blank=True, max_length=500, verbose_name="source address")),
                ("notes", models.TextField(blank=True, verbose_name="notes")),
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
                        related_name="interventions",
                        to="regions.case",
                        verbose_name="case",
                    ),
                ),
            ],
            options={
                "verbose_name": "intervention",
                "verbose_name_plural": "interventions",
                "ordering": ["case", "kind", "slug"],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "slug"), name="planner_intervention_slug_once_per_case"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "facilitation",
                                    "diversification",
                                    "cooperation",
                                    "sustainability",
                                    "capacity",
                                    "digital",
                                    "tourism",
                                    "restrictive",
                                ],
                            )
                        ),
                        name="planner_intervention_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ParameterSet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "as_of",
                    models.DateField(help_text="The day for which the values were collected.", verbose_name="as of"),
                ),
                (
                    "source",
                    models.TextField(
                        help_text="Where the set comes from as a whole; each row names its own source.",
                        verbose_name="source",
                    ),
                ),
                (
                    "is_default",
                    models.BooleanField(
                        default=False,
                        help_text="Used when nothing else is chosen; one per case.",
                        verbose_name="default",
                    ),
                ),
                ("notes", models.TextField(blank=True, verbose_name="notes")),
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
                        related_name="parameter_sets",
                        to="regions.case",
                        verbose_name="case",
                    ),
                ),
            ],
            options={
                "verbose_name": "parameter set",
                "verbose_name_plural": "parameter sets",
                "ordering": ["case", "name"],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "name"), name="planner_parameter_set_name_once_per_case"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("case",),
                        name="planner_parameter_set_one_default_per_case",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="What the token is for.", max_length=80, verbose_name="name")),
                ("prefix", models.CharField(editable=False, max_length=20, unique=True, verbose_name="starts with")),
                ("digest", models.CharField(editable=False, max_length=64, unique=True, verbose_name="digest")),
                (
                    "scopes",
                    models.JSONField(
                        default=list, validators=[planner.models.api_token.known_scopes], verbose_name="scopes"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("expires_at", models.DateTimeField(verbose_name="expires")),
                ("last_used_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="last used")),
                ("revoked_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="revoked")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_tokens",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "API token",
                "verbose_name_plural": "API tokens",
                "ordering": ["-created_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("digest", ""), _negated=True), name="planner_api_token_has_digest"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=255, verbose_name="key")),
                ("request_digest", models.CharField(max_length=64, verbose_name="request digest")),
                ("status", models.PositiveSmallIntegerField(verbose_name="status")),
                ("location", models.CharField(blank=True, max_length=500, verbose_name="location")),
                ("body", models.JSONField(verbose_name="body")),
                ("created_at", models.DateTimeField(auto_now_add=True, db_index=True, verbose_name="created")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "idempotency key",
                "verbose_name_plural": "idempotency keys",
                "ordering": ["-created_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "key"), name="planner_idempotency_key_once_per_user")
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportJob",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("folder", models.CharField(editable=False, max_length=40, verbose_name="folder")),
                ("files", models.JSONField(default=list, help_text="Names and sizes.", verbose_name="files")),
                ("format", models.CharField(blank=True, max_length=40, verbose_name="format")),
                ("mapping", models.JSONField(blank=True, default=dict, verbose_name="columns")),
                ("options", models.JSONField(blank=True, default=dict, verbose_name="options")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("uploaded", "Uploaded"),
                            ("waiting", "Waiting for a worker"),
                            ("working", "Being read"),
                            ("checked", "Checked: nothing is stored yet"),
                            ("refused", "Refused: nothing was stored"),
                            ("loaded", "Imported"),
                            ("failed", "Failed: nothing was stored"),
                            ("discarded", "Given up; the files are removed"),
                        ],
                        default="uploaded",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                (
                    "phase",
                    models.CharField(
                        choices=[("check", "Dry run"), ("load", "Import")],
                        default="check",
                        max_length=8,
                        verbose_name="phase",
                    ),
                ),
                ("report", models.JSONField(blank=True, default=dict, verbose_name="report")),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("worker", models.CharField(blank=True, max_length=120, verbose_name="worker")),
                ("queued_at", models.DateTimeField(blank=True, null=True, verbose_name="queued")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="regions.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
                "ordering": ["-created_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "uploaded",
                                    "waiting",
                                    "working",
                                    "checked",
                                    "refused",
                                    "loaded",
                                    "failed",
                                    "discarded",
                                ],
                            )
                        ),
                        name="planner_import_job_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("phase__in", ["check", "load"])), name="planner_import_job_phase_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalCost",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                (
                    "category",
                    models.CharField(
                        choices=[("capital", "Capital"), ("operating", "Operating"), ("residual", "Residual value")],
                        max_length=20,
                        verbose_name="category",
                    ),
                ),
                (
                    "amount_musd",
                    models.FloatField(
                        help_text="Million, in the currency and price year of the case.", verbose_name="amount, million"
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
                        verbose_name="evidence grade",
                    ),
                ),
                (
                    "note",
                    models.TextField(
                        blank=True,
                        help_text="Original amount and currency, and how it was converted.",
                        verbose_name="note",
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
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "intervention",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="planner.intervention",
                        verbose_name="intervention",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical cost",
                "verbose_name_plural": "historical costs",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalChannel",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Order within the intervention.", verbose_name="position"
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("wait_minutes", "Truck wait, change in minutes"),
                            ("wait_share", "Truck wait, change as a share"),
                            ("booths", "Truck booths or lanes, change in number"),
                            ("booths_share", "Truck booths or lanes, change as a share"),
                            ("service_time", "Time of a truck at the booth, change as a share"),
                            ("service_spread", "Irregularity of the time at the booth, change as a share"),
                            ("trusted_share", "Share of trucks of trusted traders, points added"),
                            ("preclearance_share", "Share of trucks cleared before the border, points added"),
                            ("open_hours", "Opening hours per day, change in hours"),
                            ("booking", "Share of arrivals booked evenly over the day"),
                            ("traveller_share", "Time of travellers: their share of the minutes that trucks save"),
                            ("handling_hours", "Documents and handling, change in hours"),
                            ("handling_share", "Documents and handling, change as a share"),
                            ("fee_usd", "Fee or toll per truck, change in USD"),
                            ("road_hours", "Road time through a crossing, change in hours"),
                            ("rail_hours", "Rail time through a crossing, change in hours"),
                            ("closure", "Crossing closed"),
                            ("trade_cost", "Cost of cross-border trade, change as a share"),
                            ("log_trade", "Direct effect on log trade"),
                            ("productivity", "Productivity of a place, change as a share"),
                            ("tariff", "Tariff, points added"),
                            ("retaliation", "Answer of the other side to the tariff, as a share of it"),
                            ("export_tax", "Export tax (+) or subsidy (-)"),
                            ("visitors", "Visitors, change as a share"),
                            ("online_share", "Share sold online, points added"),
                            ("certificates", "Import certificates of an economy"),
                            ("flow_cap", "Limit on financial flows: share of the deficit kept"),
                            ("revaluation", "Value of the currency, change as a share"),
                            ("spending", "Public spending, change as a share of absorption"),
                        ],
                        max_length=20,
                        verbose_name="type",
                    ),
                ),
                (
                    "crossing",
                    models.TextField(
                        blank=True, help_text="Crossing codes separated by ';', * for all.", verbose_name="crossings"
                    ),
                ),
                (
                    "direction",
                    models.CharField(
                        blank=True, help_text="Economy entered, * for both.", max_length=20, verbose_name="direction"
                    ),
                ),
                (
                    "origin",
                    models.TextField(
                        blank=True, help_text="Places or economies separated by ';', * for all.", verbose_name="origins"
                    ),
                ),
                (
                    "destination",
                    models.TextField(
                        blank=True,
                        help_text="Places or economies separated by ';', * for all.",
                        verbose_name="destinations",
                    ),
                ),
                (
                    "sector",
                    models.TextField(
                        blank=True, help_text="Sectors separated by ';', * for all.", verbose_name="sectors"
                    ),
                ),
                (
                    "place",
                    models.TextField(
                        blank=True, help_text="Places or economies separated by ';'.", verbose_name="places"
                    ),
                ),
                ("low", models.FloatField(verbose_name="low")),
                ("central", models.FloatField(verbose_name="central")),
                ("high", models.FloatField(verbose_name="high")),
                ("unit", models.CharField(max_length=40, verbose_name="unit")),
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
                        verbose_name="evidence grade",
                    ),
                ),
                ("start_year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="start year")),
                ("ramp_years", models.FloatField(blank=True, null=True, verbose_name="ramp-up, years")),
                ("note", models.TextField(blank=True, verbose_name="note")),
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
                (
                    "intervention",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="planner.intervention",
                        verbose_name="intervention",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical channel",
                "verbose_name_plural": "historical channels",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Cost",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                (
                    "category",
                    models.CharField(
                        choices=[("capital", "Capital"), ("operating", "Operating"), ("residual", "Residual value")],
                        max_length=20,
                        verbose_name="category",
                    ),
                ),
                (
                    "amount_musd",
                    models.FloatField(
                        help_text="Million, in the currency and price year of the case.", verbose_name="amount, million"
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
                        verbose_name="evidence grade",
                    ),
                ),
                (
                    "note",
                    models.TextField(
                        blank=True,
                        help_text="Original amount and currency, and how it was converted.",
                        verbose_name="note",
                    ),
                ),
                (
                    "intervention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="costs",
                        to="planner.intervention",
                        verbose_name="intervention",
                    ),
                ),
            ],
            options={
                "verbose_name": "cost",
                "verbose_name_plural": "costs",
                "ordering": ["intervention", "year", "category", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("category__in", ["capital", "operating", "residual"])),
                        name="planner_cost_category_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("grade__in", ["A", "B", "C", "D"])), name="planner_cost_grade_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("year__gte", 1900), ("year__lte", 2200)), name="planner_cost_year_plausible"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_musd__gte", -1000000000000000.0), ("amount_musd__lte", 1000000000000000.0)
                        ),
                        name="planner_cost_amount_finite",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True), name="planner_cost_has_source"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Channel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Order within the intervention.", verbose_name="position"
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("wait_minutes", "Truck wait, change in minutes"),
                            ("wait_share", "Truck wait, change as a share"),
                            ("booths", "Truck booths or lanes, change in number"),
                            ("booths_share", "Truck booths or lanes, change as a share"),
                            ("service_time", "Time of a truck at the booth, change as a share"),
                            ("service_spread", "Irregularity of the time at the booth, change as a share"),
                            ("trusted_share", "Share of trucks of trusted traders, points added"),
                            ("preclearance_share", "Share of trucks cleared before the border, points added"),
                            ("open_hours", "Opening hours per day, change in hours"),
                            ("booking", "Share of arrivals booked evenly over the day"),
                            ("traveller_share", "Time of travellers: their share of the minutes that trucks save"),
                            ("handling_hours", "Documents and handling, change in hours"),
                            ("handling_share", "Documents and handling, change as a share"),
                            ("fee_usd", "Fee or toll per truck, change in USD"),
                            ("road_hours", "Road time through a crossing, change in hours"),
                            ("rail_hours", "Rail time through a crossing, change in hours"),
                            ("closure", "Crossing closed"),
                            ("trade_cost", "Cost of cross-border trade, change as a share"),
                            ("log_trade", "Direct effect on log trade"),
                            ("productivity", "Productivity of a place, change as a share"),
                            ("tariff", "Tariff, points added"),
                            ("retaliation", "Answer of the other side to the tariff, as a share of it"),
                            ("export_tax", "Export tax (+) or subsidy (-)"),
                            ("visitors", "Visitors, change as a share"),
                            ("online_share", "Share sold online, points added"),
                            ("certificates", "Import certificates of an economy"),
                            ("flow_cap", "Limit on financial flows: share of the deficit kept"),
                            ("revaluation", "Value of the currency, change as a share"),
                            ("spending", "Public spending, change as a share of absorption"),
                        ],
                        max_length=20,
                        verbose_name="type",
                    ),
                ),
                (
                    "crossing",
                    models.TextField(
                        blank=True, help_text="Crossing codes separated by ';', * for all.", verbose_name="crossings"
                    ),
                ),
                (
                    "direction",
                    models.CharField(
                        blank=True, help_text="Economy entered, * for both.", max_length=20, verbose_name="direction"
                    ),
                ),
                (
                    "origin",
                    models.TextField(
                        blank=True, help_text="Places or economies separated by ';', * for all.", verbose_name="origins"
                    ),
                ),
                (
                    "destination",
                    models.TextField(
                        blank=True,
                        help_text="Places or economies separated by ';', * for all.",
                        verbose_name="destinations",
                    ),
                ),
                (
                    "sector",
                    models.TextField(
                        blank=True, help_text="Sectors separated by ';', * for all.", verbose_name="sectors"
                    ),
                ),
                (
                    "place",
                    models.TextField(
                        blank=True, help_text="Places or economies separated by ';'.", verbose_name="places"
                    ),
                ),
                ("low", models.FloatField(verbose_name="low")),
                ("central", models.FloatField(verbose_name="central")),
                ("high", models.FloatField(verbose_name="high")),
                ("unit", models.CharField(max_length=40, verbose_name="unit")),
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
                        verbose_name="evidence grade",
                    ),
                ),
                ("start_year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="start year")),
                ("ramp_years", models.FloatField(blank=True, null=True, verbose_name="ramp-up, years")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "intervention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="channels",
                        to="planner.intervention",
                        verbose_name="intervention",
                    ),
                ),
            ],
            options={
                "verbose_name": "channel",
                "verbose_name_plural": "channels",
                "ordering": ["intervention", "position", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("high__lte", 1000000000000000.0),
                            ("low__gte", -1000000000000000.0),
                            ("low__lte", models.F("central")),
                            ("central__lte", models.F("high")),
                        ),
                        name="planner_channel_low_central_high",
                        violation_error_message="The values must keep low <= central <= high.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "type__in",
                                [
                                    "wait_minutes",
                                    "wait_share",
                                    "booths",
                                    "booths_share",
                                    "service_time",
                                    "service_spread",
                                    "trusted_share",
                                    "preclearance_share",
                                    "open_hours",
                                    "booking",
                                    "traveller_share",
                                    "handling_hours",
                                    "handling_share",
                                    "fee_usd",
                                    "road_hours",
                                    "rail_hours",
                                    "closure",
                                    "trade_cost",
                                    "log_trade",
                                    "productivity",
                                    "tariff",
                                    "retaliation",
                                    "export_tax",
                                    "visitors",
                                    "online_share",
                                    "certificates",
                                    "flow_cap",
                                    "revaluation",
                                    "spending",
                                ],
                            )
                        ),
                        name="planner_channel_type_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("grade__in", ["A", "B", "C", "D"])), name="planner_channel_grade_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True), name="planner_channel_has_source"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Parameter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=60, verbose_name="key")),
                (
                    "sector",
                    models.CharField(
                        blank=True, help_text="Blank: for all sectors.", max_length=60, verbose_name="sector"
                    ),
                ),
                ("low", models.FloatField(verbose_name="low")),
                ("central", models.FloatField(verbose_name="central")),
                ("high", models.FloatField(verbose_name="high")),
                ("unit", models.CharField(max_length=60, verbose_name="unit")),
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
                        verbose_name="evidence grade",
                    ),
                ),
                (
                    "as_of",
                    models.CharField(
                        blank=True, help_text="Year or date of the value.", max_length=20, verbose_name="as of"
                    ),
                ),
                (
                    "parameter_set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parameters",
                        to="planner.parameterset",
                        verbose_name="parameter set",
                    ),
                ),
            ],
            options={
                "verbose_name": "parameter",
                "verbose_name_plural": "parameters",
                "ordering": ["parameter_set", "key", "sector"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("parameter_set", "key", "sector"), name="planner_parameter_once_per_set"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("high__lte", 1000000000000000.0),
                            ("low__gte", -1000000000000000.0),
                            ("low__lte", models.F("central")),
                            ("central__lte", models.F("high")),
                        ),
                        name="planner_parameter_low_central_high",
                        violation_error_message="The values must keep low <= central <= high.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("grade__in", ["A", "B", "C", "D"])), name="planner_parameter_grade_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True), name="planner_parameter_has_source"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalScenario",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("updated_at", models.DateTimeField(blank=True, editable=False, verbose_name="updated at")),
                (
                    "closure",
                    models.CharField(
                        choices=[
                            ("world_share", "World share: balances keep their share of world income"),
                            ("own_income", "Own income: balances follow each place's own income"),
                            ("balanced", "Balanced: no place has an overall balance"),
                            ("balanced_economy", "Balanced economy: transfers inside an economy stay"),
                            ("absorption", "Absorption: spending follows value added"),
                            ("short_run", "Short run: wages fixed in own currency"),
                        ],
                        default="world_share",
                        max_length=20,
                        verbose_name="closure",
                    ),
                ),
                (
                    "criterion",
                    models.CharField(
                        choices=[
                            ("imbalance", "Imbalance: the largest fall of the headline index first"),
                            ("welfare", "Welfare: the largest gain of those who have standing first"),
                        ],
                        default="imbalance",
                        max_length=20,
                        verbose_name="criterion",
                    ),
                ),
                (
                    "standing",
                    models.CharField(
                        choices=[
                            ("border", "Border regions"),
                            ("case", "Both sides: border regions and hinterlands"),
                            ("world", "World"),
                        ],
                        default="border",
                        max_length=20,
                        verbose_name="whose welfare counts",
                    ),
                ),
                (
                    "draws",
                    models.PositiveIntegerField(
                        default=500,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(20000),
                        ],
                        verbose_name="draws",
                    ),
                ),
                (
                    "seed",
                    models.PositiveIntegerField(
                        default=1,
                        validators=[django.core.validators.MaxValueValidator(2147483647)],
                        verbose_name="seed",
                    ),
                ),
                (
                    "variant",
                    models.CharField(
                        choices=[
                            ("low", "Low builder ratios"),
                            ("central", "Central builder ratios"),
                            ("high", "High builder ratios"),
                        ],
                        default="central",
                        max_length=10,
                        verbose_name="baseline",
                    ),
                ),
                ("stress", models.JSONField(blank=True, default=dict, verbose_name="stress")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("description", models.TextField(blank=True, verbose_name="description")),
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
                    "parameter_set",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="planner.parameterset",
                        verbose_name="parameter set",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical scenario",
                "verbose_name_plural": "historical scenarios",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalParameter",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("key", models.CharField(max_length=60, verbose_name="key")),
                (
                    "sector",
                    models.CharField(
                        blank=True, help_text="Blank: for all sectors.", max_length=60, verbose_name="sector"
                    ),
                ),
                ("low", models.FloatField(verbose_name="low")),
                ("central", models.FloatField(verbose_name="central")),
                ("high", models.FloatField(verbose_name="high")),
                ("unit", models.CharField(max_length=60, verbose_name="unit")),
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
                        verbose_name="evidence grade",
                    ),
                ),
                (
                    "as_of",
                    models.CharField(
                        blank=True, help_text="Year or date of the value.", max_length=20, verbose_name="as of"
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
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "parameter_set",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="planner.parameterset",
                        verbose_name="parameter set",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical parameter",
                "verbose_name_plural": "historical parameters",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Scenario",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                (
                    "closure",
                    models.CharField(
                        choices=[
                            ("world_share", "World share: balances keep their share of world income"),
                            ("own_income", "Own income: balances follow each place's own income"),
                            ("balanced", "Balanced: no place has an overall balance"),
                            ("balanced_economy", "Balanced economy: transfers inside an economy stay"),
                            ("absorption", "Absorption: spending follows value added"),
                            ("short_run", "Short run: wages fixed in own currency"),
                        ],
                        default="world_share",
                        max_length=20,
                        verbose_name="closure",
                    ),
                ),
                (
                    "criterion",
                    models.CharField(
                        choices=[
                            ("imbalance", "Imbalance: the largest fall of the headline index first"),
                            ("welfare", "Welfare: the largest gain of those who have standing first"),
                        ],
                        default="imbalance",
                        max_length=20,
                        verbose_name="criterion",
                    ),
                ),
                (
                    "standing",
                    models.CharField(
                        choices=[
                            ("border", "Border regions"),
                            ("case", "Both sides: border regions and hinterlands"),
                            ("world", "World"),
                        ],
                        default="border",
                        max_length=20,
                        verbose_name="whose welfare counts",
                    ),
                ),
                (
                    "draws",
                    models.PositiveIntegerField(
                        default=500,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(20000),
                        ],
                        verbose_name="draws",
                    ),
                ),
                (
                    "seed",
                    models.PositiveIntegerField(
                        default=1,
                        validators=[django.core.validators.MaxValueValidator(2147483647)],
                        verbose_name="seed",
                    ),
                ),
                (
                    "variant",
                    models.CharField(
                        choices=[
                            ("low", "Low builder ratios"),
                            ("central", "Central builder ratios"),
                            ("high", "High builder ratios"),
                        ],
                        default="central",
                        max_length=10,
                        verbose_name="baseline",
                    ),
                ),
                ("stress", models.JSONField(blank=True, default=dict, verbose_name="stress")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scenarios",
                        to="regions.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "parameter_set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scenarios",
                        to="planner.parameterset",
                        verbose_name="parameter set",
                    ),
                ),
            ],
            options={
                "verbose_name": "scenario",
                "verbose_name_plural": "scenarios",
                "ordering": ["case", "name"],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "name"), name="planner_scenario_name_once_per_case"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "closure__in",
                                [
                                    "world_share",
                                    "own_income",
                                    "balanced",
                                    "balanced_economy",
                                    "absorption",
                                    "short_run",
                                ],
                            )
                        ),
                        name="planner_scenario_closure_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("criterion__in", ["imbalance", "welfare"])),
                        name="planner_scenario_criterion_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("standing__in", ["border", "case", "world"])),
                        name="planner_scenario_standing_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("variant__in", ["low", "central", "high"])),
                        name="planner_scenario_variant_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("draws__gte", 1), ("draws__lte", 20000)),
                        name="planner_scenario_draws_in_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("seed__gte", 0), ("seed__lte", 2147483647)),
                        name="planner_scenario_seed_in_range",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "closure",
                    models.CharField(
                        choices=[
                            ("world_share", "World share: balances keep their share of world income"),
                            ("own_income", "Own income: balances follow each place's own income"),
                            ("balanced", "Balanced: no place has an overall balance"),
                            ("balanced_economy", "Balanced economy: transfers inside an economy stay"),
                            ("absorption", "Absorption: spending follows value added"),
                            ("short_run", "Short run: wages fixed in own currency"),
                        ],
                        default="world_share",
                        max_length=20,
                        verbose_name="closure",
                    ),
                ),
                (
                    "criterion",
                    models.CharField(
                        choices=[
                            ("imbalance", "Imbalance: the largest fall of the headline index first"),
                            ("welfare", "Welfare: the largest gain of those who have standing first"),
                        ],
                        default="imbalance",
                        max_length=20,
                        verbose_name="criterion",
                    ),
                ),
                (
                    "standing",
                    models.CharField(
                        choices=[
                            ("border", "Border regions"),
                            ("case", "Both sides: border regions and hinterlands"),
                            ("world", "World"),
                        ],
                        default="border",
                        max_length=20,
                        verbose_name="whose welfare counts",
                    ),
                ),
                (
                    "draws",
                    models.PositiveIntegerField(
                        default=500,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(20000),
                        ],
                        verbose_name="draws",
                    ),
                ),
                (
                    "seed",
                    models.PositiveIntegerField(
                        default=1,
                        validators=[django.core.validators.MaxValueValidator(2147483647)],
                        verbose_name="seed",
                    ),
                ),
                (
                    "variant",
                    models.CharField(
                        choices=[
                            ("low", "Low builder ratios"),
                            ("central", "Central builder ratios"),
                            ("high", "High builder ratios"),
                        ],
                        default="central",
                        max_length=10,
                        verbose_name="baseline",
                    ),
                ),
                ("stress", models.JSONField(blank=True, default=dict, verbose_name="stress")),
                ("case_document", models.JSONField(verbose_name="case as it was")),
                ("parameters", models.JSONField(verbose_name="parameters as they were")),
                ("interventions", models.JSONField(verbose_name="interventions as they were")),
                ("engine_version", models.CharField(max_length=40, verbose_name="engine version")),
                (
                    "input_digest",
                    models.CharField(
                        help_text="SHA-256 of the facts, parameters and interventions.",
                        max_length=64,
                        verbose_name="input digest",
                    ),
                ),
                (
                    "request_digest",
                    models.CharField(
                        help_text="SHA-256 of all that determines the result: inputs, settings, engine version.",
                        max_length=64,
                        verbose_name="request digest",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="pending",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                (
                    "review",
                    models.CharField(
                        choices=[("draft", "Draft"), ("approved", "Approved"), ("frozen", "Frozen: approved for good")],
                        default="draft",
                        max_length=10,
                        verbose_name="review",
                    ),
                ),
                ("reviewed_at", models.DateTimeField(blank=True, null=True, verbose_name="approved")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("started_at", models.DateTimeField(blank=True, null=True, verbose_name="started")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="regions.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "parameter_set",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="runs",
                        to="planner.parameterset",
                        verbose_name="parameter set",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="requested by",
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="approved by",
                    ),
                ),
                (
                    "scenario",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="runs",
                        to="planner.scenario",
                        verbose_name="scenario",
                    ),
                ),
                (
                    "snapshot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="planner.snapshot",
                        verbose_name="snapshot",
                    ),
                ),
            ],
            options={
                "verbose_name": "run",
                "verbose_name_plural": "runs",
                "ordering": ["-created_at", "-id"],
                "indexes": [
                    models.Index(fields=["state", "created_at"], name="planner_run_state_f53f9d_idx"),
                    models.Index(fields=["case", "-created_at"], name="planner_run_case_id_6a8c87_idx"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "closure__in",
                                [
                                    "world_share",
                                    "own_income",
                                    "balanced",
                                    "balanced_economy",
                                    "absorption",
                                    "short_run",
                                ],
                            )
                        ),
                        name="planner_run_closure_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("criterion__in", ["imbalance", "welfare"])),
                        name="planner_run_criterion_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("standing__in", ["border", "case", "world"])),
                        name="planner_run_standing_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("variant__in", ["low", "central", "high"])),
                        name="planner_run_variant_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("draws__gte", 1), ("draws__lte", 20000)), name="planner_run_draws_in_range"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("seed__gte", 0), ("seed__lte", 2147483647)),
                        name="planner_run_seed_in_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["pending", "running", "done", "failed", "cancelled"])),
                        name="planner_run_state_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["pending", "running"])),
                        fields=("request_digest",),
                        name="planner_run_same_request_active_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at__isnull", True), ("state__in", ["pending", "running"])),
                            models.Q(("finished_at__isnull", False), ("state__in", ["done", "failed", "cancelled"])),
                            _connector="OR",
                        ),
                        name="planner_run_finished_at_when_finished",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("review__in", ["draft", "approved", "frozen"])),
                        name="planner_run_review_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("review", "draft"), ("reviewed_at__isnull", True), ("reviewed_by__isnull", True)),
                            models.Q(
                                models.Q(("review", "draft"), _negated=True),
                                ("reviewed_at__isnull", False),
                                ("reviewed_by__isnull", False),
                                ("state", "done"),
                            ),
                            _connector="OR",
                        ),
                        name="planner_run_approved_when_done_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("requested_by__isnull", True),
                            ("reviewed_by__isnull", True),
                            models.Q(("reviewed_by", models.F("requested_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="planner_run_approved_by_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalSchedule",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("updated_at", models.DateTimeField(blank=True, editable=False, verbose_name="updated at")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("paused", models.BooleanField(default=False, verbose_name="paused")),
                (
                    "time_zone",
                    models.CharField(
                        default="UTC",
                        max_length=64,
                        validators=[planner.models.timing.known_time_zone],
                        verbose_name="time zone",
                    ),
                ),
                (
                    "cron",
                    models.CharField(
                        blank=True,
                        help_text="Minute, hour, day of the month, month, day of the week, such as 0 7 * * mon. L among the days of the month is the last one.",
                        max_length=100,
                        validators=[planner.models.timing.known_cron],
                        verbose_name="cron line",
                    ),
                ),
                (
                    "every",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(10000),
                        ],
                        verbose_name="every",
                    ),
                ),
                (
                    "period",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("minutes", "minutes"),
                            ("hours", "hours"),
                            ("days", "days"),
                            ("weeks", "weeks"),
                            ("months", "months"),
                        ],
                        max_length=10,
                        verbose_name="unit",
                    ),
                ),
                (
                    "starts_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Of an interval: it is counted from here.",
                        null=True,
                        verbose_name="first time",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("latest", "The latest finished run"),
                            ("approved", "The latest approved run"),
                            ("new", "A new run, started for the report"),
                        ],
                        default="latest",
                        max_length=10,
                        verbose_name="which run",
                    ),
                ),
                (
                    "kinds",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="None chosen: all. The ranking is then among these.",
                        validators=[planner.models.schedule.known_kinds],
                        verbose_name="kinds of interventions",
                    ),
                ),
                (
                    "formats",
                    models.JSONField(
                        default=planner.models.schedule.first_formats,
                        validators=[planner.models.schedule.known_formats],
                        verbose_name="formats",
                    ),
                ),
                (
                    "languages",
                    models.JSONField(
                        default=planner.models.schedule.first_languages,
                        validators=[planner.models.schedule.known_languages],
                        verbose_name="languages",
                    ),
                ),
                (
                    "skip_unchanged",
                    models.BooleanField(
                        default=True,
                        help_text="Sends nothing if the report would be the same.",
                        verbose_name="skip where nothing changed",
                    ),
                ),
                (
                    "keep_days",
                    models.PositiveIntegerField(
                        default=180,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(3650),
                        ],
                        verbose_name="days kept",
                    ),
                ),
                (
                    "link_days",
                    models.PositiveIntegerField(
                        default=14,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(90),
                        ],
                        verbose_name="days that links work",
                    ),
                ),
                (
                    "link_sign_in",
                    models.BooleanField(
                        default=True,
                        help_text="Otherwise whoever holds the link reads the report until it expires.",
                        verbose_name="links need signing in",
                    ),
                ),
                (
                    "alert_email",
                    models.EmailField(
                        blank=True,
                        help_text="Empty: to the person that the schedule runs as.",
                        max_length=254,
                        verbose_name="alerts to",
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
                    "run_as",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The report is made with this person's permissions, read anew each time.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="runs as",
                    ),
                ),
                (
                    "scenario",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="Only runs of this scenario; settings of a new run.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="planner.scenario",
                        verbose_name="scenario",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical schedule",
                "verbose_name_plural": "historical schedules",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Schedule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("paused", models.BooleanField(default=False, verbose_name="paused")),
                (
                    "active_since",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="active since"
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        default="UTC",
                        max_length=64,
                        validators=[planner.models.timing.known_time_zone],
                        verbose_name="time zone",
                    ),
                ),
                (
                    "cron",
                    models.CharField(
                        blank=True,
                        help_text="Minute, hour, day of the month, month, day of the week, such as 0 7 * * mon. L among the days of the month is the last one.",
                        max_length=100,
                        validators=[planner.models.timing.known_cron],
                        verbose_name="cron line",
                    ),
                ),
                (
                    "every",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(10000),
                        ],
                        verbose_name="every",
                    ),
                ),
                (
                    "period",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("minutes", "minutes"),
                            ("hours", "hours"),
                            ("days", "days"),
                            ("weeks", "weeks"),
                            ("months", "months"),
                        ],
                        max_length=10,
                        verbose_name="unit",
                    ),
                ),
                (
                    "starts_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Of an interval: it is counted from here.",
                        null=True,
                        verbose_name="first time",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("latest", "The latest finished run"),
                            ("approved", "The latest approved run"),
                            ("new", "A new run, started for the report"),
                        ],
                        default="latest",
                        max_length=10,
                        verbose_name="which run",
                    ),
                ),
                (
                    "kinds",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="None chosen: all. The ranking is then among these.",
                        validators=[planner.models.schedule.known_kinds],
                        verbose_name="kinds of interventions",
                    ),
                ),
                (
                    "formats",
                    models.JSONField(
                        default=planner.models.schedule.first_formats,
                        validators=[planner.models.schedule.known_formats],
                        verbose_name="formats",
                    ),
                ),
                (
                    "languages",
                    models.JSONField(
                        default=planner.models.schedule.first_languages,
                        validators=[planner.models.schedule.known_languages],
                        verbose_name="languages",
                    ),
                ),
                (
                    "skip_unchanged",
                    models.BooleanField(
                        default=True,
                        help_text="Sends nothing if the report would be the same.",
                        verbose_name="skip where nothing changed",
                    ),
                ),
                (
                    "keep_days",
                    models.PositiveIntegerField(
                        default=180,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(3650),
                        ],
                        verbose_name="days kept",
                    ),
                ),
                (
                    "link_days",
                    models.PositiveIntegerField(
                        default=14,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(90),
                        ],
                        verbose_name="days that links work",
                    ),
                ),
                (
                    "link_sign_in",
                    models.BooleanField(
                        default=True,
                        help_text="Otherwise whoever holds the link reads the report until it expires.",
                        verbose_name="links need signing in",
                    ),
                ),
                (
                    "alert_email",
                    models.EmailField(
                        blank=True,
                        help_text="Empty: to the person that the schedule runs as.",
                        max_length=254,
                        verbose_name="alerts to",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="schedules",
                        to="regions.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "run_as",
                    models.ForeignKey(
                        help_text="The report is made with this person's permissions, read anew each time.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="runs as",
                    ),
                ),
                (
                    "scenario",
                    models.ForeignKey(
                        blank=True,
                        help_text="Only runs of this scenario; settings of a new run.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="schedules",
                        to="planner.scenario",
                        verbose_name="scenario",
                    ),
                ),
            ],
            options={
                "verbose_name": "schedule",
                "verbose_name_plural": "schedules",
                "ordering": ["case", "name"],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "name"), name="planner_schedule_name_once_per_case"),
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["latest", "approved", "new"])),
                        name="planner_schedule_source_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("every__isnull", True),
                                ("period", ""),
                                ("starts_at__isnull", True),
                                models.Q(("cron", ""), _negated=True),
                            ),
                            models.Q(
                                ("cron", ""),
                                ("every__gte", 1),
                                ("period__in", ["minutes", "hours", "days", "weeks", "months"]),
                                ("starts_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="planner_schedule_cron_or_interval",
                        violation_error_message="Give a cron line, or else an interval: every, unit and first time.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("keep_days__gte", 1), ("link_days__gte", 1), ("link_days__lte", 90)),
                        name="planner_schedule_days_in_range",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Occurrence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due_at", models.DateTimeField(verbose_name="due")),
                ("manual", models.BooleanField(default=False, verbose_name="asked for by hand")),
                (
                    "missed",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Earlier due times that passed while nothing ran.",
                        verbose_name="missed before it",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("estimating", "Waiting for its run"),
                            ("making", "Report being made"),
                            ("made", "Report made"),
                            ("unchanged", "Skipped: nothing changed"),
                            ("empty", "Empty: nothing could be ranked"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("fingerprint", models.CharField(blank=True, max_length=64, verbose_name="fingerprint")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("claim", models.CharField(blank=True, max_length=32, verbose_name="claim")),
                ("lease_until", models.DateTimeField(blank=True, null=True, verbose_name="lease until")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
                (
                    "run",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="occurrences",
                        to="planner.run",
                        verbose_name="run",
                    ),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="occurrences",
                        to="planner.schedule",
                        verbose_name="schedule",
                    ),
                ),
            ],
            options={
                "verbose_name": "scheduled report",
                "verbose_name_plural": "scheduled reports",
                "ordering": ["-due_at", "-pk"],
                "indexes": [models.Index(fields=["state", "lease_until"], name="planner_occ_state_becd64_idx")],
                "constraints": [
                    models.UniqueConstraint(fields=("schedule", "due_at"), name="planner_occurrence_due_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["waiting", "estimating", "making", "made", "unchanged", "empty", "failed"])
                        ),
                        name="planner_occurrence_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at__isnull", True), ("state__in", ("waiting", "estimating", "making"))),
                            models.Q(
                                models.Q(("state__in", ("waiting", "estimating", "making")), _negated=True),
                                ("finished_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="planner_occurrence_finished_at_when_finished",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Ranking",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "criterion",
                    models.CharField(
                        choices=[
                            ("imbalance", "Imbalance: the largest fall of the headline index first"),
                            ("welfare", "Welfare: the largest gain of those who have standing first"),
                        ],
                        max_length=20,
                        verbose_name="criterion",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rankings",
                        to="planner.run",
                        verbose_name="run",
                    ),
                ),
            ],
            options={
                "verbose_name": "ranking",
                "verbose_name_plural": "rankings",
                "ordering": ["run", "criterion"],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "criterion"), name="planner_ranking_criterion_once_per_run"),
                    models.CheckConstraint(
                        condition=models.Q(("criterion__in", ["imbalance", "welfare"])),
                        name="planner_ranking_criterion_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Recipient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("email", "E-mail"),
                            ("webhook", "Signed webhook"),
                            ("folder", "Folder on the server"),
                            ("s3", "S3-compatible store"),
                        ],
                        default="email",
                        max_length=10,
                        verbose_name="by",
                    ),
                ),
                (
                    "address",
                    models.CharField(
                        help_text="An e-mail address, https://..., a folder's name, or s3://bucket/prefix.",
                        max_length=500,
                        verbose_name="address",
                    ),
                ),
                (
                    "attach",
                    models.BooleanField(
                        default=True,
                        help_text="E-mail: files attached; otherwise links that expire.",
                        verbose_name="attach files",
                    ),
                ),
                (
                    "formats",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="None chosen: all.",
                        validators=[planner.models.schedule.known_formats_or_all],
                        verbose_name="formats",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        blank=True, help_text="Empty: all of the schedule.", max_length=10, verbose_name="language"
                    ),
                ),
                (
                    "secret_version",
                    models.PositiveIntegerField(default=1, editable=False, verbose_name="version of the secret"),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recipients",
                        to="planner.schedule",
                        verbose_name="schedule",
                    ),
                ),
            ],
            options={
                "verbose_name": "recipient",
                "verbose_name_plural": "recipients",
                "ordering": ["schedule", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("schedule", "kind", "address"), name="planner_recipient_once_per_schedule"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["email", "webhook", "folder", "s3"])),
                        name="planner_recipient_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RunDocument",
            fields=[
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="document",
                        serialize=False,
                        to="planner.run",
                        verbose_name="run",
                    ),
                ),
                ("key", models.CharField(max_length=64, verbose_name="key")),
                ("content", models.BinaryField(verbose_name="content")),
                (
                    "draws",
                    models.BinaryField(
                        help_text="Of the criteria, for the sliders of the ranking; likewise.", verbose_name="draws"
                    ),
                ),
                ("made_at", models.DateTimeField(auto_now=True, verbose_name="made")),
            ],
            options={
                "verbose_name": "document of a run",
                "verbose_name_plural": "documents of runs",
            },
        ),
        migrations.CreateModel(
            name="Effect",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("intervention", models.CharField(max_length=80, verbose_name="intervention")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("done", "Estimated"),
                            ("not_applicable", "Has no meaning under this closure"),
                            ("failed", "Failed"),
                        ],
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("summary", models.JSONField(blank=True, default=dict, verbose_name="summary")),
                ("arrays", models.BinaryField(blank=True, default=bytes, verbose_name="arrays")),
                (
                    "work_digest",
                    models.CharField(
                        blank=True,
                        db_index=True,
                        help_text="SHA-256 of all that determines this effect; a later run with the same takes it from here.",
                        max_length=64,
                        verbose_name="digest of the work",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="effects",
                        to="planner.run",
                        verbose_name="run",
                    ),
                ),
            ],
            options={
                "verbose_name": "effect",
                "verbose_name_plural": "effects",
                "ordering": ["run", "intervention"],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "intervention"), name="planner_effect_once_per_run"),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["done", "not_applicable", "failed"])),
                        name="planner_effect_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status", "done"), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="planner_effect_not_done_has_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RunAnalysis",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("diagnosis", "Why there is an imbalance"),
                            ("minute_values", "The worth of one minute at every crossing"),
                            ("closures", "The ranking under each closure"),
                            ("stress", "The ranking under stress"),
                            ("side", "What else each intervention does"),
                            ("appraisal", "Appraisal by year"),
                            ("criteria", "Ranking by several criteria"),
                            ("variance", "Where the spread comes from, and regret"),
                            ("portfolio", "The best set under a budget"),
                            ("variants", "The ranking under other imputations"),
                            ("waits", "Waits of trucks before and after"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("done", "Estimated"),
                            ("not_applicable", "Has no meaning under this closure"),
                            ("failed", "Failed"),
                        ],
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("document", models.JSONField(blank=True, default=dict, verbose_name="document")),
                (
                    "work_digest",
                    models.CharField(
                        blank=True,
                        db_index=True,
                        help_text="SHA-256 of all that determines this analysis; a later run with the same takes it from here.",
                        max_length=64,
                        verbose_name="digest of the work",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="analyses",
                        to="planner.run",
                        verbose_name="run",
                    ),
                ),
            ],
            options={
                "verbose_name": "analysis of a run",
                "verbose_name_plural": "analyses of runs",
                "ordering": ["run", "kind"],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "kind"), name="planner_run_analysis_kind_once_per_run"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "diagnosis",
                                    "minute_values",
                                    "closures",
                                    "stress",
                                    "side",
                                    "appraisal",
                                    "criteria",
                                    "variance",
                                    "portfolio",
                                    "variants",
                                    "waits",
                                ],
                            )
                        ),
                        name="planner_run_analysis_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["done", "not_applicable", "failed"])),
                        name="planner_run_analysis_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status", "done"), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="planner_run_analysis_not_done_has_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RunPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField(verbose_name="position")),
                ("intervention", models.CharField(blank=True, max_length=80, verbose_name="intervention")),
                (
                    "analysis",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("diagnosis", "Why there is an imbalance"),
                            ("minute_values", "The worth of one minute at every crossing"),
                            ("closures", "The ranking under each closure"),
                            ("stress", "The ranking under stress"),
                            ("side", "What else each intervention does"),
                            ("appraisal", "Appraisal by year"),
                            ("criteria", "Ranking by several criteria"),
                            ("variance", "Where the spread comes from, and regret"),
                            ("portfolio", "The best set under a budget"),
                            ("variants", "The ranking under other imputations"),
                            ("waits", "Waits of trucks before and after"),
                        ],
                        max_length=20,
                        verbose_name="analysis",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="pending",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("error", models.TextField(blank=True, verbose_name="error")),
                ("worker", models.CharField(blank=True, max_length=120, verbose_name="worker")),
                ("claim", models.CharField(blank=True, max_length=32, verbose_name="claim")),
                (
                    "queued_at",
                    models.DateTimeField(
                        blank=True, help_text="When a message for it was last sent.", null=True, verbose_name="queued"
                    ),
                ),
                ("claimed_at", models.DateTimeField(blank=True, null=True, verbose_name="claimed")),
                ("lease_until", models.DateTimeField(blank=True, null=True, verbose_name="lease until")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
                (
                    "reused",
                    models.BooleanField(
                        default=False,
                        help_text="Taken from an earlier run with the same inputs.",
                        verbose_name="reused",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="planner.run",
                        verbose_name="run",
                    ),
                ),
            ],
            options={
                "verbose_name": "run part",
                "verbose_name_plural": "run parts",
                "ordering": ["run", "position"],
                "indexes": [models.Index(fields=["state", "lease_until"], name="planner_run_state_3c56da_idx")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("intervention", ""), _negated=True),
                        fields=("run", "intervention"),
                        name="planner_run_part_intervention_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("analysis", ""), _negated=True),
                        fields=("run", "analysis"),
                        name="planner_run_part_analysis_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("analysis", ""), models.Q(("intervention", ""), _negated=True)),
                            models.Q(
                                (
                                    "analysis__in",
                                    [
                                        "diagnosis",
                                        "minute_values",
                                        "closures",
                                        "stress",
                                        "side",
                                        "appraisal",
                                        "criteria",
                                        "variance",
                                        "portfolio",
                                        "variants",
                                        "waits",
                                    ],
                                ),
                                ("intervention", ""),
                            ),
                            _connector="OR",
                        ),
                        name="planner_run_part_intervention_or_analysis",
                    ),
                    models.UniqueConstraint(fields=("run", "position"), name="planner_run_part_position_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["pending", "running", "done", "failed", "cancelled"])),
                        name="planner_run_part_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "running"), _negated=True),
                            models.Q(
                                ("claimed_at__isnull", False),
                                ("lease_until__isnull", False),
                                models.Q(("claim", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="planner_run_part_running_is_claimed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_alert", models.BooleanField(default=False, verbose_name="alert")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("email", "E-mail"),
                            ("webhook", "Signed webhook"),
                            ("folder", "Folder on the server"),
                            ("s3", "S3-compatible store"),
                        ],
                        max_length=10,
                        verbose_name="by",
                    ),
                ),
                ("address", models.CharField(max_length=500, verbose_name="address")),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name="identifier")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("sending", "Being sent"),
                            ("sent", "Sent"),
                            ("dead", "Given up"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                (
                    "next_attempt_at",
                    models.DateTimeField(blank=True, db_index=True, null=True, verbose_name="next attempt"),
                ),
                ("claim", models.CharField(blank=True, max_length=32, verbose_name="claim")),
                ("lease_until", models.DateTimeField(blank=True, null=True, verbose_name="lease until")),
                ("error", models.TextField(blank=True, verbose_name="last error")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent")),
                (
                    "occurrence",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="planner.occurrence",
                        verbose_name="scheduled report",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="planner.recipient",
                        verbose_name="recipient",
                    ),
                ),
            ],
            options={
                "verbose_name": "delivery",
                "verbose_name_plural": "deliveries",
                "ordering": ["-created_at", "-pk"],
                "indexes": [models.Index(fields=["state", "next_attempt_at"], name="planner_del_state_8b12bf_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "sending", "sent", "dead"])),
                        name="planner_delivery_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["email", "webhook", "folder", "s3"])),
                        name="planner_delivery_kind_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_alert", False)),
                        fields=("occurrence", "kind", "address"),
                        name="planner_delivery_once_per_address",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "sent"), _negated=True), ("sent_at__isnull", False), _connector="OR"
                        ),
                        name="planner_delivery_sent_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RankingRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rank", models.PositiveIntegerField(verbose_name="rank")),
                ("intervention", models.CharField(max_length=80, verbose_name="intervention")),
                ("score_mean", models.FloatField(verbose_name="score")),
                ("q05", models.FloatField(verbose_name="5 %")),
                ("q50", models.FloatField(verbose_name="50 %")),
                ("q95", models.FloatField(verbose_name="95 %")),
                ("p_best", models.FloatField(verbose_name="P(best)")),
                ("p_top3", models.FloatField(verbose_name="P(top 3)")),
                ("rank_low", models.PositiveIntegerField(verbose_name="rank, low")),
                ("rank_high", models.PositiveIntegerField(verbose_name="rank, high")),
                ("tie_group", models.PositiveIntegerField(verbose_name="tie group")),
                ("settled_above", models.BooleanField(verbose_name="settled against the next")),
                (
                    "ranking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="planner.ranking",
                        verbose_name="ranking",
                    ),
                ),
            ],
            options={
                "verbose_name": "ranking row",
                "verbose_name_plural": "ranking rows",
                "ordering": ["ranking", "rank"],
                "constraints": [
                    models.UniqueConstraint(fields=("ranking", "rank"), name="planner_ranking_row_rank_once"),
                    models.UniqueConstraint(
                        fields=("ranking", "intervention"), name="planner_ranking_row_intervention_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rank__gte", 1),
                            ("rank_low__gte", 1),
                            ("tie_group__gte", 1),
                            ("rank_low__lte", models.F("rank_high")),
                        ),
                        name="planner_ranking_row_ranks_positive_and_ordered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("q05__lte", models.F("q50")), ("q50__lte", models.F("q95"))),
                        name="planner_ranking_row_quantiles_ordered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("p_best__gte", 0), ("p_best__lte", models.F("p_top3")), ("p_top3__lte", 1)),
                        name="planner_ranking_row_probabilities",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("format", models.CharField(max_length=10, verbose_name="format")),
                ("language", models.CharField(max_length=10, verbose_name="language")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("size", models.PositiveIntegerField(verbose_name="bytes")),
                ("content", models.BinaryField(null=True, verbose_name="content")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("expires_at", models.DateTimeField(db_index=True, verbose_name="kept until")),
                (
                    "occurrence",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="planner.occurrence",
                        verbose_name="scheduled report",
                    ),
                ),
            ],
            options={
                "verbose_name": "report file",
                "verbose_name_plural": "report files",
                "ordering": ["occurrence", "language", "format"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("occurrence", "format", "language"), name="planner_report_file_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("failed", "The report failed"),
                            ("empty", "The report is empty"),
                            ("undelivered", "A delivery was given up"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("message", models.TextField(verbose_name="message")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("seen_at", models.DateTimeField(blank=True, null=True, verbose_name="seen")),
                (
                    "seen_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="seen by",
                    ),
                ),
                (
                    "occurrence",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="alerts",
                        to="planner.occurrence",
                        verbose_name="scheduled report",
                    ),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="alerts",
                        to="planner.schedule",
                        verbose_name="schedule",
                    ),
                ),
            ],
            options={
                "verbose_name": "alert",
                "verbose_name_plural": "alerts",
                "ordering": ["-created_at", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["failed", "empty", "undelivered"])),
                        name="planner_alert_kind_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DeliveryAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("ok", models.BooleanField(verbose_name="succeeded")),
                ("detail", models.TextField(blank=True, verbose_name="detail")),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tries",
                        to="planner.delivery",
                        verbose_name="delivery",
                    ),
                ),
            ],
            options={
                "verbose_name": "delivery attempt",
                "verbose_name_plural": "delivery attempts",
                "ordering": ["delivery", "at", "pk"],
            },
        ),
    ]
