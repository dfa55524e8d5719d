"""Where the program is that came with this module."""

import csv
import os
import shutil
import sysconfig
from pathlib import Path
from typing import Iterator, Optional


def find_program() -> Optional[str]:
    """The path of the program `jackdaws`, or None.

    The environment variable JACKDAWS_PROGRAM names another. Else it is the one that was installed together with this module,
    wherever that was (an environment, --user, --target); else the one among this Python's scripts; else the one on the PATH.
    """
    chosen = os.environ.get("JACKDAWS_PROGRAM")
    if chosen:
        return chosen
    for path in _installed():
        if os.access(str(path), os.X_OK):
            return str(path)
    return shutil.which("jackdaws")


def _installed() -> Iterator[Path]:
    packages = Path(__file__).resolve().parent.parent
    for record in packages.glob("jackdaws-*.dist-info/RECORD"):
        with record.open(newline="", encoding="utf-8") as rows:
            for row in csv.reader(rows):
                if row and Path(row[0]).name == "jackdaws":
                    yield Path(os.path.normpath(str(packages / row[0])))
    # With --target, RECORD says where the scripts were before they were moved beside the packages.
    yield packages / "bin" / "jackdaws"
    scripts = sysconfig.get_path("scripts")
    if scripts:
        yield Path(scripts) / "jackdaws"
