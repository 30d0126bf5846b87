"""Write docs/openapi.json and the tables of docs/api.md: ``python -m acd.web.document [--check]``.

Both are made from the route table. With ``--check`` nothing is written; exit status 1 says that a file
and the table differ. The document is OpenAPI 3.1: its schemas are those of the pydantic models, as they
are (JSON Schema 2020-12).
"""

from __future__ import annotations

import functools
import json
import re
import sys
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from acd import __version__
from acd.store.records import Role
from acd.web.agents import PURPOSE
from acd.web.answers import Problem
from acd.web.door import KEY
from acd.web.models import PURPOSE_LENGTH_MAX, PURPOSE_LENGTH_MIN, NoBody
from acd.web.once import KEY_LENGTH_MAX
from acd.web.problems import CONTENT_TYPE, KINDS
from acd.web.routes import CSV, EVENTS, JSON, AnyRoute
from acd.web.table import ROUTES

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
OPENAPI: Final = DOCS / "openapi.json"
GUIDE: Final = DOCS / "api.md"

Json = dict[str, Any]

IF_MATCH: Final = r'^(\*|[0-9]{1,15}|(W/)?"[0-9]{1,15}")$'
_PARAMETER: Final = re.compile(r"\{(\w+)\}")
_EXAMPLES: Final = {
    "agent": "a0001",
    "queue": "generale",
    "call": "ast1-1700000000.1",
    "token": "0123456789ab",
    "scope": "national",
    "override": "1",
    "revision": "1",
    "slot": "1",
    "report": "day",
}
_DESCRIPTION: Final = (
    "Every answer that is not a success is a Problem with a stable id. Lists are read page by page: hand"
    " `next` back as `after`. docs/api.md explains it with examples."
)


def openapi() -> Json:
    """The OpenAPI document."""
    schemas, names = _schemas()
    paths: dict[str, Json] = {}
    for route in ROUTES:
        paths.setdefault(route.url, {})[route.method.lower()] = _operation(route, names)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "acd",
            "version": __version__,
            "summary": "An automatic call distributor beside Asterisk",
            "description": _DESCRIPTION,
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


@functools.cache
def served() -> bytes:
    """The document as the API serves it; made once."""
    return json.dumps(openapi(), ensure_ascii=False).encode()


def problems_of(route: AnyRoute) -> tuple[str, ...]:
    """The ids of everything that can go wrong on a route."""
    found = {"request", *route.problems}
    if not route.is_open:
        found |= {"unauthorized", "forbidden", "too-many", "store-unavailable"}
    if route.is_write:
        found |= {"media-type", "too-large"}
    if route.method == "POST":
        found |= {"idempotency-key-reused"}
    return tuple(kind for kind in KINDS if kind in found)


def _operation(route: AnyRoute, names: Mapping[type[BaseModel], str]) -> Json:
    operation: Json = {
        "operationId": f"{route.method.lower()}{re.sub(r'[^a-z]+', '_', route.path)}".rstrip("_"),
        "summary": route.summary,
        "description": f"For: {_who(route)}.",
        "parameters": [*_path(route), *_query(route), *_headers(route)],
        "responses": {str(int(route.status)): _success(route, names), **_failures(route, names)},
    }
    if route.body is not NoBody:
        content = (
            {"schema": {"type": "string"}} if route.takes == CSV else {"schema": _ref(names[route.body])}
        )
        required = any(field.is_required() for field in route.body.model_fields.values())
        operation["requestBody"] = {"required": required, "content": {route.takes: content}}
    if route.is_open:
        operation["security"] = []
    return operation


def _who(route: AnyRoute) -> str:
    """Who may take a route."""
    if route.is_open:
        return "Everybody"
    own = "the agent" if route.own_agent else ""
    ladder = {None: "", Role.AGENT: "whoever has a token", Role.ADMIN: "admin"}.get(
        route.role, f"{route.role} and above"
    )
    return ", ".join(who for who in (own, ladder) if who)


def _path(route: AnyRoute) -> list[Json]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1, "maxLength": 64},
            "example": _EXAMPLES[name],
        }
        for name in _PARAMETER.findall(route.path)
    ]


def _query(route: AnyRoute) -> list[Json]:
    schema = route.query.model_json_schema()
    found: list[Json] = []
    for name, of_field in schema["properties"].items() if schema.get("properties") else ():
        plain = _not_null(of_field)
        description = plain.pop("description", "")
        found.append(
            {
                "name": name,
                "in": "query",
                "required": name in schema.get("required", ()),
                "description": description,
                "schema": plain,
            }
        )
    return found


def _not_null(schema: Json) -> Json:
    """In a query nothing is null: it is there or not."""
    found = {key: value for key, value in schema.items() if key not in {"title", "anyOf"}}
    for branch in schema.get("anyOf", ()):
        if branch != {"type": "null"}:
            found.update(branch)
    if found.get("default", 0) is None:
        del found["default"]
    return found


def _headers(route: AnyRoute) -> list[Json]:
    found: list[Json] = []
    if route.method == "POST":
        found.append(
            _header(
                KEY,
                "The same key with the same request gets the same answer for 24 hours.",
                pattern=f"^[!-~]{{1,{KEY_LENGTH_MAX}}}$",
            )
        )
    if route.if_match:
        found.append(_header("If-Match", "ETag of the roster this change was made for.", pattern=IF_MATCH))
    if route.purpose:
        about = "Why you look at another person's state; wanted of everybody but the agent, and audited."
        found.append(_header(PURPOSE, about, minLength=PURPOSE_LENGTH_MIN, maxLength=PURPOSE_LENGTH_MAX))
    return found


def _header(name: str, description: str, **bounds: object) -> Json:
    schema = {"type": "string", **bounds}
    return {"name": name, "in": "header", "required": False, "description": description, "schema": schema}


def _success(route: AnyRoute, names: Mapping[type[BaseModel], str]) -> Json:
    answer: Json = {"description": route.answer.__doc__ or ""}
    match route.gives:
        case _ if route.gives == CSV:
            answer["content"] = {CSV: {"schema": {"type": "string"}}}
        case _ if route.gives == EVENTS:
            answer["description"] = "A stream; the data of each event is an " + names[route.answer]
            answer["content"] = {EVENTS: {"schema": {"type": "string"}}}
        case _:
            answer["content"] = {JSON: {"schema": _ref(names[route.answer])}}
    if route.etag:
        schema = {"type": "string"}
        answer["headers"] = {
            "ETag": {"description": "Revision of the roster.", "required": True, "schema": schema}
        }
    return answer


def _failures(route: AnyRoute, names: Mapping[type[BaseModel], str]) -> Json:
    by_status: dict[HTTPStatus, list[str]] = {}
    for kind in problems_of(route):
        by_status.setdefault(KINDS[kind].status, []).append(kind)
    content = {CONTENT_TYPE: {"schema": _ref(names[Problem])}}
    return {
        str(int(status)): {"description": ", ".join(kinds), "content": content}
        for status, kinds in by_status.items()
    }


def _schemas() -> tuple[Json, dict[type[BaseModel], str]]:
    """Every model that is asked or answered, and its name."""
    models: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(Problem, "serialization"): None}
    for route in ROUTES:
        if route.takes == JSON and route.body is not NoBody:
            models[route.body, "validation"] = None
        if route.gives != CSV:
            models[route.answer, "serialization"] = None
    _, schema = models_json_schema(list(models), ref_template="#/components/schemas/{model}")
    found: Json = schema["$defs"]
    return dict(sorted(found.items())), {model: model.__name__ for model, _ in models}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


# ── the tables of docs/api.md ────────────────────────────────────────────────────────────────


def _routes_table() -> str:
    rows = [f"| {route.method} | `{route.url}` | {_who(route)} | {route.summary} |" for route in ROUTES]
    return "\n".join(("| Method | Path | For | What |", "|---|---|---|---|", *rows))


def _problems_table() -> str:
    rows = [f"| `{kind}` | {int(found.status)} | {found.what_to_do} |" for kind, found in KINDS.items()]
    return "\n".join(("| Id | Status | What to do |", "|---|---|---|", *rows))


def guide(text: str) -> str:
    """docs/api.md with its tables as they must be."""
    for name, table in {"routes": _routes_table(), "problems": _problems_table()}.items():
        begin, end = f"<!-- {name}: written by acd.web.document -->", f"<!-- end of {name} -->"
        before, found, rest = text.partition(begin)
        _, also_found, after = rest.partition(end)
        if not (found and also_found):
            raise ValueError(f"{GUIDE} has lost the marks around the table of {name}.")
        text = f"{before}{begin}\n{table}\n{end}{after}"
    return text


def files() -> dict[Path, str]:
    """Each file that is written from the table, with what must stand in it."""
    return {
        OPENAPI: json.dumps(openapi(), indent=1, ensure_ascii=False) + "\n",
        GUIDE: guide(GUIDE.read_text(encoding="utf-8")),
    }


def main(arguments: Iterable[str]) -> int:
    """Write the files, or compare them; the exit status."""
    status = 0
    for path, text in files().items():
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            sys.stderr.write(f"{path} differs from acd/web/table.py; run python -m acd.web.document\n")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
