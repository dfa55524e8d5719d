# (name, level, message[, args][, attributes]); frames.bin is made of these by ../sender.py
RECORDS = [
    ('shop.cart', 20, 'one %d', (1,)),
    ('pay', 40, 'refused by the filter, and severe'),
    ('shop', 20, 'two'),
]
