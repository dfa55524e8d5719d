# (name, level, message[, args][, attributes]); frames.bin is made of these by ../sender.py
RECORDS = [
    ('a', 20, 'one'),
    ('b', 20, 'two'),
    ('a', 20, 'three'),
]
