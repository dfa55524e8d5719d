# (name, level, message[, args][, attributes]); frames.bin is made of these by ../sender.py
RECORDS = [
    ('a', 20, 'plain %d', (1,)),
    ('a.b', 40, 'failed', {'exc_text': TRACEBACK}),
    ('a', 30, {'k': 'v'}, {'stack_info': 'Stack (most recent call last):\n  File "/srv/app/a.py", line 1, in work'}),
    ('b', 20, 'é\ntwo lines', {'extra': {'customer': 'Ann'}}),
    ('b', 50, '100%', {'exc_text': TRACEBACK, 'stack_info': 'Stack: here'}),
]
