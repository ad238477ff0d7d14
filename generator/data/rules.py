"""The rules of a dataset that its schemas cannot say, and their register.

A rule reads whole columns and names the rows that break it. Codes are
permanent: messages, documentation and tests refer to them. A rule of severity
`error` stops the build; a `warning` is published with, since the case may be
real (an overdue plan, an unapproved project) and hiding it would be worse.

Source: the rule table R01–R20 and the ledger's state machine of the domain
catalogue; each rule names its law or standard.
"""

from collections.abc import Iterator
from typing import Final

from generator.data.emission_rules import EMISSION_RULES
from generator.data.enterprise_rules import ENTERPRISE_RULES
from generator.data.issue import Issue
from generator.data.ledger_rules import LEDGER_RULES
from generator.data.load import Dataset
from generator.data.privacy import PRIVACY_RULES, judge_permissions
from generator.data.publication_rules import PUBLICATION_RULES
from generator.data.rule import Rule
from generator.data.text_rules import TEXT_RULES

RULES: Final[tuple[Rule, ...]] = (
    *ENTERPRISE_RULES,
    *EMISSION_RULES,
    *LEDGER_RULES,
    *PUBLICATION_RULES,
    *TEXT_RULES,
    *PRIVACY_RULES,
)
"""Every rule, in the order in which they are applied."""


def apply_rules(dataset: Dataset) -> Iterator[Issue]:
    """The issues of all rules whose tables could be read, and of the list of exceptions."""
    for rule in RULES:
        yield from rule.judge(dataset)
    yield from judge_permissions(dataset)
