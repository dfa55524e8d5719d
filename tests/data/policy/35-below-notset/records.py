# (name, level, message[, args][, attributes]); frames.bin is made of these by ../sender.py
RECORDS = [
    ('a', -7, 'minus seven'),
    ('a', -0.5, 'minus a half'),
    ('a', 0, 'zero'),
    ('a', False, 'False'),
    ('a', 1, 'one'),
]
