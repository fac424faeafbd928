"""The compiled loop that chooses among the cells a handset hears."""

import numpy as np

from ewsim.kernels import inner


@inner
def choose(kept, mine, found, of_own, own_limit):
    """The candidates to keep of those with a signal, in the order of preference.

    The own operator's take at most `own_limit` places while others have cells. One cell a site
    first, so that the places stand on as many sites as can be: a site's cells mostly fail together.
    Further technologies of a site fill the rest.

    Parameters
    ----------
    kept
        `Candidates`, which take the choice.
    mine
        Rows of `kept` to fill, shape (handsets,).
    found
        `Found`, a row for each handset: the cells it hears.
    of_own
        The operator of each handset, shape (handsets,).
    own_limit
        Most places of its own operator while others have cells.
    """
    width = found.cell.shape[1]
    order, chosen = np.empty(width, np.int64), np.empty(kept.cell.shape[1], np.int64)
    taken = np.empty(width, np.bool_)
    for i in range(mine.size):
        n, own = 0, of_own[i]
        for c in range(found.size[i]):
            if not found.level_db[i, c] >= 0:
                continue
            at = n
            while at > 0 and _before(c, order[at - 1], i, found, own):
                order[at] = order[at - 1]
                at -= 1
            order[at] = c
            n += 1
        places = min(kept.cell.shape[1], n)
        taken[:n] = False
        count = 0
        # Own cells at new sites, others' at new sites, any at new sites, any of a new technology.
        for turn in range(4):
            if count == places:
                break
            limit = min(own_limit, places) if turn == 0 else places
            for a in range(n):
                if count >= limit:
                    break
                c = order[a]
                if taken[a] or (turn == 0 and c >= own) or (turn == 1 and c < own):
                    continue
                fresh = True
                for b in range(count):
                    d = chosen[b]
                    if found.site[i, d] == found.site[i, c] and (
                        turn < 3 or (found.rat[i, d] == found.rat[i, c] and (d < own) == (c < own))
                    ):
                        fresh = False
                        break
                if fresh:
                    taken[a], chosen[count] = True, c
                    count += 1
        at, into = 0, mine[i]
        for a in range(n):
            if taken[a]:
                kept.cell[into, at] = found.cell[i, order[a]]
                kept.level_db[into, at] = found.level_db[i, order[a]]
                at += 1


@inner
def _before(c, d, i, found, own):
    """Whether candidate c is preferred to d: own operator, newer technology, stronger signal."""
    if (c < own) != (d < own):
        return c < own
    if found.rat[i, c] != found.rat[i, d]:
        return found.rat[i, c] > found.rat[i, d]
    return found.level_db[i, c] > found.level_db[i, d]
