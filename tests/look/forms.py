"""`make look`: every form of the largest monthly pack, made up, to be looked at; its pages are tried by axe."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from services.local import home_folder  # noqa: E402
from services.reporting_api.renders.charts import charts_of  # noqa: E402
from services.reporting_api.renders.csv_files import as_zip  # noqa: E402
from services.reporting_api.renders.page import as_page  # noqa: E402
from services.reporting_api.renders.typesetting.paper import as_pdf, as_pictures  # noqa: E402
from services.reporting_api.renders.workbook import as_workbook  # noqa: E402
from tests.look.seen import PHONE, looking  # noqa: E402
from tests.reporting_api.renders.largest_pack import largest_pack  # noqa: E402


def main() -> None:
    folder = home_folder() / "look"
    with looking(folder) as looker:
        for status in ("published", "draft"):
            report = largest_pack(status, "full" if status == "published" else "protected")
            page = folder / f"pack-{status}.html"
            page.write_bytes(as_page(report))
            looker.picture(page.as_uri(), f"pack-{status}")
            looker.picture(page.as_uri(), f"pack-{status}-phone", PHONE)
            (folder / f"pack-{status}.pdf").write_bytes(as_pdf(report))
            for number, picture in enumerate(as_pictures(report), 1):
                target = folder / f"pack-{status}-page-{number:02}.png"
                target.write_bytes(picture)
                print(target)
        (folder / "pack.xlsx").write_bytes(as_workbook(largest_pack()))
        (folder / "pack.zip").write_bytes(as_zip(largest_pack()))
        for chart in {one.kind: one for one in charts_of(largest_pack())}.values():
            drawing = folder / f"pack-chart-{chart.kind}.svg"
            drawing.write_text(chart.svg, encoding="utf-8")
            looker.picture(drawing.as_uri(), drawing.stem, 800, judged=False)


if __name__ == "__main__":
    main()
