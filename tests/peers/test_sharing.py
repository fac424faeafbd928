"""Who shares the radio with whom, kept up to date command by command, as if the whole plan were read."""

import random

from ewsim.channels.cell_broadcast.plan import Action, CbMessage, Order, Plan, Sharing, sharing


def test_command_by_command_is_the_same_as_the_whole_plan():
    luck = random.Random(5)
    messages = tuple(
        CbMessage(4371, 0x4010 + 16 * n, 1, 83, "level_2", 1, "etws_primary" if n % 5 == 4 else "warning")
        for n in range(8)
    )
    plan, live, actions = Plan(messages, ()), Sharing(), []
    twice = Action((Order(0, concurrent=True), Order(1, concurrent=True), Order(1, concurrent=True)), 0)
    assert sharing(Plan(messages, (twice,)))[:2] == [(0, 1), (0, 1)]  # to other cells: one message
    for _ in range(200):
        order = Order(luck.randrange(8), writes=luck.random() < 0.7, concurrent=luck.random() < 0.8)
        actions.append(Action((order,), 0))
        before = list(live.largest)
        changed = live.take(plan, actions[-1])
        assert changed >= {m for m, old in enumerate(before) if live.largest[m] != old}
        assert live.largest == sharing(Plan(messages, tuple(actions)))
