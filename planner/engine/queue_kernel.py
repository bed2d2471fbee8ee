"""The week of a queue, compiled: half hours in turn, many queues side by side (the rule itself: `queues`).

Each half hour is a root that waits for the one before it. So queues run in lanes of the processor's vectors, sixteen at a
time; a lane that has its root stands still until the others have theirs, so that no queue depends on its neighbours.
The lanes' numbers lie in one flat array: only then does the compiler see that they do not overlap.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from planner.engine.types import Array, Index

STEPS_PER_DAY = 48
WARM_UP_DAYS = 2
DAYS = 7
WEEK = DAYS * STEPS_PER_DAY
HOURS = 24.0 / STEPS_PER_DAY
LEAST_RATE, MOST_RATE = 1e-3, 1e4  # per server and hour
REPEATED = 1e-12  # a queue this close to the one of a day before repeats it
LANES = 16
ROOT_STEPS, ROOT_ERROR, EDGE = 80, 1e-8, 1e-9
RATE_STEPS, RATE_ERROR = 100, 1e-12

# Where a lane's numbers begin. Given: booths, rate of service, trucks a week, spread of service.
COUNT, RATE, ARRIVALS, SPREAD = (LANES * number for number in range(4))
# The path: trucks at the station and in service, use of the booths, hours waited, of the day and at the day's start.
QUEUE, SERVED, USE, WAITED, DAY_WAITED, DAY_START, SKIPPED = (LANES * number for number in range(4, 11))
# The root of one half hour: its bracket, whether it is looked for still, and whether it was.
LOW, HIGH, GO, MOVING, INFLOW, OUTFLOW, WHOLE = (LANES * number for number in range(11, 18))
PART, LEFT, RIGHT, LEFT_SLOPE, RIGHT_SLOPE = (LANES * number for number in range(18, 23))
NUMBERS = 23 * LANES


@njit(cache=True, nogil=True, error_model="numpy")
def all_waits(
    servers: Array, rate: Array, arrivals: Array, spread: Array, profile: Array, open_: Array, tables: Array, place: Index
) -> Array:  # fmt: skip
    """Mean waits, hours, (station, column); see `queues.Stations`.

    tables: ErlangC(c, c r) r and its slope at nodes of r, (number, 2, node); place: number of the table of c servers.
    """
    stations, columns = rate.shape
    waits = np.empty(stations * columns)
    lanes, days, repeats, curves, station_of = _room(tables.shape[2])
    no_line = np.zeros((0, LANES))
    for first in range(0, waits.size, LANES):
        _load(first, servers, arrivals, spread, profile, open_, tables, place, lanes, days, repeats, curves, station_of)
        size = min(LANES, waits.size - first)
        for lane in range(LANES):
            queue = first + min(lane, size - 1)
            lanes[RATE + lane] = rate[queue // columns, queue % columns]
        _weeks(lanes, days, repeats, curves, no_line)
        for lane in range(size):
            waits[first + lane] = lanes[WAITED + lane]
    return waits.reshape((stations, columns))


@njit(cache=True, nogil=True, error_model="numpy")
def all_rates(
    wanted: Array, guess: Array, servers: Array, arrivals: Array, spread: Array, profile: Array, open_: Array,
    tables: Array, place: Index,
) -> Array:  # fmt: skip
    """Rates at which the waits are `wanted`, by a secant in logs within a bracket; kept within [LEAST, MOST] per hour.

    guess: logs to set out from, NaN where there is none.
    """
    stations, columns = wanted.shape
    rates = np.empty(stations * columns)
    lanes, days, repeats, curves, station_of = _room(tables.shape[2])
    no_line = np.zeros((0, LANES))
    low, high, goal, trial = np.empty(LANES), np.empty(LANES), np.empty(LANES), np.empty(LANES)
    last, last_gap, done = np.empty(LANES), np.empty(LANES), np.zeros(LANES, dtype=np.intp)
    for first in range(0, rates.size, LANES):
        _load(first, servers, arrivals, spread, profile, open_, tables, place, lanes, days, repeats, curves, station_of)
        size = min(LANES, rates.size - first)
        for lane in range(LANES):
            queue = first + min(lane, size - 1)
            station, column = queue // columns, queue % columns
            low[lane], high[lane] = np.log(LEAST_RATE), np.log(MOST_RATE)
            goal[lane] = np.log(max(wanted[station, column], 1e-12))
            start = guess[station, column]
            if np.isnan(start):
                start = np.log(max(lanes[ARRIVALS + lane], 1e-9) / (168.0 * lanes[COUNT + lane] * 0.5))
            trial[lane] = min(max(start, low[lane] + 1.0), high[lane] - 1.0)
            last[lane], last_gap[lane], done[lane] = trial[lane], np.nan, 0
        for _ in range(RATE_STEPS):
            for lane in range(LANES):
                lanes[RATE + lane] = np.exp(trial[lane])
            _weeks(lanes, days, repeats, curves, no_line)
            for lane in range(LANES):
                if done[lane] == 1:
                    continue
                gap = np.log(max(lanes[WAITED + lane], 1e-300)) - goal[lane]
                if gap > 0:
                    low[lane] = trial[lane]
                else:
                    high[lane] = trial[lane]
                if abs(gap) < RATE_ERROR or high[lane] - low[lane] < 0.1 * RATE_ERROR:
                    done[lane] = 1
                    continue
                slope = (gap - last_gap[lane]) / (trial[lane] - last[lane]) if trial[lane] != last[lane] else -4.0
                step = -gap / slope if slope < 0 else (0.3 if gap > 0 else -0.3)
                last[lane], last_gap[lane] = trial[lane], gap
                trial[lane] += min(max(step, -0.7), 0.7)
                if not low[lane] < trial[lane] < high[lane]:
                    trial[lane] = 0.5 * (max(low[lane], last[lane] - 1.0) + min(high[lane], last[lane] + 1.0))
            if done.sum() == LANES:
                break
        for lane in range(size):
            rates[first + lane] = np.exp(trial[lane])
    return rates.reshape((stations, columns))


@njit(cache=True, nogil=True, error_model="numpy")
def all_lines(
    servers: Array, rate: Array, arrivals: Array, spread: Array, profile: Array, open_: Array, tables: Array, place: Index
) -> Array:  # fmt: skip
    """Trucks in the line, not in service, at the end of each half hour of the week, (station, step); one column."""
    stations = len(rate)
    found, line = np.empty((stations, WEEK)), np.zeros((WEEK, LANES))
    lanes, days, repeats, curves, station_of = _room(tables.shape[2])
    for first in range(0, stations, LANES):
        _load(first, servers, arrivals, spread, profile, open_, tables, place, lanes, days, repeats, curves, station_of)
        size = min(LANES, stations - first)
        for lane in range(LANES):
            lanes[RATE + lane] = rate[first + min(lane, size - 1), 0]
        repeats[:] = 0.0  # every day is wanted
        _weeks(lanes, days, repeats, curves, line)
        for lane in range(size):
            for step in range(WEEK):
                found[first + lane, step] = line[step, lane]
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def _room(nodes: int) -> tuple[Array, Array, Array, Array, Index]:
    """Arrays to work in: the lanes' numbers, (profile or open, step, lane), (day, lane), curves, station of each lane."""
    return (
        np.zeros(NUMBERS), np.zeros((2, WEEK, LANES)), np.zeros((DAYS, LANES)), np.zeros(LANES * 2 * nodes),
        np.full(LANES, -1, dtype=np.intp),
    )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def _load(
    first: int, servers: Array, arrivals: Array, spread: Array, profile: Array, open_: Array, tables: Array, place: Index,
    lanes: Array, days: Array, repeats: Array, curves: Array, station_of: Index,
) -> None:  # fmt: skip
    """The queues from number `first` on into the lanes; lanes without a queue of their own repeat the last one."""
    stations, columns = servers.shape
    nodes = tables.shape[2]
    for lane in range(LANES):
        queue = min(first + lane, stations * columns - 1)
        station, column = queue // columns, queue % columns
        if station_of[lane] != station or lanes[COUNT + lane] != servers[station, column]:
            _load_curve(servers[station, column], tables, place, curves[2 * nodes * lane : 2 * nodes * (lane + 1)])
        lanes[COUNT + lane] = servers[station, column]
        lanes[ARRIVALS + lane], lanes[SPREAD + lane] = arrivals[station, column], spread[station, column]
        if station_of[lane] == station:
            continue
        station_of[lane] = station
        for step in range(WEEK):
            days[0, step, lane], days[1, step, lane] = profile[station, step], open_[station, step]
        for day in range(1, DAYS):
            # 1 for a day that is like the one before it, so that it may be skipped once the queue repeats.
            repeats[day, lane] = 1.0
            for step in range(day * STEPS_PER_DAY, (day + 1) * STEPS_PER_DAY):
                before = step - STEPS_PER_DAY
                if profile[station, step] != profile[station, before] or open_[station, step] != open_[station, before]:
                    repeats[day, lane] = 0.0
                    break


@njit(cache=True, nogil=True, error_model="numpy")
def _load_curve(count: float, tables: Array, place: Index, curve: Array) -> None:
    """ErlangC(c, c r) r and its slope per step between nodes; between whole numbers of servers a blend of the two."""
    below = int(np.floor(count))
    part, nodes = count - below, tables.shape[2]
    low = place[below]
    high = low if part == 0.0 else place[below + 1]
    width = 1.0 / (nodes - 1)
    for node in range(nodes):
        curve[node] = (1 - part) * tables[low, 0, node] + part * tables[high, 0, node]
        curve[nodes + node] = ((1 - part) * tables[low, 1, node] + part * tables[high, 1, node]) * width


@njit(cache=True, nogil=True, error_model="numpy")
def _weeks(lanes: Array, days: Array, repeats: Array, curves: Array, line: Array) -> None:
    """The weeks' mean waits into WAITED, by implicit steps of half an hour, stable however fast the servers are.

    line: room for the trucks in line at the end of each half hour, (step, lane), or of size 0.
    """
    for lane in range(LANES):
        for number in (QUEUE, SERVED, WAITED, DAY_WAITED):
            lanes[number + lane] = 0.0
        lanes[USE + lane], lanes[DAY_START + lane] = 0.5, -1.0
    for day in range(-WARM_UP_DAYS, DAYS):
        running = 0
        for lane in range(LANES):
            queue = lanes[QUEUE + lane]
            same = abs(queue - lanes[DAY_START + lane]) <= REPEATED * (1.0 + queue)
            lanes[SKIPPED + lane] = 1.0 if day > 0 and repeats[day, lane] == 1.0 and same else 0.0
            if lanes[SKIPPED + lane] == 0.0:
                running += 1
                lanes[DAY_START + lane], lanes[DAY_WAITED + lane] = queue, 0.0
        if running > 0:
            _day((day % DAYS) * STEPS_PER_DAY, lanes, days, curves, line)
        if day >= 0:
            for lane in range(LANES):
                lanes[WAITED + lane] += lanes[DAY_WAITED + lane]
    for lane in range(LANES):
        trucks = lanes[ARRIVALS + lane]
        lanes[WAITED + lane] = lanes[WAITED + lane] / trucks if trucks > 0.0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def _day(first: int, lanes: Array, days: Array, curves: Array, line: Array) -> None:
    """The half hours of one day from step `first` on, for the lanes that are not skipped."""
    for step in range(first, first + STEPS_PER_DAY):
        for lane in range(LANES):
            inflow = lanes[QUEUE + lane] + lanes[ARRIVALS + lane] * days[0, step, lane]
            outflow = lanes[COUNT + lane] * lanes[RATE + lane] * HOURS * days[1, step, lane]
            lanes[INFLOW + lane], lanes[OUTFLOW + lane] = inflow, outflow
            lanes[WHOLE + lane] = lanes[COUNT + lane] + outflow
            served = 1.0 if inflow != 0.0 and outflow != 0.0 and lanes[SKIPPED + lane] == 0.0 else 0.0
            lanes[GO + lane], lanes[MOVING + lane] = served, served
        _utilisation(lanes, curves)
        for lane in range(LANES):
            use = lanes[USE + lane]
            # Who is at a booth when it closes is let through; who is in line stays.
            served = lanes[MOVING + lane] > 0.0
            gone = lanes[OUTFLOW + lane] * use if served else lanes[SERVED + lane]
            queue = max(lanes[INFLOW + lane] - gone, 0.0)
            in_service = lanes[COUNT + lane] * use if served else 0.0
            stays = lanes[SKIPPED + lane] > 0.0
            queue = lanes[QUEUE + lane] if stays else queue
            in_service = lanes[SERVED + lane] if stays else in_service
            lanes[QUEUE + lane], lanes[SERVED + lane] = queue, in_service
            lanes[DAY_WAITED + lane] += 0.0 if stays else max(queue - in_service, 0.0) * HOURS
        if line.size > 0:
            for lane in range(LANES):
                line[step, lane] = max(lanes[QUEUE + lane] - lanes[SERVED + lane], 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _utilisation(lanes: Array, curves: Array) -> None:
    """r in [0, 1) with L(r) + outflow r = inflow, into USE. Times (1 - r) it is a quadratic but for the smooth ErlangC r,
    which is taken as a line through the last guess: Newton's convergence without the pole at 1, within a bracket.
    """
    size = curves.size // (2 * LANES)
    nodes = size - 1
    left_over = 0.0
    for lane in range(LANES):
        lanes[LOW + lane], lanes[HIGH + lane] = 0.0, 1.0
        use = min(max(lanes[USE + lane], EDGE), 1 - EDGE)
        lanes[USE + lane] = use if lanes[GO + lane] > 0.0 else lanes[USE + lane]
    for lane in range(LANES):
        left_over += lanes[GO + lane]
    for _ in range(ROOT_STEPS):
        if left_over == 0.0:
            return
        # Looking up apart from computing: the arithmetic below is then of the lanes alone, and vectorises.
        for lane in range(LANES):
            at = lanes[USE + lane] * nodes
            cell = min(int(at), nodes - 1)
            here = 2 * size * lane + cell
            lanes[PART + lane] = at - cell
            lanes[LEFT + lane], lanes[RIGHT + lane] = curves[here], curves[here + 1]
            lanes[LEFT_SLOPE + lane], lanes[RIGHT_SLOPE + lane] = curves[here + size], curves[here + size + 1]
        for lane in range(LANES):
            use, part, left, left_slope = (
                lanes[USE + lane],
                lanes[PART + lane],
                lanes[LEFT + lane],
                lanes[LEFT_SLOPE + lane],
            )
            rise = lanes[RIGHT + lane] - left
            bent = left_slope + lanes[RIGHT_SLOPE + lane] - 2 * rise
            bow = rise - left_slope - bent
            waiting = lanes[SPREAD + lane] * (left + part * (left_slope + part * (bow + part * bent)))
            slope = lanes[SPREAD + lane] * (left_slope + part * (2 * bow + 3 * part * bent)) * nodes
            whole, inflow = lanes[WHOLE + lane], lanes[INFLOW + lane]
            below = (whole * use - inflow) * (1 - use) + waiting < 0
            low = use if below else lanes[LOW + lane]
            high = lanes[HIGH + lane] if below else use
            middle = whole + inflow + slope
            rest = inflow - waiting + slope * use
            square = middle * middle - 4 * whole * rest
            trial = 2 * rest / (middle + np.sqrt(square if square > 0.0 else 0.0))
            far = 1.0 if abs(trial - use) > ROOT_ERROR else 0.0  # the next error is of its square
            kept = trial if trial >= low else 0.5 * (low + high)
            kept = kept if trial <= high else 0.5 * (low + high)
            kept = kept if far > 0.0 else trial
            lanes[USE + lane] = kept if lanes[GO + lane] > 0.0 else use
            lanes[LOW + lane], lanes[HIGH + lane] = low, high
            lanes[GO + lane] *= far
        left_over = 0.0
        for lane in range(LANES):
            left_over += lanes[GO + lane]
