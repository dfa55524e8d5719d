"""What a receiver that unpickles makes of relayed frames.

In, on standard input: frames, each with its length before it. Out: a line of JSON for each: the opcodes that could import, call or
build, which there must be none of, and the record as CPython prints it by the format that is given.
"""
import io, json, logging, pickle, pickletools, struct, sys

MAKES_OBJECTS = {'GLOBAL', 'STACK_GLOBAL', 'INST', 'OBJ', 'REDUCE', 'NEWOBJ', 'NEWOBJ_EX', 'BUILD', 'EXT1', 'EXT2', 'EXT4',
                 'PERSID', 'BINPERSID'}


class Guarded(pickle.Unpickler):
    def find_class(self, module, name):
        raise AssertionError('asked for %s.%s' % (module, name))


def main():
    data = getattr(sys.stdin, 'buffer', sys.stdin).read()
    formatter = logging.Formatter(sys.argv[1])
    while data:
        length = struct.unpack('>L', data[:4])[0]
        frame, data = data[4:4 + length], data[4 + length:]
        made = sorted(set(opcode.name for opcode, _, _ in pickletools.genops(frame)) & MAKES_OBJECTS)
        try:
            record = logging.makeLogRecord(Guarded(io.BytesIO(frame)).load())
            # Lone surrogates as they are escaped on standard error.
            text = formatter.format(record).encode('utf-8', 'backslashreplace').decode('utf-8')
        except Exception as error:
            made, text = made + [repr(error)], None
        print(json.dumps([made, text]))


main()
