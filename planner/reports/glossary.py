"""Terms, the method in short, and the works it rests on."""

from django.utils.translation import gettext_lazy as _

TERMS = (
    (
        _("Imbalance index"),
        _(
            "Sum over border regions and their partners across the border of |exports \u2212 imports|, divided by the sum of exports + imports. 0: every pair is balanced. 1: every pair trades one way only."
        ),
    ),
    (
        _("Millionth of the index"),
        _(
            "0.000001 on the scale of the imbalance index, which runs from 0 to 1. Changes are small beside the index, so they are written in millionths."
        ),
    ),
    (
        _("Normalised balance"),
        _(
            "(exports \u2212 imports) / (exports + imports) of one region: from \u22121, imports only, to +1, exports only."
        ),
    ),
    (_("Coverage"), _("Exports divided by imports.")),
    (
        _("Welfare"),
        _(
            "Equivalent variation: the yearly sum of money, at baseline prices, that would make households as well off as the measure does."
        ),
    ),
    (
        _("90 % interval"),
        _(
            "From the 5 % to the 95 % quantile over draws of the uncertain parameters and effects. It covers what was varied, not what the model leaves out."
        ),
    ),
    (_("Rank interval"), _("The ranks that a measure takes in the middle 90 % of draws.")),
    (_("Tie group"), _("Measures whose order among themselves is not settled in 90 % of draws.")),
    (_("P(best), P(top 3)"), _("Share of draws in which the measure is first, or among the first three.")),
    (
        _("How a balance moved"),
        _(
            "Export-led: exports rise, imports do not. Import compression: imports fall, exports do not rise. Expansion: both rise. "
            "Diversion: exports fall while imports do not: trade moved to other places."
        ),
    ),
    (_("Closure"), _("The rule for what a place's overall deficit or surplus may do when the measure is taken.")),
    (_("Partial stage"), _("Trade reacts to its own cost only; outputs, spending and prices elsewhere stay.")),
    (_("Conditional stage"), _("Trade is shared anew among partners; each place's total sales and purchases stay.")),
    (_("Full stage"), _("Wages, prices, output and spending adjust everywhere. Ranks use this stage.")),
    (_("Channel"), _("One way in which a measure changes an input of the model, with a low, central and high value.")),
    (_("Imputed"), _("A value that nobody observed and that was filled in by a documented rule.")),
    (
        _("Evidence grade"),
        _(
            "A: measured for this place and time. B: published estimate that carries over. C: older, indirect or partial. D: assumption."
        ),
    ),
    (_("Kendall's tau"), _("Agreement of two orderings: +1 the same, 0 unrelated, \u22121 opposite.")),
    (
        _("Restrictive measure"),
        _(
            "A tariff, duty, certificate, limit on flows or change of the currency's value: estimated to compare with, not proposed."
        ),
    ),
)

# (term before the equals sign, the rest); sub- and superscripts are written in the template language of the report.
METHOD = (
    (
        _("Crossing"),
        _(
            "A measure changes hours, fees, tariffs, productivity or tastes. Hours at a crossing cost the value of the goods' time and of the truck's and driver's time, each once."
        ),
        "d\u0302 = exp(a (h\u2032 \u2212 h)/24) \u00b7 (1 + (VOT h\u2032 + fee\u2032)/v) / (1 + (VOT h + fee)/v)",
    ),
    (
        _("Route"),
        _("Shippers share out over crossings and modes; faster crossings win traffic and queues respond."),
        "d\u0304 = (\u03a3 q d\u0302^\u2212\u03ba)^(\u22121/\u03ba)",
    ),
    (
        _("Trade"),
        _("Shares of spending follow delivered costs with the trade elasticity \u03b8."),
        "\u03c0\u2032 = \u03c0 (\u03ba\u0302 c\u0302 / P\u0302)^\u2212\u03b8",
    ),
    (
        _("Prices and incomes"),
        _("Sales equal spending everywhere; wages adjust until they do; the closure sets what balances may do."),
        "P\u0302 = (\u03a3 \u03c0 (\u03ba\u0302 c\u0302)^\u2212\u03b8)^(\u22121/\u03b8),   I\u2032 = VA\u2032 + TR\u2032 + D\u2032",
    ),
    (
        _("Welfare"),
        _(
            "Real income of each place: value added, tariff revenue and the baseline's own deficit, over its price index. More or less lending is neither a gain nor a loss in itself."
        ),
        "EV = I (\u0174 \u2212 1),   \u0174 = [(VA\u2032 + TR\u2032 + D) / I] / P\u0302",
    ),
    (
        _("Imbalance"),
        _("Over observed goods flows between each border region r and its partners p across the border."),
        "I = \u03a3 |X(r,p) \u2212 X(p,r)| / \u03a3 (X(r,p) + X(p,r))",
    ),
    (
        _("Uncertainty"),
        _(
            "Latin hypercube over parameters and effects, the same draws for every measure, so that differences between measures are not noise of the draws."
        ),
        "",
    ),
)

REFERENCES = (
    "Dekle, R., Eaton, J. and Kortum, S. (2007). Unbalanced trade. American Economic Review 97(2).",
    "Caliendo, L. and Parro, F. (2015). Estimates of the trade and welfare effects of NAFTA. Review of Economic Studies 82(1).",
    "Yotov, Y., Piermartini, R., Monteiro, J.-A. and Larch, M. (2016). An advanced guide to trade policy analysis: the structural gravity model. WTO and UNCTAD.",
    "Allen, T. and Arkolakis, C. (2022). The welfare effects of transportation infrastructure improvements. Review of Economic Studies 89(6).",
    "Hummels, D. and Schaur, G. (2013). Time as a trade barrier. American Economic Review 103(7).",
    "Head, K. and Mayer, T. (2014). Gravity equations: workhorse, toolkit, and cookbook. Handbook of International Economics 4.",
    "Grubel, H. and Lloyd, P. (1975). Intra-industry trade. Macmillan.",
)
