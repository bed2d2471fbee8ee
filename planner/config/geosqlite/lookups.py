"""The geometry lookups that the project uses: the embedded database knows these and no others."""

# Lookup -> SQL function. The distance lookups (distance_lt, _lte, _gt, _gte) go through ST_Distance.
LOOKUPS = {
    "bboverlaps": "ST_BoxOverlaps",
    "contained": "ST_BoxContained",
    "contains": "ST_Contains",
    "coveredby": "ST_CoveredBy",
    "covers": "ST_Covers",
    "disjoint": "ST_Disjoint",
    "equals": "ST_Equals",
    "intersects": "ST_Intersects",
    "within": "ST_Within",
}
DISTANCE_LOOKUPS = ("distance_lt", "distance_lte", "distance_gt", "distance_gte")
