"""Licences: which of the listed models' are free for any use, and what the others ask for."""

_FREE = {"Apache-2.0", "MIT"}
_ASKS = {
    "Gemma": "Google's terms forbid some uses and bind whoever the model is passed on to",
    "Llama-3.2": "Meta's terms forbid some uses, and want its name told and another licence for "
    "very large companies",
    "Qwen-Research": "for research alone, no commercial use",
    "CC-BY-NC-4.0": "no commercial use, and its makers are to be named",
    "LFM-Open": "no commercial use by companies of more than 10 million dollars a year",
}


def terms(licence: str) -> str:
    """What a licence asks for, in one clause; empty where it is free for any use."""
    if licence in _FREE:
        return ""
    return _ASKS.get(licence, "read its terms first")
