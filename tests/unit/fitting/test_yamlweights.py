"""Weights written back into YAML: nothing else of the file changes."""

from __future__ import annotations

import pytest
import yaml

from tests.fitting.yamlweights import with_weights

TEXT = """\
signal: promotional # kept
threshold: 1
bias: 0
terms:
  # a comment
  - {id: one, words: ["a, b", c], prior: strong, kind: sale}
  - {id: two, words: [d],
     prior: weak, weight: 9, kind: sale}
  - id: three
    pattern: 'x'
    prior: against
    kind: sale
    weight: -3
  - id: four
    words: [e]
    prior: medium
"""


def test_each_weight_stands_once_after_its_prior() -> None:
    new = with_weights(TEXT, [1.5, 2, -0.25, 4], -2.5, 0.75)
    data = yaml.safe_load(new)
    assert [term["weight"] for term in data["terms"]] == [1.5, 2.0, -0.25, 4.0]
    assert (data["threshold"], data["bias"]) == (0.75, -2.5)
    assert "# kept" in new
    assert "# a comment" in new
    without = [{key: value for key, value in term.items() if key != "weight"} for term in data["terms"]]
    before = [{key: value for key, value in term.items() if key != "weight"} for term in yaml.safe_load(TEXT)["terms"]]
    assert without == before
    assert with_weights(new, [1.5, 2, -0.25, 4], -2.5, 0.75) == new


def test_another_number_of_weights_is_refused() -> None:
    with pytest.raises(ValueError, match="3 weights for 4 terms"):
        with_weights(TEXT, [1, 2, 3], 0, 1)
