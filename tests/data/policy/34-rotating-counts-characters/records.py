# (name, level, message[, args][, attributes]); frames.bin is made of these by ../sender.py
RECORDS = [
    ('a', 20, 'ü' * 20),
    ('a', 20, 'é' * 17),
    ('a', 20, 'x'),
    ('a', 20, 'é' * 20),
    ('a', 20, 'é' * 18),
    ('a', 20, '日本語'),
    ('a', 20, '😀' * 45),
    ('a', 20, 'y'),
]
