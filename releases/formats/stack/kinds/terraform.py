"""Terraform: its own version, managed databases and clusters, runtimes of functions, images.

A block is parsed only if it may have a version, as the parser of HCL takes about a second for
200 kB. A managed service that is a product of the catalogue (AWS Lambda) is that product only: its
provider patches the runtime, and its dates count. Where it is none (Cloud SQL), the software itself
is the product.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple

import hcl2
from lark import Token, Tree
from lark.exceptions import LarkError

from releases.domain.ranges import Range
from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.kind import Kind
from releases.formats.stack.setup_tools import add_setup
from releases.formats.stack.variables import add_image_value
from releases.formats.stack.yaml_values import Located

MAX_LENGTH: Final = 4_000_000
"""Maximum number of characters of a file."""
MAX_PARSED: Final = 100_000
"""Maximum number of characters of a file that are parsed."""
MAX_HEAD: Final = 500
"""Maximum number of characters before the brace of a block."""
MAX_DEPTH: Final = 8
"""Maximum nesting depth of blocks that are read."""

_TOKEN: Final = re.compile(
    r"""(?P<open>\{)|(?P<close>\})|"(?:[^"\\\n]|\\.)*+"?|(?:\#|//)[^\n]*+
    |/\*(?:[^*]|\*(?!/))*+(?:\*/)?
    |<<-?(?P<end>[A-Za-z][\w.-]*+)[ \t]*+\n
     (?:(?![ \t]*+(?P=end)[ \t]*+$)[^\n]*+(?:\n|\Z))*+(?:[ \t]*+(?P=end))?""",
    re.VERBOSE | re.MULTILINE,
)
_HEAD: Final = re.compile(
    r'^[ \t]*(?P<type>[a-z]+)(?:[ \t]+"?(?P<label>[\w./:-]+)"?)?'
    r'(?:[ \t]+"?(?P<name>[\w-]+)"?)?[ \t]*$'
)
_FIRST: Final = re.compile(
    r"(?:\s|\#[^\n]*\n|//[^\n]*\n|/\*(?:[^*]|\*(?!/))*+\*/)*+(?:(?:terraform|locals)\s*\{"
    r'|(?:resource|data)\s+"\w+"\s+"[\w-]+"\s*\{|(?:provider|module|variable|output)\s+"[\w-]+"\s*\{)'
)

_VERSIONS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "aws_docdb_cluster": (("engine_version", "amazon-documentdb"),),
    "aws_eks_cluster": (("version", "amazon-eks"),),
    "aws_eks_node_group": (("version", "amazon-eks"),),
    "aws_elasticsearch_domain": (("elasticsearch_version", "amazon-elasticsearch"),),
    "aws_glue_job": (("glue_version", "amazon-glue"),),
    "aws_lambda_function": (("runtime", "aws-lambda"),),
    "aws_msk_cluster": (("kafka_version", "amazon-msk"),),
    "aws_neptune_cluster": (("engine_version", "amazon-neptune"),),
    "azurerm_kubernetes_cluster": (
        ("kubernetes_version", "azure-kubernetes-service"),
        ("default_node_pool.orchestrator_version", "azure-kubernetes-service"),
    ),
    "azurerm_kubernetes_cluster_node_pool": (("orchestrator_version", "azure-kubernetes-service"),),
    "azurerm_mysql_flexible_server": (("version", "azure-database-for-mysql"),),
    "azurerm_mysql_server": (("version", "azure-database-for-mysql"),),
    "azurerm_postgresql_flexible_server": (("version", "azure-database-for-postgresql"),),
    "azurerm_postgresql_server": (("version", "azure-database-for-postgresql"),),
    "digitalocean_kubernetes_cluster": (("version", "kubernetes"),),
    "google_container_cluster": (
        ("min_master_version", "google-kubernetes-engine"),
        ("node_version", "google-kubernetes-engine"),
    ),
    "google_container_node_pool": (("version", "google-kubernetes-engine"),),
    "linode_lke_cluster": (("k8s_version", "kubernetes"),),
    "scaleway_k8s_cluster": (("version", "kubernetes"),),
    "terraform-aws-modules/eks/aws": (
        ("cluster_version", "amazon-eks"),
        ("kubernetes_version", "amazon-eks"),
    ),
    "terraform-aws-modules/lambda/aws": (("runtime", "aws-lambda"),),
    "Azure/aks/azurerm": (("kubernetes_version", "azure-kubernetes-service"),),
    "terraform-google-modules/kubernetes-engine/google": (
        ("kubernetes_version", "google-kubernetes-engine"),
    ),
}
"""The attributes of resources and modules that are the version of a product."""


class _Engine(NamedTuple):
    """A resource whose engine decides the product: its attributes and the engine by default."""

    engine: str
    version: str
    default: str = ""


_ENGINES: Final[Mapping[str, _Engine]] = {
    "aws_db_instance": _Engine("engine", "engine_version"),
    "aws_rds_cluster": _Engine("engine", "engine_version", "aurora"),
    "aws_rds_cluster_instance": _Engine("engine", "engine_version"),
    "aws_rds_global_cluster": _Engine("engine", "engine_version"),
    "terraform-aws-modules/rds/aws": _Engine("engine", "engine_version"),
    "terraform-aws-modules/rds-aurora/aws": _Engine("engine", "engine_version"),
    "aws_elasticache_cluster": _Engine("engine", "engine_version"),
    "aws_elasticache_replication_group": _Engine("engine", "engine_version", "redis"),
    "aws_elasticache_serverless_cache": _Engine("engine", "major_engine_version"),
    "aws_mq_broker": _Engine("engine_type", "engine_version"),
    "digitalocean_database_cluster": _Engine("engine", "version"),
}
_RDS: Final = {
    "postgres": "amazon-rds-postgresql",
    "mysql": "amazon-rds-mysql",
    "mariadb": "amazon-rds-mariadb",
    "aurora": "amazon-aurora-mysql",
    "aurora-mysql": "amazon-aurora-mysql",
    "aurora-postgresql": "amazon-aurora-postgresql",
}
_CACHES: Final = {
    "redis": "amazon-elasticache-redis",
    "valkey": "amazon-elasticache-valkey",
    "memcached": "amazon-elasticache-memcached",
}
_BROKERS: Final = {"activemq": "amazon-mq-activemq", "rabbitmq": "amazon-mq-rabbitmq"}
_DROPLETS: Final = {
    "pg": "postgresql",
    "mysql": "mysql",
    "redis": "redis",
    "valkey": "valkey",
    "mongodb": "mongodb",
    "kafka": "apache-kafka",
    "opensearch": "opensearch",
}
_PRODUCTS: Final = {
    "aws_elasticache": _CACHES,
    "aws_mq": _BROKERS,
    "digitalocean": _DROPLETS,
    "aws": _RDS,
    "terraform-aws-modules": _RDS,
}
"""The products of engines by the beginning of the resource."""

_RUNTIME: Final = re.compile(r"(nodejs|python|go|ruby|php|dotnet|java)(\d)\.?(\d*)")
_ONE_NUMBER: Final = frozenset({"nodejs", "dotnet"})
_APP_SERVICE: Final = re.compile(r"azurerm_(?:linux|windows)_(?:function|web)_app(?:_slot)?")
_STACK: Final = "site_config.application_stack."
_STACKS: Final = ("node", "python", "php", "ruby", "go", "dotnet")
_IMAGES: Final = re.compile(r"docker_(?:image|container)|kubernetes_\w+")
_IMAGE: Final = re.compile(r"(?:.*\.)?(?:init_)?container\.image|image")
_MODULE: Final = re.compile(r'source\s*=\s*"(?:terraform-aws-modules|Azure/aks|terraform-google-m)')
_SQL_SERVER: Final = {"2017": "14.0", "2019": "15.0", "2022": "16.0"}


class _Block(NamedTuple):
    """A block at the top of a file, with the line that it begins in."""

    type: str
    label: str
    name: str
    text: str
    line: int


def _read(content: Content) -> Stack:
    stack = Stack(KIND.name)
    if len(content.text) > MAX_LENGTH:
        raise stack.refused(f"It has more than {MAX_LENGTH:,} characters.")
    blocks = list(_blocks(content.text))
    values = _Values(stack, blocks)
    for block in blocks:
        if block.type == "terraform":
            wanted = dict(values.of(block)).get("required_version")
            if wanted:
                wanted_range = Range("terraform", wanted)
                stack.add_named("terraform", "", wanted.line, wanted=wanted_range)
        elif block.type == "resource" and _is_read(block.label):
            _add(stack, block.label, values.of(block))
        elif block.type == "module" and _MODULE.search(block.text):
            attributes = values.of(block)
            _add(stack, dict(attributes).get("source", "").partition("//")[0], attributes)
    return stack


def _is_read(resource: str) -> bool:
    return resource in _READ or any(each.fullmatch(resource) for each in (_APP_SERVICE, _IMAGES))


def _add(stack: Stack, resource: str, pairs: list[tuple[str, Located]]) -> None:
    """Add what a resource or module runs."""
    attributes = dict(pairs)
    for name, product in _VERSIONS.get(resource, ()):
        if (version := attributes.get(name)) is not None:
            stack.add_named(product, _number(product, version), version.line)
    for name, add in _ADDERS.get(resource, ()):
        if value := attributes.get(name):
            add(stack, value)
    if engine := _ENGINES.get(resource):
        _add_engine(stack, resource, engine, attributes)
    elif _APP_SERVICE.fullmatch(resource):
        _add_app_service(stack, attributes)
    elif _IMAGES.fullmatch(resource):
        for name, value in pairs:
            if _IMAGE.fullmatch(name) or (resource == "docker_image" and name == "name"):
                add_image_value(stack, value)


def _number(product: str, version: str) -> str:
    """Return the version in `1.27.`, or in a name such as `1.24.4-do.0`."""
    if product == "kubernetes":
        version = version.partition("-")[0]
    return "" if version == "latest" else version.rstrip(".")


def _add_engine(
    stack: Stack, resource: str, engine: _Engine, attributes: Mapping[str, Located]
) -> None:
    prefix = next(each for each in _PRODUCTS if resource.startswith(each))
    name = attributes.get(engine.engine, engine.default)
    version = attributes.get(engine.version, Located.at("", _line(attributes)))
    number = version.partition(".mysql_aurora")[0].removesuffix(".x")
    if product := _PRODUCTS[prefix].get(name.lower()):
        stack.add_named(product, number, version.line)
    elif version.line:
        stack.add(f"{resource} {name}".strip(), number, "", version.line)


def _add_app_service(stack: Stack, attributes: Mapping[str, Located]) -> None:
    for tool in _STACKS:
        if version := attributes.get(f"{_STACK}{tool}_version"):
            add_setup(stack, tool, version, version.line)


def _add_search(stack: Stack, version: Located) -> None:
    """Add the service of an engine: `OpenSearch_2.3`, `Elasticsearch_7.10`."""
    name, _, number = version.partition("_")
    if name in {"OpenSearch", "Elasticsearch"}:
        stack.add_named(f"amazon-{name.lower()}", number, version.line)


def _add_runtime(stack: Stack, runtime: Located) -> None:
    """Add the language of a function: `nodejs18`, `python311`, `go1.21`."""
    if found := _RUNTIME.fullmatch(runtime):
        language, major, minor = found.groups()
        dot = "" if language in _ONE_NUMBER or not minor else "."
        if language == "java":
            stack.add("java", "", "", runtime.line)
        else:
            stack.add_named(language, f"{major}{dot}{minor}", runtime.line)


def _add_heroku(stack: Stack, name: Located) -> None:
    stack.add_named("heroku", name.removeprefix("heroku-"), name.line)


def _add_cloud_sql(stack: Stack, version: Located) -> None:
    """Add the database of Cloud SQL: `POSTGRES_14`, `MYSQL_8_0`, `SQLSERVER_2019_STANDARD`."""
    name, *numbers = version.split("_")
    if name == "SQLSERVER":
        stack.add_named("mssqlserver", _SQL_SERVER.get("".join(numbers[:1]), ""), version.line)
    elif name in {"POSTGRES", "MYSQL"}:
        product = "postgresql" if name == "POSTGRES" else "mysql"
        stack.add_named(product, ".".join(filter(str.isdigit, numbers)), version.line)


_ADDERS: Final[Mapping[str, tuple[tuple[str, Callable[[Stack, Located], None]], ...]]] = {
    "aws_opensearch_domain": (("engine_version", _add_search),),
    "google_app_engine_standard_app_version": (("runtime", _add_runtime),),
    "google_cloudfunctions_function": (("runtime", _add_runtime),),
    "google_cloudfunctions2_function": (("build_config.runtime", _add_runtime),),
    "google_sql_database_instance": (("database_version", _add_cloud_sql),),
    "heroku_app": (("stack", _add_heroku),),
}
"""The attributes of resources whose value says the product."""
_READ: Final = frozenset({*_VERSIONS, *_ENGINES, *_ADDERS})


class _Values:
    """The attributes of blocks, with the defaults of variables and locals of the same file."""

    def __init__(self, stack: Stack, blocks: list[_Block]) -> None:
        self._stack = stack
        self._variables = {each.label: each for each in blocks if each.type == "variable"}
        self._defaults: dict[str, Any] = {}
        self._blocks_of_locals = [each for each in blocks if each.type == "locals"]
        self._trees: dict[_Block, Tree[Token] | None] = {}
        self._parsed = 0

    def of(self, block: _Block) -> list[tuple[str, Located]]:
        """Return the attributes with their paths; none if the block cannot be parsed.

        A value that is not known is empty.
        """
        return [
            (path, Located.at(self._text(value), line + block.line - 1))
            for path, value, line in self._attributes(block)
        ]

    def _attributes(self, block: _Block) -> Iterator[tuple[str, Any, int]]:
        tree = self._tree(block)
        if tree is not None:
            for outer in _of(tree.children[0], "block"):
                yield from _attributes(outer.children[-2], "", 0)

    def _tree(self, block: _Block) -> Tree[Token] | None:
        if block in self._trees:
            return self._trees[block]
        self._parsed += len(block.text)
        tree = None
        if self._parsed > MAX_PARSED:
            raise self._stack.refused(f"More than {MAX_PARSED // 1000} kB of it would be parsed.")
        try:
            tree = hcl2.parses_to_tree(block.text)
        except (LarkError, RecursionError, ValueError):
            self._stack.problem(f"The block “{block.type} {block.label}” is no HCL.", block.line)
        self._trees[block] = tree
        return tree

    def _text(self, value: Any, depth: int = 0) -> str:
        """Return a literal, or the literal that a variable or local stands for; else nothing."""
        while isinstance(value, Tree) and value.data == "expr_term" and len(value.children) == 1:
            value = value.children[0]
        if not isinstance(value, Tree) or depth > 2:
            return ""
        if value.data in {"int_lit", "float_lit"}:
            return str(value.children[0])
        tokens = list(value.scan_values(lambda each: isinstance(each, Token)))
        if value.data == "string":
            plain = all(each.type in {"DBLQUOTE", "STRING_CHARS"} for each in tokens)
            return "".join(tokens[1:-1]) if plain else ""
        names = [str(each) for each in tokens if each.type == "NAME"]
        if value.data == "get_attr_expr_term" and len(names) == 2:
            return self._variable(names[0], names[1], depth + 1)
        return ""

    def _variable(self, kind: str, name: str, depth: int) -> str:
        if kind == "var" and name in self._variables:
            if name not in self._defaults:
                attributes = self._attributes(self._variables[name])
                self._defaults[name] = {path: value for path, value, _ in attributes}.get("default")
            return self._text(self._defaults[name], depth)
        return self._text(self._locals.get(name), depth) if kind == "local" else ""

    @cached_property
    def _locals(self) -> dict[str, Any]:
        return {path: v for each in self._blocks_of_locals for path, v, _ in self._attributes(each)}


def _of(tree: Any, *names: str) -> Iterator[Any]:
    for each in tree.children:
        if isinstance(each, Tree) and each.data in names:
            yield each


def _attributes(body: Any, prefix: str, depth: int) -> Iterator[tuple[str, Any, int]]:
    """Yield the attributes of a body and its inner blocks: path, value, line."""
    for each in _of(body, "attribute", "block"):
        name = f"{prefix}{each.children[0].children[0]}"
        if each.data == "attribute":
            yield name, each.children[-1], each.meta.line
        elif depth < MAX_DEPTH:
            yield from _attributes(each.children[-2], f"{name}.", depth + 1)


def _line(attributes: Mapping[str, Located]) -> int:
    return next((each.line for each in attributes.values()), 0)


def _blocks(text: str) -> Iterator[_Block]:
    """Yield the blocks at the top of a file, without parsing what is in them."""
    depth = began = line = counted = 0
    head: re.Match[str] | None = None
    for found in _TOKEN.finditer(text):
        if found["open"]:
            if depth == 0:
                start = max(0, found.start() - MAX_HEAD)
                began = text.rfind("\n", start, found.start()) + 1 or start
                line += text.count("\n", counted, began)
                counted = began
                head = _HEAD.match(text[began : found.start()])
            depth += 1
        elif found["close"] and depth:
            depth -= 1
            if depth == 0 and head:
                whole = f"{text[began : found.end()]}\n"
                yield _Block(head["type"], head["label"] or "", head["name"] or "", whole, line + 1)


def _recognise(content: Content) -> bool:
    return _FIRST.match(content.text) is not None


KIND: Final = Kind(
    name="Terraform",
    files=("*.tf", "*.tofu"),
    read=_read,
    finds="`required_version`, managed databases and clusters, runtimes of functions, images of"
    " containers; variables and locals with a value in the same file; providers are skipped",
    recognise=_recognise,
)
