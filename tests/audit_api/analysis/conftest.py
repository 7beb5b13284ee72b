"""What tests of kept tallies share."""

from __future__ import annotations

import pytest

from services.audit_api.analysis import kept
from shared.ids import new_id


@pytest.fixture
def nothing_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is stored is settled at once, as it is in real life after some seconds."""
    monkeypatch.setattr(kept, "_settled_through", new_id)
