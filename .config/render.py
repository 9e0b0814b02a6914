"""Writes what `kubectl apply --kustomize deploy/kubernetes` would make, as it is and with each choice of its components.

    render.py DIRECTORY

It knows of kustomize what the files here use: resources, a namespace, labels, an image, and components with resources and
strategic patches. What else one says is an error, so that nothing is passed over.
"""

import copy
import itertools
import pathlib
import sys

import yaml

HOME = pathlib.Path("deploy/kubernetes")
COMPONENTS = ("bucket", "certificates")
# By what entries of a list are told apart when a patch has some of them.
KEYS = {"containers": "name", "initContainers": "name", "env": "name", "volumes": "name", "volumeMounts": "mountPath"}
# What may be said, and of each entry of a list.
KNOWN = {"apiVersion", "kind", "namespace", "labels", "resources", "images", "patches"}
ENTRIES = {"labels": {"pairs"}, "images": {"name", "newName", "newTag"}, "patches": {"patch"}}


def read(file):
    return list(yaml.safe_load_all(file.read_text()))


def kustomization(directory):
    (said,) = read(directory / "kustomization.yaml")
    unknown = set(said) - KNOWN
    for name, known in ENTRIES.items():
        unknown |= {f"{name}.{key}" for entry in said.get(name, []) for key in set(entry) - known}
    if unknown:
        sys.exit(f"error: {directory}: {sorted(unknown)} is not known here")
    return said


def merge(there, patch, key=None):
    """What a patch leaves of a value. A `null` takes away."""
    if isinstance(there, dict) and isinstance(patch, dict):
        merged = dict(there)
        for name, value in patch.items():
            if value is None:
                merged.pop(name, None)
            else:
                merged[name] = merge(merged[name], value, KEYS.get(name)) if name in merged else value
        return merged
    if isinstance(there, list) and isinstance(patch, list) and key:
        by_name = {entry[key]: entry for entry in there}
        for entry in patch:
            by_name[entry[key]] = merge(by_name[entry[key]], entry) if entry[key] in by_name else entry
        return list(by_name.values())
    return patch


def patched(things, patch):
    named = [thing for thing in things
             if (thing["kind"], thing["metadata"]["name"]) == (patch["kind"], patch["metadata"]["name"])]
    if len(named) != 1:
        sys.exit(f"error: a patch is for {patch['kind']} {patch['metadata']['name']}, of which there are {len(named)}")
    if patch.get("$patch") == "delete":
        return [thing for thing in things if thing is not named[0]]
    return [merge(thing, patch) if thing is named[0] else thing for thing in things]


def rendered(components):
    base = kustomization(HOME)
    things = [thing for file in base["resources"] for thing in read(HOME / file)]
    for component in components:
        said = kustomization(HOME / component)
        things += [thing for file in said.get("resources", []) for thing in read(HOME / component / file)]
        for patch in said["patches"]:
            things = patched(things, yaml.safe_load(patch["patch"]))
    images = {image["name"]: f"{image['newName']}:{image['newTag']}" for image in base["images"]}
    return [finished(copy.deepcopy(thing), base, images) for thing in things]


def finished(thing, base, images):
    if thing["kind"] != "Namespace":
        thing["metadata"]["namespace"] = base["namespace"]
    for labels in base["labels"]:
        thing["metadata"].setdefault("labels", {}).update(labels["pairs"])
    pod = pod_of(thing)
    for container in [*pod.get("initContainers", []), *pod.get("containers", [])]:
        container["image"] = images[container["image"]]
    return thing


def pod_of(thing):
    """What says of a thing which pods it makes."""
    spec = thing.get("spec", {})
    spec = spec.get("jobTemplate", {}).get("spec", spec)
    return spec.get("template", {}).get("spec", {})


def missing(things):
    """What a thing refers to that is not there."""
    there = {(thing["kind"], thing["metadata"]["name"]) for thing in things}
    for thing in things:
        pod, name = pod_of(thing), thing["metadata"]["name"]
        volumes = {volume["name"] for volume in pod.get("volumes", [])}
        for container in [*pod.get("initContainers", []), *pod.get("containers", [])]:
            mounted = {mount["name"] for mount in container.get("volumeMounts", [])}
            yield from (f"{name}: no volume {volume}" for volume in sorted(mounted - volumes))
            configured = {source["configMapRef"]["name"] for source in container.get("envFrom", [])}
            yield from (f"{name}: no settings {of}" for of in sorted(configured) if ("ConfigMap", of) not in there)
        for volume in pod.get("volumes", []):
            kinds = set(volume) - {"name"}
            if len(kinds) != 1:
                yield f"{name}: the volume {volume['name']} is {sorted(kinds)}"
            claim = volume.get("persistentVolumeClaim", {}).get("claimName")
            if claim and ("PersistentVolumeClaim", claim) not in there:
                yield f"{name}: no claim {claim}"


def main(directory):
    problems = []
    for count in range(len(COMPONENTS) + 1):
        for components in itertools.combinations(COMPONENTS, count):
            things = rendered(components)
            name = "-".join(("base", *components))
            problems += [f"{name}: {problem}" for problem in missing(things)]
            (directory / f"{name}.yaml").write_text(yaml.safe_dump_all(things))
    print("\n".join(problems), end="\n" if problems else "")
    sys.exit(bool(problems))


main(pathlib.Path(sys.argv[1]))
