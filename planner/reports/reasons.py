"""Why there is no result, in the reader's language: the sentences of the engine and the services, known by their form.

Computation stays free of languages and stores English sentences; here each is recognised and said again. What is not known
stays as it is, and a test compares the forms with the sources that write the sentences.
"""

from __future__ import annotations

import re

from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from regions.recognised import Forms

FORMS = (
    gettext_noop("has meaning only under %(closures)s"),
    gettext_noop("channel %(channel)s has meaning only under %(closures)s"),
    gettext_noop("a change of the currency's value is neutral with flexible wages (closure %(closure)s)"),
    gettext_noop(
        "%(count)s of %(total)s draws have no solution and are left out; draw %(draw)s: %(reason)s",
    ),
    gettext_noop(
        "no equilibrium after %(iterations)s iterations in %(columns)s column(s): largest residual %(residual)s at %(place)s; "
        "%(advice)s"
    ),
    gettext_noop(
        "final spending of %(place)s would be %(share)s of its value added in %(columns)s column(s): the closure takes more "
        "from it than it earns; choose a propensity nearer to 1, a smaller shock or another closure"
    ),
    gettext_noop("no finite number for %(names)s: the shock is out of range"),
    gettext_noop(
        "no booth is left at %(crossing)s into %(economy)s: its queue would never end; change fewer booths or close the "
        "crossing with a closure"
    ),
    gettext_noop("no channel, so that no model input changes; add at least one"),
    gettext_noop("unknown closure %(closure)s; expected one of %(known)s"),
    gettext_noop("unit %(unit)s; expected %(expected)s"),
    gettext_noop("%(low)s, %(central)s, %(high)s; expected low <= central <= high"),
    gettext_noop("%(low)s to %(high)s; expected %(least)s to %(most)s"),
    gettext_noop("unknown %(field)s %(value)s"),
    gettext_noop("vehicle %(vehicle)s; %(type)s is not aimed at vehicles"),
    gettext_noop("place %(place)s; expected an economy: %(economies)s"),
    gettext_noop(
        "cuts the %(what)s at %(crossing)s into %(economy)s by up to %(cut)s, but it is %(value)s; expected a cut no larger "
        "than that"
    ),
    gettext_noop(
        "takes %(count)s booths from %(crossing)s into %(economy)s, where %(open)s are taken to be open; expected fewer: to "
        "close the crossing there is `closure`"
    ),
    gettext_noop(
        "channels %(one)s and %(other)s change the same thing twice; keep one of them or part their targets",
    ),
    gettext_noop("retaliation without a tariff to answer; add the tariff channel that it answers"),
    gettext_noop("retaliation is given twice; keep one"),
    gettext_noop(
        "no model input changes: its targets carry no trade in this case, or every central value is zero",
    ),
    gettext_noop("no intervention could be solved at central values"),
    gettext_noop("no intervention was estimated, so that there is nothing to compare"),
    gettext_noop("no measure that may be proposed was estimated"),
    gettext_noop("no measure that may be proposed has a known cost, so that no budget can be set"),
    gettext_noop("%(draws)s draws; shares of variance need at least %(least)s"),
    gettext_noop("closure %(closure)s moves the baseline: it has no derivative at the observed one"),
    gettext_noop("the chosen set has no joint solution: %(reason)s"),
    gettext_noop("the chosen plan has no joint solution in some year"),
    gettext_noop("no set keeps all rules: what is required costs more than a budget, or excludes each other"),
    gettext_noop("every estimate failed; the first: %(reason)s"),
    gettext_noop("the ranking failed: %(reason)s"),
    gettext_noop("given up after %(attempts)s attempts: %(reason)s"),
    gettext_noop("the closure already has no deficits"),
    gettext_noop("no data: the case has no tariffs"),
    gettext_noop("no data: no route with hours or fees"),
    gettext_noop("a currency's value is neutral with flexible wages (closure %(closure)s)"),
    gettext_noop("no data: no valuation of the currencies given"),
    gettext_noop("The run ended before this intervention was estimated."),
)
# What a form may put in its gaps.
PARTS = (gettext_noop("wait"), gettext_noop("wait of cars"), gettext_noop("fee"))
KNOWN = Forms(FORMS)
# The name of the fault that a service puts before its sentence says nothing to a planner.
FAULT = re.compile(r"^(?:[A-Z]\w*(?:Failed|Error|Shock|Baseline|Numbers|Spending|Analysis|Portfolio|Applicable)): ")
DEEPEST = 4


def reason_words(reason: str, depth: int = 0) -> str:
    """The reason in the active language; a reason inside a reason too."""
    if not reason or depth > DEEPEST or (get_language() or "en").startswith("en"):
        return reason
    plain = FAULT.sub("", reason)
    told = KNOWN.say(plain, lambda inside: reason_words(inside, depth + 1))
    if told is not None:
        return told
    return plain if plain != reason else _(reason)
