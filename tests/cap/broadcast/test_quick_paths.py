"""Short cuts of the check give the answer of the long way."""

from hypothesis import given
from hypothesis import strategies as st

from ewsim import coding
from ewsim.cap.alert import Info
from ewsim.cap.broadcast.policy import policies, read_policy
from ewsim.cap.xml.values import point_faults, read_points

TEXTS = (
    st.none()
    | st.text(alphabet="ab .\n\t€[é漢\u200b", max_size=12).map(lambda t: t * 40)
    | st.just("a" * 470)
)
POLICIES = [read_policy(name) for name in policies()]


@given(TEXTS, TEXTS, TEXTS, st.sampled_from(["", " ", "Flood", "漢" * 2000]))
def test_a_text_that_surely_fits_has_nothing_to_be_said_of_it(headline, description, instruction, event):
    info = Info(
        "en", (), event, "", "", "", headline=headline, description=description, instruction=instruction
    )
    for policy in POLICIES:
        if policy.surely_fits(info):
            text = policy.full_text(info)
            assert text
            assert coding.fits_plainly(text)
            assert len(text) <= (policy.characters or len(text))


@given(st.text(alphabet="a€漢\U0001f30a[", max_size=8), st.integers(1, 200))
def test_what_fits_is_what_is_not_truncated(part, times):
    text = part * times
    assert coding.fits_cb(text) is not coding.encode_cb(text).truncated


@given(
    st.lists(st.sampled_from(["1,2", "-3.5,.4", "1", "1,2,3", ",", "1,", "", "+1,-2", "1.2.3,4"]), max_size=5)
)
def test_points_are_read_or_have_a_fault(pairs):
    text = " ".join(pairs)
    points = read_points(text)
    assert (points is None) is (bool(list(point_faults(text))) or not text.split())
    if points:
        assert points == [tuple(map(float, pair.split(","))) for pair in text.split()]


def test_most_messages_take_the_short_cuts():
    info = Info(
        "en", (), "Flood", "Immediate", "Severe", "Likely", headline="Flood now", parameters=(("a", "b"),)
    )
    default = read_policy("default")
    assert default.surely_fits(info)
    assert default.refusal("Actual", info) is None
