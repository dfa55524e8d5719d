# (name, level, message[, args][, attributes]); frames.bin is made of these by ../sender.py
RECORDS = [
    ('a', 20, 'none'),
    ('a', 20, 'own', {'extra': {'user': 'Ann', 'flag': 5, 'count': 1, 'share': 0.5, 'text': 'x'}}),
]
