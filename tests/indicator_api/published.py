"""Published figures of Dorset, its neighbours and England, and how a test loads figures through the public API.

Sources, under the Open Government Licence v3.0, Department for Education: the Local Authority Interactive Tool (LAC,
ReReferral) with numerators and populations of children looked after and children in need; characteristics of children
in need, table c6, referrals by month.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import httpx

# Another framework under the same versions, as a backup may bring it.
RESTORED = """
UPDATE framework_item SET content = content || '{"title": "As restored"}' WHERE code = 'supervision_in_time'
"""
DORSET, COUNTY, ENGLAND = "E06000059", "E10000009", "E92000001"
# The members of DfE's two editions for Dorset, closest first.
NEIGHBOURS_2021 = (
    "E10000008", "E06000066", "E06000051", "E10000013", "E10000034",
    "E10000011", "E10000029", "E06000052", "E06000054", "E10000020",
)  # fmt: skip
NEIGHBOURS_2025 = (
    "E06000066", "E10000008", "E06000051", "E10000029", "E10000034",
    "E10000012", "E10000007", "E10000016", "E10000032", "E06000065",
)  # fmt: skip

Row = tuple[str, str, float | None, float | None, float | None]

# Area, period, children looked after on 31 March, population aged 0 to 17, published rate per 10,000.
LOOKED_AFTER_RATE: tuple[Row, ...] = (
    ("E06000059", "RY2020", 476, 66931, 71),
    ("E06000059", "RY2021", 450, 66203, 68),
    ("E06000059", "RY2022", 450, 65983, 68),
    ("E06000059", "RY2023", 433, 66267, 65),
    ("E06000059", "RY2024", 447, 66436, 67),
    ("E06000059", "RY2025", 437, 67149, 65),
    ("E92000001", "RY2024", 83530, 12059476, 69),
    ("E92000001", "RY2025", 81770, 12183016, 67),
    ("E06000051", "RY2024", 714, 59491, 120),
    ("E06000051", "RY2025", 717, 60153, 119),
    ("E06000052", "RY2024", 619, 105833, 58),
    ("E06000052", "RY2025", 638, 105786, 60),
    ("E06000054", "RY2024", 475, 103825, 46),
    ("E06000054", "RY2025", 478, 104201, 46),
    ("E06000065", "RY2024", 501, 114929, 44),
    ("E06000065", "RY2025", 561, 115721, 48),
    ("E06000066", "RY2024", 586, 112324, 52),
    ("E06000066", "RY2025", 624, 113024, 55),
    ("E10000007", "RY2024", 1056, 154974, 68),
    ("E10000007", "RY2025", 1024, 156155, 66),
    ("E10000008", "RY2024", 873, 147790, 59),
    ("E10000008", "RY2025", 849, 148164, 57),
    ("E10000011", "RY2024", 659, 104092, 63),
    ("E10000011", "RY2025", 688, 104428, 66),
    ("E10000012", "RY2024", 1152, 324479, 36),
    ("E10000012", "RY2025", 1141, 329197, 35),
    ("E10000013", "RY2024", 840, 130950, 64),
    ("E10000013", "RY2025", 758, 133163, 57),
    ("E10000016", "RY2024", 1956, 350198, 56),
    ("E10000016", "RY2025", 1896, 355390, 53),
    ("E10000020", "RY2024", 1152, 170640, 68),
    ("E10000020", "RY2025", 1069, 171830, 62),
    ("E10000029", "RY2024", 928, 150935, 61),
    ("E10000029", "RY2025", 916, 152255, 60),
    ("E10000032", "RY2024", 906, 180203, 50),
    ("E10000032", "RY2025", 975, 181943, 54),
    ("E10000034", "RY2024", 1043, 119662, 87),
    ("E10000034", "RY2025", 1036, 120119, 86),
)
# Area, period, referrals within 12 months of an earlier one, referrals, published percentage (2020: not published).
REREFERRALS: tuple[Row, ...] = (
    ("E06000059", "RY2020", None, None, None),
    ("E06000059", "RY2021", 567, 2785, 20.4),
    ("E06000059", "RY2022", 488, 2899, 16.8),
    ("E06000059", "RY2023", 486, 2978, 16.3),
    ("E06000059", "RY2024", 345, 2454, 14.1),
    ("E06000059", "RY2025", 346, 2349, 14.7),
    ("E92000001", "RY2024", 139080, 621880, 22.4),
    ("E92000001", "RY2025", 142900, 632830, 22.6),
    ("E06000051", "RY2024", 193, 1522, 12.7),
    ("E06000051", "RY2025", 194, 1504, 12.9),
    ("E06000052", "RY2024", 1871, 7386, 25.3),
    ("E06000052", "RY2025", 2208, 7923, 27.9),
    ("E06000054", "RY2024", 630, 3290, 19.1),
    ("E06000054", "RY2025", 517, 2770, 18.7),
    ("E06000065", "RY2024", 1127, 5704, 19.8),
    ("E06000065", "RY2025", 1115, 5642, 19.8),
    ("E06000066", "RY2024", 1306, 5675, 23),
    ("E06000066", "RY2025", 1300, 5877, 22.1),
    ("E10000007", "RY2024", 3538, 11816, 29.9),
    ("E10000007", "RY2025", 3182, 10999, 28.9),
    ("E10000008", "RY2024", 1276, 5830, 21.9),
    ("E10000008", "RY2025", 1124, 5700, 19.7),
    ("E10000011", "RY2024", 653, 4311, 15.1),
    ("E10000011", "RY2025", 682, 4107, 16.6),
    ("E10000012", "RY2024", 1059, 6288, 16.8),
    ("E10000012", "RY2025", 881, 5705, 15.4),
    ("E10000013", "RY2024", 1444, 6724, 21.5),
    ("E10000013", "RY2025", 1818, 8129, 22.4),
    ("E10000016", "RY2024", 5615, 24111, 23.3),
    ("E10000016", "RY2025", 5194, 24035, 21.6),
    ("E10000020", "RY2024", 1191, 6260, 19),
    ("E10000020", "RY2025", 1069, 5986, 17.9),
    ("E10000029", "RY2024", 953, 4999, 19.1),
    ("E10000029", "RY2025", 1056, 5264, 20.1),
    ("E10000032", "RY2024", 1347, 7931, 17),
    ("E10000032", "RY2025", 1945, 7960, 24.4),
    ("E10000034", "RY2024", 1002, 4784, 20.9),
    ("E10000034", "RY2025", 856, 4805, 17.8),
)
# Referrals in each month: the former county from April 2012, Dorset from April 2019, to March 2022.
REFERRALS_COUNTY = (
    202, 341, 221, 257, 257, 194, 342, 265, 156, 280, 263, 231,
    250, 301, 274, 264, 247, 303, 295, 291, 222, 268, 274, 273,
    279, 320, 332, 426, 333, 508, 452, 403, 395, 334, 367, 429,
    392, 272, 431, 369, 341, 447, 372, 406, 379, 371, 403, 486,
    402, 395, 411, 293, 346, 479, 418, 473, 373, 428, 376, 453,
    339, 529, 512, 486, 296, 353, 410, 490, 280, 443, 394, 362,
    381, 529, 489, 594, 376, 347, 415, 400, 331, 321, 238, 265,
)  # fmt: skip
REFERRALS_DORSET = (
    184, 262, 270, 342, 215, 233, 264, 258, 210, 311, 293, 295,
    168, 250, 259, 250, 222, 211, 287, 231, 228, 197, 230, 252,
    239, 220, 233, 231, 157, 249, 286, 290, 226, 222, 258, 288,
)  # fmt: skip


def item(indicator: str, area: str, period: str, value: float | None, **more: Any) -> dict[str, Any]:
    """One figure of an import; without a value it is not available."""
    return {
        "indicator": indicator,
        "area": area,
        "period": period,
        "value": value,
        **({} if value is not None else {"value_status": "x"}),
        **{name: given for name, given in more.items() if given is not None},
    }


def ratios(indicator: str, rows: Iterable[Row]) -> list[dict[str, Any]]:
    return [item(indicator, area, period, value, numerator=n, denominator=d) for area, period, n, d, value in rows]


def months(indicator: str, area: str, first: str, values: Iterable[float | None]) -> list[dict[str, Any]]:
    """A monthly series from its first month on; None leaves a month out."""
    year, month = int(first[:4]), int(first[5:])
    found = []
    for place, value in enumerate(values, year * 12 + month - 1):
        if value is not None:
            found.append(item(indicator, area, f"{place // 12}-{place % 12 + 1:02d}", value))
    return found


def referrals() -> list[dict[str, Any]]:
    """All 120 months, under the area each was published for."""
    county = months("referrals_monthly", COUNTY, "2012-04", REFERRALS_COUNTY)
    return county + months("referrals_monthly", DORSET, "2019-04", REFERRALS_DORSET)


async def load(client: httpx.AsyncClient, items: Iterable[Mapping[str, Any]]) -> None:
    """Import figures as another system would; every one of them must be taken."""
    answer = await client.post("/v1/observations/imports", json={"items": list(items)})
    assert answer.status_code == 200, answer.text
    assert answer.json()["rejected"] == 0
