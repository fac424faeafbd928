"""Rasters of the signal: read as they lie on the Earth, refused when they are none."""

import numpy as np
import pytest

from ewsim.errors import DataError
from ewsim.network.coverage import read_coverage, read_signal

rasterio = pytest.importorskip("rasterio", reason="the extra geo is not installed")
from rasterio.transform import from_origin  # noqa: E402
from rasterio.warp import transform  # noqa: E402


def write(path, data, crs="EPSG:4326", to=None, nodata=-9999):
    data = np.asarray(data, dtype=np.float32)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=data.shape[0],
        width=data.shape[1],
        count=1,
        dtype="float32",
        crs=crs,
        transform=to or from_origin(-67, 19, 0.5, 0.5),
        nodata=nodata,
    ) as file:
        file.write(data, 1)
    return path


pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # rasterio's own

VALUES = [[-60, -70], [-80, -9999]]


def test_each_place_has_the_signal_of_its_pixel(tmp_path):
    raster = read_signal(write(tmp_path / "a.tif", VALUES))
    lat, lon = np.array([18.9, 18.9, 18.1, 18.1, 30.0]), np.array([-66.9, -66.1, -66.9, -66.1, 0])
    assert raster.at(lat, lon).tolist() == [-60, -70, -80, -np.inf, -np.inf]


def test_another_reference_system_is_the_same_place(tmp_path):
    (x,), (y,) = transform("EPSG:4326", "EPSG:32620", [-66.0], [18.5])
    path = write(tmp_path / "utm.tif", VALUES, "EPSG:32620", from_origin(x, y, 1000, 1000))
    xs, ys = [x + 500, x + 1500, x + 500], [y - 500, y - 500, y - 1500]
    lon, lat = transform("EPSG:32620", "EPSG:4326", xs, ys)
    assert read_signal(path).at(np.array(lat), np.array(lon)).tolist() == [-60, -70, -80]


def test_rasters_are_of_the_operators_and_technologies_that_were_said(tmp_path):
    path = write(tmp_path / "a.tif", VALUES)
    found = read_coverage([(path, None, None), (path, 1, "4G")], 2)
    assert found.column.tolist() == [[0, 0, 0, 0], [0, 0, 1, 0]]


def test_what_is_no_raster_of_signals_is_refused(tmp_path):
    (tmp_path / "text.tif").write_text("no raster")
    people = write(tmp_path / "people.tif", [[3, 50_000]])
    ones = write(tmp_path / "ones.tif", [[1, 1]])
    nothing = write(tmp_path / "nothing.tif", [[-9999, -9999]])
    nowhere = write(tmp_path / "nowhere.tif", VALUES, None)
    for path, words in (
        (tmp_path / "text.tif", "cannot be read"),
        (tmp_path / "none.tif", "cannot be read"),
        (people, "not signals in dBm"),
        (ones, "not signals in dBm"),
        (nothing, "no pixel"),
        (nowhere, "no coordinate reference system"),
    ):
        with pytest.raises(DataError, match=words):
            read_signal(path)
