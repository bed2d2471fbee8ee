"""The pages' words in every language: nothing untranslated, doubtful or stale, and the pages really use them."""

import polib
import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from regions.models import Case
from tests import translations


@pytest.mark.parametrize("language", translations.LANGUAGES)
@pytest.mark.parametrize("app", translations.CATALOGUES)
def test_catalogues_are_complete(app, language):
    assert translations.faults(app, language) == []


class TestTheCheckItself:
    @pytest.fixture
    def folder(self, tmp_path, monkeypatch):
        """An app of one template and a module, with a catalogue of its own."""
        (tmp_path / "planner").mkdir()
        (tmp_path / "planner" / "page.html").write_text(
            "{% load i18n %}\n  {% blocktranslate count n=rows %}{{ n }} row{% plural %}{{ n }} rows{% endblocktranslate %}\n"
            '    <p>{% translate "Hello" %}</p>\n'
        )
        (tmp_path / "planner" / "words.py").write_text('from x import gettext as _\n_("Bye, %(name)s")\n')
        monkeypatch.setattr(translations, "ROOT", tmp_path)
        monkeypatch.setattr(translations, "CATALOGUES", {"planner": ()})
        monkeypatch.setattr(translations, "PACKAGES", {})
        return tmp_path

    def write(self, **texts):
        path = translations.catalogue("planner", "fr")
        path.parent.mkdir(parents=True, exist_ok=True)
        made = translations.merged("planner", "fr")
        for entry in made:
            if entry.msgid_plural:
                entry.msgstr_plural = {0: "%(n)s ligne", 1: "%(n)s lignes"}
            else:
                entry.msgstr = texts.get(entry.msgid.split(",")[0], "")
        made.save(str(path))
        path.with_suffix(".mo").write_bytes(translations.read(path).to_binary())
        return path

    def test_it_finds_what_is_in_templates_and_modules(self, folder):
        assert {key[1] for key in translations.messages("planner")} == {"%(n)s row", "Hello", "Bye, %(name)s"}

    def test_a_complete_catalogue_has_no_fault(self, folder):
        self.write(Hello="Bonjour", Bye="Au revoir, %(name)s")
        assert translations.faults("planner", "fr") == []

    def test_every_fault_is_named(self, folder):
        path = self.write(Hello="", Bye="Au revoir, %(nom)s")
        found = "\n".join(translations.faults("planner", "fr"))
        assert "untranslated: 'Hello'" in found
        assert "other placeholders in 'Au revoir, %(nom)s'" in found
        (folder / "planner" / "words.py").write_text('_("New")\n')
        catalogue = polib.pofile(str(path))
        catalogue.find("Hello").flags.append("fuzzy")
        catalogue.save()
        found = "\n".join(translations.faults("planner", "fr"))
        assert "not in the catalogue: 'New'" in found
        assert "no longer in the sources: 'Bye, %(name)s'" in found
        path.with_suffix(".mo").write_bytes(b"old")
        assert "not compiled" in "\n".join(translations.faults("planner", "fr"))


@pytest.mark.django_db
class TestPages:
    def test_the_language_is_chosen_on_any_page_and_kept(self, client):
        client.force_login(User.objects.create_superuser("root", "root@example.org", "x"))
        page = reverse("admin:planner_run_start")
        assert "Estimate effects" in client.get(page).content.decode()
        answer = client.post(reverse("set_language"), {"language": "fr", "next": page})
        assert answer.url == page
        french = client.get(page).content.decode()
        assert '<html lang="fr"' in french
        assert "Estimer les effets" in french
        assert client.post(reverse("set_language"), {"language": "fr", "next": "https://elsewhere.example/"}).url == "/"

    def test_the_browser_is_asked_first(self, client):
        client.force_login(User.objects.create_superuser("root", "root@example.org", "x"))
        spanish = client.get(reverse("admin:planner_run_start"), headers={"Accept-Language": "es-MX,es;q=0.9"})
        assert "Estimar los efectos" in spanish.content.decode()

    def test_dates_and_numbers_follow_the_language(self, client):
        client.force_login(User.objects.create_superuser("root", "root@example.org", "x"))
        case = Case.objects.create(name="small", title="Small", year=2023, price_year=2023)
        page = reverse("admin:regions_case_change", args=[case.pk])
        text = client.get(page, headers={"Accept-Language": "fr"}).content.decode()
        assert "année des flux" in text.lower()
        assert 'value="2023"' in text, "years stay as they are"
