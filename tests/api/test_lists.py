"""The number of queries of a page, whatever the length of its list."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from planner.models import Ranking, RankingRow
from regions.access import Role, grant
from tests.factories.runs import finished_run

pytestmark = pytest.mark.django_db


def test_a_ranking_of_a_thousand_in_pages_of_a_hundred(client, case):
    run = finished_run(case, slugs=["tariff"])
    ranking = Ranking.objects.get(run=run, criterion="welfare")
    user = User.objects.create_user("viewer")
    grant(user, case, Role.VIEWER)
    client.force_login(user)
    address = f"/api/v1/rankings/{ranking.pk}/rows/?page_size=100"

    def queries(target):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            answer = client.get(target)
        return len(captured), answer.json()

    alone, _ = queries(address)
    RankingRow.objects.bulk_create(
        RankingRow(
            ranking=ranking, rank=number, intervention=f"measure-{number}", score_mean=1, q05=0, q50=1, q95=2, p_best=0,
            p_top3=0, rank_low=1, rank_high=1000, tie_group=1, settled_above=False,
        )
        for number in range(2, 1001)
    )  # fmt: skip
    seen, counts = [], set()
    while address:
        count, page = queries(address)
        counts.add(count)
        seen += [row["rank"] for row in page["results"]]
        address = page["next"]
    assert seen == list(range(1, 1001))
    assert counts == {alone}
    assert alone <= 6


def test_a_page_without_rows_says_whether_there_is_such_a_ranking(client, case):
    run = finished_run(case, slugs=["tariff"])
    client.force_login(User.objects.create_superuser("root"))
    address = "/api/v1/rankings/{}/rows/"
    empty = client.get(address.format(run.rankings.first().pk), {"rank_max": 0})
    assert (empty.status_code, empty.json()["results"]) == (200, [])
    for pk in (10**9, 10**30):
        assert client.get(address.format(pk)).status_code == 404
