"""Ten million points in the 3,321 communes, against the peers on the same points and boundaries.

Every answer is compared with GEOS's exact predicate (``intersects``), also on corners and edges. Real boundaries are
used where ../shared (or an import) has them, approximate ones otherwise; GeoPandas and DuckDB spatial run where they
are installed. DuckDB's join gives no rule for points on a shared boundary, so only its speed is compared.

    python -m benchmarks.territory.bench_locate [points]
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import shapely

from hatangso.territory.boundaries import shapes
from hatangso.territory.locate import build_locator
from hatangso.territory.sources import open_territory, reference_folder

DAY = date(2026, 6, 1)
PEER_POINTS = 1_000_000


def main(count: int) -> None:
    known = open_territory(None, reference_folder())
    start = time.perf_counter()
    drawn = shapes(DAY, "commune", known)
    vertices = shapely.get_num_coordinates(drawn.shapes).sum()
    kind = "approximate" if drawn.approximate.any() else "real"
    print(
        f"{len(drawn.units):,} {kind} boundaries, {vertices:,} vertices: read {time.perf_counter() - start:.2f} s"
    )
    codes = [u.code for u in drawn.units]
    build_locator(codes[:2], list(drawn.shapes[:2])).locate(
        np.array([105.0]), np.array([20.0])
    )  # compile or load
    start = time.perf_counter()
    locator = build_locator(codes, list(drawn.shapes))
    print(f"prepared in {time.perf_counter() - start:.2f} s")

    rng = np.random.default_rng(2026)
    bounds = shapely.bounds(drawn.shapes)
    chosen = bounds[rng.choice(len(bounds), count)]
    lon = chosen[:, 0] + rng.random(count) * (chosen[:, 2] - chosen[:, 0])
    lat = chosen[:, 1] + rng.random(count) * (chosen[:, 3] - chosen[:, 1])
    start = time.perf_counter()
    found = locator.locate(lon, lat)
    took = time.perf_counter() - start
    print(f"hatangso: {count:,} points in {took:.2f} s ({count / took / 1e6:.1f} million/s)")

    corners = shapely.get_coordinates(drawn.shapes)
    corners = corners[rng.choice(len(corners), 200_000)]
    ring = shapely.get_coordinates(shapely.get_exterior_ring(shapely.get_parts(drawn.shapes)))
    edge = rng.choice(len(ring) - 1, 200_000)
    middles = (ring[edge] + ring[edge + 1]) / 2
    wrong = 0
    start = time.perf_counter()
    for xy, got in (
        (np.column_stack([lon, lat]), found),
        (corners, locator.locate(*corners.T.copy())),
        (middles, locator.locate(*middles.T.copy())),
    ):
        for part in range(0, len(xy), 1_000_000):
            wrong += int(
                (exact(drawn.shapes, xy[part : part + 1_000_000]) != got[part : part + 1_000_000]).sum()
            )
    total = count + 400_000
    print(
        f"equal to GEOS's predicate for {total - wrong:,} of {total:,} points ({time.perf_counter() - start:.0f} s)"
    )

    with tempfile.TemporaryDirectory() as folder:
        from hatangso.territory import tables

        for suffix in ("csv", "parquet"):
            path = Path(folder) / f"points.{suffix}"
            tables.write_table(pa.table({"lon": np.round(lon, 6), "lat": np.round(lat, 6)}), path)
            start = time.perf_counter()
            data = tables.read_points(path)
            answer = locator.locate(tables.coordinates(data, "lon"), tables.coordinates(data, "lat"))
            tables.write_table(
                tables.with_units(data, answer, locator.codes, drawn.approximate),
                Path(folder) / f"out.{suffix}",
            )
            print(f"with reading and writing {suffix}: {time.perf_counter() - start:.2f} s")
    peers(drawn.shapes, codes, lon[:PEER_POINTS], lat[:PEER_POINTS], found[:PEER_POINTS])
    print(
        f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB (with the comparison)"
    )


def exact(polygons: np.ndarray, xy: np.ndarray) -> np.ndarray:
    """Position of the first polygon that holds each point, boundary included; -1 where none does."""
    tree = shapely.STRtree(polygons)
    point, unit = tree.query(shapely.points(xy), predicate="intersects")
    answer = np.full(len(xy), len(polygons))
    np.minimum.at(answer, point, unit)
    return np.where(answer == len(polygons), -1, answer)


def peers(polygons: np.ndarray, codes: list[str], lon: np.ndarray, lat: np.ndarray, ours: np.ndarray) -> None:
    """GeoPandas sjoin and DuckDB spatial on the first points."""
    n = len(lon)
    try:
        import geopandas

        units = geopandas.GeoDataFrame({"code": codes}, geometry=polygons, crs=4326)
        start = time.perf_counter()
        points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(lon, lat), crs=4326)
        joined = geopandas.sjoin(points, units, predicate="intersects", how="left")
        took = time.perf_counter() - start
        first = joined.groupby(level=0)["code"].min().reindex(range(n)).fillna("")
        same = (first.to_numpy() == np.array([*codes, ""])[ours]).sum()
        print(f"GeoPandas {geopandas.__version__} sjoin: {n:,} points in {took:.2f} s, {same:,} equal")
    except ImportError:
        print("GeoPandas is not installed: not compared")
    try:
        import duckdb
        import duckdb_extensions  # noqa: F401

        base = duckdb.connect(config={"threads": 2})
        try:
            from duckdb_extensions import import_extension

            import_extension("spatial", con=base)
        except (ImportError, TypeError):
            pass
        base.execute("LOAD spatial")
        units_table = pa.table({"code": codes, "wkb": list(shapely.to_wkb(polygons))})
        points_table = pa.table({"id": np.arange(n), "lon": lon, "lat": lat})
        base.register("u", units_table)
        base.register("p", points_table)
        base.execute("CREATE TABLE units AS SELECT code, ST_GeomFromWKB(wkb) AS g FROM u")
        start = time.perf_counter()
        count = base.execute(
            "SELECT count(*) FROM (SELECT id, min(code) FROM p JOIN units "
            "ON ST_Intersects(units.g, ST_Point(lon, lat)) GROUP BY id)"
        ).fetchone()
        print(
            f"DuckDB {duckdb.__version__} spatial join: {n:,} points in {time.perf_counter() - start:.2f} s, "
            f"{count[0]:,} found (ours {int((ours >= 0).sum()):,})"
        )
    except Exception as error:  # not installed, or its extension cannot be loaded
        print(f"DuckDB spatial not compared: {error}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
