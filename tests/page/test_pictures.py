"""Pictures of a page say in words what their charts draw: the same sums, metrics, names and roundings."""

from __future__ import annotations

import pytest

from analysis import frames
from analysis.experiments.compare import compare
from analysis.format import significant
from analysis.page import Source, page_of
from analysis.page.model import Figure
from analysis.page.result_pictures import compared_picture, cost_picture, defect_picture, frontier_picture
from tests.page.examples import compared, made, scenario


def words(svg: str) -> str:
    """The texts of a drawing, line breaks and dollars as they are read."""
    from xml.etree import ElementTree

    found = (node for node in ElementTree.fromstring(svg).iter() if node.tag.rpartition("}")[2] == "text")
    return " ".join(" ".join("".join(node.itertext()).split()) for node in found)


def test_the_costs_in_words_end_with_the_sums_that_are_ranked_on() -> None:
    found = compared()
    objective = found.decision.objective
    assert objective is not None
    assert objective.name == "cpst_with_damage"
    costs, ranked = cost_picture(found), compared_picture(found, objective.name)
    assert costs.title == "What a success costs, damage included"
    sums = [part.split("in all ")[1].removesuffix(".") for part in costs.description.split("; ")]
    assert [f"{name} {told}" for name, told in zip(found.variants, sums, strict=True)] == [
        part.removesuffix(".")
        for part in ranked.description.split(": ", 1)[1].replace("], ", "]; ").split("; ")
    ]
    for value in frames.comparison(found, objective.name)["value"]:
        assert f" {significant(value)}" in words(costs.svg("report"))


def test_without_damage_in_the_decision_costs_are_those_that_are_spent() -> None:
    found = compare(scenario(), 2, minimise="cpst")
    costs = cost_picture(found)
    assert costs.title == "What a success costs"
    assert "damage" not in costs.description + words(costs.svg("report"))


@pytest.mark.parametrize("clerks", [1, 2])
def test_the_frontier_has_the_cost_of_the_decision_in_words_and_drawn(clerks: int) -> None:
    found = compare(
        {"one": scenario().with_values({"workers.clerk.positions": clerks}), "two": scenario()}, 2
    )
    told = "cost per success (USD)" if found.is_staffed_alike else "loaded cost per success (USD)"
    picture = frontier_picture(found)
    assert picture.description.startswith(told)
    assert f" {told}" in words(picture.svg("report"))


def test_the_defects_on_a_page_of_a_comparison_are_those_of_a_variant_with_a_name() -> None:
    found = compared()
    shown = found.decision.winner
    assert shown is not None
    drawn = [
        block for part in page_of(Source(found, made("compare"))).sections for block in part.blocks
        if isinstance(block, Figure) and "defects" in block.title
    ]  # fmt: skip
    assert [block.title.split(": ")[0] for block in drawn] == [shown]
    assert drawn[0].description.startswith(f"{shown}: ")
    assert f"{shown}: defects of " in words(drawn[0].svg("report"))


def test_the_defects_of_a_run_need_no_name() -> None:
    picture = defect_picture(compared().base)
    assert picture is not None
    assert picture.title.startswith("defects from stage to stage")
    assert "Defects of " in words(picture.svg("report"))


def test_a_share_next_to_one_is_not_called_all_in_words_either(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = frames.comparison(compared(), "sla_share").assign(value=0.99991, low=0.9998, high=1.0)
    monkeypatch.setattr(frames, "comparison", lambda *_: rows)
    picture = compared_picture(compared(), "sla_share")
    assert picture.description.count("99.99 [") == len(rows)
    assert "99.99 " in words(picture.svg("report"))
