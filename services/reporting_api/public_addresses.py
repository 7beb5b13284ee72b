"""Which addresses are the internet's own: the only ones that a receiver's name may lead to."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

# Ways of writing an older address in the last four bytes of a newer one: by NAT64, translated, and compatible.
_LEADING_TO_IPV4 = tuple(IPv6Network(one) for one in ("64:ff9b::/96", "::ffff:0:0:0/96", "::/96"))
# Here each network chooses for itself where in the newer address the older one stands.
_TRANSLATED_INSIDE = IPv6Network("64:ff9b:1::/48")
# Where a cloud answers its own machines, though it stands among the internet's addresses: Azure's platform, and the
# block for protocols, in which Oracle's older metadata is.
_OF_THE_CLOUD = (IPv4Network("168.63.129.16/32"), IPv4Network("192.0.0.0/24"))


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the internet's, also where an older one is written inside a newer."""
    if isinstance(address, IPv6Address):
        inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if any(address in prefix for prefix in _LEADING_TO_IPV4):
            inner.append(IPv4Address(int(address) & 0xFFFF_FFFF))
        if address.is_site_local or address in _TRANSLATED_INSIDE:
            return False
        if not all(one is None or is_public(one) for one in inner):
            return False
    elif any(address in block for block in _OF_THE_CLOUD):
        return False
    return address.is_global and not address.is_multicast
