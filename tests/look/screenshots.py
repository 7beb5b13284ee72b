"""`make look`: the documentation, charts and first report of a running `make run`, to be looked at and tried by axe."""

from __future__ import annotations

import sys
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from services.local import home_folder, local_issuer  # noqa: E402
from tests.look.seen import PHONE, looking  # noqa: E402

CHARTS = {
    "chart-spc": "referrals_monthly/chart.html?kind=spc&area=E10000009",
    "chart-trend": "rereferrals/chart.html?kind=trend",
    "chart-comparison": "looked_after_rate/chart.html?kind=comparison",
    "chart-funnel": "looked_after_rate/chart.html?kind=funnel",
    "chart-narrow": "rereferrals/chart.html?kind=comparison&width=320",
}


def fetch(address: str, folder: Path) -> None:
    """The pages, each with the token of who reads them."""
    headers = {"Authorization": f"Bearer {local_issuer().token('local-look', ['board_reader'])}"}
    with httpx.Client(base_url=address, headers=headers, timeout=30) as client:
        listed = client.get("/reporting/v1/reports?board=csdg&status=published&limit=1").raise_for_status().json()
        report = f"/reporting/v1/reports/{listed['items'][0]['id']}"
        for form in ("html", "pdf", "xlsx"):
            (folder / f"report.{form}").write_bytes(client.get(f"{report}/{form}").raise_for_status().content)
        client.headers["Authorization"] = f"Bearer {local_issuer().token('local-look', ['auditor'])}"
        for name, path in CHARTS.items():
            drawn = client.get(f"/indicator/v1/indicators/{path}").raise_for_status()
            (folder / f"{name}.html").write_bytes(drawn.content)


def main(address: str) -> None:
    folder = home_folder() / "look"
    folder.mkdir(parents=True, exist_ok=True)
    fetch(address, folder)
    with looking(folder) as looker:
        looker.picture((folder / "report.html").as_uri(), "report")
        looker.picture((folder / "report.html").as_uri(), "report-phone", PHONE)
        for name in CHARTS:
            looker.picture((folder / f"{name}.html").as_uri(), name)
        for service in ("audit", "indicator", "feedback", "reporting"):
            looker.picture(f"{address}/{service}/docs", f"docs-{service}", judged=False)


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
    except httpx.HTTPError:
        sys.exit("make look takes its pictures from a running `make run`: start it first")
