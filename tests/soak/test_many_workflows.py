"""The laws of workflows over many more generated scenarios than the everyday tests look at."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from sim import Scenario
from tests.laws import test_workflow_laws as laws
from tests.laws.workflows import scenarios

LAWS = [law for name, law in sorted(vars(laws).items()) if name.startswith("test_")]


@pytest.mark.soak
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_a_law_holds_for_hundreds_of_workflows(law: object) -> None:
    check = law.hypothesis.inner_test  # type: ignore[attr-defined]

    @settings(laws.SLOW, max_examples=300, derandomize=False)
    @given(scenario=scenarios())
    def holds(scenario: Scenario) -> None:
        check(scenario)

    holds()
