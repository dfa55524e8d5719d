# (name, level, message[, args][, attributes]); frames.bin is made of these by ../sender.py
RECORDS = [
    ('a', 20, '1'),
    ('b', 30, '2'),
    ('a', 20, '3: capacity', {'extra': {'customer': 'Ann'}}),
    ('a', 40, '4: flush level', {'exc_text': TRACEBACK}),
    ('a', 20, '5: at the end'),
]
