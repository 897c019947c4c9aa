"""The body of the settings: whether its files are there and whole, and whether it was measured."""

from __future__ import annotations

from collections.abc import Iterator

from anima_tui.bodies.catalog import catalog, find_body
from anima_tui.bodies.manifest import model_folder, read_manifest
from anima_tui.doctor.finding import Finding
from anima_tui.engine.fingerprint import fingerprint
from anima_tui.errors import BodyUnusable
from anima_tui.paths import Paths
from anima_tui.settings import Settings


def look_at_body(settings: Settings, paths: Paths) -> Iterator[Finding]:
    if settings.engine:
        yield Finding("body", f"it is where the engine is: {settings.engine}")
        return
    try:
        folder = find_body(settings.body, paths)
        if settings.body in catalog(paths) and not (folder / "body.toml").exists():
            yield Finding("body", f"{settings.body} is not on this machine yet; it is fetched at the first start")
            return
        manifest = read_manifest(folder)
        weights = model_folder(folder, manifest)
        if weights is None:
            raise BodyUnusable(f"the model of {settings.body} has left the hub's cache; a start brings it back.")
        mark = fingerprint(weights, folder / "sae")
    except BodyUnusable as error:
        yield Finding("body", str(error), well=False, remedy="or talk in the embedded one: --body seedling")
        return
    yield Finding("body", f"{manifest.name}, {mark[:12]}, in {folder}")
    if not (folder / "attunement").is_dir():
        yield Finding("attunement", "none: modes do not steer, and valence is read from a word list",
                      remedy=f"measure the body once: anima-tui attune --body {settings.body}")  # fmt: skip
