"""Prints rollovers.csv: when TimedRotatingFileHandler rolls over, and what it calls the old file.

Made by CPython 3.13: python3.13 rollovers.py > rollovers.csv. The columns: TZ, when, interval, utc, atTime, the time that
computeRollover gets, what it gives, the time of the rollover, and the end of the old file's name. Zones are spelt as POSIX has
them, so that no time zone files are needed; times lie around their changes.
"""
import datetime
import logging.handlers
import os
import random
import tempfile
import time

ZONES = {
    'UTC0': [],
    'CET-1CEST,M3.5.0,M10.5.0/3': [1774746000, 1792890000],
    'EST5EDT,M3.2.0,M11.1.0': [1772953200, 1793512800],
    'AEST-10AEDT,M10.1.0,M4.1.0/3': [1775318400, 1791043200],
    '<+1030>-10:30<+11>-11,M10.1.0,M4.1.0': [1775314800, 1791041400],
    'NST3:30NDT,M3.2.0,M11.1.0': [1772947800, 1793507400],
}
TIMES = [None, datetime.time(0, 0), datetime.time(2, 30), datetime.time(3, 0), datetime.time(13, 45, 10)]
WHENS = ['S', 'M', 'H', 'D', 'midnight', 'midnight', 'midnight'] + ['W%d' % day for day in range(7)]
ROWS_PER_ZONE = 200


def row(folder, choose, zone, changes):
    when, interval = choose.choice(WHENS), choose.choice([1, 1, 1, 2, 6, 31])
    utc, at_time = choose.random() < 0.2, choose.choice(TIMES)
    handler = logging.handlers.TimedRotatingFileHandler(
        os.path.join(folder, 'log'), when=when, interval=interval, utc=utc, atTime=at_time, delay=True)
    if changes and choose.random() < 0.8:
        now = choose.choice(changes) + choose.randrange(-9 * 86400, 2 * 86400)
    else:
        now = choose.randrange(0, 1 << 32)
    if choose.random() < 0.3:
        now -= now % 3600
    due = handler.rolloverAt = handler.computeRollover(now)
    rolled = due + choose.choice([0, 1, 3600, 86400, 200 * 86400])
    names = []
    handler.rotator = lambda source, name: names.append(name)
    clock, time.time = time.time, lambda: rolled
    try:
        handler.doRollover()
    finally:
        time.time = clock
    suffix = names[0][len(os.path.join(folder, 'log')) + 1:]
    at = '' if at_time is None else at_time.hour * 3600 + at_time.minute * 60 + at_time.second
    return [zone, when, interval, int(utc), at, now, due, rolled, suffix]


def main():
    choose = random.Random(19)
    with tempfile.TemporaryDirectory() as folder:
        for zone, changes in ZONES.items():
            os.environ['TZ'] = zone
            time.tzset()
            for _ in range(ROWS_PER_ZONE):
                print(*row(folder, choose, zone, changes), sep=';')


main()
