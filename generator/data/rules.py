"""The rules of a dataset that its schemas cannot say, and their register.

A rule reads whole columns and names the rows that break it. Codes are
permanent: messages, documentation and tests refer to them. A rule of severity
`error` stops the build; a `warning` is published with, since the case may be
real (an overdue plan, an unapproved project) and hiding it would be worse.

Source: the rule table R01–R20 and the ledger's state machine of the domain
catalogue; each rule names its law or standard.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from typing import Any, Final

from generator.data.emission_rules import EMISSION_RULES
from generator.data.enterprise_rules import ENTERPRISE_RULES
from generator.data.issue import Issue
from generator.data.ledger_rules import LEDGER_RULES, forget_order
from generator.data.load import Dataset
from generator.data.privacy import PRIVACY_RULES, judge_permissions
from generator.data.publication_rules import PUBLICATION_RULES
from generator.data.rule import AnyRule, TableRule
from generator.data.text_rules import TEXT_RULES

RULES: Final[tuple[AnyRule, ...]] = (
    *ENTERPRISE_RULES,
    *EMISSION_RULES,
    *LEDGER_RULES,
    *PUBLICATION_RULES,
    *TEXT_RULES,
    *PRIVACY_RULES,
)
"""Every rule, in the order in which they are applied."""


Recall = Callable[[str, object, Callable[[], list[dict[str, Any]]]], list[dict[str, Any]]]
"""Gives what a piece of work gives, which has a name and, beside what it reads, needs."""


def apply_rules(
    dataset: Dataset, recall: Recall = lambda _name, _needs, work: work()
) -> Iterator[Issue]:
    """The issues of all rules whose tables could be read, and of the list of exceptions.

    `recall` may know the issues of an earlier check.
    """
    for number, rule in enumerate(RULES):
        if not isinstance(rule, TableRule):
            yield from _recall(recall, f"{number}", None, partial(rule.judge, dataset))
    forget_order()
    yield from _judge_tables(dataset, recall)
    yield from _recall(recall, "permissions", None, partial(judge_permissions, dataset))


def _judge_tables(dataset: Dataset, recall: Recall) -> Iterator[Issue]:
    """Table by table, since a large province's are not all held at once."""
    rules = [
        (number, rule, rule.prepare(dataset))
        for number, rule in enumerate(RULES)
        if isinstance(rule, TableRule)
    ]
    for name in dataset.tables:
        for number, rule, needs in rules:
            judge = partial(_judge_table, rule, dataset, name, needs)
            yield from _recall(recall, f"{number} {name}", needs, judge)


def _recall(
    recall: Recall, name: str, needs: object, judge: Callable[[], Iterator[Issue]]
) -> Iterator[Issue]:
    for told in recall(name, needs, lambda: [asdict(issue) for issue in judge()]):
        yield Issue(**told)


def _judge_table(
    rule: TableRule[Any], dataset: Dataset, name: str, needs: object
) -> Iterator[Issue]:
    return rule.judge_table(dataset[name], needs)
