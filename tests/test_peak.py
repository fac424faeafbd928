"""The peak memory of a child is its own, not what its parent holds."""

import numpy as np
from peak import run_measured


def test_a_small_child_of_a_large_parent_is_small():
    held = np.ones(50_000_000)  # 400 MB
    done, peak_mb = run_measured("print('small')", timeout=60)
    assert held.all()
    assert done.stdout == "small\n"
    assert peak_mb < 100


def test_what_a_child_takes_is_counted_also_when_it_has_freed_it():
    done, peak_mb = run_measured("x = b'1' * 200_000_000; del x", timeout=60)
    assert done.returncode == 0
    assert 200 < peak_mb < 300
