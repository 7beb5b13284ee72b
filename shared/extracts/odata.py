"""What the OData feed says: its service document, its metadata, and entities with their paging."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from xml.etree import ElementTree as xml

from shared.extracts.tables import Column, ColumnKind, Table

_EDMX = "http://docs.oasis-open.org/odata/ns/edmx"
_EDM = "http://docs.oasis-open.org/odata/ns/edm"
_CAPABILITIES = "Org.OData.Capabilities.V1"
_TYPES: dict[ColumnKind, str] = {
    "text": "Edm.String",
    "number": "Edm.Double",
    "integer": "Edm.Int32",
    "boolean": "Edm.Boolean",
    "date": "Edm.Date",
    "moment": "Edm.DateTimeOffset",
}


def service_document(base: str, entity_sets: Iterable[str]) -> dict[str, Any]:
    return {
        "@odata.context": f"{base}/$metadata",
        "value": [{"name": name, "kind": "EntitySet", "url": name} for name in entity_sets],
    }


def metadata_document(namespace: str, entity_sets: Mapping[str, Table], sorted_by: Collection[str] = ()) -> bytes:
    """The schema in CSDL, with what the feed does not offer said in the words clients look for; `sorted_by` names the
    sets that may be asked for in any order."""
    root = xml.Element("edmx:Edmx", {"xmlns:edmx": _EDMX, "Version": "4.0"})
    services = xml.SubElement(root, "edmx:DataServices")
    schema = xml.SubElement(services, "Schema", {"xmlns": _EDM, "Namespace": namespace})
    for name, table in entity_sets.items():
        entity = xml.SubElement(schema, "EntityType", {"Name": _entity(table)})
        key = xml.SubElement(entity, "Key")
        for part in table.key:
            xml.SubElement(key, "PropertyRef", {"Name": part})
        for column in table.columns:
            _property(entity, column)
        assert name == table.entity_set
    container = xml.SubElement(schema, "EntityContainer", {"Name": "Container"})
    for name, table in entity_sets.items():
        entity_set = xml.SubElement(
            container, "EntitySet", {"Name": name, "EntityType": f"{namespace}.{_entity(table)}"}
        )
        fixed = () if name in sorted_by else ("SortRestrictions/Sortable",)
        for term in (*fixed, "InsertRestrictions/Insertable", "SearchRestrictions/Searchable"):
            _restriction(entity_set, *term.split("/"))
    # What a client may send: without it some send functions, are refused, and tell their user that the feed is broken.
    level = xml.SubElement(container, "Annotation", {"Term": f"{_CAPABILITIES}.ConformanceLevel"})
    xml.SubElement(level, "EnumMember").text = f"{_CAPABILITIES}.ConformanceLevelType/Minimal"
    functions = xml.SubElement(container, "Annotation", {"Term": f"{_CAPABILITIES}.FilterFunctions"})
    xml.SubElement(functions, "Collection")
    written: bytes = xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _entity(table: Table) -> str:
    return table.entity_set.removesuffix("s")


def _property(entity: xml.Element, column: Column) -> None:
    given = {"Name": column.name, "Type": _TYPES[column.kind], "Nullable": "true" if column.nullable else "false"}
    said = xml.SubElement(xml.SubElement(entity, "Property", given), "Annotation")
    said.attrib.update({"Term": "Org.OData.Core.V1.Description", "String": column.about})


def _restriction(entity_set: xml.Element, term: str, name: str) -> None:
    annotation = xml.SubElement(entity_set, "Annotation", {"Term": f"{_CAPABILITIES}.{term}"})
    record = xml.SubElement(annotation, "Record")
    xml.SubElement(record, "PropertyValue", {"Property": name, "Bool": "false"})


def entities(
    base: str, table: Table, rows: Sequence[Mapping[str, Any]], chosen: Sequence[str], following: str | None,
    count: int | None,
) -> dict[str, Any]:  # fmt: skip
    """A page of entities, with the address of the next where there is one."""
    fragment = table.entity_set + (f"({','.join(chosen)})" if len(chosen) < len(table.columns) else "")
    found: dict[str, Any] = {"@odata.context": f"{base}/$metadata#{fragment}"}
    if count is not None:
        found["@odata.count"] = count
    found["value"] = [entity(table, row, chosen) for row in rows]
    if following is not None:
        found["@odata.nextLink"] = following
    return found


def entity(table: Table, row: Mapping[str, Any], chosen: Sequence[str]) -> dict[str, Any]:
    kinds = {column.name: column.kind for column in table.columns}
    return {name: _value(row[name], kinds[name]) for name in chosen}


def _value(value: Any, kind: ColumnKind) -> Any:
    if kind == "number" and value is not None:
        return float(value)
    return value.isoformat() if isinstance(value, date | datetime) else value
