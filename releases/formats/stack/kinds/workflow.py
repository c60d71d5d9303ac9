"""GitHub workflows and actions: runners, versions of setup actions, containers and services."""

from __future__ import annotations

import math
import re
from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.images import add_image
from releases.formats.stack.kind import Kind
from releases.formats.stack.matrix import MAX_COMBINATIONS, combinations
from releases.formats.stack.setup_tools import add_setup, add_setup_of_java
from releases.formats.stack.values import list_of, table_of, text_of
from releases.formats.stack.variables import MAX_VALUE_LENGTH, UNKNOWN, cut_reference
from releases.formats.stack.yaml_values import line_of, only_mapping

Scope = Mapping[str, Any]
"""The values of expressions by their contexts: `matrix`, `env`, `inputs`."""

_EXPRESSION: Final = re.compile(r"\$\{\{((?:(?!\}\}).)*)\}\}", re.DOTALL)
_LITERAL: Final = re.compile(r"'([^']*)'|(\d[\d.]*)")
_PATH: Final = re.compile(r"[\w-]+(?:\.[\w-]+|\[\s*'[^']*'\s*\])+")
_KEYS: Final = re.compile(r"\[\s*'([^']*)'\s*\]|([\w-]+)")
_UBUNTU: Final = re.compile(r"(?:\w+-)*ubuntu-(?:(\d\d)\.?(\d\d)(?!\d)|latest).*")
_WINDOWS: Final = re.compile(r"(?:\w+-)*windows-(?:(20\d\d)(?!\d)|latest).*")
_MACOS: Final = re.compile(r"(?:\w+-)*macos-(?:(\d\d(?:\.\d\d)?)(?!\d)|latest).*")
_RUNNERS: Final = ((_UBUNTU, "ubuntu"), (_WINDOWS, "windows-server"), (_MACOS, "macos"))
_NODE: Final = re.compile(r"node(\d+)")
_CHANGES: Final = frozenset({"include", "exclude"})
"""The keys of a matrix that are no axes."""
MAX_EVALUATIONS: Final = 100_000
"""Maximum number of expressions that are evaluated, counted for each combination of a matrix."""
MAX_DEPTH: Final = 3
"""Maximum number of expressions in values of expressions."""


class _Tool(NamedTuple):
    """The input of an action that has a version, and the tool that it installs (`PRODUCTS`)."""

    input: str
    tool: str


_TOOLS: Final[Mapping[str, tuple[_Tool, ...]]] = {
    "actions/setup-python": (_Tool("python-version", "python"),),
    "astral-sh/setup-uv": (_Tool("python-version", "python"),),
    "conda-incubator/setup-miniconda": (_Tool("python-version", "python"),),
    "actions/setup-node": (_Tool("node-version", "node"),),
    "volta-cli/action": (_Tool("node-version", "node"),),
    "pnpm/action-setup": (_Tool("version", "pnpm"),),
    "oven-sh/setup-bun": (_Tool("bun-version", "bun"),),
    "denoland/setup-deno": (_Tool("deno-version", "deno"),),
    "actions/setup-go": (_Tool("go-version", "go"),),
    "actions/setup-dotnet": (_Tool("dotnet-version", "dotnet"),),
    "ruby/setup-ruby": (_Tool("ruby-version", "ruby"),),
    "actions/setup-ruby": (_Tool("ruby-version", "ruby"),),
    "shivammathur/setup-php": (_Tool("php-version", "php"),),
    "shogo82148/actions-setup-perl": (_Tool("perl-version", "perl"),),
    "erlef/setup-beam": (_Tool("otp-version", "erlang"), _Tool("elixir-version", "elixir")),
    "erlef/setup-elixir": (_Tool("otp-version", "erlang"), _Tool("elixir-version", "elixir")),
    "haskell-actions/setup": (_Tool("ghc-version", "ghc"),),
    "haskell/actions/setup": (_Tool("ghc-version", "ghc"),),
    "julia-actions/setup-julia": (_Tool("version", "julia"),),
    "leafo/gh-actions-lua": (_Tool("luaversion", "lua"),),
    "actions-rs/toolchain": (_Tool("toolchain", "rust"),),
    "atiltedtree/setup-rust": (_Tool("rust-version", "rust"),),
    "actions-rust-lang/setup-rust-toolchain": (_Tool("toolchain", "rust"),),
    "gradle/actions/setup-gradle": (_Tool("gradle-version", "gradle"),),
    "gradle/gradle-build-action": (_Tool("gradle-version", "gradle"),),
    "stcarolas/setup-maven": (_Tool("maven-version", "maven"),),
    "hashicorp/setup-terraform": (_Tool("terraform_version", "terraform"),),
    "opentofu/setup-opentofu": (_Tool("tofu_version", "opentofu"),),
    "ankane/setup-postgres": (_Tool("postgres-version", "postgres"),),
    "ikalnytskyi/action-setup-postgres": (_Tool("postgres-version", "postgres"),),
    "harmon758/postgresql-action": (_Tool("postgresql version", "postgres"),),
    "ankane/setup-mysql": (_Tool("mysql-version", "mysql"),),
    "ankane/setup-mariadb": (_Tool("mariadb-version", "mariadb"),),
    "getong/mariadb-action": (_Tool("mariadb version", "mariadb"),),
    "shogo82148/actions-setup-mysql": (_Tool("mysql-version", "mysql"),),
    "shogo82148/actions-setup-redis": (_Tool("redis-version", "redis"),),
    "supercharge/redis-github-action": (_Tool("redis-version", "redis"),),
    "supercharge/mongodb-github-action": (_Tool("mongodb-version", "mongodb"),),
}
"""The actions that install a tool, in lower case, with the inputs that have its version."""
_RUST: Final = "dtolnay/rust-toolchain"
"""The action whose version is that of Rust, unless an input has it."""
_JAVA: Final = frozenset({"actions/setup-java", "graalvm/setup-graalvm"})


def _read_workflow(content: Content) -> Stack:
    stack = Stack(WORKFLOW.name)
    adder = _Adder(stack)
    for document in content.yaml():
        workflow = table_of(document)
        outer = {**_inputs(workflow.get("on")), "env": dict(table_of(workflow.get("env")))}
        for job in table_of(workflow.get("jobs")).values():
            adder.job(table_of(job), outer)
    return stack


def _recognise_workflow(content: Content) -> bool:
    """Return True for events (`on`) and jobs that each have a runner or call a workflow."""
    document = only_mapping(content.yaml())
    jobs = table_of(document.get("jobs"))
    return (
        bool(jobs)
        and "on" in document
        and all({"runs-on", "uses"} & table_of(job).keys() for job in jobs.values())
    )


def _read_action(content: Content) -> Stack:
    stack = Stack(ACTION.name)
    for document in content.yaml():
        runs = table_of(table_of(document).get("runs"))
        using, image = runs.get("using"), text_of(runs.get("image"))
        if found := _NODE.fullmatch(text_of(using)):
            stack.add_named("nodejs", found[1], line_of(using))
        if image.startswith("docker://"):
            add_image(stack, image.removeprefix("docker://"), line_of(runs["image"]))
        _Adder(stack).steps(runs.get("steps"), [_inputs({"workflow_call": document})])
    return stack


def _recognise_action(content: Content) -> bool:
    document = only_mapping(content.yaml())
    return "name" in document and bool(text_of(table_of(document.get("runs")).get("using")))


WORKFLOW: Final = Kind(
    name="GitHub workflow",
    files=(
        ".github/workflows/*.yml",
        ".github/workflows/*.yaml",
        ".gitea/workflows/*.yml",
        ".gitea/workflows/*.yaml",
        ".forgejo/workflows/*.yml",
        ".forgejo/workflows/*.yaml",
    ),
    read=_read_workflow,
    finds="systems of `runs-on`, versions of well-known setup actions, images of containers and"
    " services, with the values of a matrix; version files and called workflows are not followed",
    recognise=_recognise_workflow,
)
ACTION: Final = Kind(
    name="GitHub action",
    files=("action.yml", "action.yaml"),
    read=_read_action,
    finds="Node.js or the image that it runs on, and versions of well-known setup actions",
    recognise=_recognise_action,
)
KINDS: Final = (WORKFLOW, ACTION)


class _Adder:
    """Adds the components of jobs and steps to a stack."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._count = 0

    def job(self, job: Mapping[str, Any], outer: Scope) -> None:
        env = ChainMap(dict(table_of(job.get("env"))), outer["env"])
        matrix = table_of(job.get("strategy")).get("matrix")
        self._spend(_cost(matrix))
        scopes = [{**outer, "env": env, **each} for each in _matrices(matrix)]
        self._runner(job.get("runs-on"), scopes)
        container = job.get("container")
        self._image(table_of(container).get("image", container), scopes)
        for service in table_of(job.get("services")).values():
            self._image(table_of(service).get("image"), scopes)
        self.steps(job.get("steps"), scopes)

    def steps(self, steps: Any, scopes: Sequence[Scope]) -> None:
        for step in map(table_of, list_of(steps)):
            name, _, ref = text_of(step.get("uses")).partition("@")
            if name.startswith("docker://"):
                self._image(step["uses"], scopes)
            elif name.lower() in _JAVA:
                self._java(table_of(step.get("with")), scopes)
            elif name.lower() in _TOOLS:
                self._tools(_TOOLS[name.lower()], step, scopes)
            elif name.lower() == _RUST:
                toolchain = table_of(step.get("with")).get("toolchain")
                for text, line in self._values(toolchain or ref, scopes):
                    add_setup(self._stack, "rust", text, line or line_of(step["uses"]))

    def _tools(
        self, tools: tuple[_Tool, ...], step: Mapping[str, Any], scopes: Sequence[Scope]
    ) -> None:
        given = {key.lower(): value for key, value in table_of(step.get("with")).items()}
        for tool in tools:
            for text, line in self._values(given.get(tool.input), scopes):
                for version in map(str.strip, text.split("\n")):
                    if version and not version.startswith("."):  # .ruby-version is a file
                        add_setup(self._stack, tool.tool, version, line)

    def _java(self, given: Mapping[str, Any], scopes: Sequence[Scope]) -> None:
        found = {
            (vendor, version, line): None
            for scope in scopes
            for vendor, _ in self._values(given.get("distribution", "graalvm"), [scope])
            for text, line in self._values(given.get("java-version"), [scope])
            for version in text.split()
        }
        for vendor, version, line in found:
            add_setup_of_java(self._stack, vendor, version, line)

    def _runner(self, runner: Any, scopes: Sequence[Scope]) -> None:
        runner = table_of(runner).get("labels", runner)
        found: dict[tuple[str, int], None] = {}
        for scope in scopes:
            for labels in self._choices(runner, scope):
                if not any(text.lower() == "self-hosted" for text, _ in labels):
                    found.update(dict.fromkeys(labels))
        for text, line in found:
            for pattern, product in _RUNNERS:
                if runs := pattern.fullmatch(text.strip().lower()):
                    version = ".".join(filter(None, runs.groups()))
                    self._stack.add_named(product, version, line)

    def _choices(self, runner: Any, scope: Scope) -> list[list[tuple[str, int]]]:
        """Return the sets of labels that a job may run with."""
        if isinstance(runner, list):
            return [[label for each in runner for label in self._values(each, [scope])]]
        return [_located(each, runner) for each in self._evaluated(runner, [scope])]

    def _image(self, value: Any, scopes: Sequence[Scope]) -> None:
        for text, line in self._values(value, scopes):
            image = text.strip().removeprefix("docker://")
            if known := cut_reference(image):
                add_image(self._stack, known, line)
            elif image:
                self._stack.add(str(value), "", "", line)

    def _values(self, value: Any, scopes: Sequence[Scope]) -> list[tuple[str, int]]:
        """Return the distinct values of a text in all scopes, with their lines."""
        found = (_located(each, value) for each in self._evaluated(value, scopes))
        return list(dict.fromkeys(one for each in found for one in each))

    def _evaluated(self, value: Any, scopes: Sequence[Scope]) -> list[Any]:
        """Return the values of a text in all scopes. A part that is not known is `UNKNOWN`."""
        if not isinstance(value, str) or "${{" not in value or len(value) > MAX_VALUE_LENGTH:
            return [value]
        self._spend(len(scopes))
        return [
            one
            for each in (_evaluate(value, scope) for scope in scopes)
            for one in (each if isinstance(each, tuple) else (each,))
        ]

    def _spend(self, number: int) -> None:
        """Count evaluations. Raises `FormatError` if there are too many."""
        self._count += number
        if self._count > MAX_EVALUATIONS:
            raise self._stack.refused("Its matrices have too many combinations.")


def _located(value: Any, source: Any) -> list[tuple[str, int]]:
    """Return the texts in a value with their lines, or that of the text it comes from."""
    if isinstance(value, list):
        return [one for each in value for one in _located(each, source)]
    line = line_of(value) or line_of(source)
    return [(str(value), line)] if isinstance(value, str) else []


def _evaluate(text: str, scope: Scope, depth: int = 0) -> Any:
    """Return a text with its expressions replaced.

    A text that is one expression may have a value of any type, with the line of its own.
    """
    if depth == MAX_DEPTH:
        return UNKNOWN
    if whole := _EXPRESSION.fullmatch(text.strip()):
        value = _value(whole[1], scope)
        nested = isinstance(value, str) and "${{" in value and len(value) <= MAX_VALUE_LENGTH
        return _evaluate(value, scope, depth + 1) if nested else value

    def replaced(found: re.Match[str]) -> str:
        value = _evaluate(found[0], scope, depth + 1)
        return value if isinstance(value, str) else UNKNOWN

    return _EXPRESSION.sub(replaced, text)


def _value(expression: str, scope: Scope) -> Any:
    """Return the value of literals and names, which `||` and `&&` may join.

    Conditions are not evaluated: `A && 'x' || 'y'` is a tuple of both values. Anything else is
    `UNKNOWN`.
    """
    found: list[Any] = []
    for part in expression.split("||"):
        *conditions, text = map(str.strip, part.split("&&"))
        literal = _LITERAL.fullmatch(text)
        value = (literal[1] or literal[2] or "") if literal else _named(text, scope)
        found += [value] if value else []
        if value and not conditions:
            break
    return tuple(found) if len(found) > 1 else (found or [""])[0]


def _named(name: str, scope: Scope) -> Any:
    if not _PATH.fullmatch(name):
        return UNKNOWN
    context, *keys = (quoted or plain for quoted, plain in _KEYS.findall(name))
    value: Any = scope.get(context)
    for key in keys:
        if value == UNKNOWN:
            return UNKNOWN
        value = value.get(key) if isinstance(value, Mapping) else None
    missing = "" if context == "matrix" and context in scope else UNKNOWN
    return missing if value is None else value


def _inputs(events: Any) -> Scope:
    """Return the defaults of the inputs of a workflow or action."""
    defaults = {}
    for event in ("workflow_dispatch", "workflow_call"):
        for name, each in table_of(table_of(table_of(events).get(event)).get("inputs")).items():
            defaults[name] = table_of(each).get("default", UNKNOWN)
    return {"env": {}, "inputs": defaults, "github": {"event": {"inputs": defaults}}}


def _cost(matrix: Any) -> int:
    """Return an upper bound of the comparisons that a matrix needs."""
    given = table_of(matrix)
    changes = sum(len(list_of(given.get(name))) for name in ("include", "exclude"))
    values = math.prod(len(list_of(given[name])) or 1 for name in given.keys() - _CHANGES)
    return changes * min(values, MAX_COMBINATIONS)


def _matrices(matrix: Any) -> list[Scope]:
    """Return the contexts that a job runs with: one for each combination of its matrix.

    Combinations that GitHub would compute from an expression are not known.
    """
    if not isinstance(matrix, Mapping):
        return [{}]
    given = {name: each for name, each in matrix.items() if name not in _CHANGES}
    axes = {name: each if isinstance(each, list) else [UNKNOWN] for name, each in given.items()}
    found = combinations(axes)
    if axes and not found:
        return [{}]
    excluded = [table_of(each) for each in list_of(matrix.get("exclude"))]
    found = [one for one in found if not any(each.items() <= one.items() for each in excluded)]
    return [{"matrix": one} for one in _included(found, matrix.get("include"), axes)] or [{}]


def _included(
    found: list[dict[str, Any]], include: Any, axes: Iterable[str]
) -> list[dict[str, Any]]:
    """Return combinations with those that `include` extends and adds, as GitHub does it.

    See https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax.
    """
    added = []
    names = frozenset(axes)
    for each in map(table_of, list_of(include)):
        same = {name: value for name, value in each.items() if name in names}
        fitting = [one for one in found if same.items() <= one.items()]
        for one in fitting:
            one.update(each)
        if not fitting:
            added.append(dict(each))
    return [*found, *added]
