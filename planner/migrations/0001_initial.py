import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import planner.models.intervention


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "__first__"),
        ("regions", "0001_initial"),
    ]

    operations = [
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
            ],
            options={
                "verbose_name": "ranking",
                "verbose_name_plural": "rankings",
                "ordering": ["run", "criterion"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("criterion__in", ["imbalance", "welfare"])),
                        name="planner_ranking_criterion_known",
                    )
                ],
            },
        ),
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
                ],
            },
        ),
        migrations.AddField(
            model_name="ranking",
            name="run",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rankings",
                to="planner.run",
                verbose_name="run",
            ),
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
            name="RunPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField(verbose_name="position")),
                ("intervention", models.CharField(max_length=80, verbose_name="intervention")),
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
                    models.UniqueConstraint(fields=("run", "intervention"), name="planner_run_part_intervention_once"),
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
        migrations.AddField(
            model_name="run",
            name="scenario",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="runs",
                to="planner.scenario",
                verbose_name="scenario",
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="snapshot",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="runs",
                to="planner.snapshot",
                verbose_name="snapshot",
            ),
        ),
        migrations.AddConstraint(
            model_name="ranking",
            constraint=models.UniqueConstraint(
                fields=("run", "criterion"), name="planner_ranking_criterion_once_per_run"
            ),
        ),
    ]
