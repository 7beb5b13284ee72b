"""What a webhook is refused for."""

from __future__ import annotations

from shared.problems import Malformed


class ReceiverNotAllowed(Malformed):
    """Give an https address outside private networks, without a user name and without a fragment; a council whose
    receivers stand inside its own network sets QAPF_WEBHOOK_PRIVATE_ADDRESSES.
    """

    slug, title = "receiver-not-allowed", "Webhooks are not sent to this address"
