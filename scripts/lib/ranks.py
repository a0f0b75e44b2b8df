"""Says where an import goes upwards or sideways, by the order in scripts/ranks.toml."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
ORDER = "scripts/ranks.toml"
IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["'](\.[^"']*)["']""")


def ranks_of(rows):
    return {name: rank for rank, row in enumerate(rows) for name in row}


def crates(order):
    """Every dependency of one of our crates on another, and of a pure one on the world."""
    ranks = ranks_of(order["crates"])
    command = ["cargo", "metadata", "--no-deps", "--format-version=1", "--locked"]
    packages = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    names = {package["name"] for package in packages["packages"]}
    yield from misplaced("crate", names, ranks)
    for package in packages["packages"]:
        user = package["name"]
        for dependency in package["dependencies"]:
            used = dependency["name"]
            if dependency["kind"] == "dev":
                continue
            if used in ranks and user in ranks and ranks[used] >= ranks[user]:
                yield f"the crate {user} uses {used}, which does not stand below it"
            if user in order["pure"] and used in order["worldly"]:
                yield f"the crate {user} uses {used}: the rules of the product are pure"
    uses = {
        package["name"]: {it["name"] for it in package["dependencies"] if it["kind"] != "dev"} for package in packages["packages"]
    }
    for user, unknown in order["unknown"].items():
        for used in sorted(reached(user, uses) & set(unknown)):
            yield f"the crate {user} comes to {used}, which it is not to know"


def reached(crate, uses):
    """What a crate comes to, by itself and by those of ours that it uses."""
    found, left = set(), [crate]
    while left:
        for used in uses.get(left.pop(), ()):
            if used not in found:
                found.add(used)
                left.append(used)
    return found


def web(order):
    """Every import from one folder of the web app to another."""
    ranks = ranks_of(order["web"])
    source = ROOT / "web" / "src"
    yield from misplaced("folder of web/src", {part.name for part in source.iterdir() if counts(part)}, ranks)
    for path in sorted(source.rglob("*.ts*")):
        if not counts(path):
            continue
        user = path.relative_to(source).parts[0]
        for imported in IMPORT.findall(path.read_text(encoding="utf-8")):
            used = part_of(source, path, imported)
            if used != user and user in ranks and ranks.get(used, len(ranks)) >= ranks[user]:
                yield f"web/src/{path.relative_to(source)} imports {imported}, and {used} does not stand below {user}"


def part_of(source, path, imported):
    """The folder that an import leads into, or the file where that lies beside the folders."""
    target = Path(os.path.normpath(path.parent / imported)).relative_to(source)
    if len(target.parts) > 1 or (source / target).suffix:
        return target.parts[0]
    found = [end for end in (".ts", ".tsx") if (source / (target.name + end)).exists()]
    return target.name + found[0] if found else target.name


def counts(path):
    """Tests, and what only they use, may import whatever they try."""
    return not any(part == "testing" or ".test." in part for part in path.parts)


def misplaced(kind, there, ranks):
    for name in sorted(there - ranks.keys()):
        yield f"the {kind} {name} has no place yet"
    for name in sorted(ranks.keys() - there):
        yield f"the {kind} {name} has a place and is not there"


def main():
    order = tomllib.loads((ROOT / ORDER).read_text(encoding="utf-8"))
    faults = [*crates(order), *web(order)]
    for fault in faults:
        print(f"{fault} ({ORDER} has the order)")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
