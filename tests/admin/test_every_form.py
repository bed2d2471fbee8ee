"""Lists, forms and histories of all models in a real browser, by the address table: as the pages of our own."""

import pytest
from django.contrib.contenttypes.models import ContentType

from tests.admin.addresses import LEFT_OUT, admin_names, model_pages, own_pages, reason
from tests.admin.browsing import browser, faults_of, open_page, sign_in
from tests.admin.hostile import hostile_run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_browser]

# Models of which this test makes no row; their forms are the plain ones that the others show.
NO_ROW = {
    "axes_accessattempt", "axes_accessfailurelog", "auth_group", "django_celery_beat_clockedschedule",
    "django_celery_beat_solarschedule", "django_celery_beat_crontabschedule", "django_celery_beat_intervalschedule",
    "django_celery_beat_periodictask", "planner_apitoken", "regions_borderentrycount", "regions_transborderflow",
    "regions_waitcell", "regions_mirrorflow", "regions_inputoutputshare", "regions_valueaddedshare", "regions_tariff",
    "regions_importchange", "admin_logentry", "axes_accesslog",
}  # fmt: skip


@pytest.mark.timeout(900)
def test_every_list_and_form_is_clean_and_no_page_is_forgotten(live_server, tmp_path, monkeypatch):
    """axe finds nothing serious, no name becomes markup, nothing scrolls sideways, nothing comes from elsewhere."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    monkeypatch.setattr("planner.tasks.enqueue_deliveries", lambda deliveries: None)
    ContentType.objects.clear_cache()
    run = hostile_run(tmp_path, slugs=["exporters"], analyses=["diagnosis"])
    pages = model_pages(run.requested_by)
    known = {**own_pages(run), **pages, "login": ""}
    forgotten = {
        name for name in admin_names() - set(known) if not reason(name, known) and name.rpartition("_")[0] not in NO_ROW
    }
    assert not forgotten, f"pages without a visit and without a reason: {sorted(forgotten)}"
    assert not set(LEFT_OUT) & set(known)
    assert set(LEFT_OUT) <= admin_names(), "a reason for a page that is no more"
    with browser() as started:
        page = open_page(started, live_server.url, reduced_motion="reduce")
        sign_in(page)
        seen: set[str] = set()
        found = []
        for name, address in pages.items():
            # All forms and all lists have the same parts: the dark is looked at once for each kind, and on our own forms.
            kind = name.rpartition("_")[2]
            found += faults_of(page, name, address, dark=kind not in seen or name.startswith("planner_"))
            seen.add(kind)
    assert not found, "\n".join(found)
