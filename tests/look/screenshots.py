"""`make look`: pictures of the documentation, charts and first report of a running `make run`, to be looked at."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx

from services.local import home_folder, local_issuer

CHARTS = {
    "chart-spc": "referrals_monthly/chart.html?kind=spc&area=E10000009",
    "chart-trend": "rereferrals/chart.html?kind=trend",
    "chart-comparison": "looked_after_rate/chart.html?kind=comparison",
    "chart-funnel": "looked_after_rate/chart.html?kind=funnel",
    "chart-narrow": "rereferrals/chart.html?kind=comparison&width=320",
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip


def picture(browser: str, address: str, target: Path, height: int) -> None:
    with tempfile.TemporaryDirectory() as profile:
        size = (f"--window-size=1200,{height}", "--virtual-time-budget=8000")
        words = [browser, *QUIET, f"--user-data-dir={profile}", *size]
        subprocess.run([*words, f"--screenshot={target}", address], check=True, capture_output=True, timeout=120)
    print(target)


def main(address: str) -> None:
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        sys.exit("make look needs Chromium on this machine; nothing else does")
    folder = home_folder() / "look"
    folder.mkdir(parents=True, exist_ok=True)
    headers = {"Authorization": f"Bearer {local_issuer().token('local-look', ['board_reader'])}"}
    with httpx.Client(base_url=address, headers=headers, timeout=30) as client:
        listed = client.get("/reporting/v1/reports?board=csdg&status=published&limit=1").raise_for_status().json()
        page = client.get(f"/reporting/v1/reports/{listed['items'][0]['id']}/html").raise_for_status()
        client.headers["Authorization"] = f"Bearer {local_issuer().token('local-look', ['practitioner'])}"
        for name, path in CHARTS.items():
            drawn = client.get(f"/indicator/v1/indicators/{path}").raise_for_status()
            (folder / f"{name}.html").write_bytes(drawn.content)
    report = folder / "report.html"
    report.write_bytes(page.content)
    picture(browser, report.as_uri(), folder / "report.png", 6000)
    for name in CHARTS:
        picture(browser, (folder / f"{name}.html").as_uri(), folder / f"{name}.png", 1400)
    for service in ("audit", "indicator", "feedback", "reporting"):
        picture(browser, f"{address}/{service}/docs", folder / f"docs-{service}.png", 2400)


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
    except httpx.HTTPError:
        sys.exit("make look takes its pictures from a running `make run`: start it first")
