"""Writes a CycloneDX 1.5 bill of materials of the program to standard output: every crate that is compiled into it, with
version, licence, checksum and what it depends on. Development dependencies are left out."""

import json
import subprocess
import tomllib


def metadata():
    """What Cargo knows of the packages of this platform."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked"]
    host = next(
        line.split(": ")[1]
        for line in subprocess.run(["rustc", "-vV"], check=True, capture_output=True, text=True).stdout.splitlines()
        if line.startswith("host: ")
    )
    command += ["--filter-platform", host]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def reachable(graph, root):
    """The packages that the root is built from, by way of normal and build dependencies."""
    found, open_ids = set(), [root]
    while open_ids:
        package = open_ids.pop()
        if package in found:
            continue
        found.add(package)
        for dependency in graph[package]["deps"]:
            if any(kind["kind"] in (None, "build") for kind in dependency["dep_kinds"]):
                open_ids.append(dependency["pkg"])
    return found


def used_packages(data):
    """The packages that the program is built from, by id, in the order of their names."""
    packages = {package["id"]: package for package in data["packages"]}
    graph = {node["id"]: node for node in data["resolve"]["nodes"]}
    root = next(id for id, package in packages.items() if package["name"] == "hitflop")
    used = reachable(graph, root) - {root}
    return {id: packages[id] for id in sorted(used, key=lambda id: (packages[id]["name"], packages[id]["version"]))}


def component(package, checksums):
    entry = {
        "type": "library",
        "bom-ref": reference(package),
        "name": package["name"],
        "version": package["version"],
        "purl": reference(package),
    }
    if package.get("license"):
        entry["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    checksum = checksums.get((package["name"], package["version"]))
    if checksum:
        entry["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    return entry


def reference(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"


def main():
    data = metadata()
    with open("Cargo.lock", "rb") as file:
        locked = tomllib.load(file)["package"]
    checksums = {(entry["name"], entry["version"]): entry.get("checksum") for entry in locked}
    packages = {package["id"]: package for package in data["packages"]}
    graph = {node["id"]: node for node in data["resolve"]["nodes"]}
    root = next(id for id, package in packages.items() if package["name"] == "hitflop")
    used = used_packages(data)
    program = component(packages[root], checksums)
    program["type"] = "application"
    depends = [
        {
            "ref": reference(packages[id]),
            "dependsOn": sorted({reference(packages[dep["pkg"]]) for dep in graph[id]["deps"] if dep["pkg"] in used}),
        }
        for id in [root, *used]
    ]
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": program},
        "components": [component(packages[id], checksums) for id in used],
        "dependencies": depends,
    }
    print(json.dumps(bill, indent=2))


if __name__ == "__main__":
    main()
