"""Good and bad messages for the rules of the shipped profiles, as `rule_samples` makes them."""

from __future__ import annotations

from cap.rule_samples import BASE, EARLIER, LONG, S, before, changed, cut


def pair(tag, name, value):
    """An element with a name and a value."""
    return f"<{tag}><valueName>{name}</valueName><value>{value}</value></{tag}>"


def square(lat, lon):
    """A ring of a tenth of a degree."""
    corners = [(0, 0), (0, 0.1), (-0.1, 0.1), (-0.1, 0), (0, 0)]
    return " ".join(f"{lat + y:.2f},{lon + x:.2f}" for y, x in corners)


ISLAND = square(15.40, -45.10)


def beside(line, after):
    """A change that puts a line behind an end tag, as far in as most of an <info> is."""
    return (after, f"{after}\n    {line}")


def at(name, lat, lon, *geocodes):
    """Changes that move the area of the base somewhere."""
    return [
        ("Harbour quarter", name),
        (ISLAND, square(lat, lon)),
        ("</polygon>", "\n      ".join(["</polygon>", *geocodes])),
    ]


def second_info(text, language, event, headline, description, instruction):
    """A change that adds the <info> again in another language."""
    info = text[text.index("  <info>") : text.index("</alert>")]
    own = {
        "language": language,
        "event": event,
        "headline": headline,
        "description": description,
        "instruction": instruction,
    }
    for name, words in own.items():
        start, end = info.index(f"<{name}>") + len(name) + 2, info.index(f"</{name}>")
        info = info[:start] + words + info[end:]
    return ("</alert>", f"{info}</alert>")


CMAM = "Storm surge today. Leave the low streets of the harbour by noon. Go to high ground."
ONSET = cut("    <onset>2026-05-01T13:00:00-03:00</onset>\n")
US = changed(
    BASE,
    [
        ("en-GB", "en-US"),
        ONSET,
        ("<info>", "<code>IPAWSv1.0</code>\n  <info>"),
        beside(pair("eventCode", "SAME", "SSW"), "</certainty>"),
        beside(pair("parameter", "WEAHandling", "Imminent Threat"), "</instruction>"),
        beside(pair("parameter", "CMAMtext", CMAM), "</value></parameter>"),
        beside(
            pair("parameter", "CMAMlongtext", f"{CMAM} Take medicines and warm clothes."),
            f"{CMAM}</value></parameter>",
        ),
        beside(pair("parameter", "EAS-ORG", "CIV"), "clothes.</value></parameter>"),
        *at("Harbour of San Juan", 18.48, -66.16, pair("geocode", "SAME", "072127")),
    ],
)
US_SPANISH = second_info(
    US,
    "es-US",
    "Marejada ciclónica",
    "Marejada: salga del puerto antes de las doce.",
    "El mar llega a dos metros sobre el muelle a las 14:00.",
    "Vaya a la escuela en la loma. Lleve medicinas y ropa de abrigo.",
)
CP_EVENT = pair("eventCode", "profile:CAP-CP:Event:0.4", "stormSurge")
CP_PLACE = pair("geocode", "profile:CAP-CP:Location:0.3", "1209034")
CP_MINOR = "profile:CAP-CP:0.4:MinorChange"
CANADA_ENGLISH = changed(
    BASE,
    [
        ("en-GB", "en-CA"),
        ("<info>", "<code>profile:CAP-CP:0.4</code>\n  <info>"),
        beside(CP_EVENT, "</certainty>"),
        beside(pair("parameter", "layer:SOREM:1.0:Broadcast_Immediately", "Yes"), "</instruction>"),
        *at("Harbour of Halifax", 44.70, -63.60, CP_PLACE),
    ],
)
CANADA = changed(
    CANADA_ENGLISH,
    [
        second_info(
            CANADA_ENGLISH,
            "fr-CA",
            "Onde de tempête",
            "Submersion marine : quittez le port avant midi.",
            "La mer montera deux mètres au-dessus du quai à 14 h.",
            "Allez à l'école sur la colline. Emportez vos médicaments et des habits chauds.",
        )
    ],
)
AU_CODE = "urn:oasis:names:tc:emergency:cap:1.2:profile:CAP-AU:1.0"
AU_STATE = "http://www.iso.org/iso/country_codes.html"
AU_POSTCODE = "http://www.psma.com.au/?product=postcode-boundaries"
AU_EVENT = pair("eventCode", "AUeventLIST", "stormSurge")
AUSTRALIA = changed(
    BASE,
    [
        ("en-GB", "en-AU"),
        ("<info>", f"<code>{AU_CODE}</code>\n  <info>"),
        beside(AU_EVENT, "</certainty>"),
        *at(
            "Harbour of Darwin",
            -12.40,
            130.80,
            pair("geocode", AU_STATE, "AU-NT"),
            pair("geocode", AU_POSTCODE, "0800"),
        ),
    ],
)
AU_GREEK = second_info(
    AUSTRALIA,
    "el",
    "Πλημμύρα",
    "Φύγετε από το λιμάνι πριν το μεσημέρι.",
    "Η θάλασσα θα ανέβει δύο μέτρα πάνω από την προβλήτα.",
    "Πηγαίνετε στο σχολείο στον λόφο.",
)
UK = changed(
    BASE, [("warnings@example.org", "warnings@example.gov.uk"), *at("Harbour of Hull", 53.80, -0.40)]
)
UK_WELSH = second_info(
    UK,
    "cy",
    "Ymchwydd storm",
    "Gadewch ardal yr harbwr cyn hanner dydd.",
    "Bydd y tonnau ddau fetr uwchben y cei am 14:00.",
    "Ewch i'r ysgol ar y bryn.",
)
EU = changed(
    BASE,
    [
        beside(pair("parameter", "EU-Alert", "Level 2"), "</instruction>"),
        *at("Harbour of Rostock", 54.20, 12.05),
    ],
)
METEOALARM = changed(
    BASE,
    [
        beside(pair("parameter", "awareness_level", "3; orange; Severe"), "</instruction>"),
        beside(pair("parameter", "awareness_type", "7; coastalevent"), "</value></parameter>"),
        *at("Harbour of Rostock", 54.20, 12.05, pair("geocode", "NUTS3", "DE803")),
    ],
)
WMO = changed(BASE, [("sample.NAME", "urn:oid:2.49.0.1.132.0.2026.5.1.1")])

EXPIRES = cut("    <expires>2026-05-01T20:00:00-03:00</expires>\n")
DESCRIPTION = cut("    <description>The sea will stand two metres above the quay at 14:00.</description>\n")
SENDER_NAME = cut("    <senderName>Coast warning service</senderName>\n")
SAID = BASE[BASE.index("<instruction>") : BASE.index("</instruction>")]
INSTRUCTION = cut(f"    {SAID}</instruction>\n")
REFERS = f"<references>{EARLIER}</references>"


def area_of(base):
    """A change that takes the <area> away."""
    return cut(base[base.index("    <area>") : base.index("  </info>")])


def info_of(base):
    """A change that takes the <info> away."""
    return cut(base[base.index("  <info>") : base.index("</alert>")])


def is_a(kind):
    """Changes that make the message an update or a cancel of an earlier one."""
    return [("<msgType>Alert<", f"<msgType>{kind}<"), before("<info>", REFERS)]


def shape_of(base):
    """The first polygon, with its line."""
    start = base.index("      <polygon>")
    return base[start : base.index("</polygon>", start) + 11]


def crossed(base):
    """A change that lets the sides of the polygon cross."""
    ring = shape_of(base)
    first, second, third, fourth, _ = ring[15:-11].split(" ")
    return (ring, f"      <polygon>{first} {third} {second} {fourth} {first}</polygon>\n")


#: Changes that make an update of the Canadian message in which the English text was fixed.
MINOR = [
    *is_a("Update"),
    ("</instruction>", f"</instruction>\n    {pair('parameter', CP_MINOR, 'text')}"),
    ("chauds.</instruction>", f"chauds.</instruction>\n    {pair('parameter', CP_MINOR, 'none')}"),
]
AUTO = (
    "chauds.</instruction>",
    "chauds.</instruction>\n    " + pair("parameter", "profile:CAP-CP:0.4:AutoTranslated", "yes"),
)


def disc(base):
    """Changes from the polygon to a circle."""
    start, end = base.index("<polygon>"), base.index("</polygon>") + 10
    lat, lon = base[start + 9 : end].split(" ")[0].split(",")
    return (base[start:end], f"<circle>{lat},{lon} 5</circle>")


def us(rule, *bad, **more):
    return S(rule, *bad, base=US, profile="ipaws" if rule.startswith("IPAWS") else "wea", **more)


def cp(rule, *bad, **more):
    return S(rule, *bad, base=CANADA, profile="cap-cp", **more)


def au(rule, *bad, **more):
    return S(rule, *bad, base=AUSTRALIA, profile="cap-au", **more)


def uk(rule, *bad, **more):
    return S(rule, *bad, base=UK, profile="uk", **more)


def eu(rule, *bad, **more):
    return S(rule, *bad, base=EU, profile="eu-alert", **more)


def met(rule, *bad, **more):
    return S(rule, *bad, base=METEOALARM, profile="meteoalarm", **more)


NO_EXPIRES = {"beside": "EXPIRES-MISSING"}
NO_REFERENCES = {"beside": "REF-REQUIRED"}
NOTHING_TO_STOP = {"beside": "REF-REQUIRED"}
NO_INFO = {"beside": "INFO-MISSING"}
NO_AREA = {"beside": "DELIVER-AREA"}

IPAWS_RULES = [
    us("IPAWS-CODE", cut("<code>IPAWSv1.0</code>\n  ")),
    us("IPAWS-INFO", info_of(US), **NO_INFO),
    us("IPAWS-REFERENCES", cut(f"{REFERS}\n  "), good=is_a("Update"), **NO_REFERENCES),
    us("IPAWS-EXPIRES", EXPIRES, **NO_EXPIRES),
    us("IPAWS-EVENTCODE", beside(pair("eventCode", "SAME", "CFW"), "</value></eventCode>")),
    us("IPAWS-SAME", (">SSW<", ">ssw<")),
    us("IPAWS-AREA", area_of(US), **NO_AREA),
    us("IPAWS-GEOCODE", cut(f"\n      {pair('geocode', 'SAME', '072127')}")),
    us("IPAWS-GEOCODE-DIGITS", (">072127<", ">72127<")),
    us(
        "IPAWS-CATEGORY",
        (
            "<language>es-US</language>\n    <category>Met<",
            "<language>es-US</language>\n    <category>Safety<",
        ),
        good=[US_SPANISH],
    ),
    us("IPAWS-EVENT", (">SSW<", ">CFW<"), good=[US_SPANISH]),
    us("IPAWS-TEXT", DESCRIPTION),
    us("IPAWS-INSTRUCTION", INSTRUCTION),
    us("IPAWS-TIMES-IGNORED", ("    <expires>", f"{ONSET[0]}    <expires>")),
    us("IPAWS-ZERO-OFFSET", ("<sent>2026-05-01T10:00:00-03:00", "<sent>2026-05-01T13:00:00-00:00")),
    us("IPAWS-EAS-ORG", (">EAS-ORG<", ">EAS-STN-ID<")),
    us("IPAWS-EAS-ORG-CODE", (">CIV<", ">Civil authority<")),
]

WEA_RULES = [
    us("WEA-TEXT-90", (f"{CMAM}<", f"{CMAM} Do not wait.<")),
    us("WEA-TEXT-360", (f"{CMAM} Take", f"{LONG[:297]}{CMAM} Take")),
    us("WEA-ALPHABET", ("Leave the low streets", "Leave the “low” streets")),
    us("WEA-HANDLING", ("Imminent Threat", "Broadcast")),
    us("WEA-IMMINENT-URGENCY", (">Immediate<", ">Future<")),
    us("WEA-IMMINENT-SEVERITY", ("<severity>Severe", "<severity>Moderate")),
    us("WEA-IMMINENT-CERTAINTY", (">Likely<", ">Possible<")),
    us("WEA-EXPIRES", EXPIRES, **NO_EXPIRES),
    us("WEA-AREA", area_of(US), **NO_AREA),
    us("WEA-ACTION", cut("    <responseType>Evacuate</responseType>\n"), INSTRUCTION),
    us("WEA-SENDER", SENDER_NAME),
    us("WEA-24H", ("<expires>2026-05-01T20", "<expires>2026-05-03T20")),
    us(
        "WEA-BLOCKCHANNEL",
        (">EAS<", ">TV<"),
        good=[beside(pair("parameter", "BLOCKCHANNEL", "EAS"), "clothes.</value></parameter>")],
    ),
    us(
        "WEA-BLOCKED",
        (">EAS<", ">CMAS<"),
        good=[beside(pair("parameter", "BLOCKCHANNEL", "EAS"), "clothes.</value></parameter>")],
        beside="DELIVER-SWITCH",
    ),
    us(
        "WEA-SAME-31",
        (
            "</geocode>",
            "</geocode>"
            + "".join(f"\n      {pair('geocode', 'SAME', f'0720{n:02}')}" for n in range(1, 63, 2)),
        ),
    ),
]

CAP_CP_RULES = [
    cp("CAPCP-CODE", cut("<code>profile:CAP-CP:0.4</code>\n  ")),
    cp("CAPCP-INFO", info_of(CANADA), **NO_INFO),
    cp("CAPCP-LANGUAGE", (">en-CA<", ">en<")),
    cp("CAPCP-ENGLISH", (">en-CA<", ">cr-CA<")),
    cp("CAPCP-FRENCH", (">fr-CA<", ">cr-CA<")),
    cp("CAPCP-EVENT", cut(f"\n    {CP_EVENT}"), beside="CAPCP-ONE-EVENT"),
    cp("CAPCP-LOCATION", cut(f"\n      {CP_PLACE}")),
    cp("CAPCP-LOCATION-CODE", (">1209034<", ">Halifax<")),
    cp("CAPCP-AREA", area_of(CANADA), **NO_AREA),
    cp("CAPCP-ONE-EVENT", (">stormSurge<", ">flashFlood<")),
    cp("CAPCP-REFERENCES", cut(f"{REFERS}\n  "), good=is_a("Cancel"), **NOTHING_TO_STOP),
    cp("CAPCP-EXPIRES", EXPIRES, **NO_EXPIRES),
    cp("CAPCP-SENDER", SENDER_NAME),
    cp("CAPCP-RESPONSE", cut("    <responseType>Evacuate</responseType>\n")),
    cp("CAPCP-INSTRUCTION", INSTRUCTION),
    cp("CAPCP-MINOR-CHANGE", (">text<", ">typing mistake<"), good=MINOR),
    cp("CAPCP-MINOR-UPDATE", MINOR[2], beside="CAPCP-MINOR-EVERY"),
    cp("CAPCP-MINOR-EVERY", (f"\n    {pair('parameter', CP_MINOR, 'none')}", ""), good=MINOR),
    cp("CAPCP-AUTO-TRANSLATED", (">yes<", ">by a machine<"), good=[AUTO]),
    cp("CAPCP-GEOMETRY", cut(shape_of(CANADA)), beside="AREA-SHAPE"),
    cp("CAPCP-BROADCAST-IMMEDIATELY", (">Yes<", ">true<")),
    cp(
        "CAPCP-EC-PLACE",
        (">011120<", ">11120<"),
        good=[beside(pair("geocode", "layer:EC-MSC-SMC:1.0:CLC", "011120"), "</polygon>")],
    ),
    cp(
        "CAPCP-WIRELESS-IMMEDIATE",
        (">No<", ">false<"),
        good=[beside(pair("parameter", "layer:SOREM:2.0:WirelessImmediate", "No"), "</value></parameter>")],
    ),
]

CAP_AU_RULES = [
    au("CAPAU-CODE", ("CAP-AU:1.0", "CAP-AU:1")),
    au("CAPAU-INFO", info_of(AUSTRALIA), **NO_INFO),
    au("CAPAU-REFERENCES", cut(f"{REFERS}\n  "), good=is_a("Update"), **NO_REFERENCES),
    au("CAPAU-AREA", area_of(AUSTRALIA), **NO_AREA),
    au("CAPAU-EVENTCODE", cut(f"\n    {AU_EVENT}")),
    au(
        "CAPAU-CATEGORY",
        ("<language>el</language>\n    <category>Met<", "<language>el</language>\n    <category>Safety<"),
        good=[AU_GREEK],
    ),
    au("CAPAU-EVENT", (">stormSurge<", ">flood<"), good=[AU_GREEK]),
    au(
        "CAPAU-CANCEL-EFFECTIVE",
        before("<onset>", "<effective>2026-05-01T10:00:00-03:00</effective>"),
        good=is_a("Cancel"),
    ),
    au("CAPAU-SENDER", ("warnings@example.org<", "warnings.example.org<")),
    au("CAPAU-GEOCODE", cut(f"\n      {pair('geocode', AU_STATE, 'AU-NT')}"), (AU_POSTCODE, "suburb")),
    au("CAPAU-ISO3166", (">AU-NT<", ">NT<")),
    au("CAPAU-POSTCODE", (">0800<", ">800<")),
]

UK_RULES = [
    uk("UK-MSGTYPE", ("<msgType>Cancel<", "<msgType>Update<"), good=is_a("Cancel")),
    uk("UK-ONE-INFO", UK_WELSH),
    uk("UK-REFERENCES", cut(f"{REFERS}\n  "), good=is_a("Cancel"), **NOTHING_TO_STOP),
    uk("UK-DESCRIPTION", DESCRIPTION),
    uk("UK-LENGTH", ("The sea will", f"{LONG}The sea will"), beside="DELIVER-TRUNCATED"),
    uk("UK-POLYGON", disc(UK)),
    uk("UK-SIMPLE", crossed(UK), beside="POLY-CROSSING"),
    uk("UK-EXPIRES", EXPIRES, **NO_EXPIRES),
]

EU_RULES = [
    eu("EUALERT-EXPIRES", EXPIRES, **NO_EXPIRES),
    eu("EUALERT-REFERENCES", cut(f"{REFERS}\n  "), good=is_a("Update"), **NO_REFERENCES),
    eu("EUALERT-GEOMETRY", area_of(EU), **NO_AREA),
    eu("EUALERT-LEVEL", ("Level 2", "Level 7")),
    eu("EUALERT-LENGTH", ("The sea will", f"{LONG}The sea will"), beside="DELIVER-TRUNCATED"),
    eu("EUALERT-INSTRUCTION", INSTRUCTION),
]

METEOALARM_RULES = [
    met("METEOALARM-LEVEL", ("3; orange; Severe", "orange")),
    met("METEOALARM-LEVEL-AGREES", ("3; orange; Severe", "3; yellow; Severe")),
    *(
        met(
            f"METEOALARM-{colour.upper()}",
            (f"<severity>{word}<", "<severity>Unknown<"),
            good=[
                ("3; orange; Severe", f"{number}; {colour}; {word}"),
                ("<severity>Severe<", f"<severity>{word}<"),
            ],
        )
        for number, colour, word in (
            (1, "green", "Minor"),
            (2, "yellow", "Moderate"),
            (3, "orange", "Severe"),
            (4, "red", "Extreme"),
        )
    ),
    met("METEOALARM-TYPE", ("7; coastalevent", "coastal event")),
    met("METEOALARM-TYPE-KNOWN", ("7; coastalevent", "11; storm surge")),
    met(
        "METEOALARM-GEOCODE",
        cut(f"\n      {pair('geocode', 'NUTS3', 'DE803')}"),
        cut(shape_of(METEOALARM)),
        beside="AREA-SHAPE",
    ),
    met("METEOALARM-EXPIRES", EXPIRES, **NO_EXPIRES),
    met("METEOALARM-REFERENCES", cut(f"{REFERS}\n  "), good=is_a("Cancel"), **NOTHING_TO_STOP),
    met("METEOALARM-ENGLISH", (">en-GB<", ">de-DE<")),
    met("METEOALARM-CATEGORY", (">Met<", ">Safety<")),
]

WMO_RULES = [
    S("WMO-OID", ("2.49.0.1.132", "2.49.0.0.132"), base=WMO, profile="wmo"),
    S("WMO-URN", cut("urn:oid:"), base=WMO, profile="wmo"),
]

PROFILES = [
    *IPAWS_RULES,
    *WEA_RULES,
    *CAP_CP_RULES,
    *CAP_AU_RULES,
    *UK_RULES,
    *EU_RULES,
    *METEOALARM_RULES,
    *WMO_RULES,
]
