"""Puts another program into a wheel: a build of the same version for another machine.

    python3 repack.py WHEEL PROGRAM TAG INTO

The new wheel lies in the folder INTO, and is for the platforms of TAG.
"""

import base64
import csv
import hashlib
import io
import pathlib
import sys
import zipfile


def main():
    wheel, program, tag, into = (pathlib.Path(argument) for argument in sys.argv[1:])
    name, version, _ = wheel.name.split("-", 2)
    files = {}
    with zipfile.ZipFile(wheel) as packed:
        for file in packed.infolist():
            files[file.filename] = (packed.read(file), file.external_attr)
    information = "%s-%s.dist-info/" % (name, version)
    replace(files, "%s-%s.data/scripts/jackdaws" % (name, version), program.read_bytes())
    replace(files, information + "WHEEL", retagged(files[information + "WHEEL"][0], str(tag)))
    # Last, as the format recommends.
    _, mode = files.pop(information + "RECORD")
    files[information + "RECORD"] = (record(files, information + "RECORD"), mode)
    target = into / ("%s-%s-py3-none-%s.whl" % (name, version, tag))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for path, (content, mode) in files.items():
            # Always the same time, as in what maturin makes: equal contents are equal wheels.
            entry = zipfile.ZipInfo(path)
            entry.external_attr = mode
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, content)
    print(target)


def replace(files, path, content):
    _, mode = files[path]
    files[path] = (content, mode)


def retagged(text, tag):
    """The file WHEEL, with a line for each platform."""
    lines = [line for line in text.decode().splitlines() if line and not line.startswith("Tag:")]
    return "".join(line + "\n" for line in lines + ["Tag: py3-none-%s" % platform for platform in tag.split(".")]).encode()


def record(files, own_path):
    """The file RECORD: path, digest and size of every other file."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    for path, (content, _) in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.writerow([path, "sha256=" + digest, len(content)])
    rows.writerow([own_path, "", ""])
    return text.getvalue().encode()


if __name__ == "__main__":
    main()
