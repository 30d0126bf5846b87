"""JSON Schema of each file, for editors: ``python -m acd.rules.file_schema [--check]`` writes docs/schema/.

Made from the shapes that check the files, so an editor knows every key, its kind, its bounds and what it
means (the sentence below the field in its shape). What only the whole can tell, such as a name that nobody
declared, is `acd check`'s. With ``--check`` nothing is written; exit status 1 says that a file and the shapes
differ.

JSON Schema 2020-12 (https://json-schema.org/draft/2020-12/json-schema-core).
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final, get_args, get_type_hints

from pydantic import BaseModel

from acd.errors import NotFound
from acd.rules.book import Book
from acd.rules.case_shape import CasesFile
from acd.rules.cases import CASES
from acd.rules.fallback_shape import FallbackFile
from acd.rules.goals_shape import GoalsFile
from acd.rules.privacy_shape import PrivacyFile
from acd.rules.sentences import did_you_mean
from acd.rules.settings import Settings

__all__ = ["SCHEMAS", "file_of", "main", "name_of", "schema_of", "shapes", "text_of"]

SCHEMAS: Final = Path(__file__).resolve().parents[2] / "docs/schema"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

Json = dict[str, Any]


@cache
def shapes() -> dict[str, type[BaseModel]]:
    """The shape of each kind of file, by the file's name; ``cases/`` for worked cases."""
    pages = {f"{field}.yaml": get_args(page)[0] for field, page in get_type_hints(Book).items()}
    beside = {
        "fallback.yaml": FallbackFile,
        "privacy.yaml": PrivacyFile,
        "goals.yaml": GoalsFile,
        "acd.yaml": Settings,
    }
    return {**pages, f"{CASES}/": CasesFile, **beside}


def name_of(file: Path) -> str:
    """Which kind of file this is, by its name and folder.

    Raises:
        NotFound: None that has a schema.
    """
    if file.parent.name == CASES:
        return f"{CASES}/"
    if file.name not in shapes():
        sentence = f"'{file.name}' is no file of the configuration;{did_you_mean(file.name, list(shapes()))}"
        raise NotFound(sentence)
    return file.name


def schema_of(name: str) -> Json:
    """The schema of one kind of file."""
    shape = shapes()[name]
    schema = shape.model_json_schema()
    for model, described in _parts(shape, schema):
        _describe(model, described)
    return {"$schema": DIALECT, **schema, "title": name}


def _parts(shape: type[BaseModel], schema: Json) -> Iterator[tuple[type[BaseModel], Json]]:
    """Yield each model in the schema with its part of it."""
    models = {model.__name__: model for model in _models(shape, set())}
    yield shape, schema
    for name, part in schema.get("$defs", {}).items():
        if name in models:
            yield models[name], part


def _models(annotation: Any, seen: set[type[BaseModel]]) -> set[type[BaseModel]]:
    """All models that an annotation leads to."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation not in seen:
            seen.add(annotation)
            for field in annotation.model_fields.values():
                _models(field.annotation, seen)
    else:
        for part in get_args(annotation):
            _models(part, seen)
    return seen


def _describe(model: type[BaseModel], part: Json) -> None:
    """Say what each key means, and which keys stand for a secret."""
    properties = part.get("properties", {})
    for name, sentence in _sentences(model).items():
        if name in properties:
            properties[name]["description"] = sentence
    for name, keys in getattr(model, "written_as", {}).items():
        if name in properties:
            del properties[name]
            properties.update({key: {"type": "string", "title": key} for key in keys})
            required = part.get("required", [])
            if name in required:
                required.remove(name)


def _sentences(model: type[BaseModel]) -> dict[str, str]:
    """The sentences below the fields of a shape, as they stand in its source."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(body, ast.ClassDef), "a shape is a class"
    found: dict[str, str] = {}
    for field, after in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
            and isinstance(after.value.value, str)
        ):
            found[field.target.id] = " ".join(after.value.value.split())
    return found


def file_of(name: str) -> Path:
    """Where the schema of a kind of file is kept."""
    return SCHEMAS / f"{name.removesuffix('/').removesuffix('.yaml')}.schema.json"


def text_of(name: str) -> str:
    """The schema as it is written down."""
    return json.dumps(schema_of(name), indent=1, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write the schemas, or with ``--check`` compare them."""
    differing = [
        name for name in shapes() if not file_of(name).exists() or file_of(name).read_text() != text_of(name)
    ]
    if arguments == ["--check"]:
        for name in differing:
            sys.stderr.write(f"{file_of(name)} differs; run python -m acd.rules.file_schema\n")
        return 1 if differing else 0
    SCHEMAS.mkdir(exist_ok=True)
    for name in differing:
        file_of(name).write_text(text_of(name))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
