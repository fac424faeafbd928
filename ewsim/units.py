"""Time inside the engine, and constants of the protocols with their clause."""

from typing import Final

#: Times inside engine, channels and ledger are integer microseconds since the decision to warn.
US: Final = 1_000_000

#: "Never happened" in an integer time array; sorts after every real time.
NEVER: Final = 2**62

#: Radio access technologies, oldest first; the index is the code used in arrays.
RATS: Final = ("2G", "3G", "4G", "5G")
GSM, UMTS, LTE, NR = range(4)

# --- Cell broadcast, 3GPP TS 23.041 ---------------------------------------------------------------
CB_PAGE_OCTETS: Final = 82  # TS 23.041 9.4.1.2: content of one page
CB_MAX_PAGES: Final = 15  # TS 23.041 9.4.1.2.4
CB_PAGE_GSM7_CHARS: Final = 93  # 82 octets of 7-bit characters
CB_PAGE_UCS2_CHARS: Final = 41

# --- SMS, 3GPP TS 23.040 9.2.3.24 -----------------------------------------------------------------
SMS_GSM7_SINGLE: Final = 160
SMS_GSM7_PART: Final = 153
SMS_UCS2_SINGLE: Final = 70
SMS_UCS2_PART: Final = 67


def to_us(seconds: float) -> int:
    """Seconds [s] to integer microseconds [us], to the nearest."""
    return round(seconds * US)
