"""What a wrong file is answered: each fault at its place, with what to write."""

import time

import pytest
from pydantic import BaseModel, ConfigDict

from ewsim.errors import InputError, ScenarioError
from ewsim.scenario import document as documents
from ewsim.scenario.document import Sort
from ewsim.scenario.faults import model_of
from ewsim.scenario.load import load_scenario

GOOD = """\
format: ewsim.scenario/1
name: s
alert: {path: s.xml}
population:
  people_count: 1000
"""


CODE = "network: {operators: [{name: N, mcc_mnc"


def faults(tmp_path, text):
    """What a scenario file is answered, as `line:column: message fix`."""
    (tmp_path / "s.xml").write_text("<alert/>")
    file = tmp_path / "s.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as raised:
        load_scenario(file)
    return [str(d).removeprefix(f"{file}:").strip() for d in raised.value.diagnostics]


@pytest.mark.parametrize(
    ("was", "wrong", "answer"),
    [
        ("1000", "'250,000'", "5:17: people_count is '250,000'. Write 250000."),
        ("1000", "1000\n  rural_share: 120%", "6:16: rural_share is '120%'. A share is of 1: 1 is 100 %."),
        (
            "1000",
            "1000\n  rural_share: 1.2",
            "6:16: rural_share must be at most 1, not 1.2. A share is of 1: 1 is",
        ),
        (
            "1000",
            "1000\n  rural_share: 20",
            "6:16: rural_share must be at most 1, not 20. A share is of 1: for 20",
        ),
        ("1000", f"1000\n{CODE}: 42901}}]}}", "6:42: mcc_mnc is 42901: write 429-01."),
        ("1000", f"1000\n{CODE}: 429/1}}]}}", "6:42: mcc_mnc is '429/1': write 429-1."),
        ("1000", "12.000", "5:17: people_count is 12.000. Write 12000, or 12."),
        ("1000", "250k", "5:17: people_count is '250k'. Write 250000."),
        ("1000", "1000\nhorizon_s: 2:00:00", "6:12: horizon_s is '2:00:00'. Write 7200: the unit"),
        ("1000", "1000\nhorizon_s: 7200.000\nx: 1", "7:1: there is no key 'x'"),
        (
            "1000",
            "1000\nhorizon_s = 9\nseed: 3",
            '6:1: the key of this line ends without ": ". Write `horizon_s: 9`.',
        ),
        ("1000", "1000\nhorizon_s:9\n\nseed: 3", '6:1: the key of this line ends without ": ".'),
        (
            "1000",
            "1000\nhorizon_s:\u00a09",
            '6:1: the key of this line ends without ": ". Write `horizon_s: 9`.',
        ),
        ("1000", "many", "5:17: people_count must be a whole number, not 'many'."),
        ("1000", "0", "5:17: people_count must be at least 1, not 0."),
        ("1000", "1000\nhorizon_s: 2 h", "6:12: horizon_s is '2 h'. Write 7200: the unit is seconds."),
        ("1000", "1000\nhorizon_s: 1,5", "6:12: horizon_s is '1,5'. Write 1.5."),
        ("1000", "1000\n  rural_share: 15 %", "6:16: rural_share is '15 %'. Write 0.15: a share of 1."),
        ("people_count", "people_cnt", "5:3: there is no key 'people_cnt'. Did you mean 'people_count'?"),
        (
            "scenario/1",
            "scenario/2",
            "1:9: this file needs a newer ewsim. This version reads ewsim.scenario/1. Update ewsim,",
        ),
        (
            "s.xml}",
            "s.xml, gateway: weather}",
            "3:31: gateway is 'weather', which is not an allowed value. Did you mean 'wea'?",
        ),
        ("{path: s.xml}", "s.xml", "3:8: alert must be a mapping of keys to values, not 's.xml'. Write its"),
        ("name: s\n", "", "1:1: the key 'name' is missing. Add name: ..."),
    ],
)
def test_a_wrong_value_is_answered_with_what_to_write(tmp_path, was, wrong, answer):
    (said,) = faults(tmp_path, GOOD.replace(was, wrong))
    assert said.startswith(answer)


def test_every_fault_is_told_at_once_in_the_order_of_the_file(tmp_path):
    text = GOOD.replace("name: s", "name: S s").replace("1000", "-1") + "colour: red\n"
    said = faults(tmp_path, text)
    assert [line.split(":")[0] for line in said] == ["2", "5", "6"]


CIRCLE = "{circles: [{centre: [1, 1], radius_m: 9}]}"
FLOOD = f"kind: flood, areas: [{{from_s: 9, until_s: 5, depth_m: 1, area: {CIRCLE}}}]"
LOSS = "kind: power_loss, at_s: 9, restored_at_s: 5, where: {share: 1}"


@pytest.mark.parametrize(
    ("one", "was", "wrong", "keys"),
    [
        (FLOOD, "depth_m: 1", "depth_m: -1", ["until_s", "depth_m"]),
        (FLOOD, "from_s: 9", "from_s: x", ["from_s"]),
        (FLOOD, "until_s: 5", "until_s: 1e99", ["until_s"]),
        (LOSS, "share: 1", "share: 2", ["restored_at_s", "share"]),
        (LOSS, "share: 1", "shore: 1", ["restored_at_s", "there is no key"]),
        (LOSS, "at_s: 9", "at_s: x", ["at_s"]),
        (LOSS, "share: 1", "operators: [X], share: 2", ["restored_at_s", "share", "there is no operator"]),
    ],
)
def test_a_wrong_value_hides_no_fault_between_other_keys(tmp_path, one, was, wrong, keys):
    said = faults(tmp_path, f"{GOOD}disturbances:\n  - {{{one.replace(was, wrong, 1)}}}\n")
    assert len(said) == len(keys), said
    assert all(any(key in line for line in said) for key in keys), said


@pytest.mark.parametrize(
    ("text", "place", "advice"),
    [
        ("title: Flood: leave now\n", "1:13", 'Text with ": " needs quotes.'),
        ("title: a\n  seed: 1\n", "2:7", "Indent this line like the one above."),
        ("population:\n  weight: 1\n people_count: 2\n", "3:2", "Indent this line like the one above."),
        ("population:\n\tweight: 1\n", "2:1", "Indent with spaces, not tabs."),
        ("seed: 1\nseed: 2\n", "2:1", "Keep one of the two."),
        ("title: 'a\nseed: 1\n", "3:1", "a quote is not closed"),
        ("title: @home\n", "1:8", "Put the text in quotes."),
        ("rats: [2G, 3G\nseed: 1\n", "2:5", "a bracket is not closed"),
        ("title: *a\n", "1:8", "Put the text in quotes."),
        ("", "1:1", "the file is empty."),
        ("- a\n", "1:1", "Start with `format: ewsim.scenario/1`."),
        ("<alert/>\n", "1:1", "this is XML, not a scenario."),
    ],
)
def test_text_that_is_not_yaml_is_answered_with_advice(tmp_path, text, place, advice):
    (said,) = faults(tmp_path, text)
    assert said.startswith(f"{place}: ")
    assert advice in said


class Fruit(BaseModel):
    model_config = ConfigDict(extra="forbid")
    format: str
    weights_kg: list[float]


BASKET = Sort("basket", "Start from an empty one.", "format: basket/1")


def test_any_model_is_checked_the_same_way():
    wrong = documents.parse("format: basket/1\nweights_kg: [1, heavy]\nweight: 1\n", "b.yaml", BASKET)
    with pytest.raises(InputError) as raised:
        model_of(Fruit, wrong)
    assert [str(d) for d in raised.value.diagnostics] == [
        "b.yaml:2:17: item 1 must be a number, not 'heavy'.",
        "b.yaml:3:1: there is no key 'weight'. Did you mean 'weights_kg'?",
    ]
    good = documents.parse("format: basket/1\nweights_kg: [1, 2.5]\n", "b.yaml", BASKET)
    assert model_of(Fruit, good).weights_kg == [1, 2.5]
    with pytest.raises(InputError, match="a basket is a mapping"):
        documents.parse("- 1\n", "b.yaml", BASKET)


@pytest.mark.parametrize(
    "deep",
    [
        "x: " + "[" * 900 + "]" * 900,
        "x: " + "[1, {a: " * 900,
        "x:\n" + "".join(" " * (n + 1) + f"k{n}:\n" for n in range(900)),
    ],
)
def test_values_that_are_nested_too_deep_are_refused_at_their_line_and_at_once(deep):
    begin = time.perf_counter()
    with pytest.raises(ScenarioError, match=r"^s\.yaml:\d+:1: values are nested more than 40 deep here"):
        documents.parse(f"format: ewsim.scenario/1\n{deep}\n", "s.yaml")
    assert time.perf_counter() - begin < 20


def test_an_anchor_that_stands_twice_is_no_warning(tmp_path, recwarn):
    (tmp_path / "s.yaml").write_text("format: ewsim.scenario/1\nname: &a s\ntitle: &a t\ndescription: *a\n")
    assert documents.read(tmp_path / "s.yaml").data["description"] == "t"
    assert not recwarn


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (f"{GOOD}---\n{GOOD}", "6:1: a second document begins here. Keep one"),
        (GOOD.replace("1000", "9" * 5000), "5:17: a number has 5,000 digits. Write a shorter one."),
    ],
)
def test_what_yaml_takes_and_a_scenario_cannot_be_is_named(tmp_path, text, answer):
    (said,) = faults(tmp_path, text)
    assert said.startswith(answer)
