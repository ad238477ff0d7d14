"""What machines read to find the data: DCAT 3 as JSON-LD, and schema.org's words.

A table is a dataset of its own with its files as distributions; the packs of places are a series.
Addresses are the province's, or relative to the catalogue where it has none.

Source: W3C Data Catalog Vocabulary (DCAT) version 3; SPDX checksums; schema.org Dataset,
WebSite, GovernmentService.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

from generator.config import Config
from generator.data.catalog import Catalog, Table
from generator.domain.place import Gazetteer
from generator.mirror.manifest import Entry
from generator.site import routes
from generator.site.exports import PARQUET_ARCHIVE, json_route, parquet_route
from generator.site.offers import MEDIA_TYPES, Edition

DCAT_ROUTE: Final = "download/dcat.json"
_CONTEXT: Final = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_MEDIA: Final = "https://www.iana.org/assignments/media-types/"


def format_dcat(
    catalog: Catalog, gazetteer: Gazetteer, edition: Edition, offers: Mapping[str, Entry]
) -> bytes:
    """The catalogue as JSON-LD."""
    base = edition.base or routes.root_of(DCAT_ROUTE)
    tables = [
        _table_dataset(
            table, base, edition, _distribute(table_routes(table), base, edition, offers)
        )
        for table in catalog.tables
    ]
    series = f"{base}{routes.DOWNLOADS}#packs"
    packs = []
    for prefecture in gazetteer.prefectures:
        for code in (prefecture.code, *(county.code for county in prefecture.counties)):
            route = routes.district_pack_route(code)
            packs.append(
                {
                    "@id": f"{base}{route}#dataset",
                    "@type": "dcat:Dataset",
                    "dct:title": _chinese(f"{gazetteer.full_name(code)}数据包"),
                    "dct:identifier": code,
                    "dcat:inSeries": {"@id": series},
                    "dcat:distribution": _distribute([route], base, edition, offers),
                }
            )
    whole = {
        "@id": f"{base}{routes.DOWNLOADS}#parquet",
        "@type": "dcat:Dataset",
        "dct:title": _chinese("其余各表（Parquet）"),
        "dcat:distribution": _distribute([PARQUET_ARCHIVE], base, edition, offers),
    }
    document = {
        "@context": _CONTEXT,
        "@id": f"{base}{DCAT_ROUTE}",
        "@type": "dcat:Catalog",
        "dct:title": _chinese(edition.title),
        "dct:description": _chinese(edition.description),
        "dct:publisher": {"@type": "foaf:Agent", "foaf:name": _chinese(edition.publisher)},
        "dct:license": {"@id": edition.licence_url},
        "dct:language": {"@id": "http://id.loc.gov/vocabulary/iso639-1/zh"},
        "dct:modified": _day(edition),
        "dcat:version": edition.version,
        "foaf:homepage": {"@id": f"{base}{routes.HOME}"},
        "dcat:dataset": [
            *tables,
            whole,
            {
                "@id": series,
                "@type": "dcat:DatasetSeries",
                "dct:title": _chinese("各地数据包"),
            },
            *packs,
        ],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def table_routes(table: Table) -> list[str]:
    """The addresses at which a table may be offered; not each table is at all of them."""
    if table.format == "parquet":
        return [parquet_route(table.name)]
    return [routes.table_route(table.name), parquet_route(table.name), json_route(table.name)]


def _table_dataset(
    table: Table, base: str, edition: Edition, files: list[dict[str, object]]
) -> dict[str, object]:
    return {
        "@id": f"{base}{routes.dictionary_route(table.name)}#dataset",
        "@type": "dcat:Dataset",
        "dct:title": _chinese(table.title),
        "dct:description": _chinese(table.description),
        "dct:identifier": table.name,
        "dct:modified": _day(edition),
        "dct:publisher": {"@type": "foaf:Agent", "foaf:name": _chinese(edition.publisher)},
        "dcat:version": edition.version,
        "dcat:landingPage": {"@id": f"{base}{routes.dictionary_route(table.name)}"},
        "dcat:distribution": files,
    }


def _distribute(
    wanted: Iterable[str], base: str, edition: Edition, offers: Mapping[str, Entry]
) -> list[dict[str, object]]:
    return [
        {
            "@id": base + route,
            "@type": "dcat:Distribution",
            "dcat:downloadURL": {"@id": base + route},
            "dcat:mediaType": {"@id": _MEDIA + MEDIA_TYPES[route.rpartition(".")[2]]},
            "dcat:byteSize": {
                "@type": "xsd:nonNegativeInteger",
                "@value": str(offers[route].size_bytes),
            },
            "dct:license": {"@id": edition.licence_url},
            "spdx:checksum": {
                "@type": "spdx:Checksum",
                "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
                "spdx:checksumValue": {"@type": "xsd:hexBinary", "@value": offers[route].sha256},
            },
        }
        for route in wanted
        if route in offers
    ]


def _chinese(text: str) -> dict[str, str]:
    return {"@language": "zh", "@value": text}


def _day(edition: Edition) -> dict[str, str]:
    return {"@type": "xsd:date", "@value": edition.data_date.isoformat()}


def describe_dataset(edition: Edition, offers: Mapping[str, Entry]) -> dict[str, object]:
    """The dataset in schema.org's words, for the page that offers it."""
    chosen = ("download/datapackage.json", PARQUET_ARCHIVE, DCAT_ROUTE)
    return {
        "@type": "Dataset",
        "@id": f"{edition.url}#dataset",
        "name": edition.title,
        "description": edition.description,
        "url": edition.url,
        "license": edition.licence_url,
        "version": edition.version,
        "dateModified": edition.data_date.isoformat(),
        "inLanguage": "zh-CN",
        "isAccessibleForFree": True,
        "creator": {"@type": "GovernmentOrganization", "name": edition.publisher},
        "distribution": [
            {
                "@type": "DataDownload",
                "contentUrl": edition.base + route,
                "encodingFormat": MEDIA_TYPES[route.rpartition(".")[2]],
                "contentSize": f"{offers[route].size_bytes} B",
                "sha256": offers[route].sha256,
            }
            for route in chosen
            if route in offers
        ],
    }


def describe_site(config: Config) -> dict[str, object]:
    """The site and the service behind it in schema.org's words, for the home page."""
    if not config.canonical:
        return {}
    publisher = {
        "@type": "GovernmentOrganization",
        "name": config.host.get("sponsor", config.site_name),
        "areaServed": config.province,
    }
    return {
        "@graph": [
            {
                "@type": "WebSite",
                "name": config.site_name,
                "url": config.canonical,
                "inLanguage": "zh-CN",
                "publisher": publisher,
                "potentialAction": {
                    "@type": "SearchAction",
                    "target": f"{config.canonical}{routes.SEARCH}?q={{search_term_string}}",
                    "query-input": "required name=search_term_string",
                },
            },
            {
                "@type": "GovernmentService",
                "name": "12369 环保举报热线",
                "serviceType": "环境违法行为举报",
                "areaServed": config.province,
                "provider": publisher,
                "availableChannel": {
                    "@type": "ServiceChannel",
                    "serviceUrl": f"{config.canonical}report.html",
                    "servicePhone": {"@type": "ContactPoint", "telephone": "12369"},
                },
            },
        ]
    }
