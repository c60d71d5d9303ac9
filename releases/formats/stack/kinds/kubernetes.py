"""Kubernetes manifests and kustomizations: the images of containers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from releases.formats.stack.component import Stack
from releases.formats.stack.content import Content
from releases.formats.stack.images import add_image
from releases.formats.stack.kind import Kind
from releases.formats.stack.kinds.helm import add_values
from releases.formats.stack.values import list_of, table_of, text_of
from releases.formats.stack.variables import add_image_value
from releases.formats.stack.yaml_values import line_of, mappings, only_mapping

_CONTAINERS: Final = frozenset({"containers", "initContainers", "ephemeralContainers"})
"""The keys of lists of containers, in pods and in the templates of pods."""
_OTHERS: Final = {
    "argoproj.io": ("container", "script", "sidecars"),
    "kind.x-k8s.io": ("nodes",),
    "tekton.dev": ("steps", "sidecars", "stepTemplate"),
}
"""More keys of containers in the resources of Argo Workflows, kind and Tekton, by API group."""
_VERSIONS: Final = {
    "acid.zalan.do": ("spec.postgresql.version", "postgresql"),
    "eksctl.io": ("metadata.version", "amazon-eks"),
    "elasticsearch.k8s.elastic.co": ("spec.version", "elasticsearch"),
    "kafka.strimzi.io": ("spec.kafka.version", "apache-kafka"),
    "kibana.k8s.elastic.co": ("spec.version", "kibana"),
    "kubeadm.k8s.io": ("kubernetesVersion", "kubernetes"),
    "mongodbcommunity.mongodb.com": ("spec.version", "mongodb"),
    "monitoring.coreos.com": ("spec.version", "prometheus"),
}
"""The fields of the resources of operators and clusters that are the version of a product."""
_IMAGES: Final = {"postgresql.cnpg.io": "spec.imageName", "rabbitmq.com": "spec.image"}
"""The fields of the resources of operators that are images."""
_FLUX: Final = "helm.toolkit.fluxcd.io"
"""The API group of releases of Helm charts, which have values."""
_KUSTOMIZE: Final = "kustomize.config.k8s.io/"


def _read_manifest(content: Content) -> Stack:
    stack = Stack(MANIFEST.name)
    for document in content.yaml():
        group = text_of(table_of(document).get("apiVersion")).partition("/")[0]
        keys = _CONTAINERS.union(_OTHERS.get(group, ()))
        path, product = _VERSIONS.get(group, ("", ""))
        if version := text_of(_field(document, path)):
            stack.add_named(product, version.removeprefix("v"), line_of(_field(document, path)))
        add_image_value(stack, _field(document, _IMAGES.get(group, "")))
        for image in _images(document, keys):
            add_image_value(stack, image)
        if group == _FLUX:
            add_values(stack, table_of(table_of(document).get("spec")).get("values"))
    return stack


def _field(document: Any, path: str) -> Any:
    for key in path.split("."):
        document = table_of(document).get(key)
    return document


def _images(document: Any, keys: frozenset[str]) -> Iterator[Any]:
    """Yield the images of containers at any depth, in the order of the file."""
    for outer in mappings(document):
        for key, value in outer.items():
            for each in (list_of(value) or [value]) if key in keys else ():
                yield table_of(each).get("image")


def _recognise_manifest(content: Content) -> bool:
    """Return True if every document is a resource, and not one of Kustomize."""
    documents = [each for each in content.yaml() if each]
    return bool(documents) and all(map(_is_resource, documents))


def _is_resource(document: Any) -> bool:
    version, kind = (text_of(table_of(document).get(key)) for key in ("apiVersion", "kind"))
    return bool(version and kind) and not version.startswith(_KUSTOMIZE)


def _read_kustomization(content: Content) -> Stack:
    stack = Stack(KUSTOMIZATION.name)
    for document in content.yaml():
        for image in map(table_of, list_of(table_of(document).get("images"))):
            _add_replaced(stack, image)
    return stack


def _add_replaced(stack: Stack, image: Mapping[str, Any]) -> None:
    """Add the image that a kustomization uses instead of another one."""
    name = image.get("newName") or image.get("name")
    tag = image.get("newTag", "")
    if text_of(name) and (text_of(tag) or image.get("digest") or "newName" in image):
        reference = f"{text_of(name)}:{text_of(tag)}" if text_of(tag) else text_of(name)
        add_image(stack, reference, line_of(tag) or line_of(name))


def _recognise_kustomization(content: Content) -> bool:
    document = only_mapping(content.yaml())
    return text_of(document.get("apiVersion")).startswith(_KUSTOMIZE)


MANIFEST: Final = Kind(
    name="Kubernetes manifest",
    files=("*.k8s.yaml", "*.k8s.yml"),
    read=_read_manifest,
    finds="images of all containers of all documents, also in lists, jobs, custom resources and the"
    " values of Flux; versions in resources of some operators and clusters. A manifest of any name"
    " is recognised by its content",
    recognise=_recognise_manifest,
)
KUSTOMIZATION: Final = Kind(
    name="kustomization.yaml",
    files=("kustomization.yaml", "kustomization.yml", "kustomization"),
    read=_read_kustomization,
    finds="new names and tags of images",
    recognise=_recognise_kustomization,
)
KINDS: Final = (MANIFEST, KUSTOMIZATION)
