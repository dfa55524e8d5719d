# (name, level, message[, args][, attributes]); frames.bin is made of these by ../sender.py
RECORDS = [
    ('x', 20, 'x'),
    ('a', 20, 'a'),
    ('y', 20, 'y'),
    ('b', 20, 'b'),
]
