"""Bits and whole numbers of ASN.1's packed encoding rules, aligned and unaligned.

References
----------
.. [1] ITU-T X.691, Packed Encoding Rules (PER), 11 (building blocks).
"""

from typing import Final

from ewsim.errors import WireError

_FRAGMENT: Final = 1 << 14  # X.691 11.9.3.8
_LONG: Final = 1 << 16  # numbers from here on say how many octets they take (X.691 11.5.7.4)


class Writer:
    """Bits put one after another; `aligned` is the variant of the rules."""

    def __init__(self, *, aligned: bool) -> None:
        self.aligned, self.octets = aligned, bytearray()
        self._left = self._bits = 0

    def put(self, value: int, width: int) -> None:
        """Append a value of so many bits."""
        self._left = self._left << width | value
        whole, self._bits = divmod(self._bits + width, 8)
        if whole:
            self.octets += (self._left >> self._bits).to_bytes(whole, "big")
            self._left &= (1 << self._bits) - 1

    def align(self) -> None:
        """Go to the next octet, where the variant aligns."""
        if self.aligned and self._bits:
            self.put(0, 8 - self._bits)

    def whole(self, value: int, span: int) -> None:
        """A whole number of 0 to `span` (X.691 11.5)."""
        if not self.aligned or span < 255:
            self.put(value, span.bit_length())
        elif span < _LONG:
            self.align()
            self.put(value, 8 if span == 255 else 16)
        else:
            most, used = (-(-n.bit_length() // 8) or 1 for n in (span, value))
            self.put(used - 1, (most - 1).bit_length())
            self.align()
            self.put(value, 8 * used)

    def string(self, octets: bytes) -> None:
        """Octets with a length before them, in fragments where they are many (X.691 11.9.3)."""
        self.align()
        while len(octets) >= _FRAGMENT:
            units = min(len(octets) // _FRAGMENT, 4)
            self.put(0xC0 | units, 8)
            self.raw(octets[: units * _FRAGMENT])
            octets = octets[units * _FRAGMENT :]
        if len(octets) < 128:
            self.put(len(octets), 8)
        else:
            self.put(0x8000 | len(octets), 16)
        self.raw(octets)

    def raw(self, octets: bytes) -> None:
        """Octets as they are."""
        if self._bits:
            self.put(int.from_bytes(octets, "big"), 8 * len(octets))
        else:
            self.octets += octets

    def finish(self) -> bytes:
        """The octets; the last one is filled, and there is at least one (X.691 11.1)."""
        if self._bits:
            self.put(0, 8 - self._bits)
        return bytes(self.octets) or b"\0"


class Reader:
    """Bits taken one after another; the counterpart of `Writer`."""

    def __init__(self, octets: bytes, *, aligned: bool) -> None:
        self.aligned, self.octets, self.at = aligned, octets, 0

    def take(self, width: int) -> int:
        """The next value of so many bits."""
        end = self.at + width
        if end > 8 * len(self.octets):
            raise WireError(f"it ends after {len(self.octets)} octets, inside an element")
        last = -(-end // 8)
        value = int.from_bytes(self.octets[self.at // 8 : last], "big") >> (8 * last - end)
        self.at = end
        return value & ((1 << width) - 1)

    def align(self) -> None:
        """Go to the next octet, where the variant aligns."""
        if self.aligned:
            self.at = -(-self.at // 8) * 8

    def whole(self, span: int) -> int:
        """A whole number of 0 to `span`."""
        if not self.aligned or span < 255:
            value = self.take(span.bit_length())
        elif span < _LONG:
            self.align()
            value = self.take(8 if span == 255 else 16)
        else:
            most = -(-span.bit_length() // 8)
            used = 1 + self.take((most - 1).bit_length())
            self.align()
            value = self.take(8 * used)
        if value > span:
            raise WireError(f"a number is {value} above its lowest value, and at most {span} is allowed")
        return value

    def string(self) -> bytes:
        """Octets with a length before them."""
        self.align()
        found = b""
        while (first := self.take(8)) & 0xC0 == 0xC0:
            if not 1 <= first & 0x3F <= 4:
                raise WireError(f"a fragment has {first & 0x3F} units, and 1 to 4 are allowed")
            found += self.raw((first & 0x3F) * _FRAGMENT)
        length = (first & 0x3F) << 8 | self.take(8) if first & 0x80 else first
        return found + self.raw(length)

    def raw(self, count: int) -> bytes:
        """So many octets as they are."""
        return self.take(8 * count).to_bytes(count, "big")

    def finish(self) -> None:
        """Check that nothing but filling is left."""
        left = len(self.octets) - max(-(-self.at // 8), 1)
        if left > 0:
            raise WireError(f"{left} octets are left over after its last element")
