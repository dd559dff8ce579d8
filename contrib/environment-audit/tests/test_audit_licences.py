from __future__ import annotations

from typing import Any

import pytest

from plugwork_environment_audit.allowance import is_allowed
from plugwork_environment_audit.licences import Family, LicenceSource, family_of

MIT_TEXT = (
    "Copyright someone\n\n"
    "Permission is hereby granted, free of charge, to any person\nobtaining a copy ..."
)
BSD_TEXT = "Redistribution and use in source and\nbinary forms, with or without modification ..."


def licence_of(site: Any, *fields: str, **files: str) -> Any:
    info = "pkg-1.0.dist-info"
    site.install("pkg", {f"{info}/{name}": text for name, text in files.items()}, fields=fields)
    return site.audit()["pkg"].licence


@pytest.mark.parametrize(
    ("field", "expression"),
    [
        ("License-Expression: mit or apache-2.0", "MIT OR Apache-2.0"),
        ("License: MIT", "MIT"),
        ("License: The MIT License", "MIT"),
        ("License: BSD 3-Clause License", "BSD-3-Clause"),
        ("License: new BSD", "BSD-3-Clause"),
        ("License: Apache License, Version 2.0", "Apache-2.0"),
        ("License: Apache-2.0", "Apache-2.0"),
        ("License: LGPLv3+", "LGPL-3.0-or-later"),
        ("License: MPL-2.0 AND MIT", "MPL-2.0 AND MIT"),
        ("License: MIT/Apache-2.0", "MIT OR Apache-2.0"),
        ("License: GPLv3 or BSD", "GPL-3.0-only OR LicenseRef-BSD"),
        ("Classifier: License :: OSI Approved :: MIT License", "MIT"),
        ("Classifier: License :: OSI Approved :: BSD License", "LicenseRef-BSD"),
        ("Classifier: License :: Public Domain", "LicenseRef-Public-Domain"),
    ],
)
def test_each_way_of_writing_a_licence_is_understood(
    site: Any, field: str, expression: str
) -> None:
    assert licence_of(site, field).expression == expression


@pytest.mark.parametrize(
    "fields",
    [
        (),
        ("License: see the file",),
        ("License: UNKNOWN",),
        ("License-Expression: MIT OR nonsense",),
        ("Classifier: License :: OSI Approved",),
        ("Classifier: License :: Something New",),
    ],
)
def test_what_cannot_be_understood_is_unknown(site: Any, fields: tuple[str, ...]) -> None:
    licence = licence_of(site, *fields)
    assert (licence.expression, licence.source) == ("", LicenceSource.NONE)
    assert licence.family is Family.UNKNOWN


def test_the_expression_wins_over_the_field_and_the_field_over_classifiers(site: Any) -> None:
    classifier = "Classifier: License :: OSI Approved :: ISC License (ISCL)"
    both = licence_of(site, "License: MIT", classifier)
    assert (both.expression, both.source) == ("MIT", LicenceSource.FIELD)
    all_three = licence_of(site, "License-Expression: Zlib", "License: MIT", classifier)
    assert (all_three.expression, all_three.source) == ("Zlib", LicenceSource.EXPRESSION)


def test_several_classifiers_are_alternatives(site: Any) -> None:
    prefix = "Classifier: License :: OSI Approved ::"
    licence = licence_of(site, f"{prefix} MIT License", f"{prefix} Apache Software License")
    assert licence.expression == "MIT OR Apache-2.0"


def test_a_licence_file_speaks_when_metadata_is_silent(site: Any) -> None:
    licence = licence_of(site, LICENSE=MIT_TEXT)
    assert (licence.expression, licence.source) == ("MIT", LicenceSource.TEXT)


def test_a_licence_file_named_by_metadata_is_found(site: Any) -> None:
    licence = licence_of(site, "License-File: TERMS", **{"licenses/TERMS": MIT_TEXT})
    assert licence.expression == "MIT"


def test_some_bsd_is_told_apart_by_its_text(site: Any) -> None:
    licence = licence_of(site, "License: BSD", LICENSE=BSD_TEXT)
    assert (licence.expression, licence.source) == ("BSD-2-Clause", LicenceSource.TEXT)


def test_a_whole_text_in_the_field_is_recognised(site: Any) -> None:
    indented = MIT_TEXT.replace("\n", "\n        ")
    assert licence_of(site, f"License: {indented}").expression == "MIT"


def test_an_unknown_licence_quotes_what_was_written(site: Any) -> None:
    assert licence_of(site, "License: ask Bob").written == "ask Bob"


@pytest.mark.parametrize(
    ("expression", "family"),
    [
        ("MIT", Family.PERMISSIVE),
        ("LicenseRef-BSD", Family.PERMISSIVE),
        ("CC0-1.0", Family.PUBLIC_DOMAIN),
        ("LGPL-3.0-only", Family.WEAK_COPYLEFT),
        ("GPL-3.0-only", Family.STRONG_COPYLEFT),
        ("AGPL-3.0-or-later", Family.STRONG_COPYLEFT),
        ("GPL-3.0-only OR MIT", Family.PERMISSIVE),
        ("MPL-2.0 AND MIT", Family.WEAK_COPYLEFT),
        ("LicenseRef-House", Family.OTHER),
        ("LicenseRef-Proprietary", Family.PROPRIETARY),
    ],
)
def test_families_follow_the_mildest_choice(expression: str, family: Family) -> None:
    assert family_of(expression) is family


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only AND MIT", False),
        ("MIT AND Apache-2.0", True),
        ("MIT AND (GPL-3.0-only OR Apache-2.0)", True),
        ("(MIT AND GPL-3.0-only) OR GPL-2.0-only", False),
        ("MIT OR GPL-3.0-only AND GPL-2.0-only", True),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("GPL-2.0-only WITH Classpath-exception-2.0 OR MIT", True),
        ("", False),
    ],
)
def test_an_expression_is_allowed_when_a_choice_of_it_is(expression: str, allowed: bool) -> None:
    assert is_allowed(expression, ["mit", "Apache-2.0"]) is allowed
