"""The streamer's frames as texts: requests in, answers, notices and data out."""

import json
from typing import Any

import msgspec

Request = dict[str, Any]
"""One request of a client, unchecked."""


def requests_of(content: str | bytes) -> list[Request]:
    """Return a frame's requests; a single one may come without its list.

    Raises:
        ValueError: the frame is not JSON.
    """
    try:
        document = json.loads(content)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    requests = document.get("requests", [document]) if isinstance(document, dict) else []
    return [each for each in requests if isinstance(each, dict)] if isinstance(requests, list) else []


def parameters_of(request: Request) -> dict[str, str]:
    """Return a request's parameters as texts."""
    parameters = request.get("parameters")
    if not isinstance(parameters, dict):
        return {}
    return {str(name): str(value) for name, value in parameters.items()}


def answer_element(request: Request, code: int, text: str, stamp_ms: int) -> dict[str, object]:
    """Return the element of ``response`` that answers a request."""
    return {
        "service": request.get("service", "ADMIN"),
        "command": request.get("command", ""),
        "requestid": str(request.get("requestid", "")),
        "SchwabClientCorrelId": request.get("SchwabClientCorrelId", ""),
        "timestamp": stamp_ms,
        "content": {"code": code, "msg": text},
    }


def notice_text(service: str, code: int, text: str, stamp_ms: int) -> str:
    """Return the frame of a notice."""
    notice = {"service": service, "timestamp": stamp_ms, "content": {"code": code, "msg": text}}
    return json.dumps({"notify": [notice]})


def data_text(parts: list[tuple[str, list[dict[str, object]]]], stamp_ms: int) -> str:
    """Return the frame of data: services with their content items, in order."""
    return f'{{"data":[{",".join(_data_part(service, items, stamp_ms) for service, items in parts)}]}}'


def _data_part(service: str, items: list[dict[str, object]], stamp_ms: int) -> str:
    # Captures have a space after the service's value; clients must parse, not match.
    head = f'{{"service":"{service}", "timestamp":{stamp_ms},"command":"SUBS","content":'
    return f"{head}{msgspec.json.encode(items).decode()}}}"
