"""Stack files: the meaning of every kind of line, and rejected files with their lines."""

from __future__ import annotations

import json
from typing import Any

import pytest

from releases.domain.ranges import Range
from releases.formats.errors import FormatError
from releases.formats.stack import LIMITS, read_stack
from releases.formats.stack.component import MAX_PROBLEMS

REQUIREMENTS = "requirements.txt"
LOCK = "package-lock.json"
QUESTION = "What is the file called? Give its name, such as requirements.txt."


def names(text: bytes | str, name: str = "") -> list[str]:
    """Return the components of a file with their versions."""
    return [str(component) for component in read_stack(text, name).components]


def purls(text: str, name: str = "") -> list[str]:
    return [f"{each.purl}@{each.version}" for each in read_stack(text, name).components]


def problems(text: str, name: str = "") -> list[str]:
    """Return the problems of a file that is accepted."""
    return [str(problem) for problem in read_stack(text, name).problems]


def rejected(text: bytes | str, name: str = "") -> list[str]:
    with pytest.raises(FormatError) as caught:
        read_stack(text, name)
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
        ("Django==5.2.*", "Django"),
        ("Django~=5.2.1", "Django"),
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
def test_only_a_pinned_requirement_has_a_version(line: str, expected: str) -> None:
    assert names(line, REQUIREMENTS) == [expected]
    assert purls(line, REQUIREMENTS)[0].startswith("pkg:pypi/django@")


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
def test_url_requirement_is_identified_without_a_download(line: str, expected: str) -> None:
    assert names(line) == [expected]
    assert problems(line) == []


def test_range_of_a_requirement_is_kept() -> None:
    """The versions of the product decide what it means."""
    components = read_stack("a>=4.2,<5\nb~=5.2.1\nc\nd==1.0\n").components
    ranges = [each.wanted for each in components]
    assert ranges == [Range("pypi", "<5,>=4.2"), Range("pypi", "~=5.2.1"), None, None]


@pytest.mark.parametrize(
    "url", ["git+https://example.org/x.git", "https://[::1", "https://example.org/#egg=a&egg=b"]
)
def test_url_without_a_name_is_reported(url: str) -> None:
    assert names(f"Django==5.2.1\n-e {url}\n", REQUIREMENTS) == ["Django 5.2.1"]
    assert problems(f"Django==5.2.1\n-e {url}\n", REQUIREMENTS) == [
        f"line 2: “{url}” is no requirement such as Django==5.2.1."
    ]


def test_lines_without_a_requirement_are_skipped() -> None:
    text = "-r base.txt\n--index-url https://example.org\n-e ./cart\n\n# no\nDjango==5.2.1\n"
    assert names(text) == ["Django 5.2.1"]
    assert problems(text) == []


def test_continued_lines() -> None:
    """The line number is that of the first line. A comment ends the continuation, as in pip."""
    text = "a==1 \\\n  --hash=sha256:00 \\\n  --hash=sha256:11\nb==2 \\\n# no \\\nc==3 \\"
    found = read_stack(text).components
    assert [(str(each), each.line) for each in found] == [("a 1", 1), ("b 2", 4), ("c 3", 6)]


def test_invalid_lines_are_reported_and_the_others_parsed() -> None:
    text = "Django==5.2.1\n./cart.whl\npytest = 9\nredis\n"
    assert names(text, REQUIREMENTS) == ["Django 5.2.1", "redis"]
    assert problems(text, REQUIREMENTS) == [
        "line 2: “./cart.whl” is no requirement such as Django==5.2.1.",
        "line 3: “pytest = 9” is no requirement such as Django==5.2.1.",
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_editors_do(end: str) -> None:
    """Form feeds and Unicode separators do not start a line."""
    text = end.join(["a==1", "\x0c", "b==2", "# \u2028", "c = 3"])
    assert [each.line for each in read_stack(text, REQUIREMENTS).components] == [1, 3]
    assert problems(text, REQUIREMENTS)[0].startswith("line 5: ")


def test_component_is_listed_once() -> None:
    """An entry without a version is dropped if another line has one."""
    assert names("django\nDjango==5.2.1\nDJANGO==5.2.1\nDjango==4.2\n") == [
        "Django 5.2.1",
        "Django 4.2",
    ]


# ---- TOML ----------------------------------------------------------------------------------------


def test_pyproject() -> None:
    """It has dependencies, extras, groups and the required Python version."""
    text = """
[project]
requires-python = "==3.12.*"
dependencies = ["Django==5.2.1", "nonsense here"]
optional-dependencies = { docs = ["sphinx==8.1"] }
[dependency-groups]
test = ["pytest==9.0", {include-group = "docs"}]
"""
    assert names(text) == ["python", "Django 5.2.1", "sphinx 8.1", "pytest 9.0"]
    assert problems(text) == ["line 4: “nonsense here” is no requirement such as Django==5.2.1."]


def test_line_of_a_dependency_is_that_of_its_own_text() -> None:
    """Text that merely contains it does not count. Escaped text has no line."""
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
        ('"5.2.*"', ""),
        ('"~5.2.1"', ""),
        ('"~5.2"', ""),
        ('"^5.2"', ""),
        ('"*"', ""),
        ('">=5.2,<6"', ""),
        ('{ version = "5.2.1", extras = ["x"] }', " 5.2.1"),
        ('{ git = "https://example.org" }', ""),
        ('[{ version = "5.2" }]', ""),
        ("5", ""),
    ],
)
def test_poetry_dependencies(wanted: str, version: str) -> None:
    text = f"[tool.poetry.dependencies]\nDjango = {wanted}\npython = {wanted}\n"
    assert names(text) == [f"Django{version}", f"python{version}"]


def test_lock_file_excludes_the_project() -> None:
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


def test_lock_file_of_another_language_is_not_read_as_one_of_python() -> None:
    """Its packages may have names that exist on PyPI."""
    package = 'name = "redis"\nversion = "0.27.6"\nsource = "registry+https://example.org/index"\n'
    text = f"version = 4\n\n[[package]]\n{package}"
    assert purls(text) == ["pkg:cargo/redis@0.27.6"]
    assert rejected(text, "uv.lock") == ["It is a lock file, but no uv.lock."]


def test_invalid_toml_is_rejected() -> None:
    assert rejected("[project]\nname = \n") == ["line 2: It is no TOML here."]
    assert rejected('[project]\nname = "x') == ["line 2: It is no TOML here."]


# ---- npm -----------------------------------------------------------------------------------------


def test_npm_lock_file() -> None:
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


def test_older_npm_lock_file() -> None:
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


def test_bill_of_materials() -> None:
    """Nested components are included, but the subject of the bill is not."""
    inner = {"type": "library", "name": "b", "purl": "pkg:npm/%40x/b@2?arch=all#sub"}
    text = bill(
        {"type": "library", "name": "a", "version": "1", "components": [inner]},
        {"type": "library", "group": "@x", "name": "c", "version": "3"},
        metadata={"component": {"name": "shop", "version": "1", "components": [{"name": "d"}]}},
    )
    assert names(text) == ["d", "a 1", "@x/c 3", "b 2"]
    assert "pkg:npm/%40x/b@2" in purls(text)


def test_operating_systems_are_identified_by_name() -> None:
    assert purls(bill({"type": "operating-system", "name": "debian", "version": "12.5"})) == [
        "pkg:generic/debian@12.5"
    ]


def test_images_of_a_bill_equal_those_of_a_dockerfile() -> None:
    """The namespace of official images is optional, and a digest is no version."""
    images = [
        {"name": "python", "purl": "pkg:docker/python@3.12-slim"},
        {"name": "debian", "purl": "pkg:docker/library/debian@bookworm-20240101"},
        {"name": "redis", "purl": "pkg:docker/bitnami/redis@sha256%3A00"},
    ]
    assert purls(bill(*images)) == [
        "pkg:docker/library/python@3.12",
        "pkg:docker/library/debian@12",
        "pkg:docker/bitnami/redis@",
    ]


def test_epoch_of_a_distribution_is_removed_from_the_version() -> None:
    package = {
        "name": "redis",
        "version": "5:7.0.15-1",
        "purl": "pkg:deb/debian/redis@5%3A7.0.15-1",
    }
    assert purls(bill(package)) == ["pkg:deb/debian/redis@7.0.15-1"]


def test_unused_values_of_a_bill_may_be_anything() -> None:
    """They may be newer or wrong."""
    odd = {"name": "a", "version": "1", "type": "quantum", "hashes": [{"alg": "X"}], "x": 1}
    text = bill(odd, specVersion="9.9", serialNumber="x", vulnerabilities=[1])
    assert names(text) == ["a 1"]


def test_problems_of_a_bill_have_their_path() -> None:
    text = bill(
        {"name": "a", "version": 1, "components": [{"name": "b", "purl": "nonsense"}]},
        {},
        "x",
        {"name": "c"},
    )
    assert names(text) == ["a", "c", "b"]
    assert problems(text) == [
        "components[1]: It is no component with a name.",
        "components[2]: It is no component with a name.",
        "line 1: components[0].components[0].purl: “nonsense” is no package URL, such as"
        " pkg:pypi/django@5.2.1.",
    ]


def test_deeply_nested_bill_is_rejected() -> None:
    component: dict[str, Any] = {"name": "a"}
    for _ in range(60):
        component = {"name": "a", "components": [component]}
    assert "nested more than 50 deep" in rejected(bill(component))[0]


# ---- Dockerfiles ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("python:3.12", "pkg:docker/library/python@3.12"),
        ("python:3.13-rc-slim", "pkg:docker/library/python@3.13-rc"),
        ("python", "pkg:docker/library/python@"),
        ("python@sha256:00", "pkg:docker/library/python@"),
        ("python:3.12@sha256:00", "pkg:docker/library/python@3.12"),
        ("node:v20", "pkg:docker/library/node@20"),
        ("docker.io/library/python:3.12", "pkg:docker/library/python@3.12"),
        ("docker.io/python:3.12", "pkg:docker/library/python@3.12"),
        ("bitnami/redis:7.2", "pkg:docker/bitnami/redis@7.2"),
        ("localhost:5000/python", "pkg:oci/python?repository_url=localhost:5000@"),
        ("localhost/python:3", "pkg:oci/python?repository_url=localhost@3"),
        ("ghcr.io/a/b:1", "pkg:oci/b?repository_url=ghcr.io/a@1"),
    ],
)
def test_image(image: str, expected: str) -> None:
    assert purls(f"FROM {image}\n") == [expected]


def test_dockerfile() -> None:
    """Its own stages are not images, and arguments before the first stage are substituted."""
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
def test_variable_is_substituted_like_in_docker(image: str, expected: list[str]) -> None:
    assert names(f"ARG V=3.12\nARG W\nFROM {image}\n") == expected


def test_here_documents_contain_no_images() -> None:
    """Their content is another language. The `<<` of a shift starts none."""
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


def test_from_line_is_accepted_anywhere() -> None:
    assert names("RUN true\nFROM python:3.12\n") == ["python 3.12"]


def test_invalid_image_is_reported() -> None:
    text = "FROM python:3.12\nFROM $NOTHING\nFROM a b c\nFROM a${b%c}\nFROM node\nFROM redis\n"
    assert names(text) == ["python 3.12", "node", "redis"]
    assert problems(text) == [
        "line 2: “FROM $NOTHING” names no image, such as FROM python:3.13.",
        "line 3: “FROM a b c” names no image, such as FROM python:3.13.",
        "line 4: “FROM a${b%c}” names no image, such as FROM python:3.13.",
    ]


def test_nested_variables_do_not_grow() -> None:
    lines = ["ARG a0=xxxxxxxxxx", *(f"ARG a{n}=" + f"$a{n - 1}" * 50 for n in range(1, 40))]
    assert "is no name and version" in rejected("\n".join([*lines, "FROM $a39"]))[1]


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
def test_python_version_file(text: str, kind: str, version: str) -> None:
    stack = read_stack(text, kind)
    assert (stack.kind, stack.components[0].version) == (kind, version)
    assert stack.components[0].purl == "pkg:generic/python"


def test_python_version_file_with_several_versions() -> None:
    """pyenv writes one per line; `system` is the version of the machine."""
    text = "# mine\n3.12.4  # first\n\npypy3.10-7.3.15\n3.9\nsystem\nx\n"
    stack = read_stack(text, ".python-version")
    assert stack.kind == ".python-version"
    assert [(each.purl, each.version, each.line) for each in stack.components] == [
        ("pkg:generic/python", "3.12.4", 2),
        ("pkg:generic/pypy", "7.3.15", 4),
        ("pkg:generic/python", "3.9", 5),
    ]
    assert problems(text, ".python-version") == ["line 7: “x” is no version such as 3.13."]


# ---- any file ------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    """Encodings and line endings of Windows are included."""
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
        (b"a" * (LIMITS.file_bytes + 1), "It is larger than 10 MB."),
        ("a==1\n" + "\n" * 500_000, "It has more than 500,000 lines."),
        ("{", "line 1: It is no JSON here."),
        ('{\n"a": 1\n"b"}', "line 3: It is no JSON here."),
        ("{}", f"It is JSON of a kind that is not known. {QUESTION}"),
        ("[{}]", f"It is JSON of a kind that is not known. {QUESTION}"),
        ('{"a": ' + "[" * 100_000, "It is no JSON that can be read."),
        ('{"a": ' + "1" * 5_000 + "}", "It is no JSON that can be read."),
        ("[a]\nb = " + "[" * 100_000, "It is no TOML that can be read."),
        ("[a]\nb = " + "1" * 5_000, "It is no TOML that can be read."),
        ("[a]\n\n" + "b." * 100 + "c = 1", "line 3: A key has more than 32 parts."),
        ("# nothing\n", f"Its kind is not known. {QUESTION}"),
        ("3.12\n", f"It is only a version. Of what? {QUESTION}"),
        ("1 " * 100_000 + "!", f"Its kind is not known. {QUESTION}"),
        ("1" * 900_000, f"Its kind is not known. {QUESTION}"),
        ("end\nif\n", f"Its kind is not known. {QUESTION}"),
        (
            "[project]\nname = 'x'\n",
            "It names no packages or images. It was read as pyproject.toml.",
        ),
        (
            '{"lockfileVersion": 3}',
            "It names no packages or images. It was read as package-lock.json.",
        ),
        (
            "".join(f"p{number}==1\n" for number in range(LIMITS.components + 1)),
            f"line {LIMITS.components + 1}: It has more than 20,000 components.",
        ),
        ("p==1\n" * (LIMITS.components + 1), "line 20001: It has more than 20,000 components."),
        (bill(*[{"name": "p"}] * 20_001), "line 1: It has more than 20,000 components."),
    ],
    ids=lambda value: ascii(value[:40]),
)
def test_invalid_file_is_rejected(raw: bytes | str, sentence: str) -> None:
    """The error is a sentence, with a line if there is one."""
    assert rejected(raw) == [sentence]


def test_largest_file_is_accepted() -> None:
    """Both the size and the number of components are at their limits."""
    text = "".join(f"p{number}==1\n" for number in range(LIMITS.components))
    assert len(names(text + "#" * (LIMITS.file_bytes - len(text)))) == LIMITS.components


def test_prose_is_rejected_with_its_first_lines() -> None:
    """The number of reported lines is limited."""
    found = rejected("This is no file of packages.\n" * (MAX_PROBLEMS + 9), REQUIREMENTS)
    assert found[0] == "It has more than 50 mistakes. It was read as requirements.txt."
    assert len(found) == 6
    assert found[1].startswith("line 1: “This is no file of packages.” is no requirement")


@pytest.mark.parametrize("name", ["x" * 300, "a\x1b[31m", "a\ud800b", "a\nb"], ids=ascii)
def test_names_are_short_and_on_one_line(name: str) -> None:
    """Terminals and pages can print any name safely."""
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
def test_pathological_input_is_parsed_or_rejected_quickly(text: str) -> None:
    """A regression would make the test hang."""
    try:
        read_stack(text)
    except FormatError as error:
        assert error.problems  # noqa: PT017
