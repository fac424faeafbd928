"""Why something was refused: the causes of each protocol, in the order of their numbers."""

from typing import Final

_LAST: Final = """transfer syntax error; semantic error; message not compatible with receiver state;
    abstract syntax error (reject); abstract syntax error (ignore and notify);
    abstract syntax error (falsely constructed message)"""
_TEXTS: Final = {
    # TS 48.049 8.2.13
    "CBSP": """parameter not recognised; parameter value invalid; message reference not identified;
        cell identity not valid; unrecognised message; missing mandatory element; BSC capacity exceeded;
        cell memory exceeded; BSC memory exceeded; cell broadcast not supported;
        cell broadcast not operational; incompatible DRX parameter; extended channel not supported;
        message reference already used; unspecified error; LAI or LAC not valid""",
    # TS 25.419 9.2.4
    "SABP": f"""parameter not recognised; parameter value invalid; valid message not identified;
        service area identity not valid; unrecognised message; missing mandatory element;
        RNC capacity exceeded; RNC memory exceeded; service area broadcast not supported;
        service area broadcast not operational; message reference already used; unspecified error;
        {_LAST}""",
    # TS 29.168 4.4.5
    "SBc-AP": f"""message accepted; parameter not recognised; parameter value invalid;
        valid message not identified; tracking area not valid; unrecognised message;
        missing mandatory element; MME capacity exceeded; MME memory exceeded;
        warning broadcast not supported; warning broadcast not operational;
        message reference already used; unspecified error; {_LAST}""",
}
CAUSES: Final = {
    protocol: tuple(" ".join(cause.split()) for cause in text.split(";")) for protocol, text in _TEXTS.items()
}
