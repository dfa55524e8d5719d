"""`python -m jackdaws` is the program itself; `python -m jackdaws run` runs a command with a receiver beside it."""

import os
import sys

from ._program import find_program
from ._run import run


def main() -> int:
    arguments = sys.argv[1:]
    if arguments[:1] == ["run"]:
        return run(arguments[1:])
    program = find_program()
    if program is None:
        sys.stderr.write("the program jackdaws was found neither where this module was installed nor on the PATH\n")
        return 1
    try:
        os.execv(program, [program] + arguments)
    except OSError as error:
        sys.stderr.write("cannot run %s: %s\n" % (program, os.strerror(error.errno or 0)))
        return 1


if __name__ == "__main__":
    sys.exit(main())
