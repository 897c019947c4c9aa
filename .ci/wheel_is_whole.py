"""`wheel_is_whole.py WHEEL`: fails when a data file of the tree is missing from the wheel."""

from __future__ import annotations

import sys
from pathlib import Path
from zipfile import ZipFile

packed = set(ZipFile(sys.argv[1]).namelist())
package = [
    file.as_posix()
    for file in Path("anima_tui").rglob("*")
    if file.is_file() and file.suffix not in (".pyc", ".py") and "__pycache__" not in file.parts
]
themes = [f"anima_tui/{file.as_posix()}" for file in Path("themes").glob("*.toml")]
required = ["anima_tui/py.typed", "anima_tui/bodies/catalog.toml", "anima_tui/bodies/seedling/model.safetensors"]

missing = sorted({*package, *themes, *required} - packed)
styles = [name for name in packed if name.endswith(".tcss")]
if missing or not themes or not styles:
    sys.exit(f"the wheel lacks {', '.join(missing) or 'themes or styles'}")
print(f"whole: {len(packed)} files, {len(themes)} themes")
