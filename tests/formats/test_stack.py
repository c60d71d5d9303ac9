"""Files of stacks: what each kind of line means, and what is refused, with its line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from releases.formats.errors import FormatError
from releases.formats.stack import MAX_BYTES, MAX_COMPONENTS, read_stack
from releases.formats.stack.component import MAX_PROBLEMS


def names(text: bytes | str) -> list[str]:
    """The components of a file, with their versions."""
    return [str(component) for component in read_stack(text).components]


def purls(text: str) -> list[str]:
    return [f"{each.purl}@{each.version}" for each in read_stack(text).components]


def problems(text: str) -> list[str]:
    """What could not be read of a file that can be used."""
    return [str(problem) for problem in read_stack(text).problems]


def refused(text: bytes | str) -> list[str]:
    with pytest.raises(FormatError) as caught:
        read_stack(text)
    return [str(problem) for problem in caught.value.problems]


def bill(*components: object, **keys: Any) -> str:
    return json.dumps({"bomFormat": "CycloneDX", "components": list(components)} | keys)


# ---- requirements --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Django==5.2.1", "Django 5.2.1"),
        ("Django == 5.2.1 ; python_version > '3'", "Django 5.2.1"),
        ("Django===5.2.1", "Django 5.2.1"),
        ("Django==5.2.*", "Django 5.2"),
        ("Django~=5.2.1", "Django 5.2"),
        ("Django~=5.2", "Django"),
        ("Django>=4,==5.2.1", "Django 5.2.1"),
        ("Django>=5", "Django"),
        ("Django", "Django"),
        ("Django[argon2,bcrypt]==5.2.1", "Django 5.2.1"),
        ("Django==1!5.2", "Django 5.2"),
        ("Django==5.2.1  # why", "Django 5.2.1"),
        ("Django==5.2.1 --hash=sha256:00 --hash=sha256:11", "Django 5.2.1"),
        ("Django @ file:///x/Django-5.2.1-py3-none-any.whl#sha256=0", "Django 5.2.1"),
        ("Django @ https://example.org/django-5.2.1.tar.gz", "Django 5.2.1"),
        ("Django @ git+https://example.org/django.git@main", "Django"),
    ],
)
def test_a_requirement(line: str, expected: str) -> None:
    """What is pinned, if anything is."""
    assert names(line) == [expected]
    assert purls(line)[0].startswith("pkg:pypi/django@")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("-e git+https://example.org/django.git@0a1b2c#egg=Django", "Django"),
        ("--editable=git+ssh://git@example.org/x.git#egg=x-y&subdirectory=z", "x-y"),
        ("git+https://example.org/django.git#subdirectory=z&egg=Django[argon2]", "Django"),
        ("https://example.org/Django-5.2.1-py3-none-any.whl --hash=sha256:0", "django 5.2.1"),
        ("file:///x/django-5.2.1.tar.gz#sha256=0", "django 5.2.1"),
    ],
)
def test_an_address(line: str, expected: str) -> None:
    """What it installs, by what it says of itself: nothing is fetched."""
    assert names(line) == [expected]
    assert problems(line) == []


@pytest.mark.parametrize(
    "url", ["git+https://example.org/x.git", "https://[::1", "https://example.org/#egg=a&egg=b"]
)
def test_an_address_that_names_nothing(url: str) -> None:
    """It is named as it stands, not left out in silence."""
    assert names(f"Django==5.2.1\n-e {url}\n") == ["Django 5.2.1"]
    assert problems(f"Django==5.2.1\n-e {url}\n") == [
        f"line 2: “{url}” is no requirement such as Django==5.2.1."
    ]


def test_what_is_no_requirement_of_its_own_is_left_out() -> None:
    text = "-r base.txt\n--index-url https://example.org\n-e ./cart\n\n# no\nDjango==5.2.1\n"
    assert names(text) == ["Django 5.2.1"]
    assert problems(text) == []


def test_lines_that_go_on() -> None:
    """The line is the first one; a comment ends what goes on, as pip has it."""
    text = "a==1 \\\n  --hash=sha256:00 \\\n  --hash=sha256:11\nb==2 \\\n# no \\\nc==3 \\"
    found = read_stack(text).components
    assert [(str(each), each.line) for each in found] == [("a 1", 1), ("b 2", 4), ("c 3", 6)]


def test_bad_lines_are_named_and_the_rest_is_read() -> None:
    text = "Django==5.2.1\n./cart.whl\npytest = 9\n"
    assert names(text) == ["Django 5.2.1"]
    assert problems(text) == [
        "line 2: “./cart.whl” is no requirement such as Django==5.2.1.",
        "line 3: “pytest = 9” is no requirement such as Django==5.2.1.",
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_editors_do(end: str) -> None:
    """A form feed or a separator of Unicode begins no line."""
    text = end.join(["a==1", "\x0c", "b==2", "# \u2028", "c = 3"])
    assert [each.line for each in read_stack(text).components] == [1, 3]
    assert problems(text)[0].startswith("line 5: ")


def test_each_is_listed_once() -> None:
    """And not without a version besides, where one line says which."""
    assert names("django\nDjango==5.2.1\nDJANGO==5.2.1\nDjango==4.2\n") == [
        "Django 5.2.1",
        "Django 4.2",
    ]


# ---- TOML ----------------------------------------------------------------------------------------


def test_a_project() -> None:
    """Its dependencies, extras and groups, and the Python it asks for."""
    text = """
[project]
requires-python = "==3.12.*"
dependencies = ["Django==5.2.1", "nonsense here"]
optional-dependencies = { docs = ["sphinx==8.1"] }
[dependency-groups]
test = ["pytest==9.0", {include-group = "docs"}]
"""
    assert names(text) == ["python 3.12", "Django 5.2.1", "sphinx 8.1", "pytest 9.0"]
    assert problems(text) == ["line 4: “nonsense here” is no requirement such as Django==5.2.1."]


def test_the_line_of_a_dependency_is_that_of_its_own_text() -> None:
    """Not of one that holds the same letters; where an escape hides it, none is given."""
    text = """# redis
[project]
name = "redis-cart"
dependencies = [
    "redis",
    'celery; python_version < "4"',
    "\\u0064jango",
]
"""
    assert [(each.name, each.line) for each in read_stack(text).components] == [
        ("redis", 5),
        ("celery", 6),
        ("django", 0),
    ]


@pytest.mark.parametrize(
    ("wanted", "version"),
    [
        ('"5.2.1"', " 5.2.1"),
        ('"==5.2.1"', " 5.2.1"),
        ('"5.2.*"', " 5.2"),
        ('"~5.2.1"', " 5.2"),
        ('"~5.2"', " 5.2"),
        ('"^5.2"', ""),
        ('"*"', ""),
        ('">=5.2,<6"', ""),
        ('{ version = "5.2.1", extras = ["x"] }', " 5.2.1"),
        ('{ git = "https://example.org" }', ""),
        ('[{ version = "5.2" }]', ""),
        ("5", ""),
    ],
)
def test_what_poetry_pins(wanted: str, version: str) -> None:
    text = f"[tool.poetry.dependencies]\nDjango = {wanted}\npython = {wanted}\n"
    assert names(text) == [f"Django{version}", f"python{version}"]


def test_a_lock_file_has_what_is_not_the_project() -> None:
    text = """
version = 1
[[package]]
name = "django"
version = "5.2.1"
source = { registry = "https://example.org" }
[[package]]
name = "shop"
version = "0.1"
source = { virtual = "." }
[[package]]
name = "cart"
version = "0.1"
source = { type = "directory", url = "cart" }
"""
    assert names(text) == ["django 5.2.1"]


def test_the_lock_file_of_another_language() -> None:
    """Its packages are none of PyPI, whatever they are called."""
    package = 'name = "redis"\nversion = "0.27.6"\nsource = "registry+https://example.org/index"\n'
    assert refused(f"version = 4\n\n[[package]]\n{package}") == [
        "It is a lock file, but none of uv, Poetry or pip."
    ]


def test_toml_that_is_none() -> None:
    assert refused("[project]\nname = \n") == ["line 2: It is no TOML here."]
    assert refused('[project]\nname = "x') == ["line 2: It is no TOML here."]


# ---- npm -----------------------------------------------------------------------------------------


def test_a_lock_file_of_npm() -> None:
    packages = {
        "": {"name": "shop", "version": "1.0.0"},
        "node_modules/a": {"version": "1.0.0"},
        "node_modules/a/node_modules/@b/c": {"version": "2.0.0"},
        "node_modules/cart": {"resolved": "cart", "link": True},
        "cart": {"name": "cart", "version": "1.0.0"},
        "node_modules/d": {"name": "e", "version": "3.0.0"},
        "node_modules/f": 1,
    }
    assert purls(json.dumps({"lockfileVersion": 3, "packages": packages})) == [
        "pkg:npm/a@1.0.0",
        "pkg:npm/%40b/c@2.0.0",
        "pkg:npm/e@3.0.0",
    ]


def test_the_older_form() -> None:
    tree = {
        "a": {"version": "1.0.0", "dependencies": {"b": {"version": "2.0.0"}}},
        "c": {"version": "npm:@d/e@3.0.0"},
        "cart": {"version": "file:cart"},
        "f": {"version": "git+ssh://git@example.org/f.git#0"},
        "g": None,
    }
    assert purls(json.dumps({"lockfileVersion": 1, "dependencies": tree})) == [
        "pkg:npm/a@1.0.0",
        "pkg:npm/%40d/e@3.0.0",
        "pkg:npm/f@",
        "pkg:npm/b@2.0.0",
    ]


# ---- bills of materials --------------------------------------------------------------------------


def test_a_bill_of_materials() -> None:
    """With what is inside of others; not that which it is of."""
    inner = {"type": "library", "name": "b", "purl": "pkg:npm/%40x/b@2?arch=all#sub"}
    text = bill(
        {"type": "library", "name": "a", "version": "1", "components": [inner]},
        {"type": "library", "group": "@x", "name": "c", "version": "3"},
        metadata={"component": {"name": "shop", "version": "1", "components": [{"name": "d"}]}},
    )
    assert names(text) == ["d", "a 1", "@x/c 3", "b 2"]
    assert "pkg:npm/%40x/b@2" in purls(text)


def test_operating_systems_go_by_their_names() -> None:
    assert purls(bill({"type": "operating-system", "name": "debian", "version": "12.5"})) == [
        "pkg:generic/debian@12.5"
    ]


def test_images_in_a_bill_are_those_of_a_dockerfile() -> None:
    """With or without the namespace of the official ones; a digest is no version."""
    images = [
        {"name": "python", "purl": "pkg:docker/python@3.12-slim"},
        {"name": "debian", "purl": "pkg:docker/library/debian@bookworm-20240101"},
        {"name": "redis", "purl": "pkg:docker/bitnami/redis@sha256%3A00"},
    ]
    assert purls(bill(*images)) == [
        "pkg:docker/library/python@3.12",
        "pkg:docker/library/debian@bookworm",
        "pkg:docker/bitnami/redis@",
    ]


def test_epochs_of_distributions_are_no_part_of_a_version() -> None:
    package = {
        "name": "redis",
        "version": "5:7.0.15-1",
        "purl": "pkg:deb/debian/redis@5%3A7.0.15-1",
    }
    assert purls(bill(package)) == ["pkg:deb/debian/redis@7.0.15-1"]


def test_what_is_not_read_of_a_bill_may_be_anything() -> None:
    """Newer words, mistakes in what nobody asks for."""
    odd = {"name": "a", "version": "1", "type": "quantum", "hashes": [{"alg": "X"}], "x": 1}
    text = bill(odd, specVersion="9.9", serialNumber="x", vulnerabilities=[1])
    assert names(text) == ["a 1"]


def test_mistakes_in_a_bill_are_named_by_their_path() -> None:
    text = bill(
        {"name": "a", "version": 1, "components": [{"name": "b", "purl": "nonsense"}]}, {}, "x"
    )
    assert names(text) == ["a", "b"]
    assert problems(text) == [
        "components[1]: It is no component with a name.",
        "components[2]: It is no component with a name.",
        "components[0].components[0].purl: “nonsense” is no package URL, such as"
        " pkg:pypi/django@5.2.1.",
    ]


def test_a_bill_that_is_nested_without_end() -> None:
    component: dict[str, Any] = {"name": "a"}
    for _ in range(60):
        component = {"name": "a", "components": [component]}
    assert "nested more than 50 deep" in refused(bill(component))[0]


# ---- Dockerfiles ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("python:3.12", "pkg:docker/library/python@3.12"),
        ("python:3.12-slim-bookworm", "pkg:docker/library/python@3.12"),
        ("python:3.13-rc-slim", "pkg:docker/library/python@3.13-rc"),
        ("python", "pkg:docker/library/python@"),
        ("python@sha256:00", "pkg:docker/library/python@"),
        ("python:3.12@sha256:00", "pkg:docker/library/python@3.12"),
        ("python:alpine3.19", "pkg:docker/library/python@"),
        ("debian:bookworm-20240101-slim", "pkg:docker/library/debian@bookworm"),
        ("ubuntu:noble", "pkg:docker/library/ubuntu@noble"),
        ("node:v20", "pkg:docker/library/node@20"),
        ("docker.io/library/python:3.12", "pkg:docker/library/python@3.12"),
        ("docker.io/python:3.12", "pkg:docker/library/python@3.12"),
        ("bitnami/redis:7.2", "pkg:docker/bitnami/redis@7.2"),
        ("localhost:5000/python", "pkg:oci/python?repository_url=localhost:5000@"),
        ("localhost/python:3", "pkg:oci/python?repository_url=localhost@3"),
        ("ghcr.io/a/b:1", "pkg:oci/b?repository_url=ghcr.io/a@1"),
    ],
)
def test_an_image(image: str, expected: str) -> None:
    assert purls(f"FROM {image}\n") == [expected]


def test_a_dockerfile() -> None:
    """Stages of its own are no images; arguments before the first of them are filled in."""
    text = """# syntax=docker/dockerfile:1
ARG VERSION=3.12 BASE=python:${VERSION}-slim
FROM --platform=$BUILDPLATFORM ${BASE} AS build
ARG VERSION=2
RUN echo \\
    "[project]"
from node:${NODE:-20} as Node
FROM scratch
FROM build AS again
FROM node
FROM python:$VERSION
"""
    found = read_stack(text)
    assert found.kind == "Dockerfile"
    assert [(str(each), each.line) for each in found.components] == [
        ("python 3.12", 3),
        ("node 20", 7),
    ]


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("python:$V", ["python 3.12"]),
        ("python:${V}", ["python 3.12"]),
        ("python:${V:-3.13}", ["python 3.12"]),
        ("python:${W:-3.13}", ["python 3.13"]),
        ("python:${W-3.13}", ["python 3.13"]),
        ("python${V:+:3.11}", ["python 3.11"]),
        ("python${W:+:3.11}", ["python"]),
        ("python:$W", ["python"]),
    ],
)
def test_a_variable(image: str, expected: list[str]) -> None:
    """As Docker fills it in."""
    assert names(f"ARG V=3.12\nARG W\nFROM {image}\n") == expected


def test_here_documents_name_no_images() -> None:
    """What stands in one is another language; a shift to the left begins none."""
    text = """FROM python:3.12
RUN <<END cat && <<-"OTHER" cat
from os import path
END
FROM users
OTHER
RUN echo $((1<<END)) 1 << 2 <<<END
FROM node:22
"""
    assert names(text) == ["python 3.12", "node 22"]
    assert problems(text) == []


def test_from_lines_alone() -> None:
    """Wherever they stand."""
    assert names("RUN true\nFROM python:3.12\n") == ["python 3.12"]


def test_an_image_that_cannot_be_read() -> None:
    text = "FROM python:3.12\nFROM $NOTHING\nFROM a b c\nFROM a${b%c}\n"
    assert names(text) == ["python 3.12"]
    assert problems(text) == [
        "line 2: “FROM $NOTHING” names no image, such as FROM python:3.13.",
        "line 3: “FROM a b c” names no image, such as FROM python:3.13.",
        "line 4: “FROM a${b%c}” names no image, such as FROM python:3.13.",
    ]


def test_variables_in_variables_do_not_grow() -> None:
    lines = ["ARG a0=xxxxxxxxxx", *(f"ARG a{n}=" + f"$a{n - 1}" * 50 for n in range(1, 40))]
    assert "is no name and version" in refused("\n".join([*lines, "FROM $a39"]))[1]


# ---- versions of Python --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "version"),
    [
        ("python-3.12.4\n", "runtime.txt", "3.12.4"),
        ("3.12\n", ".python-version", "3.12"),
        ("3.13.0rc1", ".python-version", "3.13.0rc1"),
        ("3.14-dev", ".python-version", "3.14-dev"),
        ("3.13t", ".python-version", "3.13"),
        ("3.13+freethreaded", ".python-version", "3.13"),
        ("cpython-3.12.1-linux-x86_64-gnu", ".python-version", "3.12.1"),
        ("cpython@3.12", ".python-version", "3.12"),
        ("# mine\n3.12\n3.11\n", ".python-version", "3.12"),
    ],
)
def test_a_version_of_python(text: str, kind: str, version: str) -> None:
    stack = read_stack(text)
    assert (stack.kind, stack.components[0].version) == (kind, version)
    assert stack.components[0].purl == "pkg:generic/python"


def test_versions_of_several_pythons() -> None:
    """As pyenv has them, a line each."""
    text = "# mine\n3.12.4  # first\n\npypy3.10-7.3.15\n3.9\nsystem\n"
    stack = read_stack(text)
    assert stack.kind == ".python-version"
    assert [(each.purl, each.version, each.line) for each in stack.components] == [
        ("pkg:generic/python", "3.12.4", 2),
        ("pkg:generic/pypy", "7.3.15", 4),
        ("pkg:generic/python", "3.9", 5),
    ]
    assert problems(text) == ["line 6: “system” is no version of Python such as 3.13."]


# ---- any file ------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    """Also those that Windows writes, with its ends of lines."""
    assert names("Django==5.2.1\r\npytest==9\r\n".encode(encoding)) == ["Django 5.2.1", "pytest 9"]
    assert names("\ufeffDjango==5.2.1\r\n") == ["Django 5.2.1"]


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "It is empty."),
        (" \n\t\n", "It is empty."),
        (b"\xff\xfea", "It is no text in UTF-8."),
        (b"\x80\x81", "It is no text in UTF-8."),
        (b"a==1\x00", "It is no text."),
        (b"a" * (MAX_BYTES + 1), "It is larger than 1 MB."),
        ("{", "line 1: It is no JSON here."),
        ('{\n"a": 1\n"b"}', "line 3: It is no JSON here."),
        ("{}", "It is JSON, but neither a package-lock.json nor CycloneDX."),
        ("[{}]", "It is JSON, but neither a package-lock.json nor CycloneDX."),
        ('{"a": ' + "[" * 100_000, "It is no JSON that can be read."),
        ('{"a": ' + "1" * 5_000 + "}", "It is no JSON that can be read."),
        ("[a]\nb = " + "[" * 100_000, "It is no TOML that can be read."),
        ("[a]\nb = " + "1" * 5_000, "It is no TOML that can be read."),
        ("[a]\n\n" + "b." * 100 + "c = 1", "line 3: A key has more than 32 parts."),
        (
            "# nothing\n",
            "It names no packages or images. It was read as requirements.txt.",
        ),
        (
            "[project]\nname = 'x'\n",
            "It names no packages or images. It was read as pyproject.toml.",
        ),
        (
            '{"lockfileVersion": 3}',
            "It names no packages or images. It was read as package-lock.json.",
        ),
        (
            "".join(f"p{number}\n" for number in range(MAX_COMPONENTS + 1)),
            f"line {MAX_COMPONENTS + 1}: It has more than 5,000 components.",
        ),
        ("p\n" * (MAX_COMPONENTS + 1), "line 5001: It has more than 5,000 components."),
        (bill(*[{"name": "p"}] * 5_001), "It has more than 5,000 components."),
    ],
    ids=lambda value: ascii(value[:40]),
)
def test_what_is_refused(raw: bytes | str, sentence: str) -> None:
    """With a sentence, and the line where there is one."""
    assert refused(raw) == [sentence]


def test_as_much_as_is_allowed() -> None:
    """To the last byte and the last component."""
    text = "".join(f"p{number}\n" for number in range(MAX_COMPONENTS))
    assert len(names(text + "#" * (MAX_BYTES - len(text)))) == MAX_COMPONENTS


def test_prose_is_refused_with_the_first_lines() -> None:
    """Not with each of them."""
    found = refused("This is no file of packages.\n" * (MAX_PROBLEMS + 9))
    assert found[0] == "It has more than 50 mistakes. It was read as requirements.txt."
    assert len(found) == 6
    assert found[1].startswith("line 1: “This is no file of packages.” is no requirement")


@pytest.mark.parametrize("name", ["x" * 300, "a\x1b[31m", "a\ud800b", "a\nb"], ids=ascii)
def test_names_are_short_and_of_one_line(name: str) -> None:
    """Whatever a file says: nothing that a terminal or a page would obey, nothing without end."""
    text = json.dumps(
        {"lockfileVersion": 3, "packages": {f"node_modules/{name}": {"version": "1"}}}
    )
    try:
        (component,) = read_stack(text).components
    except FormatError as error:
        assert len(str(error)) < 300  # noqa: PT017
        return
    assert len(component.name) <= 200
    component.name.encode()
    assert not set("\x1b\n\ud800") & set(component.name)


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 900_000 + "x",
        "1" * 900_000 + "!",
        "a; " + "(" * 900_000,
        "a; " + "(" * 1_000,
        "\\\n" * 400_000 + "x",
        "a " + " --hash" * 100_000,
        "a[" + "b," * 900 + "b]==1",
        "a==" + "1." * 900,
        "FROM " + " " * 900_000 + "--x",
        "FROM " + "--a " * 200_000,
        "ARG a=" + "x" * 400_000 + "\nFROM " + "$a" * 200_000,
        "[project]\n" + "a." * 400_000,
        "[project]\n[" + "a." * 400_000,
        '[project]\n"' + '\\"' * 400_000,
        '[project]\n"="' + '."="' * 200_000,
        "[project]\nx = {" + "a." * 400_000,
        "[project]\nx = " + "{a=" * 300_000,
        "[project]\nx = 0x" + "f" * 900_000,
        "[project]\n#" + "x\n#" * 150_000 + "\ndependencies = [" + '"bb",' * 100_000 + "]",
        "[project]\n" + "x\n" * 2 + '"' * 900_000,
        "FROM a\nRUN " + " <<END" * 150_000,
        "a @ https://" + "[" * 900_000,
        "-e https://x#" + "egg=a&" * 150_000,
        "[[package]]\n" * 70_000,
        '{"a":' * 180_000,
        '{"lockfileVersion":1,"dependencies":' + '{"a":{"dependencies":' * 400 + "1" + "}" * 801,
    ],
    ids=lambda text: text[:24].encode("unicode_escape").decode(),
)
def test_nothing_takes_long(text: str) -> None:
    """What makes careless parsers hang is read or refused: a test that hangs would not end."""
    try:
        read_stack(text)
    except FormatError as error:
        assert error.problems  # noqa: PT017
