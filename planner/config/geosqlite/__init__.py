"""A GeoDjango backend on plain SQLite: no SpatiaLite, geometries as EWKB, functions from shapely and pyproj."""
